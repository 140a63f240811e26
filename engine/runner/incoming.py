"""Rows of an export in the words of the store: which account, contacts and fields a row is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.core.vocabulary import Vocabulary

# fields in which the CRM says that nobody may contact somebody, and the channel that each is about; "": any
DO_NOT = {"do_not_contact": "", "do_not_email": "email", "do_not_call": "call"}
ALONE = "deal:"  # the account of a deal without one is this and the deal's id
_DEAL_OWN = ("id", "account", "currency")
_ACCOUNT_OWN = frozenset({"id", "name"})
_CONTACT_OWN = frozenset({"id", "role", "account", "deal"})

Values = dict[str, Any]


class Row(Protocol):
    """One row as it was read: only what is filled in stands in the mappings; dates are text, money minor units."""

    @property
    def line(self) -> int: ...
    @property
    def deal(self) -> Mapping[str, Any]: ...
    @property
    def account(self) -> Mapping[str, Any] | None: ...
    @property
    def contacts(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def fingerprint(self) -> str: ...


class Rows(Protocol):
    """The rows of one batch in columns, each as long as `ids`; a single row is made only of what is asked for."""

    @property
    def lines(self) -> Sequence[int]: ...
    @property
    def ids(self) -> Sequence[str]: ...
    @property
    def fingerprints(self) -> Sequence[str]: ...
    @property
    def contacts(self) -> Sequence[Sequence[Mapping[str, Any]]]: ...
    def column(self, name: str) -> Sequence[Any]:
        """The values of a field of the deals, None where empty."""

    def at(self, places: Sequence[int]) -> Rows: ...
    def records(self) -> Sequence[Row]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The fields that the file has, by bare name: an empty cell of theirs empties the field, another field is kept."""

    deal: frozenset[str] = frozenset()
    account: frozenset[str] = frozenset()
    contact: frozenset[str] = frozenset()
    custom: frozenset[str] = frozenset()
    contacts: bool = False  # whether the file says who the contacts are


class Wording:
    """Turns rows into values. None stands where the file has the column and the row leaves it empty."""

    def __init__(self, vocabulary: Vocabulary, columns: Columns) -> None:
        self.columns = columns
        self._no_deal = dict.fromkeys(columns.deal)
        self._no_custom = dict.fromkeys(columns.custom)
        self._money = {
            entity: {
                field.bare: field.currency
                for name, field in vocabulary.fields.items()
                if field.type == "money" and name.startswith(f"{entity}.")
            }
            for entity in ("deal", "account", "contact")
        }

    def deal(self, row: Row, *, new: bool = False) -> Values:
        """The deal's fields; money as [minor units, currency]. A `new` deal has nothing to be emptied."""
        told = row.deal
        values: Values = dict(told) if new else {**self._no_deal, **told}
        for name in _DEAL_OWN:
            values.pop(name, None)
        if self._no_custom and not new:
            values["custom"] = {**self._no_custom, **told.get("custom", {})}
        return self._with_money("deal", values, told.get("currency"))

    def account(self, account: Mapping[str, Any], row: Row | None = None) -> Values:
        """The account's fields, without its name."""
        values: Values = dict.fromkeys(self.columns.account)
        values.update((name, value) for name, value in account.items() if name not in _ACCOUNT_OWN)
        return self._with_money("account", values, row.deal.get("currency") if row else None)

    def contact(self, contact: Mapping[str, Any], alone: bool) -> Values:
        """The contact's fields. `alone`: the row has no other, so that all columns are about this one."""
        values: Values = dict.fromkeys(self.columns.contact) if alone else {}
        values.update((name, value) for name, value in contact.items() if name not in _CONTACT_OWN)
        return self._with_money("contact", values, None)

    def _with_money(self, entity: str, values: Values, currency: Any) -> Values:
        for name, declared in self._money[entity].items():
            amount = values.get(name)
            if amount is not None:
                code = currency or declared
                values[name] = [amount, code] if code else None
        return values


def account_of(row: Row) -> str:
    """The account's id; a deal without an account is its own."""
    account = row.account
    return str(account["id"]) if account and account.get("id") is not None else f"{ALONE}{row.deal['id']}"


def is_own(row: Row, home: str) -> bool:
    """Whether what the row says of an account and its people concerns the one that the deal belongs to."""
    return home in (account_of(row), f"{ALONE}{row.deal['id']}")


def closing(row: Row) -> Values:
    """The status, and the day on which the CRM says that it came to be."""
    status = str(row.deal["status"])
    day = row.deal.get(f"{status}_at")
    return {"status": status, **({"on": day} if day else {})}


def links_of(row: Row) -> list[tuple[str, str]]:
    """(contact, role) in the order of the file."""
    return [(str(contact["id"]), str(contact.get("role", ""))) for contact in row.contacts]


def filled(values: Mapping[str, Any]) -> Values:
    """Without what is empty: what is new has nothing to be emptied."""
    kept = {name: value for name, value in values.items() if value is not None}
    if "custom" in kept:
        kept["custom"] = filled(kept["custom"])
        if not kept["custom"]:
            del kept["custom"]
    return kept


def news(values: Mapping[str, Any], present: Mapping[str, Any]) -> Values:
    """What of `values` is not so already."""
    found = {name: value for name, value in values.items() if name != "custom" and present.get(name) != value}
    if "custom" in values:
        custom = filled(values["custom"])
        if custom != present.get("custom", {}):
            found["custom"] = custom
    return found


def newest_of(dates: Iterable[Any]) -> str:
    """The latest of some dates or times as text, "" if there is none."""
    return max(filter(None, dates), default="")


def is_earlier(one: str, other: str) -> bool:
    """Whether a date or time lies before another, for certain: of a date alone only the day is known."""
    if len(one) != len(other):
        one, other = one[:10], other[:10]
    return one < other
