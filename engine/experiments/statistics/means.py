"""Two means side by side: how many actions a deal takes with B and with A."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.experiments.statistics import normal, student
from engine.experiments.statistics.results import Interval, Tally, checked_level, symmetric

_FARTHEST = 1e-300  # p: a z beyond 37 need not be told apart


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The values of one arm, summed up. `size` deals; `variance` in the unit squared."""

    size: int
    mean: float
    variance: float

    def __post_init__(self) -> None:
        if self.size < 0 or not (math.isfinite(self.mean) and math.isfinite(self.variance) and self.variance >= 0):
            raise ValueError(f"{self.size} deals with mean {self.mean} and variance {self.variance} are no sample")


@dataclass(frozen=True, kw_only=True, slots=True)
class MeanTest:
    """B's mean minus A's. `z` leaves the same p as `t` and is what the boundaries are asked with."""

    interval: Interval
    t: float | None = None
    degrees: float | None = None
    z: float | None = None


def sample(values: Iterable[float]) -> Sample:
    """The sample of these values, its variance with n - 1; 0 for fewer than two values."""
    found = tuple(values)
    if not found:
        return Sample(size=0, mean=0.0, variance=0.0)
    mean = math.fsum(found) / len(found)
    squares = math.fsum((value - mean) ** 2 for value in found)
    return Sample(size=len(found), mean=mean, variance=squares / max(len(found) - 1, 1))


def sample_of(tally: Tally) -> Sample:
    """Each deal as 1 or 0, its variance p(1 - p)."""
    share = tally.share or 0.0
    return Sample(size=tally.of, mean=share, variance=share * (1 - share))


def difference_of_means(*, b: Sample, a: Sample, level: float = 0.95) -> MeanTest:
    """B's mean minus A's with unequal variances (Welch, Biometrika 34:28, 1947)."""
    method = "difference of means, Welch's t test"
    if min(b.size, a.size) < 2:
        return MeanTest(
            interval=Interval(level=checked_level(level), method=method, reason="an arm has fewer than two deals")
        )
    parts = b.variance / b.size, a.variance / a.size
    estimate, variance = b.mean - a.mean, sum(parts)
    if not variance:
        reason = "within each arm all deals have the same value, so the spread is unknown"
        return MeanTest(interval=Interval(level=checked_level(level), method=method, estimate=estimate, reason=reason))
    shares = parts[0] / variance, parts[1] / variance  # and not the squares, which could vanish
    degrees = 1 / (shares[0] ** 2 / (b.size - 1) + shares[1] ** 2 / (a.size - 1))
    error = math.sqrt(variance)
    t = estimate / error
    p = student.two_sided(t, degrees)
    margin = student.critical(checked_level(level), degrees) * error
    interval = symmetric(level=level, method=method, estimate=estimate, margin=margin, standard_error=error, p=p)
    z = math.copysign(normal.upper_point(max(p, _FARTHEST) / 2), t) if t else 0.0
    return MeanTest(interval=interval, t=t, degrees=degrees, z=z)
