"""A value as an author writes it, read as the type of what it is compared with or written into.

Wherever a value can stand (a literal, a parameter, a lookup) the same words mean the same: 5000 beside an amount is
that many whole units of its currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.conditions import UNKNOWN
from engine.core.dates import parse_date_fact
from engine.core.durations import DurationError, TimeError, parse_duration
from engine.core.model import Path
from engine.core.money import minor_units
from engine.core.values import as_key
from engine.core.vocabulary import Field

LISTS = ("any_of", "none_of")
_ALIKE: dict[str, tuple[str, ...]] = {
    "money": ("money",),
    "number": ("number",),
    "date": ("date",),
    "yes_no": ("yes_no",),
    "duration": ("duration", "text"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a value has to fit: the field that it is compared with by `operator`, or that it is written into."""

    field: Field
    operator: str = "is"
    written: bool = False  # by `set`

    def verb(self) -> str:
        return f"is {'written into' if self.written else 'compared with'} {self.field.bare}"


def read_literal(findings: Findings, wanted: Wanted, item: Any, path: Path, parameter: str = "") -> Any:
    """`item` as the engine compares it (or keeps it, if it is written).

    None, and a finding, for what does not fit. `parameter` is whose value it is, "" if it stands there itself.
    """
    field = wanted.field
    if item is None or (item == UNKNOWN and field.name.startswith("answers.")):
        return item
    own = Findings()
    found = _READ.get(field.type, _as_it_is)(own, wanted, item, path)
    told = f"{parameter} {wanted.verb()}: " if parameter else ""
    for each in own.found:
        findings.add(each.path, each.rule, f"{told}{each.message}", each.hint)
    return found


def check_field(findings: Findings, wanted: Wanted, other: Field, path: Path) -> None:
    """A finding where a field of this type can never be compared with (or written into) what is wanted."""
    field = wanted.field
    alike = (*_ALIKE.get(field.type, (other.type,)), "unknown")
    if other.name.startswith("facts."):  # a text that `set` writes may be a date; a number, an amount
        alike += {"money": () if wanted.written else ("number",), "date": ("choice",), "duration": ("choice",)}.get(
            field.type, ()
        )
    if other.type not in alike:
        done = "it cannot be written there" if wanted.written else "they cannot be compared"
        message = f"{field.bare} is {_kind(field)}, {other.bare} is {_kind(other)}: {done}"
        hint = f"name a field that is {_kind(field)}, or write the value"
        findings.add((*path, "field"), "wrong-type", message, hint)


def _kind(field: Field) -> str:
    words = {"money": "an amount of money", "yes_no": "true or false"}
    return words.get(field.type, f"a {field.type}")


def _shown(item: Any) -> str:
    return as_key(item) if isinstance(item, bool) else repr(item)


def _choice(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    field = wanted.field
    text = as_key(item)
    if wanted.operator == "contains" and field.type == "choice":
        return text
    if field.values and text not in field.values:
        findings.add(path, "unknown-value", f"{field.bare} is never {text!r}", did_you_mean(text, field.values))
    return [text] if wanted.written and field.type == "choices" else text


def _money(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    field = wanted.field
    found = minor_units(item, field.currency)
    if found is None:
        findings.add(path, "wrong-type", f"{field.bare} is an amount of money, {_shown(item)} is not", "write 5000")
    return [found, field.currency] if wanted.written and found is not None else found


def _date(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    try:
        parse_date_fact(str(item))
    except TimeError as error:
        findings.add(path, "bad-date", f"{wanted.field.bare} is a date: {error.message}", error.hint)
        return None
    return str(item)


def _number(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    if not isinstance(item, bool) and isinstance(item, (int, float)):
        return item
    hint = "write the number alone, without quotes, such as 30"
    findings.add(path, "wrong-type", f"{wanted.field.bare} is a number, {_shown(item)} is not", hint)
    return None


def _yes_no(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    if isinstance(item, bool):
        return item
    message = f"{wanted.field.bare} is true or false, not {_shown(item)}"
    findings.add(path, "wrong-type", message, "write true or false")
    return None


def _duration(findings: Findings, wanted: Wanted, item: Any, path: Path) -> Any:
    try:
        parse_duration(str(item))
    except DurationError as error:
        findings.add(path, "bad-duration", f"{wanted.field.bare} is a duration: {error.message}", error.hint)
        return None
    return str(item)


def _text(_findings: Findings, _wanted: Wanted, item: Any, _path: Path) -> Any:
    return item if isinstance(item, str) else as_key(item)


def _as_it_is(_findings: Findings, _wanted: Wanted, item: Any, _path: Path) -> Any:
    return item


_READ = {
    "choice": _choice, "choices": _choice, "money": _money, "date": _date, "number": _number, "yes_no": _yes_no,
    "duration": _duration, "text": _text, "person": _text, "zone": _text,
}  # fmt: skip
