"""Values of an import laid over accounts and contacts: at once where nothing runs, else as an event for its turn.

Facts change only in the queue: what an open enrolment may look at is never changed under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.account import Account
from engine.core.durations import Instant
from engine.runner.incoming import DO_NOT, Values, filled, news
from engine.store.base import ImportedAccount, ImportedContact, Misplaced, NewEvent, Store


@dataclass(slots=True)
class Told:
    """What a batch says of accounts and contacts, merged: a filled value goes before an empty one."""

    names: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Values] = field(default_factory=dict)
    contacts: dict[tuple[str, str], Values] = field(default_factory=dict)  # (account, contact)

    def add_account(self, account: str, name: str, values: Mapping[str, Any]) -> bool:
        """False when it contradicts what was told before."""
        before = self.accounts.setdefault(account, {})
        named = self.names.get(account)
        agrees = not (name and named and name != named) and _agree(before, values)
        if name or named is None:
            self.names[account] = name
        _merge(before, values)
        return agrees

    def add_contact(self, account: str, contact: str, values: Mapping[str, Any]) -> None:
        _merge(self.contacts.setdefault((account, contact), {}), values)


class Laying:
    """The accounts of one batch as they are in the store, and what is written to them."""

    def __init__(self, store: Store, now: Instant, ids: Iterable[str]) -> None:
        self._store = store
        self._now = now
        wanted = sorted(set(ids))
        self.present: dict[str, Account] = {one.id: one for one in store.load_accounts(wanted, now, set())}

    def is_live(self, account: str) -> bool:
        """Whether an enrolment of the account is open."""
        found = self.present.get(account)
        return found is not None and bool(found.enrolments)

    def waits(self, account: str) -> bool:
        """Whether an earlier import waits for its turn: then what is stored is not what will be."""
        found = self.present.get(account)
        return found is not None and any(event.name == "imported" for event in found.events)

    def write(self, told: Told, mark: str) -> tuple[list[Misplaced], list[NewEvent]]:
        """Write what may be written now; returns the contacts that belong elsewhere, and the events for the rest.

        `mark` makes the keys of the events unique.
        """
        self._write_accounts(told)
        at_once, waiting = self._split_contacts(told)
        misplaced = self._write_contacts(at_once)
        return misplaced, self._events(told, waiting, mark)

    def _write_accounts(self, told: Told) -> None:
        """The name is shown and never decided upon: it is written at once."""
        self._store.upsert_accounts(
            ImportedAccount(id=account, name=told.names[account], fields=self._at_once(account, values))
            for account, values in told.accounts.items()
        )

    def _at_once(self, account: str, values: Values) -> Values:
        if self.is_live(account):
            return {}
        return values if account in self.present else filled(values)

    def _split_contacts(self, told: Told) -> tuple[dict[tuple[str, str], Values], dict[tuple[str, str], Values]]:
        """(those to be written at once, what is new of those that an enrolment may look at)."""
        at_once: dict[tuple[str, str], Values] = {}
        waiting: dict[tuple[str, str], Values] = {}
        for (account, contact), values in told.contacts.items():
            known = self.present[account].contacts.get(contact) if self.is_live(account) else None
            if known is None:
                at_once[account, contact] = values
            elif self.waits(account):
                waiting[account, contact] = values
            elif found := news(values, known.fields):
                waiting[account, contact] = found
        return at_once, waiting

    def _write_contacts(self, contacts: Mapping[tuple[str, str], Values]) -> list[Misplaced]:
        """In two goes: what is filled, then what is emptied, so that a new contact begins without empty fields."""
        if not contacts:
            return []
        misplaced = self._store.upsert_contacts(
            [ImportedContact(id=contact, account=account, fields=filled(values))
             for (account, contact), values in contacts.items()]
        )  # fmt: skip
        emptied = [
            ImportedContact(id=contact, account=account, fields=empty)
            for (account, contact), values in contacts.items()
            if account in self.present and (empty := {name: None for name, value in values.items() if value is None})
        ]
        if emptied:
            self._store.upsert_contacts(emptied)
        return misplaced

    def _events(self, told: Told, waiting: Mapping[tuple[str, str], Values], mark: str) -> list[NewEvent]:
        """One per live account with news."""
        fields: dict[str, dict[str, Any]] = {}
        for account, values in told.accounts.items():
            if not self.is_live(account):
                continue
            found = values if self.waits(account) else news(values, self.present[account].fields)
            if found:
                fields.setdefault(account, {})["account_fields"] = found
        for (account, contact), values in waiting.items():
            fields.setdefault(account, {}).setdefault("contact_fields", {})[contact] = values
        return [
            NewEvent(account=account, name="imported", recorded_at=self._now, key=f"{mark} {account}", fields=content)
            for account, content in fields.items()
        ]


def _agree(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(
        value is None or before.get(name) is None or before[name] == value for name, value in values.items()
    )  # fmt: skip


def _merge(before: Values, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in DO_NOT and before.get(name) is True:
            continue  # of two rows of one file the one that says no holds
        if value is not None or name not in before:
            before[name] = value
