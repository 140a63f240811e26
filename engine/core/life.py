"""The life of an action: planned, handed out (core/handing.py), and closed as exactly one of the closings."""

from __future__ import annotations

import hashlib
from typing import Any

from engine.core import arming
from engine.core.account import covers, is_suppressed, suppressed_by
from engine.core.conditions import holds
from engine.core.draft import Draft, Standpoint, contact_key
from engine.core.durations import Duration
from engine.core.enrolment import NEVER, Event, Instant, OpenAction, Position, Scope, Timer
from engine.core.model import CLOSINGS, CUSTOMER_KINDS, Action, Moment
from engine.core.zones import date_text

CLOSED = "-"  # in `Event.action`: the action that this event tells of is closed already


def action_id(enrolment: str, entry: int, name: str) -> str:
    """The identity of one planning: the same visit can never plan the same action twice."""
    return hashlib.sha256(f"{enrolment}|{entry}|{name}".encode()).hexdigest()[:12]


# --- planning -------------------------------------------------------------------------------------------------------


def plan(draft: Draft, position: Position) -> None:
    """Plan the actions of the state just entered."""
    for declared in draft.state(position).actions:
        kept = draft.find_action_named(declared.name)
        if kept is not None:
            draft.note("kept", declared.name, kept.id)
        elif declared.condition is not None and not holds(declared.condition, _standpoint(draft, declared, position)):
            draft.note("not planned", declared.name)
        else:
            _plan_one(draft, position, declared)


def _standpoint(draft: Draft, declared: Action, position: Position) -> Standpoint:
    contact = draft.reads.contact(declared.contact or "") if declared.customer_facing else draft.event_contact()
    return Standpoint(draft, position.track, contact)


def _contact_meant(draft: Draft, declared: Action) -> str:
    """Who holds the role; nobody does: the deal's first contact, unless a fallback is there for that."""
    found = draft.reads.contact(declared.contact or "")
    return found if found or declared.fallback else draft.reads.contact("")


def _plan_one(draft: Draft, position: Position, declared: Action) -> None:
    contact = _contact_meant(draft, declared) if declared.customer_facing else ""
    assignee = draft.reads.person(draft.resolve(declared.assign, position.track, contact), draft.at)
    identity = action_id(draft.enrolment.id, position.entry, declared.name)
    planned = OpenAction(
        identity, declared.name, position.track, position.entry, "planned", draft.at, None, declared.kind,
        contact=contact, assignee=assignee,
    )  # fmt: skip
    draft.enrolment.actions.append(planned)
    draft.note("planned", declared.name, identity)
    arm_due(draft, planned, declared, draft.at)
    if declared.customer_facing:
        _refuse_now(draft, planned, declared)


def _refuse_now(draft: Draft, planned: OpenAction, declared: Action) -> None:
    """What is refused for certain is not even planned: every way to do it is forbidden when it will be due."""
    due = _due_timer(draft, planned)
    at = due.due if due is not None else NEVER  # a date that nobody knows yet: only what holds for good counts
    reason = ""
    for kind in (declared.kind, *(way.kind for way in declared.fallback)):
        reason = refusal(draft, kind, planned.contact, at)
        if not reason:
            return
    close(draft, planned, "suppressed", reason=reason)


def refusal(draft: Draft, kind: str, contact: str, at: Instant) -> str:
    """Why `contact` will not be reached by `kind` at `at`; "" if nothing forbids it. What this step says counts.

    For an internal kind: a task in place of a touch; it is no way around one who wants nothing at all.
    """
    facing = kind in CUSTOMER_KINDS
    for scope, whom, channel, until, because in draft.suppressions:
        in_force = until is None or at < until
        if in_force and covers(scope, whom, channel, contact, kind):
            return suppressed_by(because)
    answer = draft.overlay.get(contact_key(f"consent.{kind}", contact)) if facing else None
    if answer == "refused":
        return f"no consent to {kind}"
    found = draft.reads.refused(kind, contact, at)
    return "" if answer == "granted" and not is_suppressed(found) else found


def arm_due(draft: Draft, planned: OpenAction, declared: Action, base: Instant) -> None:
    """Start the timer of the instant at which `planned` is handed out; none while its date is empty."""
    whose = whose_zone(declared, planned)
    raw, unit, rule, delay = _raw_due(draft, planned, declared, base, whose)
    if raw is None:
        return
    due = draft.reads.slot(declared, planned.kind, planned.contact, planned.assignee, max(raw, base))
    if due is None:
        close(draft, planned, "skipped", reason="no time within 366 days that its window allows")
        return
    draft.arm(Timer("due", due, base, unit, rule, declared.place, planned.track, planned.entry, planned.id, delay))


def _raw_due(
    draft: Draft, planned: OpenAction, declared: Action, base: Instant, whose: str
) -> tuple[Instant | None, str, str, str]:
    """When it would be due, the unit that rule was written in, the rule, and the duration it stands for."""
    due = declared.due
    if due is None:
        return base, "min", "at once", ""
    if isinstance(due, Moment):
        return arming.moment_of(draft, due, planned.track, whose, planned.contact), "at", due.text, ""
    delay = arming.duration_of(draft, due, planned.track)
    if not isinstance(delay, Duration):
        return None, "min", declared.due_text, ""
    return draft.reads.after(str(delay), base, whose), delay.unit, declared.due_text, str(delay)


def whose_zone(declared: Action, action: OpenAction) -> str:
    """A customer-facing action runs in its contact's zone, an internal one in its assignee's."""
    return f"contact:{action.contact}" if declared.customer_facing else f"person:{action.assignee}"


