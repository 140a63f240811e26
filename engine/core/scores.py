"""Scores: points for what holds, added up when they are read, with the reason for every point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.core.conditions import Asking, Condition, Direction, Elapsed, holds
from engine.core.durations import Duration
from engine.core.money import minor_digits
from engine.core.values import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Each:
    """Points again and again: for each `size` of a number or an amount, or each `span` of elapsed time."""

    name: str  # canonical field
    size: float = 1
    currency: str = ""  # of an amount; "" counts every currency as it is written
    span: Duration | None = None
    direction: Direction = "since"
    at_most: int = 1  # how often


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """One line of a score."""

    points: float
    because: str
    condition: Condition | None = None
    each: Each | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    name: str
    lines: tuple[Points, ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """`breakdown`: the points of each line that gave some, with its reason."""

    total: float
    breakdown: tuple[tuple[float, str], ...] = field(default=())


def scored(score: Score, asking: Asking) -> Scored:
    """The points that `score` gives now."""
    found = [(_plain(line.points * _times(line, asking)), line.because) for line in score.lines]
    breakdown = tuple(pair for pair in found if pair[0])
    return Scored(total=_plain(sum(points for points, _ in breakdown)), breakdown=breakdown)


def _times(line: Points, asking: Asking) -> int:
    if not holds(line.condition, asking):
        return 0
    return 1 if line.each is None else _times_each(line.each, asking)


def _times_each(each: Each, asking: Asking) -> int:
    if each.span is not None:
        return _spans(each, each.span, asking)
    found: Any = asking.value(each.name)
    if isinstance(found, (list, tuple)):
        found = _in_units(each, found[0], found[1], asking)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return 0
    return max(0, min(each.at_most, int(found // each.size)))


def _in_units(each: Each, minor: int, currency: str, asking: Asking) -> float | None:
    """An amount in whole units; None if it is in another currency."""
    if each.currency and currency and currency != each.currency:
        asking.other_currency(each.name)
        return None
    return float(minor / 10 ** minor_digits(currency))


def _spans(each: Each, span: Duration, asking: Asking) -> int:
    """How many spans have passed (or are left), counted up to the most that count."""
    passed, beyond = 0, each.at_most + 1
    while beyond - passed > 1:
        times = (passed + beyond) // 2
        order = asking.elapsed(each.name, each.direction, _multiple(span, times))
        if order is None:
            return 0
        passed, beyond = (times, beyond) if order >= 0 else (passed, times)
    return passed


def spans(each: Each) -> Iterator[Elapsed]:
    """The questions on time that `each` asks."""
    if each.span is None:
        return
    for times in range(1, each.at_most + 1):
        span = Literal(content=_multiple(each.span, times))
        yield Elapsed(name=each.name, direction=each.direction, operator="at_least", operand=span)


def _multiple(span: Duration, times: int) -> Duration:
    return Duration(amount=span.amount * times, unit=span.unit)


def _plain(points: float) -> float:
    return int(points) if points == int(points) else round(points, 6)
