"""Taking back what was recorded last, while no tick has acted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.answering import is_answers
from engine.core.enrolment import Event
from engine.runner.payload import NotRecordable
from engine.runner.said import Saying
from engine.store.base import RecordedEvent


@dataclass(kw_only=True, slots=True)
class Undoing(Saying):
    """Each verb raises NotRecordable where there is nothing to take back."""

    def undo(self, deal: str) -> tuple[list[Event], RecordedEvent | None]:
        """Take back the last command on a deal, if it is pending: (what was taken back, what was too late for that).

        What one command recorded for several enrolments is taken back together.
        """
        last = self.store.last_command(deal)
        if last is None:
            hint = f"`playbook show {deal}` tells its story; what is a contact's: undo --contact"
            raise NotRecordable(f"nobody has recorded anything for {deal}", hint)
        if last.state != "pending":
            return [], last
        alike = [one.event for one in self.store.pending_events(deal) if _one_command(one.event, last.event)]
        return self._taken_back(alike), None

    def undo_of(self, account: str, contact: str = "") -> tuple[list[Event], RecordedEvent | None]:
        """As `undo`, of what was recorded for a contact or, without one, for an account as a whole, and for no deal."""
        said = [
            one for one in self.store.events_of(account, "")
            if (one.event.deal, one.event.contact) == ("", contact) and one.event.by and one.state != "undone"
        ]  # fmt: skip
        if not said:
            whom = contact or f"the account {account}"
            raise NotRecordable(f"nobody has recorded anything for {whom}", "what was recorded for a deal: undo DEAL")
        last = max(said, key=lambda one: one.event.id)
        return ([], last) if last.state != "pending" else (self._taken_back([last.event]), None)

    def _taken_back(self, events: Sequence[Event]) -> list[Event]:
        return [event for event in events if self.store.withdraw_event(event.id, f"taken back by {self.by}")]


def _one_command(event: Event, last: Event) -> bool:
    if event.id == last.id:
        return True
    if (event.recorded_at, event.by) != (last.recorded_at, last.by):
        return False
    if is_answers(event.name) and event.action == last.action:
        return event.fields.get("outcome") == last.name.partition(".")[2]
    return event.name == last.name and event.name in ("command.pause", "command.release", "command.end")
