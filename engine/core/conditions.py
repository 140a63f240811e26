"""Conditions: what a guard asks, whether it holds, and how it explains itself.

Nothing here reads a deal: a condition asks an `Asking`, which knows the deal at one instant. An empty field fails every
operator except `is_empty: true`, `is_not` and `none_of` (docs/semantics.md, Conditions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from engine.core.money import is_money, minor_digits, minor_units, money_text
from engine.core.values import FieldRef, Lookup, Value, names_in, resolve, value_words

Direction: TypeAlias = Literal["since", "until"]
UNKNOWN = "unknown"  # an answer like any other: never more, less, before or after


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One field compared with one operand. `currency` is set for money, whose operands are minor units."""

    name: str
    operator: str
    operand: Value
    type: str
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Elapsed:
    """`since.DATE` or `until.DATE` compared with a duration."""

    name: str
    direction: Direction
    operator: str
    operand: Value  # of Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How often an event happened within a duration, for whom, with which fields."""

    of: str
    operator: str
    operand: Value
    within: Value | None = None  # of Duration
    origin: str = "deal"
    where: tuple[tuple[str, str, Any], ...] = ()  # field of the event, operator, operand


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    part: Condition


Condition: TypeAlias = Clause | Elapsed | Count | AllOf | AnyOf | Not


class Asking(Protocol):
    """What a condition may ask about one enrolment (or deal) at one instant."""

    def value(self, name: str) -> Any: ...
    def elapsed(self, name: str, direction: Direction, duration: Any) -> int | None:
        """-1, 0 or 1: the time since (until) the date is less than, equal to, more than `duration`; None if empty."""
        ...

    def date_order(self, name: str, other: str) -> int | None:
        """-1, 0 or 1: the date fact is before, at, after `other`; None if empty."""
        ...

    def count(self, count: Count) -> int: ...
    def other_currency(self, name: str) -> None:
        """Told when money in another currency made a comparison false."""
        ...


def holds(condition: Condition | None, asking: Asking) -> bool:
    """Whether `condition` holds; None always does."""
    if condition is None:
        return True
    return _HOLDS[type(condition)](condition, asking)


def _clause(clause: Clause, asking: Asking) -> bool:
    if clause.type == "date" and clause.operator != "is_empty" and not _asks_unknown(clause):
        other = resolve(clause.operand, asking.value)
        return _date_holds(clause.operator, None if other is None else asking.date_order(clause.name, str(other)))
    found = asking.value(clause.name)
    empty = found is None or found == ""
    if clause.operator == "is_empty":
        return empty is resolve(clause.operand, asking.value)
    if empty:
        return clause.operator in _NEGATIVE
    wanted = resolve(clause.operand, asking.value)
    if clause.type == "money" or is_money(found):
        found, wanted = _in_one_currency(clause, found, wanted, asking)
        if found is None:
            return False
    if wanted is None:
        return clause.operator in _NEGATIVE
    if found == UNKNOWN and clause.operator in _ORDER:
        return False
    return _compared(clause.operator, found, wanted)


def _asks_unknown(clause: Clause) -> bool:
    """`is: unknown`, of an answer that may be a date."""
    return getattr(clause.operand, "content", None) == UNKNOWN


def _in_one_currency(clause: Clause, found: Any, wanted: Any, asking: Asking) -> tuple[Any, Any]:
    """Both sides in minor units; (None, None) where the currencies differ. What is no amount stays as it is."""
    minor, currency = found if is_money(found) else (minor_units(found, clause.currency), clause.currency)
    theirs = wanted[1] if is_money(wanted) else clause.currency
    if minor is None:
        return found, wanted
    if theirs and currency and currency != theirs:
        asking.other_currency(clause.name)
        return None, None
    return minor, wanted[0] if is_money(wanted) else _in_minor(clause, wanted, currency)


def _in_minor(clause: Clause, wanted: Any, currency: str) -> int | None:
    """A plain number beside an amount. What stands in the playbook was made minor when it was built, in the currency of
    the field; a number that a field holds is one of whole units."""
    if clause.type != "money" or isinstance(clause.operand, FieldRef) or not isinstance(wanted, int):
        return minor_units(wanted, currency)
    more: int = minor_digits(currency) - minor_digits(clause.currency)
    return int(wanted * 10**more) if more >= 0 else -(-wanted // int(10**-more))


def _date_holds(operator: str, order: int | None) -> bool:
    if order is None:
        return operator in _NEGATIVE
    return {"is": order == 0, "is_not": order != 0, "before": order < 0, "after": order > 0}[operator]


def _elapsed(condition: Elapsed, asking: Asking) -> bool:
    wanted = resolve(condition.operand, asking.value)
    order = asking.elapsed(condition.name, condition.direction, wanted) if wanted is not None else None
    return order is not None and _compared(condition.operator, order, 0)


def _count(condition: Count, asking: Asking) -> bool:
    wanted = resolve(condition.operand, asking.value)
    if wanted is None:
        return condition.operator in _NEGATIVE
    return _compared(condition.operator, asking.count(condition), wanted)


def _all(condition: AllOf, asking: Asking) -> bool:
    return all(holds(part, asking) for part in condition.parts)


def _any(condition: AnyOf, asking: Asking) -> bool:
    return any(holds(part, asking) for part in condition.parts)


def _not(condition: Not, asking: Asking) -> bool:
    return not holds(condition.part, asking)


_HOLDS: dict[type, Callable[[Any, Asking], bool]] = {
    Clause: _clause,
    Elapsed: _elapsed,
    Count: _count,
    AllOf: _all,
    AnyOf: _any,
    Not: _not,
}

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda found, wanted: bool(found == wanted),
    "is_not": lambda found, wanted: bool(found != wanted),
    "any_of": lambda found, wanted: found in _several(wanted),
    "none_of": lambda found, wanted: found not in _several(wanted),
    "at_least": lambda found, wanted: bool(found >= wanted),
    "at_most": lambda found, wanted: bool(found <= wanted),
    "more_than": lambda found, wanted: bool(found > wanted),
    "less_than": lambda found, wanted: bool(found < wanted),
    "contains": lambda found, wanted: _contains(found, wanted),
}
_ORDER = frozenset({"at_least", "at_most", "more_than", "less_than"})
_NEGATIVE = frozenset({"is_not", "none_of"})  # these hold of what is empty


