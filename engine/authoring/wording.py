"""The words of a message: what stands there, what belongs there, and what to write instead."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST_SHOWN = 60
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_YES = frozenset({"yes", "y", "on", "true"})
_NO = frozenset({"no", "n", "off", "false"})
_LONG_UNITS = {
    "m": "min",
    "minute": "min",
    "minutes": "min",
    "mins": "min",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
    "month": "mo",
    "months": "mo",
    "year": "y",
    "years": "y",
    "business days": "bd",
    "business day": "bd",
    "working days": "bd",
    "workdays": "bd",
    "business hours": "bh",
    "working hours": "bh",
}
_DURATION = re.compile(r"\s*([0-9]{1,6})\s*([A-Za-z]+(?: [A-Za-z]+)?)\s*")


def shown(value: Any) -> str:
    """A value as a message quotes it: short, on one line, without control characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text[: LONGEST_SHOWN + 1])
    text = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return f"'{text}'"


def listed(words: list[str]) -> str:
    return ", ".join(words[:30]) + (", …" if len(words) > 30 else "")


def type_words(wanted: str | list[str]) -> str:
    """`["string", "number"]` as "text or a number"."""
    names = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(_TYPES.get(name, name) for name in names)


def kind_of(value: Any) -> str:
    """What a value is, with the value where it is short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    return f"the text {shown(value)}" if isinstance(value, str) else f"the number {value}"


def example(schema: dict[str, Any]) -> str:
    """The first example of a property as it could stand in a file."""
    examples = schema.get("examples") or ["…"]
    found = examples[0]
    if isinstance(found, str):
        return found
    text = json.dumps(found, ensure_ascii=False)
    return text if isinstance(found, bool | int | float) else re.sub(r'"([A-Za-z_][\w.-]*)"', r"\1", text)


def advice(value: Any, wanted: str | list[str], schema: dict[str, Any]) -> str:
    """What to write instead of a value of the wrong type or shape."""
    general = str(schema.get("errorMessage", ""))
    if wanted == "boolean" and isinstance(value, str):
        word = value.strip().lower()
        if word in _YES | _NO:
            return f"write {'true' if word in _YES else 'false'}"
    if _takes_durations(schema):
        return _duration_advice(value) or general
    if wanted == "string" and isinstance(value, int | float):
        return general or f'put quotes around it: "{json.dumps(value)}"'
    if wanted in ("number", "integer") and isinstance(value, str) and re.fullmatch(r"[0-9][0-9.,_' ]*", value):
        return "write the digits only, without quotes or separators"
    return general


def _takes_durations(schema: dict[str, Any]) -> bool:
    return "3bd" in schema.get("examples", ()) or "1bd" in schema.get("examples", ())


def _duration_advice(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"write the unit: {value}d for days, {value}w for weeks, {value}bd for business days"
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return ""
    number, unit = found.group(1), found.group(2).lower()
    if unit == "m":
        return f"write {number}min for minutes or {number}mo for months"
    short = _LONG_UNITS.get(unit, unit)
    known = short in _LONG_UNITS.values()
    return f"write {int(number)}{short}" if known else ""
