"""Handing an action out when it is due: to whom, over which channel, not before its limits allow; then reminding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.core import arming, life
from engine.core.draft import Draft
from engine.core.enrolment import SETTLED, Instant, OpenAction, Timer
from engine.core.model import CUSTOMER_KINDS, Action, Fallback, Moment, Reminder
from engine.core.values import Literal, Value


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to do the action: as declared, or a fallback. `hindrance` says why it is ruled out."""

    index: int
    kind: str
    title: Value
    template: Value | None
    contact: str = ""
    hindrance: str = ""
    limited: bool = False  # it is a limit, not a refusal, that is in the way
    remark: str = ""


def timer(draft: Draft, fired: Timer, late: bool) -> None:
    """A timer of an open action: its due instant, a reminder, an escalation or its expiry."""
    action = draft.find_action(fired.action)
    if action is None:
        return
    if fired.kind == "due":
        hand_out(draft, action, fired, late)
    elif fired.kind == "expire":
        life.close(draft, action, "expired", reason=fired.rule)
    else:
        _remind(draft, action, fired)


def hand_out(draft: Draft, action: OpenAction, fired: Timer, late: bool = False) -> None:
    """Hand `action` out now, later, as a fallback, or not at all."""
    declared = draft.declared(action)
    if late and declared.skip_if_late:
        life.close(draft, action, "missed", reason=f"due {fired.rule}, too late to be of use")
        return
    _arm_expiry(draft, action, declared)
    assignee = action.assignee if action.given else draft.reads.person(_assign(draft, action, declared), draft.at)
    for way in _ways(draft, action, declared):
        if not way.hindrance:
            hours = not (late and fired.unit == SETTLED)
            verdict = draft.reads.permit(declared, way.kind, way.contact, assignee, draft.at, hours)
            if verdict[0] == "now":
                _give(draft, action, declared, way, assignee)
                return
            if verdict[0] == "later" and not _past_expiry(draft, action, verdict[1]):
                _move(draft, action, way, fired, verdict, late)
                return
            way = replace(way, hindrance=f"limit: {verdict[-1]}", limited=True)
        draft.note("ruled out", action.name, way.kind, way.hindrance)
        last = way
    life.close(draft, action, "skipped" if last.limited else "suppressed", reason=last.hindrance)


def _ways(draft: Draft, action: OpenAction, declared: Action) -> Iterator[_Way]:
    """The ways that are left, each looked at only when those before it are ruled out."""
    listed: list[Any] = [declared, *declared.fallback]
    for index in range(action.fallback, len(listed)):
        yield _way(draft, declared, listed[index], index, last=index == len(listed) - 1)


def _way(draft: Draft, declared: Action, way: Action | Fallback, index: int, *, last: bool) -> _Way:
    found = _Way(index, way.kind, way.title or declared.title, way.template or declared.template)
    if way.kind not in CUSTOMER_KINDS:
        return _stand_in(draft, declared, found) if declared.customer_facing else found
    contact = draft.reads.contact(declared.contact or "")
    if not contact and not last:
        return replace(found, hindrance=f"nobody is {declared.contact}")
    contact = contact or draft.reads.contact("")
    if not contact:
        refused = life.refusal(draft, way.kind, "", draft.at)
        return replace(found, hindrance=refused) if refused else replace(found, remark="contact missing")
    hindrance = draft.reads.reach(way.kind, contact)
    if hindrance == "no address" and last:
        return replace(found, contact=contact, remark="contact missing")
    return replace(found, contact=contact, hindrance=hindrance)


def _stand_in(draft: Draft, declared: Action, found: _Way) -> _Way:
    """A task in place of a touch: for whom it is, and whether that one wants to hear from us at all."""
    contact = draft.reads.contact(declared.contact or "") or draft.reads.contact("")
    return replace(found, contact=contact, hindrance=life.refusal(draft, found.kind, contact, draft.at))


def _give(draft: Draft, action: OpenAction, declared: Action, way: _Way, assignee: str) -> None:
    at = draft.at
    remarks = (*action.remarks, way.remark) if way.remark else action.remarks
    due = OpenAction(
        action.id, action.name, action.track, action.entry, "due", action.planned_at, at, way.kind, way.index,
        way.contact, assignee, action.given, remarks,
    )  # fmt: skip
    draft.replace_action(action, due)
    title = draft.resolve(way.title, action.track, way.contact)
    template = draft.resolve(way.template, action.track, way.contact) if way.template is not None else None
    facing = way.kind in CUSTOMER_KINDS
    life.write(
        draft, action, status="due", kind=way.kind, facing=int(facing), due_at=at, handed_at=at,
        deadline=_deadline(draft, due, declared), assignee=assignee, contact_id=way.contact,
        touch_at=at if facing else None, title=title, template=template,
        priority=_number(draft, declared.priority, due), remarks=list(remarks),
    )  # fmt: skip
    if facing:
        life.touch(draft, way.contact)
    draft.handed_out.append(action.id)
    draft.note("due", action.name, action.id, assignee, way.contact, way.kind)
    _arm_reminders(draft, due, declared)


