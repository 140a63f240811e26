"""What people write as the fields of an event, turned into the values that the playbooks compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.core.building.findings import did_you_mean
from engine.core.dates import parse_date_fact
from engine.core.durations import TimeError, parse_duration
from engine.core.money import minor_digits
from engine.core.names import Called
from engine.core.roster import Roster
from engine.core.unfit import Unfit
from engine.core.vocabulary import EventKind, Field
from engine.core.zones import zone
from engine.runner.said_dates import as_written

_YES_NO = {"yes": True, "true": True, "y": True, "1": True, "no": False, "false": False, "n": False, "0": False}


class NotRecordable(Unfit):
    """What was said cannot be recorded. `hint` says what is possible, `column` where in a row it stands."""

    def __init__(self, message: str, hint: str = "", column: str = "") -> None:
        super().__init__(message, hint)
        self.column = column


def payload(kind: EventKind, said: Mapping[str, Any], roster: Roster) -> dict[str, Any]:
    """The fields of an event in their types; empty ones are left out. Raises NotRecordable."""
    found: dict[str, Any] = {}
    for name, text in said.items():
        declared = kind.fields.get(name)
        column = f"field.{name}"
        if declared is None:
            known = ", ".join(kind.fields) or "none"
            guess = did_you_mean(name, kind.fields)
            raise NotRecordable(f"{kind.name} has no field {name!r}", guess or f"its fields: {known}", column)
        if text is None or text == "":
            continue
        found[name] = _value(declared, text, roster, column)
    return found


def _value(declared: Field, text: Any, roster: Roster, column: str) -> Any:
    read = _READ.get(declared.type)
    if read is None:
        return text
    try:
        return read(declared, str(text).strip(), roster)
    except TimeError as error:
        raise NotRecordable(f"{declared.bare}: {error.message}", error.hint, column) from None
    except _Wrong as error:
        raise NotRecordable(f"{declared.bare}: {error.args[0]}", error.args[1], column) from None


class _Wrong(Exception):
    """(what is wrong, what to write instead)"""


def _choice(declared: Field, text: str, _roster: Roster) -> str:
    if declared.values and text not in declared.values:
        guess = did_you_mean(text, declared.values)
        raise _Wrong(f"{text!r} is not one of its values", guess or f"write one of: {', '.join(declared.values)}")
    return text


def _number(_declared: Field, text: str, _roster: Roster) -> int | float:
    amount = _decimal(text)
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _money(declared: Field, text: str, _roster: Roster) -> list[Any]:
    """`5000`, `5000.50` or `5000 EUR`, in minor units with the currency."""
    amount, _, currency = text.partition(" ")
    money = currency.strip().upper() or declared.currency
    return [int(_decimal(amount) * 10 ** minor_digits(money)), money]


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 15:
        raise _Wrong(f"{text!r} is not a number", "write 5000 or 5000.50, without separators")
    return amount


def _date(_declared: Field, text: str, _roster: Roster) -> str:
    written = as_written(text)
    parse_date_fact(written)
    return written


def _yes_no(_declared: Field, text: str, _roster: Roster) -> bool:
    if text.lower() not in _YES_NO:
        raise _Wrong(f"{text!r} is neither yes nor no", "write yes or no")
    return _YES_NO[text.lower()]


def _person(_declared: Field, text: str, roster: Roster) -> str:
    return known_person(text, roster)


def _zone(_declared: Field, text: str, _roster: Roster) -> str:
    zone(text)
    return text


def _duration(_declared: Field, text: str, _roster: Roster) -> str:
    return str(parse_duration(text))


_READ: dict[str, Callable[[Field, str, Roster], Any]] = {
    "choice": _choice,
    "number": _number,
    "money": _money,
    "date": _date,
    "yes_no": _yes_no,
    "person": _person,
    "zone": _zone,
    "duration": _duration,
    "text": lambda _declared, text, _roster: text,
}


def people_called(text: str, roster: Roster) -> list[str]:
    """The ids of those whom an id means, else a name, else a mail address, capitals aside."""
    if text in roster.people:
        return [text]
    return Called((person.id, person.name, person.email) for person in roster.people.values()).find(text)


def known_person(text: str, roster: Roster) -> str:
    """The id of a person of the roster, by id, name or mail address. Any id is taken while it names nobody."""
    found = people_called(text, roster)
    if len(found) > 1:
        raise _Wrong(f"{text!r} may be {' or '.join(found)}", "write the id")
    if found:
        return found[0]
    if roster.people:
        guess = did_you_mean(text, roster.people)
        raise _Wrong(f"{text!r} is not in roster.yaml", guess or f"people: {', '.join(list(roster.people)[:12])}")
    return text


def checked_person(text: str, roster: Roster, column: str = "") -> str:
    """As `known_person`, raising NotRecordable."""
    try:
        return known_person(text, roster)
    except _Wrong as error:
        raise NotRecordable(error.args[0], error.args[1], column) from None
