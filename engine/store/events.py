"""Recording what happened, and taking it back while it is pending."""

from __future__ import annotations

from collections.abc import Sequence

from engine.store.accounts import event
from engine.store.json_text import dump
from engine.store.records import EventState, NewEvent, RecordedEvent
from engine.store.session import Row, Verbs

STATES: dict[int, EventState] = {0: "handled", 1: "pending", 2: "undone", 3: "late"}


class EventVerbs(Verbs):
    """Events by deal. Their ids rise in the order of recording."""

    def record(self, events: Sequence[NewEvent]) -> list[int | None]:
        if not events:
            return []
        with self.session.writing():
            self.require_accounts({one.account for one in events})
            known = self._known_keys(events)
            last = self.session.row("read_last_event_id") or (0,)
            ids = _numbered(events, known, last[0])
            rows = [_row(number, one) for number, one in zip(ids, events, strict=True) if number]
            self.session.write_many("insert_events", rows)
        return ids

    def _known_keys(self, events: Sequence[NewEvent]) -> set[str]:
        keys = [one.key for one in events if one.key is not None]
        return {key for (key,) in self.session.rows("read_known_keys", (dump(keys),))} if keys else set()

    def withdraw_event(self, event: int, because: str = "") -> bool:
        with self.session.writing():
            return self.session.write("withdraw_event", (because, event)) > 0

    def last_command(self, deal: str) -> RecordedEvent | None:
        found = self.session.row("read_last_command", {"deal": deal})
        return _recorded(found) if found else None

    def pending_events(self, deal: str) -> list[RecordedEvent]:
        return [_recorded(row) for row in self.session.rows("read_pending_events", {"deal": deal})]


def _numbered(events: Sequence[NewEvent], known: set[str], last: int) -> list[int | None]:
    """An id for each, None for those whose key is known or came before in the list."""
    ids: list[int | None] = []
    for one in events:
        if one.key is not None and one.key in known:
            ids.append(None)
            continue
        if one.key is not None:
            known.add(one.key)
        last += 1
        ids.append(last)
    return ids


def _row(number: int, one: NewEvent) -> Row:
    return (
        number, one.account, one.deal, one.contact, one.enrolment, one.action, one.name, one.occurred_at,
        one.recorded_at, one.by, one.key, dump(dict(one.fields)), int(not one.handled),
        one.recorded_at if one.handled else None,
    )  # fmt: skip


def _recorded(row: Row) -> RecordedEvent:
    return RecordedEvent(account=row[1], event=event(row), state=STATES[row[11]], note=row[12])
