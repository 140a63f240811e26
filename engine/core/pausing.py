"""Pauses: timers frozen with what they had left, events that wait, and an outage that counts as a pause."""

from __future__ import annotations

from dataclasses import replace

from engine.core import life
from engine.core.draft import Draft
from engine.core.durations import Duration
from engine.core.enrolment import Event, Paused, Scope, Timer
from engine.core.model import BUILT_IN_ENDS, OnEvent


def begin(draft: Draft, until: str, at_most: Duration | None) -> None:
    """Freeze the enrolment: every running timer keeps what it has left; dates and schedules run on."""
    enrolment, at = draft.enrolment, draft.at
    if enrolment.paused is not None:
        return
    frozen = tuple(
        (timer, draft.reads.left(timer.unit, max(at, timer.base), timer.due))
        for timer in enrolment.timers
        if not timer.fixed
    )
    began = draft.event.name if draft.event is not None else ""
    enrolment.paused = Paused(since=at, until=until, began=began, left=frozen)
    enrolment.timers = [timer for timer in enrolment.timers if timer.fixed]
    if at_most is not None:
        due = draft.reads.after(str(at_most), at)
        draft.arm(Timer("resume", due, at, at_most.unit, str(at_most), 0))
    draft.note("paused", until, str(at_most or ""))


def release(draft: Draft, why: str) -> None:
    """Go on: each timer runs what it had left; what waited is handled now, in its order."""
    enrolment, at = draft.enrolment, draft.at
    paused = enrolment.paused
    if paused is None:
        return
    enrolment.paused = None
    draft.dates_may_move = True
    enrolment.timers = [timer for timer in enrolment.timers if timer.kind != "resume"]
    open_ids = {action.id for action in enrolment.actions}
    for timer, left in paused.left:
        if timer.action and timer.action not in open_ids:
            continue  # its action was closed meanwhile
        enrolment.timers.append(replace(timer, due=draft.reads.resume(left, at), base=at))
    enrolment.timers.extend(replace(timer, due=at) for timer in paused.due)
    draft.raised.extend(paused.waiting)
    draft.note("released", why)


def holds_back(draft: Draft, event: Event) -> bool:
    """Whether a pause makes this event wait."""
    paused = draft.enrolment.paused
    if paused is None or event.name == paused.until or event.name in BUILT_IN_ENDS:
        return False
    if event.name.startswith("command."):
        return False
    return not _taken_anywhere(draft, event)


def keep_waiting(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> None:
    """A person can close an action meanwhile; its event, and any other, waits for the release."""
    paused = draft.enrolment.paused
    assert paused is not None
    draft.taken = True
    if event.name == paused.began and any(timer.kind == "resume" for timer in draft.enrolment.timers):
        _restart(draft)
        return
    if life.close_by_event(draft, event):
        event = replace(event, action=life.CLOSED)
    draft.enrolment.paused = replace(paused, waiting=(*paused.waiting, (event, reach)))
    draft.note("waits", event.name)


def keep_passed(draft: Draft, timer: Timer) -> None:
    """A date or schedule that passes in a pause is handled at the release."""
    paused = draft.enrolment.paused
    assert paused is not None
    draft.enrolment.paused = replace(paused, due=(*paused.due, timer))
    draft.note("waits", timer.rule)


def shift(draft: Draft, missed: Timer) -> None:
    """An outage is a pause from the missed instant until now: everything else keeps what it had left then."""
    moved = []
    for timer in draft.enrolment.timers:
        if timer.fixed:
            moved.append(timer)
            continue
        left = draft.reads.left(timer.unit, max(missed.due, timer.base), max(timer.due, missed.due, timer.base))
        moved.append(replace(timer, due=draft.reads.resume(left, draft.at), base=draft.at))
    draft.enrolment.timers = moved
    draft.note("late", missed.rule, missed.due)


def _restart(draft: Draft) -> None:
    resume = next(timer for timer in draft.enrolment.timers if timer.kind == "resume")
    draft.enrolment.timers.remove(resume)
    draft.arm(replace(resume, due=draft.reads.after(resume.rule, draft.at), base=draft.at))
    draft.note("pause restarted", resume.rule)


def _taken_anywhere(draft: Draft, event: Event) -> bool:
    listed = list(draft.playbook.anywhere)
    for position in draft.standing():
        listed.extend(draft.playbook.tracks[position.track].anywhere)
    return any(isinstance(item.cause, OnEvent) and item.cause.takes(event.name) for item in listed)
