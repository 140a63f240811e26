"""Repeated intervals: ranges that hold at all looks together, and so agree with the boundaries."""

from __future__ import annotations

from collections.abc import Iterable

from engine.experiments.statistics.boundaries import Look
from engine.experiments.statistics.results import Interval, checked_level, symmetric
from engine.experiments.statistics.score import score_difference
from engine.experiments.statistics.strata import Stratum


def repeated_interval(*, estimate: float, standard_error: float, look: Look, alpha: float = 0.05) -> Interval:
    """`estimate` ± the look's bound times `standard_error` (Jennison and Turnbull, J. R. Stat. Soc. B 51:305, 1989).

    `alpha` is that of the boundaries. A look without a bound has no range.
    """
    method = "repeated interval, valid at every look"
    level = 1 - checked_level(alpha)
    if look.bound is None:
        return Interval(level=level, method=method, estimate=estimate, reason=look.reason)
    margin = look.bound * standard_error
    return symmetric(level=level, method=method, estimate=estimate, margin=margin, standard_error=standard_error)


def repeated_difference(strata: Iterable[Stratum], *, look: Look, alpha: float = 0.05) -> Interval:
    """B's share minus A's within strata: the differences that the score test does not refuse at the look's bound.

    Zero lies outside exactly if the test of the look is beyond its bound. `alpha` is that of the boundaries.
    """
    method = "difference of shares within strata, repeated score interval, valid at every look"
    level = 1 - checked_level(alpha)
    return score_difference(strata, bound=look.bound, level=level, method=method, reason=look.reason)
