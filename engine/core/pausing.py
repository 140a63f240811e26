"""Pauses: timers frozen with what they had left, events that wait, and an outage that counts as a pause."""

from __future__ import annotations

from dataclasses import replace

from engine.core import life
from engine.core.draft import Draft
from engine.core.durations import Duration
from engine.core.enrolment import Event, Instant, Paused, Scope, Timer
from engine.core.model import BUILT_IN_ENDS, OnEvent, Transition

_AFTER_A_PAUSE = ", after a pause"


def begin(draft: Draft, until: str, at_most: Duration | None, named: Instant | None = None) -> None:
    """Freeze the enrolment: every running timer keeps what it has left; dates and schedules run on.

    It ends at `named` (the day somebody named), or where no day was named after `at_most`. The event that began the
    pause, when it comes again, only sets that end anew.
    """
    began = draft.event.name if draft.event is not None else ""
    paused = draft.enrolment.paused
    longest = str(at_most or "")
    if paused is None:
        draft.enrolment.paused = Paused(since=draft.at, until=until, began=began, at_most=longest)
    elif paused.began != began:
        return
    else:
        draft.enrolment.paused = replace(paused, at_most=longest)
    draft.drop_timers(kind="resume")
    if named is not None:
        draft.arm(Timer("resume", max(named, draft.at), draft.at, "at", "the day that was named", 0))
    elif at_most is not None:
        due = draft.reads.after(longest, draft.at)
        draft.arm(Timer("resume", due, draft.at, at_most.unit, longest, 0, delay=longest))
    draft.note("paused" if paused is None else "pause restarted", until, longest, named)


def freeze(draft: Draft) -> None:
    """While the enrolment is paused no delay runs, whenever it was armed. Called when a step has settled."""
    enrolment = draft.enrolment
    if enrolment.paused is None:
        return
    running = [timer for timer in enrolment.timers if not timer.fixed and timer.kind != "resume"]
    left = tuple((timer, _left(draft, timer, draft.at)) for timer in running)
    enrolment.paused = replace(enrolment.paused, left=(*enrolment.paused.left, *left))
    enrolment.timers = [timer for timer in enrolment.timers if timer not in running]


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
        due = draft.reads.resume(left, at, life.whose_timer(draft, timer))
        enrolment.timers.append(replace(timer, due=due, base=at, rule=_went_on(timer.rule), delay=""))
    enrolment.timers.extend(replace(timer, due=at) for timer in paused.due)
    draft.raised.extend(paused.waiting)
    draft.note("released", why)


def ends_pause(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    """Whether this is the event that the pause waits for: the deal's, or one of its contacts'."""
    paused = draft.enrolment.paused
    return paused is not None and event.name == paused.until and "contact" in reach


def holds_back(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    """Whether a pause makes this event wait. One that nothing here listens to has no effect now or later."""
    if draft.enrolment.paused is None or ends_pause(draft, event, reach):
        return False
    if event.name.startswith("command.") or (event.name in BUILT_IN_ENDS and "deal" in reach):
        return False
    return not _taken_anywhere(draft, event, reach) and _listened_to(draft, event, reach)


def keep_waiting(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> None:
    """A person can close an action meanwhile; its event, and any other, waits for the release."""
    paused = draft.enrolment.paused
    assert paused is not None
    draft.taken = True
    if event.name == paused.began:
        _restart(draft)
        return
    if life.close_by_event(draft, event, reach):
        event = replace(event, action=life.CLOSED)
    draft.enrolment.paused = replace(paused, waiting=(*paused.waiting, (event, reach)))
    draft.note("waits", event.name)


def keep_passed(draft: Draft, timer: Timer) -> None:
    """A date or schedule that passes in a pause is handled at the release."""
    paused = draft.enrolment.paused
    assert paused is not None
    draft.enrolment.paused = replace(paused, due=(*paused.due, timer))
    draft.note("waits", timer.rule)


def forget_frozen(draft: Draft, action: str, *kinds: str) -> None:
    """Frozen timers of these kinds of `action` will not come back at the release."""
    paused = draft.enrolment.paused
    if paused is not None:
        left = tuple(pair for pair in paused.left if pair[0].action != action or pair[0].kind not in kinds)
        draft.enrolment.paused = replace(paused, left=left)


def shift(draft: Draft, missed: Timer) -> None:
    """An outage is a pause from the missed instant until now: everything else keeps what it had left then."""
    moved = []
    for timer in draft.enrolment.timers:
        if timer.fixed:
            moved.append(timer)
            continue
        left = _left(draft, timer, max(missed.due, timer.base))
        due = draft.reads.resume(left, draft.at, life.whose_timer(draft, timer))
        rule = timer.rule if timer.kind == "resume" else _went_on(timer.rule)
        moved.append(replace(timer, due=due, base=draft.at, rule=rule, delay=""))
    draft.enrolment.timers = moved
    draft.note("late", missed.rule, missed.due)


def _went_on(rule: str) -> str:
    """A delay that stood still counts from no single instant any more: its words say so."""
    return rule if rule.endswith(_AFTER_A_PAUSE) else rule + _AFTER_A_PAUSE


def _left(draft: Draft, timer: Timer, since: Instant) -> str:
    """What `timer` has left at `since`, or when it was armed if that is later."""
    since = max(since, timer.base)
    return draft.reads.left(timer.unit, since, max(timer.due, since), life.whose_timer(draft, timer))


def _restart(draft: Draft) -> None:
    resume = next((timer for timer in draft.enrolment.timers if timer.kind == "resume"), None)
    paused = draft.enrolment.paused
    if resume is None or paused is None:
        return
    if resume.unit != "at":
        due = draft.reads.after(paused.at_most, draft.at)
        draft.enrolment.timers.remove(resume)
        resume = replace(resume, due=due, base=draft.at, rule=paused.at_most, delay=paused.at_most)
        draft.arm(resume)
    draft.note("pause restarted", paused.until, resume.rule, None)


def _taken_anywhere(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    listed = list(draft.playbook.anywhere)
    for position in draft.standing():
        listed.extend(draft.playbook.tracks[position.track].anywhere)
    return any(_listens(item, event, reach) for item in listed)


def _listened_to(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    return life.reports_action(draft, event) or any(
        _listens(item, event, reach) for item in draft.playbook.transitions()
    )


def _listens(transition: Transition, event: Event, reach: tuple[Scope, ...]) -> bool:
    cause = transition.cause
    return isinstance(cause, OnEvent) and cause.takes(event.name) and cause.origin in reach
