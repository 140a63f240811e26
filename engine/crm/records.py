"""Rows as they were read: a batch of them in columns, and single records made from it where somebody needs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.crm.contacts import Contact
from engine.crm.convert import Values

Fields = dict[str, Any]


class Record(NamedTuple):
    """One row. `line` is where it begins in the file; dicts hold JSON scalars (`deal["custom"]` is a dict of texts).

    A tuple, because there is one per row and a frozen dataclass takes four times as long to make. An `account` may be
    shared by records: do not change it. `deal` is empty in a file of accounts or contacts. `fingerprint` (32 hex
    digits) changes when any content does, and not with the order of columns, the delimiter or the form of dates.
    """

    line: int
    deal: Fields
    account: Fields | None
    contacts: tuple[Contact, ...]
    fingerprint: str

    @property
    def contact(self) -> Contact | None:
        """The first contact."""
        return self.contacts[0] if self.contacts else None

    @property
    def id(self) -> str | None:
        """The id of the deal, else of the account or contact that the row is about; None where it has none."""
        found = self.deal or self.account or (self.contacts[0] if self.contacts else {})
        key = found.get("id")
        return None if key is None else str(key)


@dataclass(kw_only=True, slots=True)
class Rows:
    """Some rows in file order. Every list is as long as `lines`.

    Most rows of an export are as they were in the one before, which their fingerprint tells: a record is made only of
    one that is not. `deal` and `custom` hold columns by name; both are empty in a file of accounts or contacts.
    """

    lines: list[int]
    ids: list[Any]  # text, or None where the row has none
    fingerprints: list[str]
    deal: dict[str, Values]
    custom: dict[str, Values]
    accounts: list[Fields | None]
    contacts: list[tuple[Contact, ...]]

    @staticmethod
    def none() -> Rows:
        """A batch of which no row was taken."""
        return Rows(lines=[], ids=[], fingerprints=[], deal={}, custom={}, accounts=[], contacts=[])

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Values:
        """The values of a field of deals, all None where the file does not have it."""
        return self.deal.get(name) or [None] * len(self.lines)

    def at(self, places: Sequence[int]) -> Rows:
        """Those at `places`, counted from 0."""
        if len(places) == len(self.lines):
            return self

        def pick(values: list[Any]) -> list[Any]:
            return [values[place] for place in places]

        return Rows(
            lines=pick(self.lines), ids=pick(self.ids), fingerprints=pick(self.fingerprints),
            deal={name: pick(column) for name, column in self.deal.items()},
            custom={name: pick(column) for name, column in self.custom.items()},
            accounts=pick(self.accounts), contacts=pick(self.contacts),
        )  # fmt: skip

    def records(self) -> list[Record]:
        """One for each row, in order."""
        deals = _dicts(self.deal, len(self.lines))
        if self.custom:
            for deal, custom in zip(deals, _dicts(self.custom, len(self.lines)), strict=True):
                if custom:
                    deal["custom"] = custom
        return list(
            map(Record._make, zip(self.lines, deals, self.accounts, self.contacts, self.fingerprints, strict=True))
        )


def _dicts(columns: Mapping[str, Values], size: int) -> list[Fields]:
    """One dict per row without what is empty. Full columns go in at once, which most are."""
    full = [name for name, column in columns.items() if None not in column]
    if full:
        rows = [dict(zip(full, row, strict=False)) for row in zip(*(columns[name] for name in full), strict=True)]
    else:
        rows = [{} for _ in range(size)]
    for name, column in columns.items():
        if name not in full:
            for row, value in zip(rows, column, strict=True):
                if value is not None:
                    row[name] = value
    return rows
