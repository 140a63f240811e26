"""The luck of one deal: numbers that depend on the seed, the replicate, the deal and what they are for, and on nothing
else. So two playbooks meet the same luck, and it does not matter in which process, or after which deal, one is played.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from hashlib import blake2b
from typing import TypeVar

Key = TypeVar("Key")

_BITS = 52  # so that half a step more is still a number of its own: never exactly 0 or 1
_STEPS = 1 << _BITS


class Luck:
    """Numbers strictly between 0 and 1. The same purpose has the same numbers whenever it is asked."""

    __slots__ = ("_base",)

    def __init__(self, seed: int, replicate: int, deal: str) -> None:
        self._base = blake2b(f"{seed}|{replicate}|{deal}|".encode(), digest_size=16)

    def pair(self, purpose: str) -> tuple[float, float]:
        """Two numbers that have nothing to do with each other: whether something happens, and how soon."""
        found = self._base.copy()
        found.update(purpose.encode())
        number = int.from_bytes(found.digest(), "big")
        return ((number >> 76) + 0.5) / _STEPS, ((number & (_STEPS - 1)) + 0.5) / _STEPS

    def pick(self, purpose: str, weights: Mapping[Key, float]) -> Key:
        """One of the keys, as often as its weight says. The weights are 0 or more, one of them more."""
        left = self.pair(purpose)[0] * sum(weights.values())
        last = None
        for key, weight in weights.items():
            if weight > 0:
                last = key
                left -= weight
                if left < 0:
                    break
        if last is None:
            raise ValueError("there is nothing to pick from")
        return last


def generator(seed: int, *purpose: object) -> random.Random:
    """Numbers one after the other for one purpose: the draw of a replicate's parameters, the making of deals."""
    text = "|".join(map(str, (seed, *purpose)))
    return random.Random(int.from_bytes(blake2b(text.encode(), digest_size=32).digest(), "big"))
