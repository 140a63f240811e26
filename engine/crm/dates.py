"""Dates by a declared format, or ISO 8601. What could be read in two ways is never guessed.

A date without a time stays a date (`2026-03-02`): only whoever knows the zone may turn it into an instant. With a time
it is wall time (`2026-03-02T10:00:00`), or UTC (`…Z`) where the text or the mapping says which zone it is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?\s?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_OTHER_ORDER = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}(?![0-9]).*|[0-9]{8}|[0-9]{5}(?:\.[0-9]+)?")
_FIRST_TWO = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})([./-])([0-9]{4}|[0-9]{2})(.*)")
_TOKEN = re.compile(r"am/pm|tt|y+|d+|h+|m+|s+|am|pm|[^a-z]+|.")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FORMAT_HINT = "Write it like DD.MM.YYYY, MM/DD/YYYY, MM/DD/YY hh:mm AM, DD/MM/YYYY HH:mm, ISO or EXCEL"


class UnreadableError(ValueError):
    """This one value cannot be read; the text says why."""


class UndeclaredError(ValueError):
    """The value has several meanings, so the mapping must say which. The text is what to declare.

    `line` is the same as a line of a mapping, ready to be copied.
    """

    def __init__(self, advice: str, line: str = "date_format: DD/MM/YYYY") -> None:
        super().__init__(advice)
        self.line = line


@dataclass(frozen=True, kw_only=True, slots=True)
class DateFormat:
    """A declared format; `pattern` is None for ISO and EXCEL."""

    text: str
    pattern: re.Pattern[str] | None = None


def parse_format(text: str) -> DateFormat:
    """`DD.MM.YYYY HH:mm` -> DateFormat. Letters may be small or large: an M after the hour is minutes, else the month.

    Raises ValueError with what is wrong.
    """
    if text.strip().upper() in ("ISO", "EXCEL"):
        return DateFormat(text=text.strip().upper())
    if "%" in text:
        raise ValueError(f"“{text}” is written with % signs")
    tokens = _TOKEN.findall(text.strip().casefold())
    packed = not any(re.fullmatch(r"[^a-z]+", token) for token in tokens)
    parts: list[str] = []
    names: list[str] = []
    for token in tokens:
        name, pattern = _token(token, names, packed)
        if name in names:
            raise ValueError(f"“{text}” has the {name} twice")
        names += [name] if name else []
        parts.append(pattern)
    for name in ("year", "month", "day"):
        if name not in names:
            raise ValueError(f"“{text}” has no {name}")
    pattern = "".join(parts)
    if "minute" in names and "second" not in names:
        pattern = pattern.replace(
            "(?P<minute>[0-9]{2})", "(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\\.[0-9]+)?)?"
        )
    if "hour" in names:
        pattern = _time_may_be_missing(pattern)
    return DateFormat(text=text.strip(), pattern=re.compile(pattern, re.IGNORECASE))


def _token(token: str, names: list[str], packed: bool) -> tuple[str, str]:
    """One part of a format: the name of what it holds (empty for punctuation) and its pattern."""
    number = "[0-9]{2}" if packed else "[0-9]{1,2}"
    first = token[0]
    if first == "y":
        return "year", "(?P<year>[0-9]{4})" if len(token) > 2 else "(?P<year>[0-9]{2})"
    if first == "d":
        return "day", f"(?P<day>{number})"
    if first == "m" and "hour" in names:
        return "minute", "(?P<minute>[0-9]{2})"
    if first == "m":
        return "month", f"(?P<month>{number})" if len(token) < 3 else "(?P<month>[a-z]{3,9})"
    if first == "h":
        return "hour", f"(?P<hour>{number})"
    if first == "s":
        return "second", "(?P<second>[0-9]{2})"
    if token in ("am", "pm", "am/pm", "tt"):
        return "half", r"(?P<half>[ap])\.?m\.?"
    if not token.isspace() and first.isalpha() and token != "t":
        raise ValueError(f"“{token}” is no part of a date")
    return "", re.sub(r"(?:\\ |\s)+", r"\\s+", re.escape(token))


def _time_may_be_missing(pattern: str) -> str:
    """A date alone is read too, where the time is written last: it stays a date."""
    start = pattern.find("(?P<hour>")
    if "(?P<year>" in pattern[start:] or "(?P<day>" in pattern[start:]:
        return pattern
    end = pattern.rfind(")", 0, start) + 1
    return f"{pattern[:end]}(?:{pattern[end:]})?"


def read_date(text: str, formats: tuple[DateFormat, ...], zone: tzinfo | None = None) -> str:
    """A date or a wall time as the text of the module's head. `formats` empty: only ISO is read.

    Raises UnreadableError, or UndeclaredError where no format is declared and the text has another order than ISO.
    """
    if not formats:
        if _ISO.fullmatch(text):
            return _iso(text, zone)
        if _OTHER_ORDER.fullmatch(text):
            raise UndeclaredError(*_declare(text))
        raise UnreadableError("is not a date with year, month and day")
    for form in formats:
        found = _in_format(text, form, zone)
        if found:
            return found
    raise UnreadableError(f"is not written as {' or '.join(form.text for form in formats)}")


def _in_format(text: str, form: DateFormat, zone: tzinfo | None) -> str | None:
    if form.text == "ISO":
        return _iso(text, zone) if _ISO.fullmatch(text) else None
    if form.text == "EXCEL":
        return _excel(text, zone)
    match = form.pattern.fullmatch(text) if form.pattern else None
    if not match:
        return None
    parts = match.groupdict()
    year = int(parts["year"])
    if year < 100:  # POSIX: 69 to 99 are the last century
        year += 1900 if year >= 69 else 2000
    hour = _hour(parts.get("hour"), parts.get("half"))
    return _written(
        year, _month(parts["month"]), int(parts["day"]), hour, parts.get("minute"), parts.get("second"), zone
    )


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    if text[:3].casefold() in _MONTHS:
        return _MONTHS.index(text[:3].casefold()) + 1
    raise UnreadableError(f"has no English month “{text}”")


def _hour(text: str | None, half: str | None) -> int | None:
    if text is None:
        return None
    hour = int(text)
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise UnreadableError("has an hour that is not between 1 and 12 before AM or PM")
    return hour % 12 + (12 if half.casefold() == "p" else 0)


def _iso(text: str, zone: tzinfo | None) -> str:
    year, month, day, hour, minute, second, offset = _ISO.fullmatch(text).groups()  # type: ignore[union-attr]
    if not hour:
        return _written(int(year), int(month), int(day), None, None, None, None)
    if offset:
        zone = UTC if offset in "Zz" else datetime.strptime(offset.replace(":", "").ljust(5, "0"), "%z").tzinfo
    return _written(int(year), int(month), int(day), int(hour), minute, second, zone)


def _excel(text: str, zone: tzinfo | None) -> str | None:
    """Excel's serial day number; days before March 1900 are refused (Excel counts a 29 February that never was)."""
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]+)?", text):
        return None
    serial = float(text)
    if not 61 <= serial < 2_958_466:
        raise UnreadableError("is no Excel day number between 1900 and 9999")
    moment = datetime(1899, 12, 30) + timedelta(seconds=round(serial * 86_400))
    if "." not in text or serial.is_integer():
        return moment.date().isoformat()
    return _in_zone(moment, zone)


