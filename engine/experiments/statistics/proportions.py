"""Two shares side by side: how far apart they are, and whether chance alone explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.core.shares import wilson
from engine.experiments.statistics import chi_square, normal
from engine.experiments.statistics.results import (
    NO_DEALS,
    NO_SPREAD,
    NOT_IN_A,
    Interval,
    Significance,
    Tally,
    checked_level,
    symmetric,
)
from engine.experiments.statistics.score import score_difference
from engine.experiments.statistics.strata import Stratum

ALL_ALIKE = "all deals ended alike, so nothing tells the arms apart"


def wilson_interval(tally: Tally, *, level: float = 0.95) -> Interval:
    """One share with its score interval (Wilson 1927): sound for few deals and for shares near 0 and 1."""
    method = "share, Wilson score interval"
    if not tally.of:
        return Interval(level=checked_level(level), method=method, reason="there are no deals")
    low, high = wilson(tally.yes, tally.of, normal.critical(checked_level(level)))
    return Interval(level=level, method=method, estimate=tally.yes / tally.of, low=low, high=high)


def newcombe_interval(*, b: Tally, a: Tally, level: float = 0.95) -> Interval:
    """B's share minus A's, hybrid score interval (Newcombe, Statistics in Medicine 17:873, 1998, method 10)."""
    method = "difference of shares, Newcombe hybrid score interval"
    if not (a.of and b.of):
        return Interval(level=checked_level(level), method=method, reason=NO_DEALS)
    z = normal.critical(checked_level(level))
    share_b, share_a = b.yes / b.of, a.yes / a.of
    (low_b, high_b), (low_a, high_a) = wilson(b.yes, b.of, z), wilson(a.yes, a.of, z)
    difference = share_b - share_a
    low = difference - math.hypot(share_b - low_b, high_a - share_a)
    high = difference + math.hypot(high_b - share_b, share_a - low_a)
    return Interval(level=level, method=method, estimate=difference, low=max(low, -1.0), high=min(high, 1.0))


def score_interval(*, b: Tally, a: Tally, level: float = 0.95) -> Interval:
    """B's share minus A's, the range of differences that the score test does not refuse.

    Miettinen and Nurminen, Statistics in Medicine 4:213, 1985, with their factor N/(N - 1).
    """
    method = "difference of shares, Miettinen-Nurminen score interval"
    if not (a.of and b.of):
        return Interval(level=checked_level(level), method=method, reason=NO_DEALS)
    bound = normal.critical(checked_level(level))
    return score_difference([Stratum(b=b, a=a)], bound=bound, level=level, method=method)


def wald_interval(*, b: Tally, a: Tally, level: float = 0.95) -> Interval:
    """B's share minus A's ± z standard errors, the textbook interval. None for a range if neither arm varies."""
    method = "difference of shares, Wald interval"
    if not (a.of and b.of):
        return Interval(level=checked_level(level), method=method, reason=NO_DEALS)
    difference = b.yes / b.of - a.yes / a.of
    error = math.sqrt(_variance(b) + _variance(a))
    if not error:
        return Interval(level=checked_level(level), method=method, estimate=difference, reason=NO_SPREAD)
    margin = normal.critical(checked_level(level)) * error
    return symmetric(level=level, method=method, estimate=difference, margin=margin, standard_error=error)


def ratio_interval(*, b: Tally, a: Tally, level: float = 0.95) -> Interval:
    """B's share over A's, interval on the log scale (Katz et al., Biometrics 34:469, 1978)."""
    method = "ratio of shares, log interval"
    if not (a.of and b.of):
        return Interval(level=checked_level(level), method=method, reason=NO_DEALS)
    if not (a.yes and b.yes):
        estimate = 0.0 if a.yes else None
        reason = "an arm has none, so the ratio has no range" if a.yes else NOT_IN_A
        return Interval(level=checked_level(level), method=method, estimate=estimate, reason=reason)
    ratio = (b.yes / b.of) / (a.yes / a.of)
    error = math.sqrt(max(1 / b.yes - 1 / b.of + 1 / a.yes - 1 / a.of, 0.0))
    if not error:
        return Interval(level=checked_level(level), method=method, estimate=ratio, reason=NO_SPREAD)
    factor = math.exp(normal.critical(checked_level(level)) * error)
    return Interval(level=level, method=method, estimate=ratio, low=ratio / factor, high=ratio * factor)


def pooled_test(*, b: Tally, a: Tally) -> Significance:
    """z of B's share minus A's with the variance of both arms together."""
    method = "two shares, pooled z test"
    if not (a.of and b.of):
        return Significance(method=method, reason=NO_DEALS)
    pooled = (a.yes + b.yes) / (a.of + b.of)
    if pooled in (0, 1):
        return Significance(method=method, reason=ALL_ALIKE)
    z = (b.yes / b.of - a.yes / a.of) / math.sqrt(pooled * (1 - pooled) * (1 / b.of + 1 / a.of))
    return Significance(method=method, statistic=z, p=normal.two_sided(z))


def equality_test(arms: Sequence[Tally]) -> Significance:
    """Pearson's chi-square of several arms at once: do they differ at all? Arms without deals do not count."""
    method = "equal shares in all arms, chi-square test"
    filled = [arm for arm in arms if arm.of]
    if len(filled) < 2:
        return Significance(method=method, reason="fewer than two arms have deals")
    pooled = sum(arm.yes for arm in filled) / sum(arm.of for arm in filled)
    if pooled in (0, 1):
        return Significance(method=method, reason=ALL_ALIKE)
    statistic = sum((arm.yes - arm.of * pooled) ** 2 / (arm.of * pooled * (1 - pooled)) for arm in filled)
    degrees = len(filled) - 1
    p = chi_square.upper_tail(statistic, degrees)
    return Significance(method=method, statistic=statistic, degrees=degrees, p=p)


def _variance(tally: Tally) -> float:
    """Of the share."""
    return tally.yes * (tally.of - tally.yes) / tally.of**3