def follow_due_dates(draft: Draft) -> None:
    """Actions planned for a date follow their field; one that a limit or a person moved stays where it was moved."""
    for planned in list(draft.enrolment.actions):
        declared = draft.declared(planned)
        if planned.status != "planned" or not isinstance(declared.due, Moment):
            continue
        before = _due_timer(draft, planned)
        if before is not None and (before.unit != "at" or before.due <= draft.at):
            continue
        draft.drop_timers(action=planned.id, kind="due")
        arm_due(draft, planned, declared, draft.at)
        after = _due_timer(draft, planned)
        if before is not None and after is not None and before.due == after.due:
            draft.drop_timers(action=planned.id, kind="due")
            draft.arm(before)
        elif before is not None or after is not None:
            draft.note("moved", planned.name, after.due if after else None, "its date changed")


def _due_timer(draft: Draft, action: OpenAction) -> Timer | None:
    found = (timer for timer in draft.enrolment.timers if timer.action == action.id and timer.kind == "due")
    return next(found, None)


def whose_timer(draft: Draft, timer: Timer) -> str:
    """In whose zone a timer runs: that of its action, else the deal's."""
    action = draft.find_action(timer.action) if timer.action else None
    return whose_zone(draft.declared(action), action) if action is not None else ""


# --- closing --------------------------------------------------------------------------------------------------------


def close(draft: Draft, action: OpenAction, status: str, *, outcome: str = "", reason: str = "", by: str = "") -> None:
    """Close `action` as `status`; every closing but `withdrawn` raises ACTION.OUTCOME or ACTION.STATUS."""
    draft.replace_action(action, None)
    draft.drop_timers(action=action.id)
    touched = draft.at if status == "done" and action.kind in CUSTOMER_KINDS else None
    if touched is not None:
        touch(draft, action.contact)
    write(draft, action, status=status, outcome=outcome, closed_at=draft.at, reason=reason, touch_at=touched)
    draft.note("closed", action.name, action.id, outcome or status, reason or by)
    if status != "withdrawn":
        name = f"{action.name}.{outcome if status == 'done' else status}"
        event = Event(name, draft.at, contact=action.contact, enrolment=draft.enrolment.id, action=CLOSED)
        draft.raised.append((event, ("deal", "contact", "account")))


def touch(draft: Draft, contact: str) -> None:
    """The contact was approached now: what reads `last.touch` in this step sees it."""
    draft.overlay[contact_key("last.touch", contact)] = date_text(draft.at)
    draft.dates_may_move = True


def reports_action(draft: Draft, event: Event) -> bool:
    """Whether `event` is the outcome of an action of this playbook."""
    name, _, outcome = event.name.partition(".")
    return bool(outcome) and draft.playbook.has_action(name)


def close_by_event(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    """Close the open action whose outcome `event` reports. The event itself then goes to the tracks: nothing is raised.

    An outcome for an action that is closed already is kept as late and counts as a touch.
    """
    name, _, outcome = event.name.partition(".")
    if event.action == CLOSED or "deal" not in reach or not reports_action(draft, event):
        return False
    action = draft.find_action(event.action) if event.action else draft.find_action_named(name)
    if action is None:
        draft.note("late outcome", event.name)
        _late_touch(draft, event, name)
        return False
    status = outcome if outcome in CLOSINGS else "done"
    draft.closed = action
    before = len(draft.raised)
    close(draft, action, status, outcome=outcome if status == "done" else "", reason=_reason(event), by=event.by)
    while len(draft.raised) > before:
        draft.raised.pop()
    return True


def withdraw(draft: Draft, track: str, *, kept_too: bool = False) -> None:
    """Withdraw the open actions of `track`, all but those that are kept."""
    for action in list(draft.enrolment.actions):
        if action.track == track and (kept_too or not draft.declared(action).keep):
            close(draft, action, "withdrawn")


def suppress_open(draft: Draft, contact: str, channel: str, because: str = "") -> None:
    """Close every planned or open customer-facing action to `contact` (over `channel` only, if given), and what stands
    in for one.

    `because` is a person's reason; without one the contact opted out.
    """
    for action in list(draft.enrolment.actions):
        facing = action.kind in CUSTOMER_KINDS or (not channel and draft.declared(action).customer_facing)
        if facing and action.contact == contact and channel in ("", action.kind):
            draft.taken = True
            close(draft, action, "suppressed", reason=because or "the contact opted out")


def all_required_closed(draft: Draft, position: Position) -> bool:
    """Whether the state has required actions and none of them is open in this visit."""
    declared = draft.state(position).actions
    required = {action.name for action in declared if not action.optional} if declared else None
    if not required:
        return False
    return not any(
        action.name in required and (action.entry == position.entry or draft.declared(action).keep)
        for action in draft.enrolment.actions
        if action.track == position.track
    )


# --- rows -----------------------------------------------------------------------------------------------------------


def write(draft: Draft, action: OpenAction, **columns: Any) -> None:
    """Remember what the action's row must say. Its row begins when it is handed out, or closed before that."""
    if action.status == "planned" and action.id not in draft.new_actions:
        draft.new_actions.add(action.id)
        columns = {
            "name": action.name, "track": action.track, "entry": action.entry, "kind": action.kind,
            "facing": int(action.kind in CUSTOMER_KINDS), "assignee": action.assignee, "contact_id": action.contact,
            **columns,
        }  # fmt: skip
    draft.write_action(action, **columns)


def _late_touch(draft: Draft, event: Event, name: str) -> None:
    """What was done too late to count as an outcome was done all the same: the contact was touched."""
    declared = draft.playbook.action(name)
    if declared.customer_facing and event.name.partition(".")[2] not in CLOSINGS:
        contact = event.contact or _contact_meant(draft, declared)
        draft.touches.append((contact, declared.kind))


def _reason(event: Event) -> str:
    return str(event.fields.get("reason", "") or event.fields.get("note", "") or "")
