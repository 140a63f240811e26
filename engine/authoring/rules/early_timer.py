"""A delay may be over before an action of the same state can be due.

A call is made only in working hours and after the contact's last touch has faded. If the state is left before that, the
call never takes place and nobody notices. Give the delay more time.

    actions:
      ask: {kind: call, title: Ask, due: 1bd}
    transitions:
      - {after: 7bd, to: thank_you}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import leaves, states
from engine.core.building.findings import Finding
from engine.core.durations import Duration
from engine.core.model import Action, After, Playbook, Transition
from engine.core.values import Literal
from engine.core.world import World

_DAYS = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "mo": 28.0, "y": 365.0}


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        for way in state.transitions:
            for action in state.actions:
                if _may_miss(way, action, _closed(action, playbook, context.world)):
                    yield Finding(
                        path=(*way.path, "after"),
                        rule="early-timer",
                        message=f"this may be over before {action.name!r} can be due ({action.due_text})",
                        hint="give it more time, or leave by `all_closed`",
                        level="warning",
                    )


def _closed(action: Action, playbook: Playbook, world: World) -> float:
    """Days: the longest that the hours of the action are closed in an ordinary week, and a holiday beside it."""
    hours = world.windows.get(action.window or "") or world.calendar_named(playbook.calendar)
    week = "".join("1" if spans else "0" for spans in hours.hours.days)
    longest = max((len(run) for run in (week * 2).split("1")), default=0)
    return min(longest, 7) + 1 + bool(hours.holidays)


def _may_miss(way: Transition, action: Action, closed: float) -> bool:
    if not isinstance(way.cause, After) or not leaves(way) or action.keep or not action.customer_facing:
        return False
    timer, due = _duration(way.cause.delay), _duration(action.due)
    if timer is None or due is None:
        return False
    if timer.unit == due.unit and timer.unit in ("bd", "bh"):
        return timer.amount <= due.amount
    return _shortest(timer) <= _longest(due) + (0 if timer.unit in ("bd", "bh") else closed)


def _duration(value: object) -> Duration | None:
    """The duration as written; at once is none of any; what depends on the deal is not judged."""
    if value is None:
        return Duration(amount=0, unit="bd")
    content = value.content if isinstance(value, Literal) else None
    return content if isinstance(content, Duration) else None


def _shortest(duration: Duration) -> float:
    if duration.unit == "bd":
        return float(duration.amount + 2 * (duration.amount // 5))
    return duration.amount / 24 if duration.unit == "bh" else duration.amount * _DAYS[duration.unit]


def _longest(duration: Duration) -> float:
    if duration.unit == "bd":
        return float(duration.amount + 2 * -(-duration.amount // 5))
    if duration.unit == "bh":
        return duration.amount / 8 + 2 * -(-duration.amount // 40)
    return duration.amount * (1.1 if duration.unit == "mo" else 1.0) * _DAYS[duration.unit]