def _written(
    year: int, month: int, day: int, hour: int | None, minute: str | None, second: str | None, zone: tzinfo | None
) -> str:
    try:
        if hour is None:
            return date(year, month, day).isoformat()
        moment = datetime(year, month, day, hour, int(minute or 0), int(second or 0))
    except ValueError:
        raise UnreadableError("is a day or time that does not exist") from None
    return _in_zone(moment, zone)


def _in_zone(moment: datetime, zone: tzinfo | None) -> str:
    if zone is None:
        return moment.isoformat()
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        raise UnreadableError("is outside the years 1 to 9999") from None


def two_orders(text: str) -> tuple[int, int, str, str] | None:
    """(first number, second number, format with the day first, format with the month first); None for other dates."""
    match = _FIRST_TWO.fullmatch(text)
    if not match:
        return None
    first, second, mark, year, time = match.groups()
    tail = f"{mark}{'YYYY' if len(year) == 4 else 'YY'}{_time_of(time)}"
    return int(first), int(second), f"DD{mark}MM{tail}", f"MM{mark}DD{tail}"


def _declare(text: str) -> tuple[str, str]:
    """(what to declare, with both readings of the value where it has two; the line to write)."""
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        return "If these are Excel day numbers, write date_format: EXCEL", "date_format: EXCEL"
    if re.fullmatch(r"[0-9]{8}", text):
        return "Write date_format: YYYYMMDD if the year comes first", "date_format: YYYYMMDD"
    orders = two_orders(text)
    if orders is None:
        return FORMAT_HINT, "date_format: YYYY/MM/DD"
    first, second, day_first, month_first = orders
    if first > 12 or second > 12:
        settled = day_first if first > 12 else month_first
        return f"Write date_format: {settled}", f"date_format: {settled}"
    return f"Write date_format: {day_first} or {month_first}", f"date_format: {day_first}   # or {month_first}"


def _time_of(text: str) -> str:
    if ":" not in text:
        return ""
    return " hh:mm AM" if text.rstrip(". ").casefold().endswith("m") else " HH:mm"
