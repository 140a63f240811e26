"""Alpha spending: how much of the permitted chance of a false winner may be used up by a share of the plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from engine.experiments.statistics import normal

Spending = Callable[
    [float, float, int], float
]  # (fraction of the plan, alpha, sides) -> alpha that may be spent by then


def obrien_fleming(fraction: float, alpha: float, sides: int) -> float:
    """Hardly anything early, nearly all at the end: the last look costs little more than a test without looks.

    Lan and DeMets, Biometrika 70:659, 1983: two-sided 4(1 - Φ(z_{alpha/4} / √t)), one-sided 2(1 - Φ(z_{alpha/2} / √t)).
    """
    if fraction <= 0:
        return 0.0
    point = normal.upper_point(alpha / (2 * sides))
    return 2 * sides * normal.upper_tail(point / math.sqrt(min(fraction, 1.0)))


def pocock(fraction: float, alpha: float, sides: int) -> float:
    """About the same for each look: alpha ln(1 + (e - 1) t) (Lan and DeMets 1983)."""
    return alpha * math.log1p((math.e - 1) * min(max(fraction, 0.0), 1.0))


SPENDINGS: Mapping[str, Spending] = MappingProxyType({"obrien_fleming": obrien_fleming, "pocock": pocock})


def calendar_fraction(*, begins: datetime, ends: datetime, at: datetime) -> float:
    """The share of the planned time that has passed, 0 to 1 (Lan and DeMets, Biometrics 45:1017, 1989).

    Raises ValueError if the plan ends before it begins.
    """
    planned = (ends - begins).total_seconds()
    if planned <= 0:
        raise ValueError(f"an experiment that begins {begins} cannot end {ends}")
    return min(max((at - begins).total_seconds() / planned, 0.0), 1.0)
