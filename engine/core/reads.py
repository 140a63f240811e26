"""Everything that a step did not compute itself, by name: asked once, written down, and fed back in a replay.

A `Source` (core/view.py) knows one account at one instant. A replay has no source: the recorded answers are all there
is, and a question that was not asked then is a `ReplayMismatch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.core.conditions import Count, Direction
from engine.core.enrolment import Instant
from engine.core.model import Action, Moment


class ReplayMismatch(Exception):
    """A replay asked what the step did not ask when it happened."""


class Source(Protocol):
    """The world of one enrolment at one instant. Every answer is a JSON value."""

    def value(self, name: str, contact: str) -> Any: ...
    def elapsed(self, fact: str, direction: Direction, duration: str) -> int: ...
    def date_order(self, fact: str, other: str) -> int: ...
    def count(self, count: Count, within: str, contact: str) -> int: ...
    def after(self, duration: str, base: Instant, whose: str) -> Instant: ...
    def moment(self, moment: Moment, date: str, offset: str, whose: str) -> Instant | None: ...
    def scheduled(self, schedule: str, after: Instant) -> Instant: ...
    def contact(self, role: str) -> str: ...
    def slot(self, action: Action, kind: str, contact: str, assignee: str, at: Instant) -> Instant | None: ...
    def refused(self, kind: str, contact: str, at: Instant) -> str: ...
    def reach(self, kind: str, contact: str) -> str: ...
    def permit(self, action: Action, kind: str, contact: str, assignee: str, at: Instant, hours: bool) -> list[Any]: ...
    def person(self, wanted: Any, at: Instant) -> str: ...
    def deadline(self, assignee: str, at: Instant) -> Instant: ...
    def left(self, unit: str, since: Instant, until: Instant, whose: str) -> str: ...
    def resume(self, left: str, at: Instant, whose: str) -> Instant: ...


class Reads:
    """The reads of one step. `made` maps a question to its answer."""

    __slots__ = ("made", "source")

    def __init__(self, source: Source | None, made: dict[str, Any] | None = None) -> None:
        self.source = source
        self.made: dict[str, Any] = {} if made is None else made

    def ask(self, key: str, answer: Callable[[Source], Any]) -> Any:
        """The answer to `key`, computed the first time."""
        if key in self.made:
            return self.made[key]
        if self.source is None:
            raise ReplayMismatch(key)
        found = self.made[key] = answer(self.source)
        return found

    def value(self, name: str, contact: str = "") -> Any:
        key = f"{name}@{contact}" if contact else name
        made = self.made
        if key in made:
            return made[key]
        return self.ask(key, lambda source: source.value(name, contact))

    def elapsed(self, fact: str, direction: Direction, duration: str) -> int:
        """-1, 0, 1: the time since (until) the date fact is less than, equal to, more than the duration."""
        return int(self.ask(f"{direction} {fact} {duration}", lambda source: source.elapsed(fact, direction, duration)))

    def date_order(self, fact: str, other: str) -> int:
        """-1, 0, 1: the date fact is before, at, after the other."""
        return int(self.ask(f"order {fact} {other}", lambda source: source.date_order(fact, other)))

    def count(self, count: Count, within: str, contact: str) -> int:
        """How many events, in the duration `within` ("" for all time)."""
        where = ",".join(f"{name} {operator} {operand}" for name, operator, operand in count.where)
        key = f"count {count.of} {within} {count.origin} {where}"
        return int(self.ask(key, lambda source: source.count(count, within, contact)))

    def after(self, duration: str, base: Instant, whose: str = "") -> Instant:
        """`duration` after `base`, in the zone of the deal, or of `whose` (contact:ID, person:ID)."""
        key = f"after {duration} {base} {whose}" if whose else f"after {duration} {base}"
        return int(self.ask(key, lambda source: source.after(duration, base, whose)))

    def moment(self, moment: Moment, date: str, offset: str, whose: str = "") -> Instant | None:
        """The instant of a date fact, moved; None when it is no date."""
        key = f"moment {moment.text} {date} {whose}"
        found: Instant | None = self.ask(key, lambda source: source.moment(moment, date, offset, whose))
        return found

    def scheduled(self, schedule: str, after: Instant) -> Instant:
        return int(self.ask(f"schedule {schedule} {after}", lambda source: source.scheduled(schedule, after)))

    def contact(self, role: str) -> str:
        return str(self.ask(f"contact {role}", lambda source: source.contact(role)))

    def slot(self, action: Action, kind: str, contact: str, assignee: str, at: Instant) -> Instant | None:
        key = f"slot {action.name} {kind} {contact} {assignee} {at}"
        found: Instant | None = self.ask(key, lambda source: source.slot(action, kind, contact, assignee, at))
        return found

    def refused(self, kind: str, contact: str, at: Instant) -> str:
        """Why `contact` will not be reached by `kind` at `at`, as far as is known now; "" if nothing forbids it."""
        key = f"refused {kind} {contact} {at}"
        return str(self.ask(key, lambda source: source.refused(kind, contact, at)))

    def reach(self, kind: str, contact: str) -> str:
        """Why `contact` may not or cannot be reached by `kind`; "" if it may."""
        return str(self.ask(f"reach {kind} {contact}", lambda source: source.reach(kind, contact)))

    def permit(
        self, action: Action, kind: str, contact: str, assignee: str, at: Instant, hours: bool = True
    ) -> list[Any]:
        """["now"], ["later", instant, why] or ["never", why]; without `hours` only the limits are asked."""
        key = f"permit {action.name} {kind} {contact} {at}" if hours else f"limits {action.name} {kind} {contact} {at}"
        return list(self.ask(key, lambda source: source.permit(action, kind, contact, assignee, at, hours)))

    def person(self, wanted: Any, at: Instant) -> str:
        return str(self.ask(f"person {wanted}", lambda source: source.person(wanted, at)))

    def deadline(self, assignee: str, at: Instant) -> Instant:
        return int(self.ask(f"deadline {assignee} {at}", lambda source: source.deadline(assignee, at)))

    def left(self, unit: str, since: Instant, until: Instant, whose: str = "") -> str:
        key = f"left {unit} {since} {until} {whose}"
        return str(self.ask(key, lambda source: source.left(unit, since, until, whose)))

    def resume(self, left: str, at: Instant, whose: str = "") -> Instant:
        return int(self.ask(f"resume {left} {at} {whose}", lambda source: source.resume(left, at, whose)))
