"""What a person orders for one enrolment: defer, reassign, pause, release, end. It is an event, taken in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.core import pausing
from engine.core.carrying import end_enrolment
from engine.core.draft import Draft
from engine.core.enrolment import Event, OpenAction, Timer
from engine.core.model import ENDED_BY_HAND


def command(draft: Draft, event: Event) -> bool:
    """Carry out `command.NAME`; False if `event` is no command."""
    order = _ORDERS.get(event.name)
    if order is None:
        return False
    order(draft, event)
    return True


def _defer(draft: Draft, event: Event) -> None:
    """Take an open action off the list until an instant; its reminders start again then."""
    action = draft.find_action(event.action)
    until = event.fields.get("until")
    if action is None or not isinstance(until, int):
        draft.note("late outcome", event.name)
        return
    waiting = replace(action, status="planned" if action.status == "planned" else "deferred", due_at=None)
    draft.replace_action(action, waiting)
    draft.enrolment.timers = [
        timer for timer in draft.enrolment.timers if timer.action != action.id or timer.kind == "expire"
    ]
    place = draft.declared(action).place
    rule = f"deferred by {event.by or 'a person'}"
    pausing.forget_frozen(draft, action.id, "due", "remind", "escalate")
    draft.arm(Timer("due", until, draft.at, "deferred", rule, place, action.track, action.entry, action.id))
    if action.status == "due":
        draft.write_action(action, status="planned", touch_at=None)
    draft.note("deferred", action.name, action.id, until, event.by)


def _reassign(draft: Draft, event: Event) -> None:
    action = draft.find_action(event.action)
    if action is None:
        draft.note("late outcome", event.name)
        return
    assignee = str(event.fields.get("to", ""))
    draft.replace_action(action, replace(action, assignee=assignee, given=True))
    if action.status == "due":
        draft.write_action(action, assignee=assignee)
    draft.note("reassigned", action.name, action.id, assignee, event.by)


def _pause(draft: Draft, event: Event) -> None:
    draft.event = event
    until = event.fields.get("until")
    pausing.begin(draft, "command.release", None, until if isinstance(until, int) else None)


def _release(draft: Draft, event: Event) -> None:
    pausing.release(draft, f"{event.by or 'a person'}")


def _end(draft: Draft, _event: Event) -> None:
    end_enrolment(draft, ENDED_BY_HAND)


_ORDERS: dict[str, Callable[[Draft, Event], None]] = {
    "command.defer": _defer,
    "command.reassign": _reassign,
    "command.pause": _pause,
    "command.release": _release,
    "command.end": _end,
}


def follow_owner(draft: Draft) -> None:
    """The deal has a new owner: open actions go to whom their `assign` means now, unless a person gave them away."""
    for action in list(draft.enrolment.actions):
        if action.status == "due" and not action.given:
            _reassign_to_owner(draft, action)


def _reassign_to_owner(draft: Draft, action: OpenAction) -> None:
    declared = draft.declared(action)
    assignee = draft.reads.person(draft.resolve(declared.assign, action.track, action.contact), draft.at)
    if assignee != action.assignee:
        draft.replace_action(action, replace(action, assignee=assignee))
        draft.write_action(action, assignee=assignee)
        draft.note("reassigned", action.name, action.id, assignee, "the deal's owner changed")
