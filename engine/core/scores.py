"""Scores: points for what holds, added up when they are read, with the reason for every point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.core.conditions import Asking, Condition, Direction, Elapsed, holds
from engine.core.durations import Duration
from engine.core.values import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Each:
    """Points again and again: for each `size` (minor units for money) of a number, or each `span` of elapsed time."""

    name: str  # canonical field
    size: float = 1
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
    amount = found[0] if isinstance(found, (list, tuple)) else found
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        return 0
    return max(0, min(each.at_most, int(amount // each.size)))


def _spans(each: Each, span: Duration, asking: Asking) -> int:
    """How many spans have passed (or are left), counted up to the most that count."""
    for times in range(1, each.at_most + 1):
        order = asking.elapsed(each.name, each.direction, _multiple(span, times))
        if order is None or order < 0:
            return times - 1
    return each.at_most


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
