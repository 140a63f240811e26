"""What would have to be so for a condition to hold: the values to give to a sample deal, or to an event.

Only what is written in the condition counts. What cannot be arranged (a score, a field compared with another field) is
left out; whoever asks tries the wish and sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice, product
from typing import Any

from engine.core.conditions import AllOf, AnyOf, Clause, Condition, Count, Elapsed, Not
from engine.core.delays import add, subtract
from engine.core.durations import Duration, Instant, parse_duration
from engine.core.values import Literal, resolve
from engine.core.view import View
from engine.core.zones import date_text, local_date

_MOST = 256  # combinations looked at
_DAY = 86_400  # seconds
CURRENCY = "USD"  # of an amount for which the condition names none


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Canonical name -> value (None: empty), and what has to have happened before."""

    values: dict[str, Any] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishing:
    """`view` knows the time and the calendar; `sample` gives any value to a field that only must not be empty."""

    view: View
    sample: Callable[[str], Any]

    @property
    def now(self) -> Instant:
        return self.view.at

    def wishes(self, condition: Condition | None) -> Iterator[Wish]:
        """Ways to make `condition` hold, the one nearest to what is written first; at most a few hundred."""
        return islice(self._wishes(condition), _MOST)

    def _wishes(self, condition: Condition | None) -> Iterator[Wish]:
        if condition is None:
            yield Wish()
        elif isinstance(condition, AllOf):
            for parts in product(*(list(self.wishes(part)) for part in condition.parts)):
                yield _together(parts)
        elif isinstance(condition, AnyOf):
            for part in condition.parts:
                yield from self._wishes(part)
        elif isinstance(condition, Not):
            yield from self._wishes(_opposite(condition.part))
        elif isinstance(condition, Clause):
            yield from (Wish(values=values) for values in self._clause(condition))
        elif isinstance(condition, Elapsed):
            yield Wish(values=self._elapsed(condition))
        else:
            yield Wish(counts=(condition,) if condition.operator in ("at_least", "more_than", "is") else ())

    # --- one question ------------------------------------------------------------------------------------------------

    def _clause(self, clause: Clause) -> Iterator[dict[str, Any]]:
        wanted = resolve(clause.operand, lambda _name: None)
        if clause.name.startswith("params."):
            yield {}  # no deal can change what a parameter is
            return
        if clause.operator == "is_empty":
            yield {clause.name: None if wanted else self.sample(clause.name)}
        elif wanted is None or clause.operator in ("is_not", "none_of"):
            yield {}  # an empty field is not anything
        elif clause.operator == "any_of":
            yield from ({clause.name: _typed(clause, one)} for one in wanted)
        elif clause.operator in ("before", "after"):
            yield {clause.name: _day_beside(str(wanted), 1 if clause.operator == "after" else -1)}
        else:
            yield {clause.name: _typed(clause, _moved(wanted, clause.operator))}

    def _elapsed(self, part: Elapsed) -> dict[str, Any]:
        wanted = resolve(part.operand, lambda _name: None)
        if wanted is None:
            return {}
        delay = wanted if isinstance(wanted, Duration) else parse_duration(str(wanted))
        where, calendar = self.view.zone_of(), self.view.calendar
        if part.direction == "since" and part.operator in ("at_most", "less_than"):
            return {part.name: local_date(self.now, where).isoformat()}
        move = subtract if part.direction == "since" else add
        at = move(self.now, delay, where, calendar)
        further = {"more_than": _DAY, "less_than": -_DAY}.get(part.operator, 0)
        return {part.name: date_text(at + (further if part.direction == "until" else -further))}


def _together(parts: tuple[Wish, ...]) -> Wish:
    values: dict[str, Any] = {}
    for part in parts:
        values.update(part.values)
    return Wish(values=values, counts=tuple(one for part in parts for one in part.counts))


def _moved(wanted: Any, operator: str) -> Any:
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
        return wanted
    return wanted + {"more_than": 1, "less_than": -1}.get(operator, 0)


def _typed(clause: Clause, wanted: Any) -> Any:
    if clause.type == "money" and not isinstance(wanted, (list, tuple)):
        return [wanted, clause.currency or CURRENCY]
    return [wanted] if clause.type == "choices" and not isinstance(wanted, (list, tuple)) else wanted


def _day_beside(text: str, days: int) -> str:
    try:
        return (date.fromisoformat(text[:10]) + timedelta(days=days)).isoformat()
    except ValueError:
        return text


_OPPOSITES = {
    "is": "is_not", "is_not": "is", "any_of": "none_of", "none_of": "any_of", "at_least": "less_than",
    "less_than": "at_least", "at_most": "more_than", "more_than": "at_most", "before": "after", "after": "before",
    "contains": "none_of",
}  # fmt: skip


def _opposite(condition: Condition) -> Condition | None:
    """What has to hold for `condition` not to hold."""
    if isinstance(condition, AllOf):
        return AnyOf(parts=_opposites(condition.parts))
    if isinstance(condition, AnyOf):
        return AllOf(parts=_opposites(condition.parts))
    if isinstance(condition, Not):
        return condition.part
    if condition.operator == "is_empty":
        return replace(condition, operand=Literal(content=not getattr(condition.operand, "content", False)))
    return replace(condition, operator=_OPPOSITES[condition.operator])


def _opposites(parts: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return tuple(found for part in parts if (found := _opposite(part)) is not None)
