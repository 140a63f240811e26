"""Ranges that hold whenever one looks, without a plan: for experiments that declare no end.

Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv:2103.06476), the ones of
GrowthBook's sequential test. They cost about twice the deals of planned looks.
"""

from __future__ import annotations

import math

from engine.experiments.statistics.means import Sample
from engine.experiments.statistics.results import NO_DEALS, NO_SPREAD, NOT_IN_A, Interval, checked_level, symmetric


def sequence_difference(*, b: Sample, a: Sample, expected: int, alpha: float = 0.05) -> Interval:
    """B's mean minus A's. `expected`: the deals of both arms together at which the range shall be narrowest."""
    method = "difference, asymptotic confidence sequence, valid at every look"
    if not (a.size and b.size):
        return Interval(level=1 - checked_level(alpha), method=method, reason=NO_DEALS)
    error = math.sqrt(b.variance / b.size + a.variance / a.size)
    return sequence(
        method=method,
        estimate=b.mean - a.mean,
        standard_error=error,
        observed=a.size + b.size,
        expected=expected,
        alpha=alpha,
    )


def sequence_lift(*, b: Sample, a: Sample, expected: int, alpha: float = 0.05) -> Interval:
    """B's mean relative to A's, minus 1: 0.5 is half as much again. Variance by the delta method."""
    method = "lift, asymptotic confidence sequence, valid at every look"
    if not (a.size and b.size):
        return Interval(level=1 - checked_level(alpha), method=method, reason=NO_DEALS)
    if a.mean <= 0:
        return Interval(level=1 - checked_level(alpha), method=method, reason=NOT_IN_A)
    variance = b.variance / (a.mean**2 * b.size) + a.variance * b.mean**2 / (a.mean**4 * a.size)
    return sequence(
        method=method,
        estimate=b.mean / a.mean - 1,
        standard_error=math.sqrt(variance),
        observed=a.size + b.size,
        expected=expected,
        alpha=alpha,
    )


def sequence(
    *, method: str, estimate: float, standard_error: float, observed: int, expected: int, alpha: float = 0.05
) -> Interval:
    """Any estimate with its standard error after `observed` deals: the range (their equation 9) and the p (155).

    Raises ValueError unless `expected` and `observed` are at least 1.
    """
    level = 1 - checked_level(alpha)
    bound = sequence_bound(observed=observed, expected=expected, alpha=alpha)
    if standard_error <= 0:
        return Interval(level=level, method=method, estimate=estimate, reason=NO_SPREAD)
    return symmetric(
        level=level,
        method=method,
        estimate=estimate,
        margin=bound * standard_error,
        standard_error=standard_error,
        p=sequence_p(estimate / standard_error, observed=observed, expected=expected, alpha=alpha),
    )


def sequence_bound(*, observed: float, expected: float, alpha: float = 0.05) -> float:
    """How large |z| must be after `observed` deals: the range of their equation 9, in standard errors.

    Raises ValueError unless `expected` and `observed` are at least 1.
    """
    spread = _spread(observed, expected, alpha)
    return math.sqrt(2 * spread / (spread - 1) * math.log(math.sqrt(spread) / alpha))


def sequence_p(z: float, *, observed: float, expected: float, alpha: float = 0.05) -> float:
    """The p that may be read at every look (their equation 155): below `alpha` exactly if |z| is beyond the bound.

    Raises ValueError unless `expected` and `observed` are at least 1.
    """
    spread = _spread(observed, expected, alpha)
    against = z**2 * (spread - 1) / (2 * spread) - math.log(spread) / 2
    return math.exp(-against) if against > 0 else 1.0


def _spread(observed: float, expected: float, alpha: float) -> float:
    if min(expected, observed) < 1:
        raise ValueError(f"{observed} deals seen and {expected} expected: both must be at least 1")
    return 1 + observed * _tuning(checked_level(alpha)) / expected


def _tuning(alpha: float) -> float:
    """Their rho squared (equation 161), times the expected deals."""
    twice = -2 * math.log(alpha)
    return twice + math.log(twice + 1)