def _move(draft: Draft, action: OpenAction, way: _Way, fired: Timer, verdict: list[Any], late: bool) -> None:
    """It may not go out yet: wait until it may. Late a second time it goes out whatever the hour: ticks that always run
    outside its hours would otherwise move it for ever."""
    moved = replace(action, fallback=way.index)
    draft.replace_action(action, moved)
    draft.arm(replace(fired, due=verdict[1], base=draft.at, unit=SETTLED if late else "min", rule=verdict[2]))
    draft.note("moved", action.name, verdict[1], verdict[2])


# --- what runs while it is open -------------------------------------------------------------------------------------


def _arm_expiry(draft: Draft, action: OpenAction, declared: Action) -> None:
    """`expires` counts from the first instant at which the action was due, even if a limit moved it on."""
    running = any(timer.kind == "expire" and timer.action == action.id for timer in draft.enrolment.timers)
    if declared.expires is not None and not running:
        _arm_reminder(draft, action, declared, declared.expires, "expire", 0)


def _past_expiry(draft: Draft, action: OpenAction, instant: Instant) -> bool:
    return any(
        timer.kind == "expire" and timer.action == action.id and instant >= timer.due
        for timer in draft.enrolment.timers
    )


def _arm_reminders(draft: Draft, action: OpenAction, declared: Action) -> None:
    for place, reminder in enumerate(declared.remind):
        _arm_reminder(draft, action, declared, reminder, "remind", place)
    for place, reminder in enumerate(declared.escalate):
        _arm_reminder(draft, action, declared, reminder, "escalate", place)


def _arm_reminder(
    draft: Draft, action: OpenAction, declared: Action, reminder: Reminder, kind: Any, place: int
) -> None:
    due, unit, delay = reminder_due(draft, action, declared, reminder)
    if due is None:
        return
    same = [timer for timer in draft.enrolment.timers if timer.kind == kind and timer.action == action.id]
    if due <= draft.at:  # passed already: at the due instant, and of several only the last
        due = draft.at
        for earlier in same:
            if earlier.due == due:
                draft.enrolment.timers.remove(earlier)
    draft.arm(Timer(kind, due, draft.at, unit, reminder.text, place, action.track, action.entry, action.id, delay))


def reminder_due(
    draft: Draft, action: OpenAction, declared: Action, reminder: Reminder
) -> tuple[Instant | None, str, str]:
    """When a reminder, escalation, expiry or deadline falls, counted from now; the unit it was written in, and the
    duration it stands for."""
    whose = life.whose_zone(declared, action)
    if isinstance(reminder.when, Moment):
        return arming.moment_of(draft, reminder.when, action.track, whose, action.contact), "at", ""
    delay = arming.duration_of(draft, reminder.when, action.track)
    if delay is None:
        return None, "min", ""
    return draft.reads.after(str(delay), draft.at, whose), delay.unit, str(delay)


def _deadline(draft: Draft, action: OpenAction, declared: Action) -> Instant:
    """Past it the action is overdue: as declared, else the end of its due day."""
    due = reminder_due(draft, action, declared, declared.deadline)[0] if declared.deadline is not None else None
    return max(due, draft.at) if due is not None else draft.reads.deadline(action.assignee, draft.at)


def _remind(draft: Draft, action: OpenAction, fired: Timer) -> None:
    declared = draft.declared(action)
    if fired.kind == "remind":
        remark = f"reminder {fired.place + 1}: {fired.rule}"
    else:
        to = declared.escalate[fired.place].to
        person = draft.reads.person(draft.resolve(to, action.track, action.contact), draft.at) if to else ""
        remark = f"escalated to {person}: {fired.rule}"
    draft.note(fired.kind, action.name, action.id, remark)
    remarks = (*action.remarks, remark)
    draft.replace_action(action, replace(action, remarks=remarks))
    draft.write_action(action, remarks=list(remarks))


def _assign(draft: Draft, action: OpenAction, declared: Action) -> Any:
    return draft.resolve(declared.assign, action.track, action.contact)


def _number(draft: Draft, value: Value | None, action: OpenAction) -> float:
    found = draft.resolve(value or Literal(content=0), action.track, action.contact)
    return float(found or 0)
