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
OPERATORS = {">": "more_than", ">=": "at_least", "<": "less_than", "<=": "at_most", "=": "is", "==": "is"}
_SIGNED = re.compile(r"(>=|<=|==|>|<|=)\s*(-?[\w.][\w.,-]*)")
_COMPARED = re.compile(r"([A-Za-z][\w.]*)\s*" + _SIGNED.pattern)
_MOVED = re.compile(r"(.+?)\s+((?:before|after)\s+\S+)")
_WORDS_ONLY = re.compile(r"(?P<key>[a-z_]+)\s+(?P<value>[^\s:#].*)")
_KEYS = frozenset(  # those that take a text
    {
        *("playbook", "title", "description", "purpose", "note", "means", "initial", "calendar", "extends", "again"),
        *("kind", "type", "assign", "contact", "due", "window", "minutes", "template", "optional", "keep", "expires"),
        *("deadline", "priority", "event", "from", "after", "at", "schedule", "to", "end", "finish"),
    }
)
_SPOKEN_NAME = re.compile(r"[A-Za-z][\w-]*(?:\s+[\w-]+){0,4}")
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
    if wanted == "array" and isinstance(value, str) and _lists_words(schema):
        return f"write a list: [{', '.join(part.strip() for part in value.split(','))}]"
    if wanted == "object" and isinstance(value, list) and value and not general:
        return f"write a mapping by name, without '- ': {example(schema)}"
    if wanted == "object" and "{is: lost}" in general and not isinstance(value, list):
        return _comparison_advice(value) or general
    if wanted == "object" and (meant := in_words(value)):
        return f"write it in words: {{{meant}}}"
    if wanted == "string" and isinstance(value, list) and value and isinstance(value[0], str):
        return f"write {value[0]}, without brackets" if len(value) == 1 else "only one fits here"
    if wanted == "string" and isinstance(value, int | float):
        return general or f'put quotes around it: "{json.dumps(value)}"'
    if wanted in ("number", "integer") and isinstance(value, str) and re.fullmatch(r"[0-9][0-9.,_' ]*", value):
        return "write the digits only, without quotes or separators"
    if not general and wanted in ("array", "object") and schema.get("examples") and isinstance(value, str | dict):
        return f"write it like {example(schema)}"
    return general


def _lists_words(schema: dict[str, Any]) -> bool:
    first = next(iter(schema.get("examples", ())), None)
    return isinstance(first, list) and bool(first) and all(isinstance(item, str) and "," not in item for item in first)


def _comparison_advice(value: Any) -> str:
    """`< 2` and a bare `2` as the comparison that was meant."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"write a comparison: {{is: {value}}} or {{at_least: {value}}}"
    found = _SIGNED.fullmatch(value) if isinstance(value, str) else None
    return f"write it in words: {{{OPERATORS[found[1]]}: {found[2]}}}" if found else ""


def in_words(value: Any) -> str:
    """`visits < 2` as `visits: {less_than: 2}`; `""` for what is no comparison."""
    found = _COMPARED.fullmatch(value.strip()) if isinstance(value, str) else None
    return f"{found[1]}: {{{OPERATORS[found[2]]}: {found[3]}}}" if found else ""


def with_colon(text: str) -> str:
    """A line without its colon as it was meant: a comparison in words, or a key and its text if the key takes one."""
    text = text.strip().removeprefix("- ").strip()
    if in_words(text):
        return in_words(text)
    text = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"
    found = _WORDS_ONLY.fullmatch(text)
    return f"{found['key']}: {found['value']}" if found and found["key"] in _KEYS else f"{text}: …"


def as_name(value: Any, pattern: str) -> str:
    """Text with spaces or capitals as the name that was meant, if `pattern` takes names; `""` otherwise."""
    if not isinstance(value, str) or not _SPOKEN_NAME.fullmatch(value):
        return ""
    name = re.sub(r"[\s-]+", "_", value.strip()).lower()
    return name if re.search(pattern, name) and not re.search(pattern, "1") else ""


def _takes_durations(schema: dict[str, Any]) -> bool:
    return "3bd" in schema.get("examples", ()) or "1bd" in schema.get("examples", ())


def _duration_advice(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"write the unit: {value}d for days, {value}w for weeks, {value}bd for business days"
    moved = _MOVED.fullmatch(value) if isinstance(value, str) and len(value) <= LONGEST_SHOWN else None
    if moved:
        written = _duration_advice(moved[1])
        return f"{written} {moved[2]}" if written and " or " not in written else ""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return ""
    number, unit = found.group(1), found.group(2).lower()
    if unit == "m":
        return f"write {number}min for minutes or {number}mo for months"
    short = _LONG_UNITS.get(unit, unit)
    known = short in _LONG_UNITS.values()
    return f"write {int(number)}{short}" if known else ""