def _compared(operator: str, found: Any, wanted: Any) -> bool:
    """What cannot be put in an order (a text and a number) is neither more nor less."""
    try:
        return _COMPARE[operator](found, wanted)
    except TypeError:
        return operator in _NEGATIVE


def _several(wanted: Any) -> Any:
    """One value where a list may stand, such as a field, is a list of one."""
    return wanted if isinstance(wanted, (list, tuple)) else (wanted,)


def _contains(found: Any, wanted: Any) -> bool:
    """A text has a part, whatever the case; a list has an item."""
    return wanted in found if isinstance(found, (list, tuple)) else str(wanted).casefold() in str(found).casefold()


def matches(
    where: tuple[tuple[str, str, Any], ...], fields: Mapping[str, Any], date_order: Callable[[str, str], int]
) -> bool:
    """Whether an event with these fields is one that a `count` counts; `date_order` as in `Asking`."""
    return all(_field_matches(fields.get(name), operator, operand, date_order) for name, operator, operand in where)


def _field_matches(found: Any, operator: str, operand: Any, date_order: Callable[[str, str], int]) -> bool:
    if operator == "is_empty":
        return (found is None or found == "") is operand
    if found is None or found == "" or operand is None:
        return operator in _NEGATIVE
    if operator in ("before", "after"):
        return _date_holds(operator, date_order(str(found), str(operand)))
    return _compared(operator, found[0] if is_money(found) else found, operand)


def parts(condition: Condition | None) -> Iterator[Clause | Elapsed | Count]:
    """Every single question in `condition`, in the order written."""
    if isinstance(condition, (AllOf, AnyOf)):
        for part in condition.parts:
            yield from parts(part)
    elif isinstance(condition, Not):
        yield from parts(condition.part)
    elif condition is not None:
        yield condition


def names(condition: Condition | None) -> set[str]:
    """The canonical names that `condition` reads."""
    found: set[str] = set()
    for part in parts(condition):
        if not isinstance(part, Count):
            found.add(part.name)
        found.update(names_in(part.operand))
    return found


def describe(condition: Condition | None) -> str:
    """`condition` in one line of words, for `why` and `show`."""
    if condition is None:
        return "always"
    if isinstance(condition, (AllOf, AnyOf)):
        word = " and " if isinstance(condition, AllOf) else " or "
        inner = [describe(part) for part in condition.parts]
        return inner[0] if len(inner) == 1 else "(" + word.join(inner) + ")"
    if isinstance(condition, Not):
        return f"not {describe(condition.part)}"
    return _words(condition)


def _words(condition: Clause | Elapsed | Count) -> str:
    operator = condition.operator.replace("_", " ")
    money = isinstance(condition, Clause) and condition.type == "money"
    operand = _operand_words(condition.operand, getattr(condition, "currency", "") if money else None)
    if isinstance(condition, Clause):
        return f"{condition.name} {operator} {operand}"
    if isinstance(condition, Elapsed):
        return f"{condition.direction}.{condition.name} {operator} {operand}"
    within = f" within {_operand_words(condition.within)}" if condition.within is not None else ""
    whose = f" of the {condition.origin}" if condition.origin != "deal" else ""
    where = "".join(f", {name} {how.replace('_', ' ')} {_operand_words(what)}" for name, how, what in condition.where)
    return f"count of {condition.of}{whose}{within}{f' (only{where[1:]})' if where else ''} {operator} {operand}"


def _operand_words(value: Value, currency: str | None = None) -> str:
    content = getattr(value, "content", value)
    if isinstance(content, tuple):
        return ", ".join(str(item) for item in content)
    if currency is not None and isinstance(content, int):
        return money_text(content, currency)
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(value, Lookup):
        return f"what stands {value_words(value, currency)}"
    name = getattr(value, "name", None)
    return f"the field {name}" if name else str(content)
