"""Drawing an arm for a unit: permuted blocks within a team, or a hash. The same answer whenever it is asked again.

Blocks keep small teams balanced, which a hash does not: it splits 20 deals 8 to 12 or worse one time in four. Two sizes
of blocks are mixed, so that nobody can tell the next arm from those before it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

_SIZES = (2, 3)  # how often the smallest set of arms with these weights stands in a block
_LARGEST = 24  # a set of arms larger than this is a block of its own


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What is written down when a unit is drawn, and never computed again. `block` and `place` count from 0; both are
    -1 for a hash."""

    arm: str
    probability: float
    block: int = -1
    place: int = -1


def draw_from_block(experiment: str, phase: int, team: str, weights: Mapping[str, float], position: int) -> Drawn:
    """The arm at `position` (from 0) of this team in this phase. Raises ValueError without an arm to draw."""
    arms = _smallest_set(tuple(weights.items()))
    seed = f"{experiment}|{phase}|{team}"
    begins = _beginnings(seed, len(arms))
    while begins[-1] <= position:
        begins.append(begins[-1] + _size(seed, len(begins) - 1, len(arms)))
    block = bisect_right(begins, position) - 1
    repeated = (begins[block + 1] - begins[block]) // len(arms)
    place = position - begins[block]
    arm = _shuffled(f"{seed}|{block}", arms * repeated)[place]
    return Drawn(arm=arm, probability=probability(weights, arm), block=block, place=place)


def draw_by_hash(experiment: str, phase: int, unit: str, weights: Mapping[str, float]) -> Drawn:
    """The arm in whose share of [0, 1) the unit's hash falls. Raises ValueError without an arm to draw."""
    _smallest_set(tuple(weights.items()))
    found = _number(f"{experiment}|{phase}|{unit}") / 2**64
    reached = 0.0
    for arm in weights:
        reached += probability(weights, arm)
        if found < reached:
            return Drawn(arm=arm, probability=probability(weights, arm))
    return Drawn(arm=arm, probability=probability(weights, arm))  # rounding


def probability(weights: Mapping[str, float], arm: str) -> float:
    return weights[arm] / sum(weights.values())


@lru_cache(maxsize=1024)
def _smallest_set(weights: tuple[tuple[str, float], ...]) -> tuple[str, ...]:
    """Each arm as often as the smallest whole numbers with these proportions say: 1:1 is (a, b), 2:1 is (a, a, b)."""
    if not weights or any(weight <= 0 for _, weight in weights):
        raise ValueError("an arm needs a weight above zero")
    exact = {arm: Fraction(str(weight)) for arm, weight in weights}
    whole = lcm(*(weight.denominator for weight in exact.values()))
    counts = {arm: int(weight * whole) for arm, weight in exact.items()}
    common = gcd(*counts.values())
    return tuple(arm for arm, count in counts.items() for _ in range(count // common))


@lru_cache(maxsize=1024)
def _beginnings(seed: str, arms: int) -> list[int]:
    """The positions at which the blocks begin, as far as they were asked for: the caller goes on with it."""
    return [0]


def _size(seed: str, block: int, arms: int) -> int:
    return arms if arms > _LARGEST else arms * _SIZES[_number(f"{seed}|{block}|size") % len(_SIZES)]


def _shuffled(seed: str, arms: tuple[str, ...]) -> list[str]:
    """Fisher and Yates, with numbers from a hash: the same on every machine and release."""
    found = list(arms)
    for last in range(len(found) - 1, 0, -1):
        other = _number(f"{seed}|{last}") % (last + 1)
        found[last], found[other] = found[other], found[last]
    return found


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
