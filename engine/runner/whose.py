"""Whose an activity is: the deal, contact and account that a row names, found among those that are here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.likeness import nearest
from engine.runner.incoming import Row
from engine.runner.noticing import NAMES, Notices
from engine.store.base import DealFilter, KnownDeal, Store

SUGGESTED = 20  # unknown names for which a known one is looked up
_COMPARED = 5_000  # known names that an unknown one is compared with

Contacts = Mapping[str, list[tuple[str, str]]]  # as written: (account, contact) of each that it may mean


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """`deal` and `contact` may be empty."""

    account: str
    deal: str = ""
    contact: str = ""


class WhoseActivity:
    """Finds and counts. What is not there is counted by name; `unknown` lists it."""

    def __init__(self, store: Store, notices: Notices) -> None:
        self._store = store
        self._notices = notices
        self._unknown: Counter[tuple[str, str]] = Counter()

    def find(self, rows: Sequence[Row]) -> list[Whose | None]:
        """For each row whose it is; None where nothing that it names is there."""
        deals = self._store.known_deals(_named(rows, "deal"))
        contacts = self._store.find_contacts(_named(rows, "contact"))
        accounts = self._accounts(_named(rows, "account"))
        return [self._one(row, deals, contacts, accounts) for row in rows]

    def unknown(self) -> list[tuple[str, str, int, str]]:
        """(deal, contact or account; the name; rows; the known one that was probably meant, or ""), most first."""
        listed = sorted(self._unknown.items(), key=lambda item: (-item[1], item[0]))
        known = {what: self._known(what) for what in {what for (what, _), _ in listed[:SUGGESTED]}}
        return [
            (what, name, rows, nearest(name, known[what]) if place < SUGGESTED else "")
            for place, ((what, name), rows) in enumerate(listed)
        ]

    def _accounts(self, names: Iterable[str]) -> set[str]:
        wanted = sorted(set(names))
        return {one.id for one in self._store.load_accounts(wanted, 0, set())} if wanted else set()

    def _one(self, row: Row, deals: Mapping[str, KnownDeal], contacts: Contacts, accounts: set[str]) -> Whose | None:
        told = row.deal
        deal = str(told.get("deal", ""))
        known = deals.get(deal)
        account = known.account if known else str(told.get("account", ""))
        if deal and known is None:
            self._count("deal", deal)
        elif known is None and account and account not in accounts:
            self._count("account", account)
        account = account if known or account in accounts else ""
        contact = self._contact(row, contacts, account)
        if not account and contact is None:
            self._notices.note("whose-unknown", row.line, deal or str(told.get("contact") or told.get("account") or ""))
            return None
        home, person = contact or (account, "")
        return Whose(account=home, deal=deal if known else "", contact=person)

    def _contact(self, row: Row, contacts: Contacts, account: str) -> tuple[str, str] | None:
        """(account, contact); of `account` if that is known, since one mail address may stand in two."""
        name = str(row.deal.get("contact", ""))
        if not name:
            return None
        everywhere = contacts.get(name, ())
        may_be = [one for one in everywhere if account in ("", one[0])]
        if len(may_be) == 1:
            return may_be[0]
        if everywhere and not may_be:
            homes = " and ".join(sorted({home for home, _ in everywhere}))
            self._notices.note("contact-of-another", row.line, name, f"is of {homes}, not of {account}")
            return None
        if not may_be:
            self._count("contact", name)
        if may_be or account:
            self._notices.note("contact-ambiguous" if may_be else "contact-not-found", row.line, name)
        return None

    def _count(self, what: str, name: str) -> None:
        if (what, name) not in self._unknown and len(self._unknown) >= NAMES:
            name = "(further names)"
        self._unknown[what, name] += 1

    def _known(self, what: str) -> list[str]:
        if what == "contact":
            return self._store.contact_names(_COMPARED)
        rows = self._store.deals(DealFilter(limit=_COMPARED))
        return sorted({row.deal.id if what == "deal" else row.deal.account for row in rows})


def _named(rows: Iterable[Row], what: str) -> list[str]:
    named: list[Any] = [row.deal.get(what) for row in rows]
    return sorted({str(name) for name in named if name})
