"""Transitions, delays and reminders in words, as the author wrote them and as they are meant."""

from __future__ import annotations

from engine.core.conditions import describe
from engine.core.model import (
    Action,
    After,
    At,
    End,
    Fallback,
    Finish,
    Limit,
    Moment,
    OnEvent,
    OnSchedule,
    Pause,
    Reminder,
    Stay,
    Suppress,
    To,
    Transition,
)
from engine.core.values import FieldRef, Value, value_words


def cause_words(transition: Transition) -> str:
    """What the transition waits for, as the author wrote it."""
    cause = transition.cause
    if isinstance(cause, OnEvent):
        return f"{cause.name}" + (f" (from {cause.origin})" if cause.origin != "deal" else "")
    if isinstance(cause, After):
        return f"after {cause.text}"
    if isinstance(cause, At):
        return f"at {cause.moment.text}"
    if isinstance(cause, OnSchedule):
        return f"schedule {cause.name}"
    return f"decision: {describe(transition.condition)}" if transition.condition is not None else "otherwise"


def target_words(transition: Transition) -> str:
    """Where it leads."""
    target = transition.target
    if isinstance(target, To):
        return target.state
    if isinstance(target, End):
        return f"end {target.end}"
    if isinstance(target, Finish):
        return f"finish {target.end}"
    if isinstance(target, Pause):
        return f"pause until {target.until}"
    assert isinstance(target, Stay)
    return "stay"


def target_in_words(transition: Transition) -> str:
    """`after 4w → thank_you`"""
    return f"{cause_words(transition)} → {target_words(transition)}"


# --- as they are meant: with what a parameter or a lookup comes to ----------------------------------------------------


def full_cause(transition: Transition) -> str:
    """As `cause_words`, with the duration that a parameter stands for; a decision without its condition."""
    cause = transition.cause
    if isinstance(cause, After):
        return f"after {delay_words(cause.delay, cause.text)}"
    return cause_words(transition) if cause is not None else "decision"


def full_target(transition: Transition) -> str:
    """As `target_words`, with how long a pause lasts at most."""
    target = transition.target
    if not isinstance(target, Pause):
        return target_words(transition)
    at = f", or on {target.at.text}" if target.at is not None else ""
    at_most = f", at most {value_words(target.at_most)}" if target.at_most is not None else ""
    return f"pause until {target.until}{at}{at_most}"


def delay_words(value: Value, text: str) -> str:
    """`4w`, or `check_in_after (4w)` where a parameter is named."""
    if isinstance(value, FieldRef):
        return text
    meant = value_words(value)
    return meant if text == meant or text.startswith("{") else f"{text} ({meant})"


def due_words(action: Action) -> str:
    """When it is handed out: `at once`, `1bd`, `60d before renewal_date`."""
    if action.due is None:
        return "at once"
    return action.due.text if isinstance(action.due, Moment) else delay_words(action.due, action.due_text)


def reminder_words(reminder: Reminder) -> str:
    """`after 3bd, to manager`"""
    when = reminder.when
    timed = f"at {when.text}" if isinstance(when, Moment) else f"after {delay_words(when, reminder.text)}"
    return timed + (f", to {value_words(reminder.to)}" if reminder.to is not None else "")


def fallback_words(fallback: Fallback) -> str:
    """`task "Find the address"`"""
    title = f' "{value_words(fallback.title)}"' if fallback.title is not None else ""
    template = f" (template {value_words(fallback.template)})" if fallback.template is not None else ""
    return f"{fallback.kind}{title}{template}"


def suppress_words(suppress: Suppress) -> str:
    """`no contact with the account for 90d`"""
    whom = "account" if suppress.scope == "account" else "contact"
    by = f" by {suppress.channel}" if suppress.channel else ""
    lasting = f" for {value_words(suppress.lasting)}" if suppress.lasting is not None else ""
    return f"no contact with the {whom}{by}{lasting}"


def limit_words(limit: Limit) -> str:
    """`4 touches per 30d, gap 2d`"""
    parts = [f"{limit.touches} touches per {value_words(limit.per)}"] if limit.touches is not None else []
    parts += [f"gap {value_words(limit.gap)}"] if limit.gap is not None else []
    parts += [f"{limit.unanswered} unanswered"] if limit.unanswered is not None else []
    parts += [f"only in {limit.hours}"] if limit.hours else []
    return (f"{limit.kind}: " if limit.kind else "") + ", ".join(parts)
