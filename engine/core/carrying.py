"""Carrying a chosen transition out: facts set, contacts suppressed, states left and entered, the enrolment ended."""

from __future__ import annotations

from typing import Any

from engine.core import arming, life, pausing
from engine.core.conditions import UNKNOWN
from engine.core.draft import Draft, Effect, contact_key
from engine.core.enrolment import Position
from engine.core.model import End, Finish, Pause, Suppress, To, Transition
from engine.core.values import FieldRef, Value


def carry_out(draft: Draft, position: Position, transition: Transition) -> None:
    """Do what `transition` says for the track at `position`."""
    draft.note("took", position.track, position.state, transition.place, _cause(draft))
    _set_facts(draft, position, transition)
    if transition.suppress is not None:
        _suppress(draft, position, transition.suppress)
    if transition.note:
        draft.note("note", transition.note)
    target = transition.target
    if isinstance(target, To):
        leave(draft, position)
        enter(draft, position, target.state)
    elif isinstance(target, End):
        end_enrolment(draft, target.end)
    elif isinstance(target, Finish):
        _finish(draft, position, target.end)
    elif isinstance(target, Pause):
        _pause(draft, position, target)


def enter(draft: Draft, position: Position, state: str) -> None:
    """Begin a visit: number it, start its timers, plan its actions."""
    enrolment = draft.enrolment
    enrolment.entries += 1
    position.state, position.entry, position.entered_at = state, enrolment.entries, draft.at
    position.spent, position.all_closed = [], False
    key = f"{position.track}.{state}"
    enrolment.visits[key] = enrolment.visits.get(key, 0) + 1
    draft.note("entered", position.track, state)
    arming.arm_state(draft, position)
    life.plan(draft, position)


def leave(draft: Draft, position: Position) -> None:
    """End a visit: its timers stop; its open actions are withdrawn unless they are kept."""
    entry = position.entry
    draft.enrolment.timers = [
        timer for timer in draft.enrolment.timers if timer.action or timer.entry != entry or timer.kind == "resume"
    ]
    life.withdraw(draft, position.track)


def end_enrolment(draft: Draft, end: str) -> None:
    """The enrolment is over under the name `end`: nothing runs on, nothing stays open."""
    enrolment = draft.enrolment
    for track in draft.playbook.tracks:
        life.withdraw(draft, track, kept_too=True)
    enrolment.timers, enrolment.paused = [], None
    enrolment.end, enrolment.ended_at = end, draft.at
    draft.raised.clear()
    draft.note("ended", end)


def _pause(draft: Draft, position: Position, pause: Pause) -> None:
    at_most = arming.duration_of(draft, pause.at_most, position.track) if pause.at_most is not None else None
    named = arming.moment_of(draft, pause.at, position.track) if pause.at is not None else None
    pausing.begin(draft, pause.until, at_most, named)


def _finish(draft: Draft, position: Position, end: str) -> None:
    leave(draft, position)
    position.finished = end
    draft.note("finished", position.track, end)
    if not draft.standing():
        end_enrolment(draft, draft.enrolment.positions[0].finished)


def _cause(draft: Draft) -> str:
    return draft.event.name if draft.event is not None else ""


def _set_facts(draft: Draft, position: Position, transition: Transition) -> None:
    for name, value in transition.set:
        found = draft.resolve(value, position.track)
        root, _, rest = name.partition(".")
        if root == "facts":
            draft.enrolment.facts[rest] = found
        elif _is_unanswered(value, found):
            draft.note("not set", name)
            continue
        else:
            effect = _effect(draft, root, rest, found)
            draft.overlay[contact_key(name, effect.id) if root in ("contact", "consent") else name] = found
            draft.effects.append(effect)
        draft.dates_may_move = True
        draft.note("set", name, found)


def _is_unanswered(value: Value, found: Any) -> bool:
    """A question that nobody has answered, or not with more than unknown, takes nothing away from what is known."""
    return isinstance(value, FieldRef) and value.name.startswith("answers.") and found in (None, UNKNOWN)


def _effect(draft: Draft, root: str, name: str, found: Any) -> Effect:
    event = draft.event
    by = event.by if event else ""
    if root == "deal":
        return Effect("deal", draft.enrolment.deal, name, found, by)
    if root == "account":
        return Effect("account", draft.enrolment.account, name, found, by)
    return Effect(root, _contact_meant(draft), name, found, by, _channel(draft))


def _channel(draft: Draft) -> str:
    """Over which channel they said it: as the event tells, else that of the action whose outcome it is."""
    told = str(draft.event.fields.get("channel", "")) if draft.event else ""
    return told or (draft.closed.kind if draft.closed is not None else "")


def _contact_meant(draft: Draft) -> str:
    """`contact.X` in a transition: the contact of its event, else the deal's first."""
    return draft.event_contact() or draft.reads.contact("")


def _suppress(draft: Draft, position: Position, suppress: Suppress) -> None:
    until = None
    if suppress.lasting is not None:
        lasting = arming.duration_of(draft, suppress.lasting, position.track)
        until = draft.reads.after(str(lasting), draft.at) if lasting is not None else None
    contact = "" if suppress.scope == "account" else _contact_meant(draft)
    because = f"{draft.playbook.name}: {_cause(draft) or 'a transition'}"
    draft.suppressions.append((suppress.scope, contact, suppress.channel or "", until, because))
    draft.note("suppressed", suppress.scope, contact, suppress.channel or "")
