"""The standard normal distribution, with tails that keep their digits far out."""

from __future__ import annotations

import math
from statistics import NormalDist

_STANDARD = NormalDist()
_ROOT_2 = math.sqrt(2)


def upper_tail(z: float) -> float:
    """P(Z > z)."""
    return 0.5 * math.erfc(z / _ROOT_2)


def two_sided(z: float) -> float:
    """P(|Z| > |z|): the p value of a z statistic."""
    return math.erfc(abs(z) / _ROOT_2)


def upper_point(p: float) -> float:
    """The z with P(Z > z) = p. Raises ValueError unless 0 < p < 1."""
    return -_STANDARD.inv_cdf(p)  # of p and not of 1 - p, which would lose the digits of a small p


def critical(level: float) -> float:
    """The z that a two-sided interval of this level reaches to: 1.96 for 0.95."""
    return upper_point((1 - level) / 2)
