"""What the CRM says of whom nobody may contact: recorded as `playbook suppress` does, with the import as its proof.

A later no takes back only what imports of the same source have said, never what a person did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.account import Contact
from engine.core.durations import Instant
from engine.core.permitting import LIFT, SUPPRESS
from engine.runner.carrying import Standing, carried
from engine.runner.incoming import DO_NOT, Values
from engine.runner.noticing import Notices
from engine.runner.recognising import Key, Recognising
from engine.store.base import Misplaced, NewEvent, Store


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
        events = carried(people.likely, people.known, standing, self._notices, self._now, self._import_id, stays)
        for part in told:
            placed = {(stays.get(whom, whom[0]), whom[1]): values for whom, values in part.items()}
            events += self._read(placed, lines, people.known, standing)
        return events

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
                    events += self._lift(whom, words, lines.get(whom[1], 0), standing)
        return events

    def _suppress(self, whom: Key, words: tuple[str, str], line: int, standing: Standing) -> list[NewEvent]:
        if any(self._is_own(because) for because, _ in standing.of(whom).get(words, ())):
            return []
        event = self._order(SUPPRESS, whom, words, self._because)
        standing.add(whom, words, f"{event.fields['because']} ({event.by})")
        self._notices.note("do-not-contact", line, whom[1], f"not by {words[1]}" if words[1] else "")
        return [event]

    def _lift(self, whom: Key, words: tuple[str, str], line: int, standing: Standing) -> list[NewEvent]:
        """A yes in another row of this very import stands: one of them is out of date, and nobody knows which."""
        reasons = [because for because, _ in standing.of(whom).get(words, ())]
        own = [because for because in reasons if self._is_own(because)]
        if not own or f"{self._because} (import {self._import_id})" in own:
            return []
        if len(own) < len(reasons):
            self._notices.note("do-not-stays", line, whom[1], next(one for one in reasons if one not in own))
            return []
        standing.end(whom, words)
        self._notices.note("do-not-over", line, whom[1])
        return [self._order(LIFT, whom, words, f"{self._because} no longer")]

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
