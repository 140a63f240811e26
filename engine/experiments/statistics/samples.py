"""How many deals an experiment needs, and what it can tell with those it will get."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.experiments.statistics import normal
from engine.experiments.statistics.results import checked_level


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """Deals of one stratum in the arm whose share is `other`, and in the one whose share is `base`."""

    other: float
    base: float

    @property
    def weight(self) -> float:
        """Of the stratum in the Cochran-Mantel-Haenszel test: n_A n_B / (n_A + n_B)."""
        return self.other * self.base / (self.other + self.base) if self.other and self.base else 0.0


_ONE_EACH = (Sizes(other=1, base=1),)


def power(*, base: float, other: float, per_arm: float, alpha: float = 0.05) -> float:
    """How often a two-sided test finds the difference between these shares, 0 to 1, with `per_arm` deals in each arm.

    R's power.prop.test; 0 where both are 0 or both 1: such arms never differ, and nothing is ever declared. Raises
    ValueError for what is no share, or fewer than no deals.
    """
    if per_arm < 0:
        raise ValueError(f"an arm cannot have {per_arm} deals")
    return power_of(base=base, other=other, sizes=[Sizes(other=per_arm, base=per_arm)], alpha=alpha)


def power_of(*, base: float, other: float, sizes: Sequence[Sizes], alpha: float = 0.05) -> float:
    """The same with arms of these `sizes`, stratum by stratum: how often the stratified test finds the difference."""
    _check_shares(base, other)
    weight, together, apart = _deviations(base, other, sizes)
    if not together:
        return 0.0
    reach = weight * abs(other - base) - normal.critical(1 - checked_level(alpha)) * together
    if not apart:  # 0 against 1: found for sure as soon as it is found at all
        return float(reach >= 0)
    return normal.upper_tail(-reach / apart)


def needed_per_arm(*, base: float, other: float, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The deals that each of two even arms needs (a broken number: round up). None if the shares are equal: no number
    is enough.

    R's power.prop.test, solved for n. Raises ValueError for what is no share.
    """
    return times_needed(base=base, other=other, sizes=_ONE_EACH, power=power, alpha=alpha)


def times_needed(
    *, base: float, other: float, sizes: Sequence[Sizes], power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """How many times the deals of `sizes` it takes. None if no number is enough: the shares are equal, or in no stratum
    there are two arms."""
    _check_shares(base, other)
    checked_level(power)
    weight, together, apart = _deviations(base, other, sizes)
    if base == other or not weight:
        return None
    reach = normal.critical(1 - checked_level(alpha)) * together + normal.upper_point(1 - power) * apart
    return (max(reach, 0.0) / (weight * (other - base))) ** 2


def detectable(*, base: float, per_arm: float, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest share above `base` that is found with this power, with `per_arm` deals in each arm. None if even all
    deals won would not be."""
    return detectable_of(base=base, sizes=[Sizes(other=per_arm, base=per_arm)], power=power, alpha=alpha)


def detectable_of(*, base: float, sizes: Sequence[Sizes], power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The same with arms of these `sizes`. It matters which arm is the small one: the test takes the variance of both
    arms together, which is too small where the arm with the higher share is small, and too large where it is large."""
    _check_shares(base, base)
    checked_level(power)
    low, high = base, 1.0
    if base == 1 or not _enough(base, high, sizes, power, alpha):
        return None
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if _enough(base, middle, sizes, power, alpha) else (middle, high)
    return high


def _enough(base: float, other: float, sizes: Sequence[Sizes], power: float, alpha: float) -> bool:
    times = times_needed(base=base, other=other, sizes=sizes, power=power, alpha=alpha)
    return times is not None and times <= 1


def _deviations(base: float, other: float, sizes: Sequence[Sizes]) -> tuple[float, float, float]:
    """The sum of the weights; and the standard deviation of the weighted sum of differences, as the test takes it (the
    shares are alike), and as it is (they are as given)."""
    alike = apart = 0.0
    for one in sizes:
        if weight := one.weight:
            mean = (one.other * other + one.base * base) / (one.other + one.base)
            alike += weight * mean * (1 - mean)
            apart += weight**2 * (other * (1 - other) / one.other + base * (1 - base) / one.base)
    return math.fsum(one.weight for one in sizes), math.sqrt(alike), math.sqrt(apart)


def _check_shares(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies between 0 and 1 (0.05), not {share}")
