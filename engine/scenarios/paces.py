"""Tick schedules: at which instants ticks run. What a scenario tells must not depend on it."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable
from typing import TypeAlias

from engine.core.durations import Instant

IMMEDIATE = "immediate"
_HOUR, _DAY, _SHORTEST = 3600, 86400, 60  # seconds
_EVERY = {"hourly": _HOUR, "daily": _DAY}
PACES = (IMMEDIATE, *_EVERY, "random")

Next: TypeAlias = Callable[[Instant], Instant]  # the first tick at or after an instant


def fitting(late_grace: int) -> list[str]:
    """The schedules whose gaps a workspace with this `late_grace` (seconds) does not take for an outage."""
    return [name for name in PACES if _EVERY.get(name, _SHORTEST) <= late_grace]


def ticks(pace: str, start: Instant, late_grace: int, seed: int) -> Next:
    """The ticks of a schedule of PACES from `start` on."""
    if pace in _EVERY:
        gap = _EVERY[pace]
        return lambda wanted: start + -(-(wanted - start) // gap) * gap
    return _at_random(start, late_grace, seed) if pace == "random" else lambda wanted: wanted


def _at_random(start: Instant, late_grace: int, seed: int) -> Next:
    """Gaps from a minute to the whole of `late_grace`; the same for the same seed."""
    chance, known = random.Random(seed), [start]

    def following(wanted: Instant) -> Instant:
        while known[-1] < wanted:
            known.append(known[-1] + chance.randrange(min(_SHORTEST, late_grace), late_grace + 1))
        return known[bisect_left(known, wanted)]

    return following
