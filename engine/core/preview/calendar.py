"""The calendar of one deal if nobody answers and nothing happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from engine.core.durations import Instant
from engine.core.preview.laps import find_lap
from engine.core.preview.model import Calendar, Close, Happening, Lap, Totals
from engine.core.preview.playing import Playing

HORIZON = 5 * 366 * 86_400  # seconds; how far it is played to learn how it ends
_MOST = 2_000  # things that happen; a playbook that does more than that by itself is not read to its end


def play_calendar(
    playing: Playing, in_hand: Sequence[Happening], at_once: Sequence[Happening], weeks: int,
    watch: Callable[[Playing], None] | None = None,
) -> Calendar:  # fmt: skip
    """Play on from where `playing` stands; `in_hand` was open before, `at_once` happened already. `watch` sees the
    player after each instant."""
    start, found = playing.now, list(at_once)
    for happened in playing.ahead(start + max(HORIZON, weeks * 7 * 86_400)):
        found += happened
        if watch is not None:
            watch(playing)
        if len(found) > _MOST:
            break
    return _told(playing, start, start + weeks * 7 * 86_400, in_hand, found)


def _told(
    playing: Playing, start: Instant, until: Instant, in_hand: Sequence[Happening], found: Sequence[Happening]
) -> Calendar:
    ended = next((one for one in reversed(found) if one.kind == "ended"), None)
    resting = playing.standing is not None and playing.standing.next_at is None
    lap = find_lap(found, whole=ended is not None or resting)
    counted = [one for one in found if one.at <= until]
    if lap is not None and lap.first_ends > until:
        lap = None
    shown = counted if lap is None else [one for one in counted if one.at <= lap.first_ends]
    return Calendar(
        start=start, until=until, in_hand=tuple(in_hand), happenings=tuple(shown),
        close=_close(ended, until, lap, resting, found), end=str(ended.line[1]) if ended is not None else "",
        ends_at=ended.at if ended is not None else None, lap=lap, totals=_totals(counted),
    )  # fmt: skip


def _close(
    ended: Happening | None, until: Instant, lap: Lap | None, resting: bool, found: Sequence[Happening]
) -> Close:
    if lap is not None:
        return "repeats"
    if ended is not None and ended.at <= until:
        return "ends"
    return "waits" if resting and all(one.at <= until for one in found) else "goes on"


def _totals(counted: Sequence[Happening]) -> Totals:
    handed = [(one.at, one.handed) for one in counted if one.handed is not None]
    touches = sorted(at for at, one in handed if one.facing)
    return Totals(
        actions=dict(sorted(Counter(one.kind for _, one in handed).items())),
        minutes=sum(one.minutes or 0 for _, one in handed),
        touches=len(touches),
        gap=min((later - earlier for earlier, later in pairwise(touches)), default=None),
    )
