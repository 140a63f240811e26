"""A scenario's deal as an export has it, so that imports bring it in and change it: one row at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.durations import Instant
from engine.core.world import World
from engine.runner.importing import Importing, Read
from engine.runner.incoming import Columns
from engine.store.base import Store

SOURCE = "scenario"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportRow:
    """Implements `Row` (runner/incoming.py)."""

    line: int
    deal: Mapping[str, Any]
    account: Mapping[str, Any] | None
    contacts: Sequence[Mapping[str, Any]]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ExportRows:
    """Implements `Rows` (runner/incoming.py)."""

    rows: Sequence[ExportRow]

    @property
    def lines(self) -> Sequence[int]:
        return [row.line for row in self.rows]

    @property
    def ids(self) -> Sequence[str]:
        return [str(row.deal["id"]) for row in self.rows]

    @property
    def fingerprints(self) -> Sequence[str]:
        return [row.fingerprint for row in self.rows]

    @property
    def contacts(self) -> Sequence[Sequence[Mapping[str, Any]]]:
        return [row.contacts for row in self.rows]

    def column(self, name: str) -> Sequence[Any]:
        return [row.deal.get(name) for row in self.rows]

    def at(self, places: Sequence[int]) -> ExportRows:
        return ExportRows([self.rows[place] for place in places])

    def records(self) -> Sequence[ExportRow]:
        return self.rows


@dataclass(kw_only=True, slots=True)
class Export:
    """The CRM of one scenario: what it has told so far. Money in the fields is [minor units, currency]."""

    deal: str
    account: str
    account_name: str
    status: str
    told: int = 0
    links: list[tuple[str, str]] = field(default_factory=list)  # (contact, role)

    def tell(
        self, store: Store, world: World, now: Instant, *, deal: Mapping[str, Any] | None = None,
        account: Mapping[str, Any] | None = None, contacts: Sequence[Mapping[str, Any]] = (), first: bool = False,
    ) -> None:  # fmt: skip
        """Import what is new at `now`. Only the fields named are columns of the file; None empties one."""
        self.told += 1
        fields = dict(deal or {})
        self.status = str(fields.get("status") or self.status)
        fields["status"] = self.status
        row = ExportRow(
            line=self.told, deal={"id": self.deal, **_flat(fields)}, contacts=[_flat(one) for one in contacts],
            account={"id": self.account, "name": self.account_name, **_flat(account or {})},
            fingerprint=hashlib.sha256(f"row {self.told}".encode()).hexdigest(),
        )  # fmt: skip
        columns = Columns(
            deal=frozenset(fields), account=frozenset(account or ()), contacts=first,
            contact=frozenset(name for one in contacts for name in one) - {"id", "role"},
        )  # fmt: skip
        importing = Importing(store, world, now, columns, source=SOURCE, newest=str)
        with store.transaction():
            importing.begin(SOURCE, row.fingerprint)
            importing.take(ExportRows([row]))
            importing.finish(Read(rows=1, repeated=0, rejected=0), partial=True)


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As a row has it: what is empty does not stand there, an amount is minor units beside its currency."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, list):
            found[name], found["currency"] = value
        elif value is not None:
            found[name] = value
    return found
