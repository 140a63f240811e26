"""How many deals an experiment needs, and what it can tell with those it will get."""

from __future__ import annotations

import math

from engine.experiments.statistics import normal
from engine.experiments.statistics.results import checked_level


def power(*, base: float, other: float, per_arm: float, alpha: float = 0.05) -> float:
    """How often a two-sided test finds the difference between these shares, 0 to 1, with `per_arm` deals in each arm.

    R's power.prop.test; 0 where both are 0 or both 1: such arms never differ, and nothing is ever declared. Raises
    ValueError for what is no share, or fewer than no deals.
    """
    _check_shares(base, other)
    if per_arm < 0:
        raise ValueError(f"an arm cannot have {per_arm} deals")
    together, apart = _deviations(base, other)
    if not together:
        return 0.0
    reach = math.sqrt(per_arm) * abs(other - base) - normal.critical(1 - checked_level(alpha)) * together
    if not apart:  # 0 against 1: found for sure as soon as it is found at all
        return float(reach >= 0)
    return normal.upper_tail(-reach / apart)


def needed_per_arm(*, base: float, other: float, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The deals that each arm needs (a broken number: round up). None if the shares are equal: no number is enough.

    R's power.prop.test, solved for n. Raises ValueError for what is no share.
    """
    _check_shares(base, other)
    checked_level(power)
    if base == other:
        return None
    together, apart = _deviations(base, other)
    reach = normal.critical(1 - checked_level(alpha)) * together + normal.upper_point(1 - power) * apart
    return (max(reach, 0.0) / (other - base)) ** 2


def detectable(*, base: float, per_arm: float, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest share above `base` that is found with this power. None if even all deals won would not be."""
    _check_shares(base, base)
    checked_level(power)
    low, high = base, 1.0
    if base == 1 or not _enough(base, high, per_arm, power, alpha):
        return None
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if _enough(base, middle, per_arm, power, alpha) else (middle, high)
    return high


def _enough(base: float, other: float, per_arm: float, power: float, alpha: float) -> bool:
    needed = needed_per_arm(base=base, other=other, power=power, alpha=alpha)
    return needed is not None and needed <= per_arm


def _deviations(base: float, other: float) -> tuple[float, float]:
    """The standard deviation of a difference of two deals if the shares are alike, and if they are as given."""
    mean = (base + other) / 2
    return math.sqrt(2 * mean * (1 - mean)), math.sqrt(base * (1 - base) + other * (1 - other))


def _check_shares(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies between 0 and 1 (0.05), not {share}")
