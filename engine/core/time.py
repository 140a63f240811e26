"""Time as playbooks mean it: one door to delays, date facts, conditions on time, and schedules.

Every function takes the zone and the calendar that apply; nothing here knows what time it is. Schedules are cron lines
on the wall clock; this is the only module that imports croniter.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Literal
from zoneinfo import ZoneInfo

from engine.core.calendars import Calendar, first_business_day, last_business_day
from engine.core.dates import DateError, DateFact, Direction, flips, moment, parse_date_fact, reached
from engine.core.delays import Left, add, left, parse_left, resume, subtract
from engine.core.durations import Instant, TimeError
from engine.core.zones import WEEKDAYS, last_of_day, local_date, start_of_day, to_instant, to_local, weekday

__all__ = [
    "CronError", "DateError", "DateFact", "Direction", "Left", "Roll", "Schedule", "add", "check_cron", "flips",
    "last_of_day", "left", "moment", "next_match", "parse_date_fact", "parse_left", "reached", "resume", "start_of_day",
    "subtract", "weekday",
]  # fmt: skip

Roll = Literal["none", "forward", "back"]


class CronError(TimeError):
    """A line that is not a schedule."""


_FIELDS = ("minute", "hour", "day", "month", "weekday")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_HINT = "write five fields: minute hour day month weekday, such as 0 9 * * mon-fri"
_ALIASES = {"@hourly": "0 * * * *", "@daily": "0 9 * * *", "@weekly": "0 9 * * mon", "@monthly": "0 9 1 * *"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = {name: number for names, start in ((_MONTHS, 1), (WEEKDAYS, 1)) for number, name in enumerate(names, start)}
_NAMES["sun"] = 0
_PART = re.compile(r"(\*|\w+(?:#\w+)?|h\(\d+-\d+\)|\w+-\w+)(?:/(\d{1,3}))?", re.ASCII)
_SPREAD = re.compile(r"h(?:\((\d+)-(\d+)\))?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A named schedule: cron lines on the wall; `roll` moves a match on a closed day to a business day beside it."""

    name: str
    lines: tuple[str, ...]
    roll: Roll = "none"


def check_cron(line: str) -> None:
    """Raise CronError unless the line has five plain fields and matches within eight years, for whatever deal."""
    fields = _fields(line)
    for index, text in enumerate(fields):
        for part in text.split(","):
            _check_part(part, index, line)
    if fields[2] != "*" and fields[4] != "*":
        raise CronError(f'"{line}" names both a day and a weekday', "name one and leave the other *")
    for day, month in product(_spread_over(fields[2], 2), _spread_over(fields[3], 3)):
        _check_matches([*fields[:2], day, month, fields[4]], line)


def _fields(line: str) -> list[str]:
    if not isinstance(line, str) or len(line) > 100:
        raise CronError(f"{str(line)[:40]!r} is not a cron line", _CRON_HINT)
    if line.startswith("@"):
        raise CronError(f'"{line}" is not a cron line', f"write {_ALIASES.get(line.lower(), '0 9 * * *')}")
    fields = line.lower().split()
    if len(fields) in (6, 7):
        raise CronError(f'"{line}" has {len(fields)} fields', f"no seconds and no years: {_CRON_HINT}")
    if len(fields) != 5:
        raise CronError(f'"{line}" has {len(fields)} fields', _CRON_HINT)
    return fields


def _check_part(part: str, index: int, line: str) -> None:
    """Refuse what croniter takes and people misread."""
    where = f'the {_FIELDS[index]} field of "{line}"'
    if part == "?":
        raise CronError(f"{where} is ?", "write *")
    if re.match(r"r(\W|$)", part):
        raise CronError(f"{where} is random", "write H: spread evenly, and the same each time for the same deal")
    found = _PART.fullmatch(part)
    if not found:
        raise CronError(f'{where} cannot be read: "{part}"', _CRON_HINT)
    base, step = found.groups()
    if step and not 1 <= int(step) <= _RANGES[index][1]:
        raise CronError(f"{where} has the step {step}", f"steps go from 1 to {_RANGES[index][1]}")
    if step and base.isdigit():
        raise CronError(f'{where} is read in two ways: "{part}"', f"write {base}-{_RANGES[index][1]}/{step}, or {base}")
    if "(" not in base and "-" in base:
        _check_range(base, index, where)


def _check_range(base: str, index: int, where: str) -> None:
    first, last = (_NAMES.get(end, int(end) if end.isdigit() else -1) for end in base.split("-"))
    if first == last:
        raise CronError(f"{where} runs from {base.split('-')[0]} to itself", f"write {base.split('-')[0]}, or *")
    # only weekdays come round: fri-mon is four days
    if first > last and index != 4:
        low, high = _RANGES[index]
        raise CronError(f'{where} runs backwards: "{base}"', f"write {first}-{high},{low}-{last}")


