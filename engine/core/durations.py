"""How long: `30min`, `4h`, `2d`, `3w`, `2mo`, `1y`, business days `3bd`, business hours `4bh`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

Instant = int
"""A moment: whole seconds since 1970-01-01T00:00:00Z."""

Unit = Literal["min", "h", "d", "w", "mo", "y", "bd", "bh"]

UNITS = "min, h, d, w, mo, y, bd or bh"

# What 3,660 days are in each unit. A business day counts as one day, a business hour as an eighth of one.
LARGEST: dict[str, int] = {
    "min": 3_660 * 1_440,
    "h": 3_660 * 24,
    "d": 3_660,
    "w": 522,
    "mo": 120,
    "y": 10,
    "bd": 3_660,
    "bh": 3_660 * 8,
}

_PLAIN = re.compile(r"(\d+)(min|h|d|w|mo|y|bd|bh)", re.ASCII)
_LOOSE = re.compile(r"([+-]?)\s*([\d_,]*\.?\d+)\s*([^\W\d_][\w\s-]*)", re.ASCII)
_ISO = re.compile(r"P(?:(\d+)([YMWD])|T(\d+)([HM]))", re.ASCII)
_ISO_UNITS = {"Y": "y", "M": "mo", "W": "w", "D": "d", "TH": "h", "TM": "min"}
# What people write; one word per unit is enough because plurals and case are taken off first.
_WORDS: dict[str, Unit] = {
    "minute": "min", "min": "min", "h": "h", "hr": "h", "hour": "h", "day": "d", "d": "d", "week": "w", "wk": "w",
    "w": "w", "month": "mo", "mo": "mo", "mon": "mo", "mth": "mo", "year": "y", "yr": "y", "y": "y",
    "businessday": "bd", "workday": "bd", "workingday": "bd", "bd": "bd", "weekday": "bd",
    "businesshour": "bh", "workhour": "bh", "workinghour": "bh", "bh": "bh",
}  # fmt: skip
_PARTS: dict[str, tuple[Unit, int]] = {"h": ("min", 60), "d": ("h", 24), "w": ("d", 7), "y": ("mo", 12)}


class TimeError(ValueError):
    """Something about time that cannot be read. `message` says what is wrong, `hint` what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DurationError(TimeError):
    """A text that is not a duration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """A length of time as it was written: `amount` (0 or more) of one `unit`."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def parse_duration(text: str) -> Duration:
    """Read a duration such as `3bd`. Raises DurationError for anything else, and for more than 3,660 days' worth."""
    if not isinstance(text, str):
        raise DurationError(f"{text!r} is not a duration", "write a number and a unit, such as 30min, 4h, 2d or 3bd")
    found = _PLAIN.fullmatch(text)
    if not found:
        raise DurationError(f'"{_short(text)}" is not a duration', _hint(text.strip()))
    digits, unit = found.groups()
    # the length is looked at first: int() of thousands of digits is an error of its own
    if len(digits.lstrip("0")) > 7 or int(digits) > LARGEST[unit]:
        raise DurationError(f'"{_short(text)}" is too long', f"at most 3,660 days: write {LARGEST[unit]}{unit} or less")
    return Duration(amount=int(digits), unit=cast(Unit, unit))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


def _hint(text: str) -> str:
    """What the author most likely meant."""
    iso = _ISO.fullmatch(text[:20])
    if iso:
        days, letter, hours, time_letter = iso.groups()
        return f"write {days or hours}{_ISO_UNITS[letter or 'T' + time_letter]}"
    loose = _LOOSE.fullmatch(text[:40])
    if not loose:
        return f"write a number and one unit ({UNITS}), such as 3bd"
    sign, number, word = loose.groups()
    if sign == "-":
        return 'durations count forward; to go back from a date, write "at: 60d before DATE"'
    if word.lower() == "m":
        return f"mo for months, min for minutes: write {number}mo or {number}min"
    unit = _unit_of(word)
    if unit is None:
        return f"the units are {UNITS}: write for instance {_whole(number) or 3}d"
    return _in_whole_numbers(number, unit)


def _unit_of(word: str) -> Unit | None:
    plain = re.sub(r"[\s_-]", "", word.lower())
    return _WORDS.get(plain) or _WORDS.get(plain.removesuffix("s"))


def _whole(number: str) -> str:
    digits = number.replace(",", "").replace("_", "")
    return digits if digits.isdigit() else ""


def _in_whole_numbers(number: str, unit: Unit) -> str:
    """`1.5` hours are 90min: the next smaller unit, where that comes out even."""
    whole = _whole(number)
    if whole:
        return f"write {whole}{unit}"
    smaller = _PARTS.get(unit)
    count = float(number.replace(",", "").replace("_", "")) * smaller[1] if smaller else 0.5
    if smaller and count == int(count):
        return f"whole numbers only: write {int(count)}{smaller[0]}"
    return f"whole numbers only, such as 2{unit}"
