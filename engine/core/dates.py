"""Date facts: reading them, the instants they mean, and conditions on the time since and until them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from engine.core.calendars import Calendar, after_business_seconds, before_business_seconds, business_seconds
from engine.core.delays import DATED, SECONDS, move, shift
from engine.core.durations import Duration, Instant, TimeError
from engine.core.zones import local_date, start_of_day, to_instant

Direction = Literal["since", "until"]


class DateError(TimeError):
    """A text that is neither a date, a wall time nor an instant."""


_DATE_FACT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_DATE_HINT = "write 2026-03-02, 2026-03-02T10:00 or 2026-03-02T10:00:00Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class DateFact:
    """A date fact as it was written: exactly one of a date, a wall time, an instant."""

    day: date | None = None
    wall: datetime | None = None
    instant: Instant | None = None


def parse_date_fact(text: str) -> DateFact:
    """Read a date fact. Raises DateError, also for years outside 1900 to 2199; fractions of a second are dropped."""
    if not isinstance(text, str) or len(text) > 40 or not _DATE_FACT.fullmatch(text):
        raise DateError(f'"{str(text)[:40]}" is not a date', _DATE_HINT)
    try:
        moment_written = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        raise DateError(f'"{text}" does not exist: no such day or time of day', _DATE_HINT) from None
    if not 1900 <= moment_written.year <= 2199:
        raise DateError(f'"{text}" is out of reach', "years go from 1900 to 2199")
    if len(text) == 10:
        return DateFact(day=moment_written.date())
    if moment_written.tzinfo is None:
        return DateFact(wall=moment_written)
    return DateFact(instant=int(moment_written.timestamp()))


def moment(fact_text: str, duration: Duration | None, sign: int, zone: ZoneInfo, calendar: Calendar) -> Instant:
    """The instant of a date fact, moved by a duration forward (`sign` 1) or back (-1). Raises DateError.

    A date without a time means the opening minute of that day, on a closed day the week's earliest opening wall time;
    days, weeks, months, years and business days are added to the date before that, hours after it.
    """
    fact = parse_date_fact(fact_text)
    dated = duration is not None and duration.unit not in SECONDS
    if fact.day is not None:
        day = _shift_day(fact.day, duration, sign, calendar) if duration and dated else fact.day
        midnight = datetime(day.year, day.month, day.day)
        start = to_instant(midnight + timedelta(minutes=calendar.opening(day)), zone)
        return start if dated or duration is None else move(start, duration, sign, zone, calendar)
    if fact.wall is not None:
        # moved on the wall, so that a time skipped on its own date is itself again on another
        if duration and duration.unit in DATED:
            return to_instant(shift(fact.wall, duration, sign), zone)
        start = to_instant(fact.wall, zone)
    else:
        assert fact.instant is not None
        start = fact.instant
    return start if duration is None else move(start, duration, sign, zone, calendar)


def _shift_day(day: date, duration: Duration, sign: int, calendar: Calendar) -> date:
    if duration.unit == "bd":
        return calendar.business_day(day, sign * duration.amount)
    return shift(datetime(day.year, day.month, day.day), duration, sign).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    """Time counted in one unit: a whole number at each instant, which never goes back."""

    position: Callable[[Instant], int]
    first: Callable[[int], Instant]  # the first instant with that position or a later one
    target: int  # the position at which the comparison is equal


def reached(
    fact_text: str, duration: Duration, at: Instant, zone: ZoneInfo, calendar: Calendar, direction: Direction
) -> int:
    """Whether the time since (until) a date fact is at `at` less than (-1), equal to (0), or more than (1) a duration.

    Against `d w mo y` local dates are compared, against `bd` business days, against `h min bh` seconds.
    """
    scale = _scale(fact_text, duration, zone, calendar, direction)
    position = scale.position(at)
    later = (position > scale.target) - (position < scale.target)
    return later if direction == "since" else -later


def flips(
    fact_text: str, duration: Duration, zone: ZoneInfo, calendar: Calendar, direction: Direction
) -> list[Instant]:
    """The instants, in order, at which the answer of `reached` changes: when it becomes equal, and when it ceases."""
    scale = _scale(fact_text, duration, zone, calendar, direction)
    return sorted({scale.first(scale.target), scale.first(scale.target + 1)})


def _scale(fact_text: str, duration: Duration, zone: ZoneInfo, calendar: Calendar, direction: Direction) -> _Scale:
    sign = 1 if direction == "since" else -1
    origin = moment(fact_text, None, 1, zone, calendar)
    day = local_date(origin, zone)
    if duration.unit in DATED:
        return _Scale(
            position=lambda at: local_date(at, zone).toordinal(),
            first=lambda ordinal: start_of_day(date.fromordinal(ordinal), zone),
            target=_shift_day(day, duration, sign, calendar).toordinal(),
        )
    if duration.unit == "bd":
        return _Scale(
            position=lambda at: calendar.rank(local_date(at, zone)),
            first=lambda rank: start_of_day(calendar.of_rank(rank), zone),
            target=calendar.rank(day) + sign * duration.amount,
        )
    seconds = sign * duration.amount * SECONDS[duration.unit]
    if duration.unit == "bh":
        return _Scale(
            position=lambda at: business_seconds(origin, at, calendar, zone),
            first=lambda count: _first_in_hours(origin, count, zone, calendar),
            target=seconds,
        )
    return _Scale(position=lambda at: at, first=lambda at: at, target=origin + seconds)


def _first_in_hours(origin: Instant, count: int, zone: ZoneInfo, calendar: Calendar) -> Instant:
    """The first instant by which `count` seconds inside the hours have passed since `origin` (negative: before it)."""
    if count > 0:
        return after_business_seconds(origin, count, calendar, zone)
    # one second further back the count is surely smaller; the second after that is the first
    return before_business_seconds(origin, 1 - count, calendar, zone) + 1
