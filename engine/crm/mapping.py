"""A mapping: which column of an export is which field, and how dates, numbers and states are written in it."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Literal

from engine.crm.dates import DateFormat
from engine.crm.numbers import NumberFormat

Kind = Literal["deals", "accounts", "contacts", "activities"]
Scalar = str | int | float | bool

STATUSES = ("lost", "won", "open", "deleted")
DATES = ("lost_at", "won_at", "created_at", "modified_at")
# what every deal, account and contact has; other names must be declared fields
DEAL_TARGETS = {
    "id": "text",
    "name": "text",
    "account": "text",
    "account_name": "text",
    "owner": "person",
    "status": "status",
    **dict.fromkeys(DATES, "date"),
    "amount": "money",
    "currency": "currency",
    "team": "text",
    "zone": "zone",
    "contacts": "text",
}
ACCOUNT_TARGETS = {"id": "text", "name": "text", "zone": "zone"}
CONTACT_TARGETS = {
    "id": "text",
    "name": "text",
    "email": "text",
    "role": "text",
    "zone": "zone",
    "account": "text",
    "deal": "text",
    **dict.fromkeys(("do_not_contact", "do_not_email", "do_not_call"), "do_not"),
}
ACTIVITY_TARGETS = {
    "id": "text",
    "when": "date",
    "direction": "direction",
    "channel": "channel",
    "deal": "text",
    "account": "text",
    "contact": "text",
    "who": "person",
    "minutes": "number",
    "seconds": "number",
    "subject": "text",
}
ONE_OF: Dict[Kind, str] = {"deals": "deal", "accounts": "account", "contacts": "contact", "activities": "activity"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One mapped column. `own` is false where it comes from a preset: then the file need not have it."""

    heading: str
    targets: tuple[str, ...]
    own: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Join:
    """A side file. `on` pairs (column of the export, column of the side file), `take` pairs (side column, target).

    `position` counts from 0 in the mapping's list.
    """

    file: str
    on: tuple[tuple[str, str], ...]
    take: tuple[tuple[str, str], ...]
    alias: Dict[str, str] = field(default_factory=dict)  # a key as the export spells it: as the side file does
    encoding: str = ""
    delimiter: str = ""
    position: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        """The way to it in the mapping."""
        return "joins", str(self.position)


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """How one kind of file is read. Headings in `date_formats`, `keep` and `flags` are as the mapping writes them."""

    kind: Kind
    columns: tuple[Column, ...] = ()
    constants: Dict[str, Scalar] = field(default_factory=dict)
    id_from: tuple[str, ...] = ()
    id_characters: int = 0  # ids longer than this are cut to it: Salesforce's 18 characters are its 15 and a check
    date_format: tuple[DateFormat, ...] = ()
    date_formats: Dict[str, tuple[DateFormat, ...]] = field(default_factory=dict)
    time_zone: str = ""  # what a time without a zone means; empty: it stays wall time
    numbers: NumberFormat = field(default_factory=NumberFormat)
    currency: str = ""
    status: Dict[str, tuple[str, ...]] = field(default_factory=dict)
    flags: Dict[str, str] = field(default_factory=dict)  # status: the column whose yes means it
    values: Dict[str, Dict[str, str]] = field(default_factory=dict)  # target: {text in the file: value}
    empty: frozenset[str] = frozenset({""})
    delimiter: str = ""
    encoding: str = ""
    list_separator: str = ""  # where one cell may hold several ids: the first is taken
    keep: Dict[str, tuple[str, ...]] = field(default_factory=dict)
    skip_footer: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """A whole mapping, as `load_mapping` checked it."""

    name: str
    preset: str = ""
    deals: Section
    accounts: Section | None = None
    contacts: Section | None = None
    activities: Section | None = None
    joins: tuple[Join, ...] = ()

    def section(self, kind: Kind) -> Section:
        """The section for one kind of file. Raises LookupError where the mapping has none."""
        found = {
            "deals": self.deals, "accounts": self.accounts, "contacts": self.contacts, "activities": self.activities,
        }[kind]  # fmt: skip
        if found is None:
            raise LookupError(f"the mapping “{self.name}” has no section {kind}")
        return found
