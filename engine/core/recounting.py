"""A new calendar: delays in business days or hours that are running are counted again from where they began."""

from __future__ import annotations

from dataclasses import replace

from engine.core import life
from engine.core.draft import Draft
from engine.core.enrolment import Instant, Timer


def recount(draft: Draft) -> None:
    """Move every running delay that the calendar counts; one that would be over already ends now."""
    for timer in list(draft.enrolment.timers):
        due = _due(draft, timer)
        if due is not None and due != timer.due:
            draft.enrolment.timers[draft.enrolment.timers.index(timer)] = replace(timer, due=due)
            draft.note("recounted", timer.rule, due)


def _due(draft: Draft, timer: Timer) -> Instant | None:
    """When `timer` ends by the calendar of now; None if no calendar counts it."""
    if timer.unit not in ("bd", "bh") or not timer.delay:
        return None
    due: Instant | None = draft.reads.after(timer.delay, timer.base, life.whose_timer(draft, timer))
    action = draft.find_action(timer.action) if timer.kind == "due" else None
    if action is not None and due is not None:
        due = draft.reads.slot(draft.declared(action), action.kind, action.contact, action.assignee, due)
    return None if due is None else max(due, draft.at)
