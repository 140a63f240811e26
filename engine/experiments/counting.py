"""Who counts at a look, and who did what is counted: of any import, in no time.

Each unit is looked at once; a count at an import is then a search in two sorted lines.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.core.durations import Instant
from engine.core.experiment import Metric
from engine.core.zones import start_of_day
from engine.experiments.records import Unit
from engine.experiments.statistics.means import Sample
from engine.experiments.statistics.results import Tally
from engine.experiments.statistics.samples import Sizes
from engine.experiments.statistics.strata import Stratum

Place: TypeAlias = tuple[str, int]  # (team, phase): within a place all units were drawn with the same weights

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Counts:
    """The units of one arm in one place, as instants that rise: `mature`, the windows that are over; `told`, those of
    them whose event was on record."""

    mature: list[Instant] = field(default_factory=list)
    told: list[Instant] = field(default_factory=list)

    def at(self, made: Instant) -> Tally:
        """As of the import that was made then."""
        return Tally(yes=bisect_right(self.told, made), of=bisect_right(self.mature, made))


Cohort: TypeAlias = Mapping[Place, Mapping[str, Counts]]


def window_of(metric: Metric, zone: ZoneInfo) -> Callable[[date], tuple[date, Instant]]:
    """Of a day of drawing: the last day that counts, and the instant from which it is over."""

    @cache
    def window(drawn_on: date) -> tuple[date, Instant]:
        last = metric.last_day(drawn_on)
        return last, start_of_day(last + _DAY, zone)

    return window


def cohort(units: Iterable[Unit], metric: Metric, zone: ZoneInfo) -> Cohort:
    """The counts of a metric, by place and arm."""
    window = window_of(metric, zone)
    found: dict[Place, dict[str, Counts]] = {}
    for unit in units:
        last, over = window(unit.drawn_on)
        mature = max(over, unit.drawn_at)
        counts = found.setdefault((unit.team, unit.phase), {}).setdefault(unit.arm, Counts())
        counts.mature.append(mature)
        told = told_at(unit, metric.event, last)
        if told is not None:
            counts.told.append(max(mature, told))
    for arms in found.values():
        for counts in arms.values():
            counts.mature.sort()
            counts.told.sort()
    return {place: found[place] for place in sorted(found)}


def told_at(unit: Unit, event: str, last: date) -> Instant | None:
    """Since when it is on record that the event happened to the unit by the last day that counts."""
    if not unit.happened:
        return None
    return min(
        (one.recorded_at for one in unit.happened if one.event == event and unit.drawn_on <= one.on <= last),
        default=None,
    )


_NONE = Counts()


def strata_at(counted: Cohort, made: Instant | None, *, b: str, a: str) -> list[Stratum]:
    """Arm `b` against arm `a` in each place, as of the import made then; nothing where there was none."""
    if made is None:
        return []
    return [
        Stratum(b=arms.get(b, _NONE).at(made), a=arms.get(a, _NONE).at(made), name=place[0])
        for place, arms in counted.items()
        if b in arms or a in arms
    ]


def added_up(strata: Iterable[Stratum]) -> tuple[Tally, Tally]:
    """(B, A) of all strata that have units of both."""
    both = [stratum for stratum in strata if stratum.randomised]
    b = Tally(yes=sum(one.b.yes for one in both), of=sum(one.b.of for one in both))
    a = Tally(yes=sum(one.a.yes for one in both), of=sum(one.a.of for one in both))
    return b, a


def shares_alike(strata: Iterable[Stratum]) -> tuple[float, float] | None:
    """(B, A): the shares if each team had the same weight in both arms, by its information. Their difference is the
    stratified difference, which that of the plain shares need not be. None where nothing can be compared."""
    both = [stratum for stratum in strata if stratum.randomised]
    total = math.fsum(stratum.information for stratum in both)
    if not total:
        return None
    if len(both) == 1:
        return both[0].b.yes / both[0].b.of, both[0].a.yes / both[0].a.of
    b = math.fsum(one.information * one.b.yes / one.b.of for one in both) / total
    a = math.fsum(one.information * one.a.yes / one.a.of for one in both) / total
    return min(b, 1.0), min(a, 1.0)  # where all did it, a rounding may lead beyond


def sizes_of(strata: Iterable[Stratum]) -> list[Sizes]:
    return [Sizes(other=one.b.of, base=one.a.of) for one in strata if one.randomised]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the mature units of one arm took, in the order in which they matured: sums, to be had at any import."""

    mature: Sequence[Instant]
    sums: Sequence[int]
    squares: Sequence[int]

    def at(self, made: Instant) -> Sample:
        size = bisect_right(self.mature, made)
        if not size:
            return Sample(size=0, mean=0.0, variance=0.0)
        total, squares = self.sums[size - 1], self.squares[size - 1]
        spread = (size * squares - total * total) / size  # whole numbers: nothing is lost
        return Sample(size=size, mean=total / size, variance=spread / max(size - 1, 1))


def amounts(units: Iterable[Unit], metric: Metric, zone: ZoneInfo) -> dict[str, Amounts]:
    """By arm: how many actions were handed out for each unit within the metric's window."""
    window = window_of(metric, zone)
    found: dict[str, list[tuple[Instant, int]]] = {}
    for unit in units:
        last, over = window(unit.drawn_on)
        handed = sum(1 for one in unit.handed if unit.drawn_on <= one.on <= last and one.at < over)
        found.setdefault(unit.arm, []).append((max(over, unit.drawn_at), handed))
    return {arm: _amounts(sorted(values)) for arm, values in found.items()}


def _amounts(values: Sequence[tuple[Instant, int]]) -> Amounts:
    total, squares = 0, 0
    sums, squared = [], []
    for _, value in values:
        total, squares = total + value, squares + value * value
        sums.append(total)
        squared.append(squares)
    return Amounts([over for over, _ in values], sums, squared)
