"""Student's t distribution, for whole and broken degrees of freedom."""

from __future__ import annotations

import math

from engine.experiments.statistics import normal

_MANY = 1e6  # degrees: from here on the normal distribution is the same to seven digits
_TINY = 1e-300
_STEPS = 20_000  # the fraction needs about the root of the degrees


def two_sided(t: float, degrees: float) -> float:
    """P(|T| > |t|) for T with `degrees` of freedom: the regularised incomplete beta function at degrees/(degrees + t²).

    Abramowitz and Stegun, 26.7.1 with 26.5.27.
    """
    if degrees >= _MANY:
        return normal.two_sided(t)
    square = t * t
    return _beta(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square))


def critical(level: float, degrees: float) -> float:
    """The t that a two-sided interval of this level reaches to, found by halving."""
    outside, low, high = 1 - level, 0.0, 2.0
    while two_sided(high, degrees) > outside:
        low, high = high, high * 2
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if two_sided(middle, degrees) > outside else (low, middle)
    return high


def _beta(a: float, b: float, x: float, rest: float) -> float:
    """The regularised incomplete beta function I_x(a, b); `rest` is 1 - x, given apart to keep its digits."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    if x < (a + 1) / (a + b + 2):  # the fraction converges fast on this side only
        return math.exp(scale) * _fraction(a, b, x) / a
    return 1 - math.exp(scale) * _fraction(b, a, rest) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (Lentz's method; Press et al., Numerical Recipes, 6.4)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        for coefficient in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + coefficient * d)
            c = _away_from_zero(1 + coefficient / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
