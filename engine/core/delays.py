"""Delays: moving an instant by a duration, and freezing what is left of a delay.

`d w mo y` keep the time on the wall, `h min` elapse, `bd bh` follow a calendar.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

from engine.core.calendars import (
    Calendar,
    after_business_seconds,
    before_business_seconds,
    business_seconds,
    clamp,
    last_business_day,
)
from engine.core.durations import Duration, Instant, TimeError, Unit
from engine.core.zones import in_second_pass, latest_wall, local_date, to_instant, to_local, to_second_instant

SECONDS = {"min": 60, "h": 3_600, "bh": 3_600}
DATED = frozenset({"d", "w", "mo", "y"})

_DAYS = {"d": 1, "w": 7}
_MONTHS = {"mo": 1, "y": 12}


def add(instant: Instant, duration: Duration, zone: ZoneInfo, calendar: Calendar) -> Instant:
    """That long after an instant.

    `Nbd` is the N-th business day after the date, at the same wall time clamped into that day's hours. A closed day
    counts as the evening of the business day before it: so a later start never gives an earlier result.
    """
    return move(instant, duration, 1, zone, calendar)


def subtract(instant: Instant, duration: Duration, zone: ZoneInfo, calendar: Calendar) -> Instant:
    """That long before an instant: the mirror image of `add`.

    `Nbd` is the N-th business day before the date; a closed day counts as the morning of the business day after it.
    `bh` counts back from the previous closing if it starts outside; what fills a day begins at its opening.
    """
    return move(instant, duration, -1, zone, calendar)


def move(instant: Instant, duration: Duration, sign: int, zone: ZoneInfo, calendar: Calendar) -> Instant:
    unit, amount = duration.unit, duration.amount
    if unit == "bh":
        count = after_business_seconds if sign > 0 else before_business_seconds
        return count(instant, amount * SECONDS[unit], calendar, zone)
    if unit in SECONDS:
        return instant + sign * amount * SECONDS[unit]
    if amount == 0:
        return instant
    if unit == "bd":
        return to_instant(_by_business_days(latest_wall(instant, zone), sign * amount, calendar), zone)
    return to_instant(shift(to_local(instant, zone), duration, sign), zone)


def _by_business_days(wall: datetime, count: int, calendar: Calendar) -> datetime:
    day = wall.date()
    target = calendar.business_day(day, count)
    if calendar.is_business_day(day):
        kept = wall.replace(year=target.year, month=target.month, day=target.day)
    else:
        kept = datetime(target.year, target.month, target.day, *((23, 59, 59) if count > 0 else (0, 0, 0)))
    return clamp(kept, calendar.spans(target))


def shift(wall: datetime, duration: Duration, sign: int) -> datetime:
    """The same time of day `d`, `w`, `mo` or `y` away; a day that its month does not have is the month's last."""
    if duration.unit in _DAYS:
        return wall + timedelta(days=sign * duration.amount * _DAYS[duration.unit])
    years, month = divmod(wall.month - 1 + sign * duration.amount * _MONTHS[duration.unit], 12)
    year = wall.year + years
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What was left of a delay when it was frozen. `str` and `parse_left` turn it into text and back."""

    kind: Literal["elapsed", "bd", "bh"]
    amount: int  # seconds; business days; seconds inside the hours
    beyond: int = 0  # bd: days after that business day; bh: seconds after those hours
    wall: int = 0  # bd: seconds since midnight on the wall
    second_pass: bool = False  # bd: due while the clocks repeated that time

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.beyond} {self.wall} {int(self.second_pass)}"


def parse_left(text: str) -> Left:
    """The Left of a text made by `str(Left)`. Raises TimeError for any other text."""
    found = re.fullmatch(r"(elapsed|bd|bh) (\d+) (\d+) (\d+) ([01])", text, re.ASCII)
    if not found:
        raise TimeError(f'"{text[:40]}" is not what is left of a delay')
    kind = cast(Literal["elapsed", "bd", "bh"], found[1])
    amount, beyond, wall = (int(found[at]) for at in (2, 3, 4))
    return Left(kind=kind, amount=amount, beyond=beyond, wall=wall, second_pass=found[5] == "1")


def left(since: Instant, until: Instant, unit: Unit, zone: ZoneInfo, calendar: Calendar) -> Left:
    """What is left at `since` of a delay that ends at `until`, in the unit it was written in; nothing if it is over."""
    elapsed = Left(kind="elapsed", amount=max(0, until - since))
    if until <= since or unit not in ("bd", "bh"):
        return elapsed
    if unit == "bh":
        seconds = business_seconds(since, until, calendar, zone)
        beyond = until - after_business_seconds(since, seconds, calendar, zone)
        return Left(kind="bh", amount=seconds, beyond=beyond) if beyond >= 0 else elapsed
    wall, start = to_local(until, zone), local_date(since, zone)
    days = calendar.rank(wall.date()) - calendar.rank(start)
    if days <= 0:
        return elapsed
    beyond = (wall.date() - last_business_day(calendar, wall.date())).days
    midnight = datetime(wall.year, wall.month, wall.day)
    again = in_second_pass(until, zone)
    return Left(kind="bd", amount=days, beyond=beyond, wall=(wall - midnight).seconds, second_pass=again)


def resume(left: Left, at: Instant, zone: ZoneInfo, calendar: Calendar) -> Instant:
    """When a frozen delay ends that goes on at `at`. A later `at` never gives an earlier end."""
    if left.kind == "elapsed":
        return at + left.amount
    if left.kind == "bh":
        return after_business_seconds(at, left.amount, calendar, zone) + left.beyond
    day = calendar.business_day(local_date(at, zone), left.amount) + timedelta(days=left.beyond)
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=left.wall)
    return to_second_instant(wall, zone) if left.second_pass else to_instant(wall, zone)
