"""Timers: what begins to run when a state is entered, and dates that follow their field."""

from __future__ import annotations

from dataclasses import replace

from engine.core.conditions import UNKNOWN
from engine.core.draft import Draft
from engine.core.durations import Duration, parse_duration
from engine.core.enrolment import Instant, Position, Timer
from engine.core.model import After, At, Moment, OnSchedule, Transition
from engine.core.values import Value


def arm_anywhere(draft: Draft) -> None:
    """The playbook's own `anywhere`: its delays count from enrolment."""
    for transition in draft.playbook.anywhere:
        if isinstance(transition.cause, (After, At, OnSchedule)):
            _arm(draft, transition, None)


def arm_state(draft: Draft, position: Position) -> None:
    """Everything that the state just entered waits for by time."""
    for transition in _timed(draft, position):
        _arm(draft, transition, position)


def rearm_schedule(draft: Draft, fired: Timer) -> None:
    """A schedule is asked again at its next match, as long as the visit lasts."""
    if fired.kind != "schedule" or not draft.enrolment.open:
        return
    here = not fired.entry or any(position.entry == fired.entry for position in draft.standing())
    if here:
        due = draft.reads.scheduled(fired.rule, max(fired.due, draft.at))
        draft.arm(replace(fired, due=due))


def follow_dates(draft: Draft) -> None:
    """Compute every date in force again: it follows its field. Moved into the past it is spent, or runs now."""
    for transition in draft.playbook.anywhere:
        if isinstance(transition.cause, At):
            _follow(draft, transition, None)
    for position in draft.standing():
        for transition in _timed(draft, position):
            if isinstance(transition.cause, At):
                _follow(draft, transition, position)


def moment_of(draft: Draft, moment: Moment, track: str = "", whose: str = "", contact: str = "") -> Instant | None:
    """The instant that `moment` stands for now; None while its date is empty."""
    date = draft.resolve(moment.date, track, contact)
    if date in (None, "", UNKNOWN):
        return None
    offset = "" if moment.offset is None else str(duration_of(draft, moment.offset, track) or "")
    return draft.reads.moment(moment, str(date), offset, whose)


def duration_of(draft: Draft, delay: Value, track: str = "") -> Duration | None:
    """The duration that `delay` stands for now; None when its field is empty."""
    found = draft.resolve(delay, track)
    return parse_duration(found) if isinstance(found, str) and found else found


def _timed(draft: Draft, position: Position) -> list[Transition]:
    listed = (*draft.state(position).transitions, *draft.playbook.tracks[position.track].anywhere)
    return [transition for transition in listed if isinstance(transition.cause, (After, At, OnSchedule))]


def _arm(draft: Draft, transition: Transition, position: Position | None) -> None:
    cause = transition.cause
    base = position.entered_at if position else draft.enrolment.enrolled_at
    track, entry = (position.track, position.entry) if position else ("", 0)
    if isinstance(cause, After):
        delay = duration_of(draft, cause.delay, track)
        if delay is None:
            draft.note("unarmed", transition.place, cause.text)
            return
        due = draft.reads.after(str(delay), base)
        rule = cause.text if cause.text == str(delay) else f"{cause.text} ({delay})"
        draft.arm(Timer("after", due, base, delay.unit, rule, transition.place, track, entry, delay=str(delay)))
    elif isinstance(cause, OnSchedule):
        due = draft.reads.scheduled(cause.name, base)
        draft.arm(Timer("schedule", due, base, "schedule", cause.name, transition.place, track, entry))
    else:
        _follow(draft, transition, position)


def _follow(draft: Draft, transition: Transition, position: Position | None) -> None:
    """Arm, move or spend the date of `transition`."""
    assert isinstance(transition.cause, At)
    spent = position.spent if position else draft.enrolment.spent
    if transition.place in spent:
        return
    track, entry = (position.track, position.entry) if position else ("", 0)
    due = moment_of(draft, transition.cause.moment, track)
    running = next(
        (timer for timer in draft.enrolment.timers if timer.place == transition.place and timer.entry == entry), None
    )
    if running is not None and (running.due == due or running.due <= draft.at):
        return  # where it was, or about to be handled
    if running is not None:
        draft.enrolment.timers.remove(running)
    if due is None:
        if running is not None:
            draft.note("dated", transition.place, None)
        return
    if due <= draft.at:
        if not transition.run_if_past:
            spent.append(transition.place)
            draft.note("past", transition.place, due)
            return
        due = draft.at
    rule = transition.cause.moment.text
    draft.note("dated", transition.place, due)
    draft.arm(Timer("at", due, draft.at, "at", rule, transition.place, track, entry))
