"""How many deals have come to each ending by each day, with every deal counted for as long as it was watched."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.experiments.statistics import normal
from engine.experiments.statistics.results import checked_level

NOBODY_YET = "nobody came to this ending by then"
EVERYBODY = "everybody came to this ending by then"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One deal: how long it was watched, and the ending it came to; "" if it had come to none when the watch ended."""

    days: float  # 0 or more; any unit, the same for all
    ending: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.days) and self.days >= 0):
            raise ValueError(f"a deal cannot be watched for {self.days} days")


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """The share of deals that came to the ending by this day. Without a range `reason` says why."""

    days: float
    at_risk: int  # deals without an ending just before it
    share: float
    variance: float  # of the share
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A step for each day on which a watch ended. No points without deals."""

    ending: str
    level: float
    points: tuple[Point, ...]
    method: str = "share by day, Aalen-Johansen with log-log interval"
    reason: str = ""

    def at(self, days: float) -> Point | None:
        """What holds on that day: the last step up to it. None before the first step, when the share is 0."""
        place = bisect_right(self.points, days, key=lambda point: point.days)
        return self.points[place - 1] if place else None

    def day_of(self, share: float) -> float | None:
        """The first day by which this share of deals came to the ending; None if that was not seen."""
        return next((point.days for point in self.points if point.share and point.share >= share - 1e-12), None)


def incidence(deals: Iterable[Watched], *, ending: str, level: float = 0.95) -> Curve:
    """The cumulative incidence of `ending` where any other ending forestalls it (Aalen and Johansen, 1978).

    Deals whose watch ends on a day were still at risk when those of the same day came to their endings. Variance: the
    delta method (Dinse and Larson, Biometrika 73:379, 1986, equation 6), which is the binomial's where every deal came
    to an ending; range on the log-log scale. Raises ValueError if `ending` is empty.
    """
    if not ending:
        raise ValueError("an ending needs a name")
    z = normal.critical(checked_level(level))
    points = tuple(_point(*step, z) for step in _steps(_by_day(deals), ending))
    return Curve(ending=ending, level=level, points=points, reason="" if points else "there are no deals")


def _by_day(deals: Iterable[Watched]) -> dict[float, Counter[str]]:
    days: dict[float, Counter[str]] = {}
    for deal in deals:
        days.setdefault(deal.days, Counter())[deal.ending] += 1
    return dict(sorted(days.items()))


def _steps(days: dict[float, Counter[str]], ending: str) -> Iterator[tuple[float, int, float, float]]:
    """(day, at risk, share, variance). The three sums are those of the variance, multiplied out by the share."""
    at_risk = sum(counts.total() for counts in days.values())
    share, remaining = 0.0, 1.0
    plain = linear = square = 0.0
    for day, counts in days.items():
        ended, this = counts.total() - counts[""], counts[ending]
        share += remaining * this / at_risk
        hazard = ended / (at_risk * (at_risk - ended)) if ended < at_risk else 0.0  # afterwards nobody is left anyway
        jump = remaining * this / at_risk**2
        plain += hazard
        linear += share * hazard + jump
        square += share**2 * hazard + 2 * share * jump + remaining * jump * (at_risk - this) / at_risk
        remaining *= 1 - ended / at_risk
        yield day, at_risk, share, max(share**2 * plain - 2 * share * linear + square, 0.0)
        at_risk -= counts.total()


def _point(days: float, at_risk: int, share: float, variance: float, z: float) -> Point:
    share = 1.0 if share > 1 - 1e-12 else share
    if share in (0.0, 1.0):
        reason = EVERYBODY if share else NOBODY_YET
        return Point(days=days, at_risk=at_risk, share=share, variance=0.0, reason=reason)
    power = math.exp(z * math.sqrt(variance) / (share * -math.log(share)))
    return Point(
        days=days, at_risk=at_risk, share=share, variance=variance, low=share**power, high=share ** (1 / power)
    )
