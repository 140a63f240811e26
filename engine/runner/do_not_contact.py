"""What the CRM says of whom nobody may contact: recorded as `playbook suppress` does, with the import as its proof.

A later no takes nothing back: another row, another file or another source may still say yes, and what each of them said
is not kept. It is a finding, and a person lifts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.account import Contact
from engine.core.durations import Instant
from engine.core.permitting import SUPPRESS
from engine.runner.carrying import Standing, carried, is_refused
from engine.runner.incoming import DO_NOT, Row, Values, filled, is_own
from engine.runner.noticing import Notices
from engine.runner.recognising import Key, Likely, Recognising, named
from engine.store.base import ImportedContact, KnownDeal, Misplaced, NewEvent, Store


class SayingNo:
    """The orders of one import: what the CRM says, and what a contact said who stands under another id now."""

    def __init__(self, store: Store, now: Instant, notices: Notices, *, source: str, import_id: int) -> None:
        self._store = store
        self._source = source
        self._import_id = import_id
        self._now = now
        self._notices = notices

    def orders(
        self, people: Recognising, told: Sequence[Mapping[Key, Values]], misplaced: Sequence[Misplaced],
        lines: Mapping[str, int],
    ) -> list[NewEvent]:  # fmt: skip
        """For one batch. `told` is what the file says of contacts, `misplaced` those that belong to another account,
        where the no holds; `lines` says where each contact stands in the file."""
        standing = Standing(self._store, self._now)
        stays = {(one.account, one.id): one.stays_with for one in misplaced}
        events: list[NewEvent] = []
        for part in told:
            placed = {(stays.get(whom, whom[0]), whom[1]): values for whom, values in part.items()}
            events += self._read(placed, lines, people.known, standing)
        people.likely += self._at_one_address(events, told, people, lines)
        return events + carried(
            people.likely, people.known, standing, self._notices, self._now, self._import_id, stays
        )  # fmt: skip

    def _at_one_address(
        self, events: Sequence[NewEvent], told: Sequence[Mapping[Key, Values]], people: Recognising,
        lines: Mapping[str, int],
    ) -> list[Likely]:  # fmt: skip
        """Who is reached where somebody is reached of whom the CRM says no; looked up once for all."""
        reached: dict[str, list[Key]] = {}
        for event in events:
            whom = (event.account, event.contact)
            kept = [people.known[whom].fields] if whom in people.known else []
            addresses = {event.contact, *(str(each.get("email") or "") for each in [
                *kept, *(part[whom] for part in told if whom in part)
            ])}  # fmt: skip
            for address in addresses:
                if "@" in address:
                    reached.setdefault(address, []).append(whom)
        found = self._store.find_contacts(reached, everyone=True) if reached else {}
        return [
            Likely(new=other, old=whom, certain=False, line=lines.get(whom[1], 0))
            for address, others in found.items()
            for other in others
            for whom in reached[address]
            if other != whom
        ]

    def copies(
        self, people: Recognising, misplaced: Sequence[Misplaced], told: Mapping[Key, Values], lines: Mapping[str, int]
    ) -> dict[Key, str]:
        """Whom a deal is linked to in place of each contact that belongs to another account: where somebody may not
        contact that one, a copy in the deal's account that `orders` suppresses too; else "", nobody."""
        standing = Standing(self._store, self._now)
        kept = self._store.contacts_of(sorted({one.stays_with for one in misplaced})) if misplaced else []
        originals = {(one.account, one.id): one for one in kept}
        found: dict[Key, str] = {}
        for one in misplaced:
            old, values = (one.stays_with, one.id), told.get((one.account, one.id), {})
            refused = any(values.get(name) is True for name in DO_NOT) or is_refused(standing, old, originals.get(old))
            found[one.account, one.id] = copy = f"{one.account} / {values.get('name') or one.id}" if refused else ""
            if copy:
                people.known.update({old: originals[old]} if old in originals else {})
                for each in (old, (one.stays_with, "")):
                    line = lines.get(one.id, 0)
                    people.likely.append(Likely(new=(one.account, copy), old=each, certain=False, line=line))
        new = {(home, copy): told.get((home, contact), {}) for (home, contact), copy in found.items() if copy}
        there = self._store.find_contacts([copy for _, copy in new]) if new else {}
        self._store.upsert_contacts(
            ImportedContact(id=copy, account=home, fields=filled(values))
            for (home, copy), values in new.items()
            if copy not in there
        )
        return found

    def elsewhere(self, rows: Sequence[tuple[Row, KnownDeal | None, str]]) -> dict[Key, Values]:
        """A no holds for its contact, also in the row of a deal that stays with another account. Where none of the
        deal's contacts stands under the row's id, those whom it may mean: the one, the namesakes, or all."""
        said = [
            (row, known, home, contact, values)
            for row, known, home in rows
            if known is not None and not is_own(row, home)
            for contact in row.contacts
            if (values := {name: True for name in DO_NOT if contact.get(name) is True})
        ]
        found = self._store.find_contacts({str(contact["id"]) for *_, contact, _ in said}) if said else {}
        placed: dict[Key, Values] = {}
        for row, known, home, contact, values in said:
            meant = list(found.get(str(contact["id"]), ()))
            if not any(each in known.contacts for _, each in meant):
                meant += self._meant(row, known, home, str(contact.get("name") or ""))
            for whom in meant:
                placed.setdefault(whom, {}).update(values)
        return placed

    def _meant(self, row: Row, known: KnownDeal, home: str, name: str) -> list[Key]:
        there = [one for one in self._store.contacts_of([home]) if one.id in known.contacts]
        namesakes = [one for one in there if name and named(one.fields.get("name")) == named(name)]
        meant = [(one.account, one.id) for one in namesakes or there]
        reason = f"the row of {row.deal['id']} names {name or 'nobody'}"
        for _, contact in meant:
            self._notices.note("do-not-meant", row.line, contact, reason)
        return meant

    def _read(
        self, told: Mapping[Key, Values], lines: Mapping[str, int], known: Mapping[Key, Contact], standing: Standing
    ) -> list[NewEvent]:
        events: list[NewEvent] = []
        for whom, values in told.items():
            before = known[whom].fields if whom in known else {}
            for name, channel in DO_NOT.items():
                said = values.get(name)
                words = ("channel" if channel else "contact", channel)
                if said is True and before.get(name) is not True:
                    events += self._suppress(whom, words, lines.get(whom[1], 0), standing)
                elif said is False:
                    self._note_over(whom, words, lines.get(whom[1], 0), standing)
        return events

    def _suppress(self, whom: Key, words: tuple[str, str], line: int, standing: Standing) -> list[NewEvent]:
        if any(self._is_own(because) for because, _ in standing.of(whom).get(words, ())):
            return []
        event = self._order(SUPPRESS, whom, words, self._because)
        standing.add(whom, words, f"{event.fields['because']} ({event.by})")
        self._notices.note("do-not-contact", line, whom[1], f"not by {words[1]}" if words[1] else "")
        return [event]

    def _note_over(self, whom: Key, words: tuple[str, str], line: int, standing: Standing) -> None:
        """A yes in another row of this very import stands: one of them is out of date, and nobody knows which."""
        reasons = [because for because, _ in standing.of(whom).get(words, ())]
        own = [because for because in reasons if self._is_own(because)]
        if not own or f"{self._because} (import {self._import_id})" in own:
            return
        if len(own) < len(reasons):
            self._notices.note("do-not-stays", line, whom[1], next(one for one in reasons if one not in own))
        else:
            self._notices.note("do-not-over", line, whom[1], f"not by {words[1]}" if words[1] else "")

    @property
    def _because(self) -> str:
        return f"the CRM says so: {self._source}"

    def _is_own(self, because: str) -> bool:
        return because.startswith(f"{self._because} (import ")

    def _order(self, name: str, whom: Key, words: tuple[str, str], because: str) -> NewEvent:
        scope, channel = words
        fields: dict[str, Any] = {"scope": scope, **({"channel": channel} if channel else {}), "because": because}
        return NewEvent(
            account=whom[0], name=name, recorded_at=self._now, contact=whom[1], by=f"import {self._import_id}",
            key=f"import {self._import_id} {name} {whom[1]} {channel}", fields=fields,
        )  # fmt: skip
