"""The few figures that reports need, each exact and from one pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from engine.core import shares
from engine.reports.model import Figure, Interval, Share


@dataclass(slots=True)
class Spread:
    """How whole numbers (days, minutes, seconds) are spread. Counted, so that memory does not grow with the cases."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, value: int) -> None:
        self.counts[value] += 1

    @property
    def n(self) -> int:
        return self.counts.total()

    @property
    def mean(self) -> float | None:
        n = self.n
        return sum(value * times for value, times in self.counts.items()) / n if n else None

    @property
    def median(self) -> float | None:
        """The middle one; of an even number of cases, the middle between the two."""
        n = self.n
        return (self._ranked((n + 1) // 2) + self._ranked(n // 2 + 1)) / 2 if n else None

    def percentile(self, percent: int) -> int | None:
        """The smallest value that at least so many percent of the cases do not exceed."""
        return self._ranked(max(1, ceil(self.n * percent / 100))) if self.n else None

    def up_to(self, value: int) -> int:
        """How many cases do not exceed it."""
        return sum(times for found, times in self.counts.items() if found <= value)

    def _ranked(self, rank: int) -> int:
        passed = 0
        for value in sorted(self.counts):
            passed += self.counts[value]
            if passed >= rank:
                return value
        raise IndexError(rank)


def figure(value: float | None, n: int, unit: str = "", per: float = 1) -> Figure:
    """`value` in units of `per`, to three decimals."""
    return Figure(value=None if value is None else round(value / per, 3), n=n, unit=unit)


def wilson(part: int, whole: int) -> Interval:
    """A share with Wilson's 95 % interval."""
    low, high = shares.wilson(part, whole)
    return Interval(share=Share(part=part, whole=whole), low=low, high=high)
