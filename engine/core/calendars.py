"""When people work: hours, holidays, business days, and windows in which something may happen."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.core.durations import Instant, TimeError
from engine.core.zones import WEEKDAYS, to_instant, to_local, to_second_instant

Spans = tuple[tuple[int, int], ...]
"""Openings and closings of one day in minutes since midnight, in order; a closing of 1440 is the end of the day."""

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY = timedelta(days=1)
_LAST_SECOND = 86_399
_INSTALL = 'from the checkout of this program: pip install ".[holidays]"; or list the days under "holidays:"'


class CalendarError(TimeError):
    """Hours, holidays or a calendar that cannot be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Opening hours, Monday first. Both ends of a span belong to it: 17:00 is inside 09:00-17:00."""

    days: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]

    def spans(self, day: date) -> Spans:
        return self.days[day.weekday()]


def parse_hours(source: Mapping[str, str | Sequence[str]]) -> Hours:
    """Read `{"mon-fri": "09:00-17:00", "sat": ["09:00-12:00"]}`; days not named are closed. Raises CalendarError."""
    if not isinstance(source, Mapping):
        raise CalendarError(f"{source!r} are not hours", 'write days and spans, such as mon-fri: "09:00-17:00"')
    found: dict[int, Spans] = {}
    for days, spans in source.items():
        parsed = _parse_spans(spans)
        for day in _parse_days(days):
            if day in found:
                raise CalendarError(f"{WEEKDAYS[day]} is given twice", f"put all spans of {WEEKDAYS[day]} in one list")
            found[day] = parsed
    mon, tue, wed, thu, fri, sat, sun = (found.get(day, ()) for day in range(7))
    return Hours(days=(mon, tue, wed, thu, fri, sat, sun))


def _parse_days(text: str) -> list[int]:
    """`mon-wed, fri` is [0, 1, 2, 4]; a range may run over the end of the week."""
    days: list[int] = []
    for part in str(text).split(","):
        first, dash, last = part.strip().partition("-")
        start = _parse_day(first)
        length = (_parse_day(last) - start) % 7 if dash else 0
        days += [(start + offset) % 7 for offset in range(length + 1)]
    return days


def _parse_day(text: str) -> int:
    name = text.strip()
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    meant = name.lower()[:3]
    hint = f"write {meant}" if meant in WEEKDAYS else f"write {', '.join(WEEKDAYS)} or a range such as mon-fri"
    raise CalendarError(f'"{name}" is not a day of the week', hint)


def _parse_spans(source: str | Sequence[str]) -> Spans:
    texts = [source] if isinstance(source, str) else source
    if not isinstance(texts, Sequence):
        raise CalendarError(f"{source!r} is not a span of hours", 'write it with quotes, such as "09:00-17:00"')
    spans = sorted(_parse_span(text) for text in texts)
    for earlier, later in pairwise(spans):
        if later[0] <= earlier[1]:
            raise CalendarError(f"two spans overlap or touch at {_clock(later[0])}", "write them as one span")
    return tuple(spans)


def _parse_span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise CalendarError(f'"{text}" is not a span of hours', 'write it as "09:00-17:00"')
    opening, closing = (int(found[at]) * 60 + int(found[at + 1]) for at in (1, 3))
    if int(found[2]) > 59 or int(found[4]) > 59 or closing > 1_440:
        raise CalendarError(f'"{text}" is not a time of day', "hours go from 00:00 to 24:00, minutes to 59")
    if closing <= opening:
        hint = "the closing comes after the opening; for a night, write one span to 24:00 and one from 00:00 next day"
        raise CalendarError(f'"{text}" ends before it begins', hint)
    return opening, closing


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """Working hours and holidays of a company. A business day is a day with hours that is no holiday.

    Raises CalendarError if no day of the week has hours. Days are counted by arithmetic over the weekly pattern and
    the sorted holidays, so that a count costs the same for three days and three years.
    """

    name: str
    hours: Hours
    holidays: frozenset[date] = frozenset()
    _weekdays: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _closed: tuple[int, ...] = field(init=False, repr=False, compare=False)  # ordinals of holidays on open weekdays

    def __post_init__(self) -> None:
        weekdays = tuple(day for day, spans in enumerate(self.hours.days) if spans)
        if not weekdays:
            raise CalendarError(
                f'calendar "{self.name}" is never open', 'give it hours, such as mon-fri: "09:00-17:00"'
            )
        closed = sorted(day.toordinal() for day in self.holidays if day.weekday() in weekdays)
        object.__setattr__(self, "_weekdays", weekdays)
        object.__setattr__(self, "_closed", tuple(closed))

    def __hash__(self) -> int:
        return hash(self.name)  # hashing years of holidays at each look-up would cost more than the look-up saves

    def is_business_day(self, day: date) -> bool:
        return day not in self.holidays and bool(self.hours.spans(day))

    def spans(self, day: date) -> Spans:
        """The hours of that date: none on a holiday."""
        return () if day in self.holidays else self.hours.spans(day)

    def opening(self, day: date) -> int:
        """The opening minute of a date; on a closed day the week's earliest."""
        spans = self.spans(day)
        return spans[0][0] if spans else min(spans[0][0] for spans in self.hours.days if spans)

    def rank(self, day: date) -> int:
        """How many business days there are up to that date, it included."""
        weeks, weekday = divmod(day.toordinal() - 1, 7)  # the first day of the year 1 was a Monday
        open_weekdays = weeks * len(self._weekdays) + bisect_right(self._weekdays, weekday)
        return open_weekdays - bisect_right(self._closed, day.toordinal())

    def of_rank(self, rank: int) -> date:
        """The business day with that rank: the first date up to which there are `rank` business days."""
        wanted = rank
        while True:
            week, place = divmod(wanted - 1, len(self._weekdays))
            ordinal = week * 7 + self._weekdays[place] + 1
            # each holiday passed pushes the day on, which may pass further holidays
            pushed = rank + bisect_right(self._closed, ordinal)
            if pushed == wanted:
                return date.fromordinal(ordinal)
            wanted = pushed

    def business_day(self, day: date, count: int) -> date:
        """The `count`-th business day after a date (before it, if negative); 0 is the date itself."""
        if count == 0:
            return day
        if count > 0:
            return self.of_rank(self.rank(day) + count)
        return self.of_rank(self.rank(day) + count + (0 if self.is_business_day(day) else 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A named window in which something is allowed: hours, and the days on which it is closed."""

    name: str
    hours: Hours
    holidays: frozenset[date] = frozenset()

    def spans(self, day: date) -> Spans:
        return () if day in self.holidays else self.hours.spans(day)


class Opening(Protocol):
    """Whatever has hours on a date: a Calendar, a Window, a person's leave."""

    def spans(self, day: date) -> Spans: ...


def country_holidays(country: str, subdivision: str | None, years: Iterable[int]) -> frozenset[date]:
    """Public holidays of a country such as `US`, or of a part of it (`GB`, `ENG`), from the `holidays` library.

    Raises CalendarError for a country or part that it does not know, and where it is not installed.
    """
    try:
        import holidays
    except ImportError:
        raise CalendarError("public holidays need the holidays library", _INSTALL) from None
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=sorted(years), categories=("public",))
    except NotImplementedError:
        raise _unknown_country(country, subdivision, holidays.list_supported_countries()) from None
    return frozenset(found)


def _unknown_country(country: str, subdivision: str | None, known: Mapping[str, Sequence[str]]) -> CalendarError:
    if country in known:
        parts = ", ".join(known[country][:12]) or "none"
        return CalendarError(f'{country} has no part "{subdivision}"', f"its parts are {parts}")
    upper = str(country).strip().upper()
    hint = f"write {upper}" if upper in known else "write its two-letter code, such as US, GB or DE"
    return CalendarError(f'no holidays are known for "{country}"', hint)


def next_open(instant: Instant, windows: Sequence[Opening], zone: ZoneInfo, days: int = 366) -> Instant | None:
    """The first instant, `instant` at the earliest, that all windows allow; None if there is none within `days` days.

    An hour that the clocks repeat opens nothing a second time, but what is open stays open.
    """
    wall = to_local(instant, zone)
    last = wall.date() + days * _DAY
    while wall.date() <= last:
        midnight = datetime(wall.year, wall.month, wall.day)
        second = _first_common((wall - midnight).seconds, [window.spans(wall.date()) for window in windows])
        if second is None:
            wall = midnight + _DAY
            continue
        opening = midnight + timedelta(seconds=second)
        found = _not_before(instant, opening, zone)
        wall = to_local(found, zone)
        if wall == opening:
            return found
        # the clocks skip the opening: look again from the first minute that exists
    return None


def _not_before(instant: Instant, wall: datetime, zone: ZoneInfo) -> Instant:
    if to_local(instant, zone) == wall:
        return instant
    found = to_instant(wall, zone)
    return found if found >= instant else to_second_instant(wall, zone)


def _first_common(second: int, all_spans: list[Spans]) -> int | None:
    """The first second of the day, `second` at the earliest, that lies in a span of each."""
    while True:
        moved = second
        for spans in all_spans:
            following = _first_inside(moved, spans)
            if following is None:
                return None
            moved = following
        if moved == second:
            return second
        second = moved


def _first_inside(second: int, spans: Spans) -> int | None:
    for opening, closing in spans:
        if second <= closing * 60:
            return max(second, opening * 60)
    return None


def clamp(wall: datetime, spans: Spans) -> datetime:
    """A wall time moved into the hours of its day: forward to an opening, or back to the closing."""
    midnight = datetime(wall.year, wall.month, wall.day)
    second = _first_inside((wall - midnight).seconds, spans)
    if second is None:
        second = min(spans[-1][1] * 60, _LAST_SECOND)
    return midnight + timedelta(seconds=second)


def open_spans(calendar: Calendar, zone: ZoneInfo, day: date, step: int) -> Iterator[tuple[Instant, Instant]]:
    """The opening and closing instants from a date on (`step` 1) or back (`step` -1), business day by business day."""
    if not calendar.is_business_day(day):
        day = calendar.business_day(day, step)
    while True:
        midnight = datetime(day.year, day.month, day.day)
        for opening, closing in calendar.spans(day)[::step]:
            ends = (midnight + timedelta(minutes=opening), midnight + timedelta(minutes=closing))
            yield to_instant(ends[0], zone), to_instant(ends[1], zone)
        day = calendar.business_day(day, step)


def business_seconds(start: Instant, end: Instant, calendar: Calendar, zone: ZoneInfo) -> int:
    """How many seconds between two instants lie inside the hours; negative if `end` is the earlier."""
    if end < start:
        return -business_seconds(end, start, calendar, zone)
    total = 0
    for opening, closing in open_spans(calendar, zone, to_local(start, zone).date() - _DAY, 1):
        if opening >= end:
            return total
        total += max(0, min(closing, end) - max(opening, start))
    return total  # pragma: no cover  (open_spans does not end)


def after_business_seconds(start: Instant, seconds: int, calendar: Calendar, zone: ZoneInfo) -> Instant:
    """The instant when so many seconds inside the hours have passed; 0 is the start, or the next opening.

    What fills a day ends at its closing.
    """
    for opening, closing in open_spans(calendar, zone, to_local(start, zone).date() - _DAY, 1):
        if closing >= start:
            begin = max(opening, start)
            if closing - begin >= seconds:
                return begin + seconds
            seconds -= closing - begin
    return start  # pragma: no cover


def before_business_seconds(end: Instant, seconds: int, calendar: Calendar, zone: ZoneInfo) -> Instant:
    """The mirror image: the instant from which so many seconds inside the hours lead to `end`."""
    for opening, closing in open_spans(calendar, zone, to_local(end, zone).date() + _DAY, -1):
        if opening <= end:
            begin = min(closing, end)
            if begin - opening >= seconds:
                return begin - seconds
            seconds -= begin - opening
    return end  # pragma: no cover


def last_business_day(calendar: Calendar, day: date) -> date:
    """That date, or the business day before it."""
    return calendar.of_rank(calendar.rank(day))


def first_business_day(calendar: Calendar, day: date) -> date:
    """That date, or the business day after it."""
    return day if calendar.is_business_day(day) else calendar.business_day(day, 1)
