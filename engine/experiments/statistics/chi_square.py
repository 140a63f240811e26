"""The upper tail of the chi-square distribution, in its closed form for whole degrees of freedom."""

from __future__ import annotations

import math


def upper_tail(statistic: float, degrees: int) -> float:
    """P(X > statistic) for X chi-square with `degrees` (1, 2, 3 …) of freedom.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4.4 (odd) and 26.4.5 (even): finite sums of positive
    terms, so nothing cancels. Raises ValueError for fewer than one degree.
    """
    if degrees < 1:
        raise ValueError(f"a chi-square has at least one degree of freedom, not {degrees}")
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    odd = degrees % 2
    total = math.erfc(math.sqrt(half)) if odd else math.exp(-half)
    term = math.exp(-half) * (2 * math.sqrt(half / math.pi) if odd else half)
    for index in range(1, (degrees - 1) // 2 + 1):
        total += term
        term *= half / (index + (0.5 if odd else 1))
    return min(total, 1.0)
