"""The numerical recursion behind the boundaries: where z can be at a look if it crossed no bound before.

Armitage, McPherson and Rowe, J. R. Stat. Soc. A 132:235, 1969; Jennison and Turnbull, Group Sequential Methods, 2000,
chapter 19. It follows the score y = z √information, whose steps are independent and normal with the growth of the
information as their variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.experiments.statistics import normal

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Line = NDArray[float64]  # shape (n,)

_INSTALL = 'from the checkout of this program: pip install ".[compare]"'
WIDEST = 8.5  # z: beyond it lies less than the smallest step of alpha
_NODES = 8  # of Gauss and Legendre, per panel
_PANEL = 2.0  # width of a panel, in standard deviations of the smaller of the steps before and after
_CLOSE = 1e-11  # z
_ROOT_2, _ROOT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)


class LibraryMissing(Exception):
    """numpy is not installed. `message` says so, `hint` how to get it."""

    def __init__(self) -> None:
        self.message, self.hint = "comparing over time needs the numpy library", _INSTALL
        super().__init__(f"{self.message}: {self.hint}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Score:
    """The score's distribution after a look, as masses at places. Both of shape (n,); they add up to what is left."""

    places: Line
    masses: Line


def bounds(information: Sequence[float], steps: Sequence[float], sides: int) -> list[float]:
    """The bound of each look, which spends `steps[k]` of alpha there.

    `information` must grow and `steps` be positive. Error below 1e-6, except where a look has less than a thousandth
    more information than the one before. Raises LibraryMissing without numpy.
    """
    try:
        import numpy
    except ImportError:
        raise LibraryMissing from None

    found: list[float] = []
    score = _Score(places=numpy.zeros(1), masses=numpy.ones(1))
    for index, (now, step) in enumerate(zip(information, steps, strict=True)):
        before = information[index - 1] if index else 0.0
        deviation = math.sqrt(now - before)
        if index:
            earlier = information[index - 2] if index > 1 else 0.0
            smaller = min(deviation, math.sqrt(before - earlier))
            score = _continued(score, before, earlier, found[-1], smaller, sides)
        found.append(_bound(score, math.sqrt(now), deviation, step, sides))
    return found


def _continued(score: _Score, now: float, before: float, bound: float, resolution: float, sides: int) -> _Score:
    """The score at the look of information `now`, where it stayed inside `bound`."""
    import numpy

    scale = math.sqrt(now)
    upper = min(bound, WIDEST) * scale
    lower = -upper if sides == 2 else -WIDEST * scale
    places, weights = _grid(lower, upper, _PANEL * resolution)
    deviation = math.sqrt(now - before)
    away = (places[:, None] - score.places[None, :]) / deviation
    density = numpy.exp(-0.5 * away * away) @ score.masses / (deviation * _ROOT_2_PI)
    return _Score(places=places, masses=density * weights)


def _grid(lower: float, upper: float, panel: float) -> tuple[Line, Line]:
    """Places and weights to integrate over [lower, upper] by, in panels no wider than `panel`."""
    import numpy

    nodes, weights = _gauss()
    count = max(1, math.ceil((upper - lower) / panel))
    half = (upper - lower) / count / 2
    centres = lower + half * (2 * numpy.arange(count) + 1)
    return (centres[:, None] + half * nodes[None, :]).ravel(), numpy.tile(half * weights, count)


@lru_cache(maxsize=1)
def _gauss() -> tuple[Line, Line]:
    """Nodes and weights of Gauss and Legendre on [-1, 1]."""
    import numpy

    return numpy.polynomial.legendre.leggauss(_NODES)


def _bound(score: _Score, scale: float, deviation: float, step: float, sides: int) -> float:
    """The z that exactly `step` lies beyond: Newton's method, halving where it would leave what is known."""
    low, high = 0.0, normal.upper_point(step / sides)  # without earlier looks; what is left can only be less
    z = high
    for _ in range(100):
        beyond, slope = _beyond(score, z * scale, deviation)
        excess = sides * beyond - step
        low, high = (z, high) if excess > 0 else (low, z)
        following = z + excess / (sides * slope * scale) if slope > 0 else low
        following = following if low < following < high else (low + high) / 2
        if abs(following - z) < _CLOSE:
            return following
        z = following
    return z


def _beyond(score: _Score, place: float, deviation: float) -> tuple[float, float]:
    """The probability that the next score lies beyond `place`, and its density there."""
    import numpy

    away = (place - score.places) / deviation
    tails = numpy.array([math.erfc(distance) for distance in (away / _ROOT_2).tolist()])  # numpy has no erfc
    density = numpy.exp(-0.5 * away * away) / (deviation * _ROOT_2_PI)
    return float(0.5 * (tails @ score.masses)), float(density @ score.masses)
