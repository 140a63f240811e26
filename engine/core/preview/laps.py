"""What repeats: three times the same things in the same order, a change of state among them, is a lap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.preview.model import Happening, Lap

_LEAST = 3  # laps in a row; two are a second try, no cycle
_NAMED = frozenset({"due", "closed", "moved", "remind", "escalate"})  # behind the action's name come ids and times


def find_lap(happenings: Sequence[Happening], *, whole: bool) -> Lap | None:
    """The first cycle in what happens by itself. `whole`: it went on to the end, so no lap was cut by the horizon."""
    signs = [_sign(one) for one in happenings]
    for start in range(len(signs)):
        for length in range(1, (len(signs) - start) // _LEAST + 1):
            if _repeats(signs, start, length, happenings):
                return _lap(happenings, signs, start, length, whole=whole)
    return None


def _sign(one: Happening) -> tuple[Any, ...]:
    line = one.line
    if one.kind == "closed":
        return (*line[:2], line[3])
    return line[:2] if one.kind in _NAMED else line


def _repeats(signs: Sequence[Any], start: int, length: int, happenings: Sequence[Happening]) -> bool:
    if signs[start] != signs[start + length]:
        return False
    first = signs[start : start + length]
    laps = (signs[start + length * lap : start + length * (lap + 1)] for lap in range(1, _LEAST))
    if not all(lap == first for lap in laps) or not any(sign[0] == "took" for sign in first):
        return False
    return happenings[start].at < happenings[start + length].at


def _lap(happenings: Sequence[Happening], signs: Sequence[Any], start: int, length: int, *, whole: bool) -> Lap:
    stop = start + length
    while stop < len(signs) and signs[stop] == signs[stop - length]:
        stop += 1
    laps = (stop - start) // length
    span = happenings[start + (laps - 1) * length].at - happenings[start].at
    over = happenings[stop].at if stop < len(signs) else happenings[-1].at if whole else None
    return Lap(
        begins=happenings[start].at, first_ends=happenings[start + length - 1].at,
        again_at=happenings[start + length].at, seconds=span // (laps - 1), times=laps - 1, over_at=over,
    )  # fmt: skip
