"""Amounts of lost deals by reason, and by whose they were. Currencies are never added together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.core.account import Deal
from engine.reports.model import Cell, Money, Name, Table, columns

_Key = tuple[str, str, str]  # group ("" for all deals), reason, currency


@dataclass(slots=True)
class Amounts:
    """Deals without an amount are left out."""

    minor: Counter[_Key] = field(default_factory=Counter)
    deals: Counter[_Key] = field(default_factory=Counter)

    def add(self, deal: Deal, reason: str, group: str = "") -> None:
        amount = deal.fields.get("amount")
        if isinstance(amount, list):
            self.minor[(group, reason, amount[1])] += amount[0]
            self.deals[(group, reason, amount[1])] += 1

    def table(self, name: str, title: str, group: str = "") -> Table:
        """By group (its column is called `group`; without it there is none), then by currency, the most first."""
        order = sorted(self.minor, key=lambda key: (key[0], key[2], -self.minor[key], key[1]))
        rows: list[tuple[Cell, ...]] = [
            (*((key[0],) if group else ()), Name(name=key[1]), self.deals[key],
             Money(minor=self.minor[key], currency=key[2]))
            for key in order
        ]  # fmt: skip
        whose = {group: group} if group else {}
        heads = columns(**whose, reason="reason", deals="deals with an amount", amount="amount")
        return Table(name=name, title=title, columns=heads, rows=tuple(rows))
