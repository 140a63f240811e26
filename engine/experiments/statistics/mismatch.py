"""Did the arms get the shares of deals they were meant to get? If not, deals were lost, and no verdict holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.experiments.statistics import chi_square

THRESHOLD = 0.001  # of p, as GrowthBook: rarer than once in a thousand sound experiments
FEWEST = 8.0  # deals expected in each arm; with fewer the chi-square is no guide


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """`flagged`: the experiment is invalid. None for `p`: not enough deals to tell, and `reason` says so."""

    flagged: bool
    statistic: float | None = None
    degrees: int | None = None
    p: float | None = None
    method: str = "sample ratio, chi-square test"
    reason: str = ""


def sample_ratio_mismatch(
    observed: Mapping[str, int], expected: Mapping[str, float], *, threshold: float = THRESHOLD, fewest: float = FEWEST
) -> Mismatch:
    """Deals per arm against what was to be expected.

    `expected`: per arm the weight, or the sum of the probabilities recorded at enrolment; scaled to the deals observed.
    An arm that should have none and has some is flagged at once. Raises ValueError for negative or no expectations.
    """
    total, weights = sum(observed.values()), math.fsum(expected.values())
    if min(observed.values(), default=0) < 0 or min(expected.values(), default=0) < 0 or not math.isfinite(weights):
        raise ValueError("counts and expectations cannot be negative or infinite")
    stray = sorted(arm for arm, count in observed.items() if count and not expected.get(arm))
    if stray:
        return Mismatch(flagged=True, p=0.0, reason=f"deals in an arm that should have none: {', '.join(stray)}")
    shares = {arm: weight / weights * total for arm, weight in expected.items() if weight}
    if len(shares) < 2:
        return Mismatch(flagged=False, reason="fewer than two arms are given deals")
    if min(shares.values()) < fewest:
        return Mismatch(flagged=False, reason=f"fewer than {fewest:g} deals expected in an arm: too few to tell")
    statistic = math.fsum((observed.get(arm, 0) - share) ** 2 / share for arm, share in shares.items())
    degrees = len(shares) - 1
    p = chi_square.upper_tail(statistic, degrees)
    return Mismatch(flagged=p < threshold, statistic=statistic, degrees=degrees, p=p)