def _spread_over(text: str, index: int) -> list[str]:
    """The days or months that an `H` may stand for: each of them has to match."""
    found = _SPREAD.fullmatch(text)
    if not found:
        return [text]
    low, high = _RANGES[index]
    numbers = range(int(found[1] or low), min(int(found[2] or high), high) + 1)
    # what is out of range is left for croniter to refuse
    return [str(number) for number in numbers] if int(found[2] or high) <= high and numbers else [text]


def _check_matches(fields: list[str], line: str) -> None:
    from croniter import CroniterBadDateError, croniter

    try:
        start = datetime(2025, 1, 1, tzinfo=UTC)
        croniter(" ".join(fields), start, hash_id=b"deal", max_years_between_matches=8).get_next(datetime)
    except CroniterBadDateError:
        hint = "is there such a day in that month? H(1-28) as the day is in every month"
        raise CronError(f'"{line}" does not match within eight years', hint) from None
    except Exception as error:  # croniter lets bare ValueError, AttributeError and OverflowError out
        raise CronError(f'"{line}" is not a cron line: {error}', _CRON_HINT) from None


def next_match(schedule: Schedule, after: Instant, zone: ZoneInfo, calendar: Calendar, key: str) -> Instant:
    """The first match strictly after an instant; `key` (the deal's id) decides what `H` stands for.

    A match that the clocks skip happens at the first minute that exists, one in a repeated hour once, the first time.
    With `roll` the match keeps its wall time; two that come to the same instant are one. Raises CronError where a line
    does not match for fifty years.
    """
    return min(_next_of_line(line, schedule.roll, after, zone, calendar, key) for line in schedule.lines)


def _next_of_line(line: str, roll: Roll, after: Instant, zone: ZoneInfo, calendar: Calendar, key: str) -> Instant:
    wall = to_local(after, zone)
    key = key if "h" in line.lower() else ""
    minutes = _minutes(line, key)
    for day in _matching_days(line, key, roll, wall.date(), calendar):
        midnight = datetime(day.year, day.month, day.day)
        if local_date(start_of_day(day, zone), zone) != day:
            continue  # a date that a zone skipped when it moved across the date line
        passed = bisect_left(minutes, wall.hour * 60 + wall.minute) if day == wall.date() else 0
        for minute in minutes[passed:]:
            # compared as instants: on the wall a repeated hour has not passed yet
            found = to_instant(midnight + timedelta(minutes=minute), zone)
            if found > after:
                return found
    raise AssertionError("days do not end")  # pragma: no cover


def _matching_days(line: str, key: str, roll: Roll, start: date, calendar: Calendar) -> Iterator[date]:
    """The dates from `start` on to which the line's matches come after rolling, in order (several may come to one)."""
    # what rolls forward may come from the closed days before
    ordinal = (calendar.business_day(start, -1) if roll == "forward" else start).toordinal()
    while True:
        ordinal = _matching_day(line, key, ordinal)
        day = _rolled(date.fromordinal(ordinal), roll, calendar)
        if day >= start:
            yield day
        ordinal += 1


def _rolled(day: date, roll: Roll, calendar: Calendar) -> date:
    if roll == "none":
        return day
    return first_business_day(calendar, day) if roll == "forward" else last_business_day(calendar, day)


@lru_cache(maxsize=1024)
def _minutes(line: str, key: str) -> tuple[int, ...]:
    """The minutes of a day at which a line matches: the same on each day that it matches."""
    from croniter import croniter

    minutes, hours = croniter.expand(line, hash_id=key.encode())[0][:2]
    every_minute, every_hour = (range(60) if "*" in minutes else minutes), (range(24) if "*" in hours else hours)
    return tuple(sorted(int(hour) * 60 + int(minute) for hour, minute in product(every_hour, every_minute)))


@lru_cache(maxsize=16_384)
def _matching_day(line: str, key: str, ordinal: int) -> int:
    """The first date from `ordinal` on whose day, month and weekday match."""
    from croniter import croniter

    dates_only = " ".join(["0", "0", *line.split()[2:]])
    eve = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), UTC) - timedelta(seconds=1)
    try:
        found = croniter(dates_only, eve, hash_id=key.encode()).get_next(datetime)
    except Exception as error:
        raise CronError(f'"{line}" does not match for fifty years: {error}', _CRON_HINT) from None
    return int(found.toordinal())
