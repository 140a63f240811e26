"""Repeated intervals: ranges that hold at all looks together, and so agree with the boundaries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.experiments.statistics.boundaries import Look
from engine.experiments.statistics.results import Interval, checked_level, symmetric
from engine.experiments.statistics.strata import Stratum, stratified_difference

_ADDED = 0.5  # to each of the four cells: without it the ranges of the first looks are too narrow


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
    """B's share minus A's within strata, with the range that holds at every look; between -1 and 1."""
    fixed = stratified_difference(strata, level=1 - checked_level(alpha), added=_ADDED)
    if fixed.estimate is None or fixed.standard_error is None:
        return fixed
    found = repeated_interval(estimate=fixed.estimate, standard_error=fixed.standard_error, look=look, alpha=alpha)
    if found.low is None:
        return found
    method = "difference of shares within strata, repeated interval, valid at every look"
    return replace(found.clipped(-1.0, 1.0), method=method)
