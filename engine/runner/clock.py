"""What time it is: read once per command. A workspace runs on the real clock or, as a sandbox, on a given one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.core.durations import Instant
from engine.core.plural import count
from engine.core.zones import tzdata_version

if TYPE_CHECKING:
    from engine.store.base import Store

BEHIND = 3600  # seconds that the clock may be behind the last tick and still count as that tick
AHEAD = 30 * 86400


class ClockError(Exception):
    """The clock cannot be believed. `hint` says how to go on."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def latest(store: Store, *, sandbox: bool) -> Instant | None:
    """The instant that time must not go back behind: the last tick's, in a sandbox also that of what was recorded last.

    The clock of a sandbox is what people say; a real one goes on by itself.
    """
    last = store.last_tick()
    recorded = store.last_recorded() if sandbox else None
    known = [instant for instant in (last.now if last is not None else None, recorded) if instant is not None]
    return max(known, default=None)


def instant_of_tick(
    store: Store, clock: Instant, accept: bool, sandbox: bool, local: Callable[[Instant], str]
) -> Instant:  # fmt: skip
    """The instant that a tick works for: never before the last tick, nor in a sandbox before what was recorded last.

    A little behind counts as that instant. `local` is how the wall shows an instant. Raises ClockError when it is
    further behind, or more than 30 days ahead.
    """
    last = latest(store, sandbox=sandbox)
    if last is None or accept:
        return clock
    if clock < last - BEHIND and sandbox:
        raise ClockError(f"the sandbox's time is already {local(last)}", "give a later --now")
    if clock < last - BEHIND:
        raise ClockError(
            f"the clock is {_length(last - clock)} behind the last tick",
            "set the clock right; if the last tick was wrong, go on with --accept-clock",
        )
    if clock > last + AHEAD and not sandbox:
        raise ClockError(
            f"the clock is {_length(clock - last)} ahead of the last tick",
            "if no tick ran for that long, go on with --accept-clock",
        )
    return max(clock, last)


def note_tick(store: Store, now: Instant, started: Instant, finished: Instant, counts: Mapping[str, int]) -> None:
    """One row for a tick that is done, with the release of the zone rules that it went by.

    Written at its end: a tick that nothing came of is one small commit.
    """
    with store.transaction():
        tick = store.begin_tick(now, started)
        store.finish_tick(tick, {**counts, "zone_rules": tzdata_version()}, finished)


def _length(seconds: int) -> str:
    days, hours = divmod(seconds // 3600, 24)
    return count(days, "day") if days else count(hours, "hour")
