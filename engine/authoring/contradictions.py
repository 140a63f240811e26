"""Conditions that can never hold together, as far as that follows from their own words.

Looked at are fields compared with plain values that must all hold; what stands under `any` or `not`, and what only a
deal can answer, is left alone. So a contradiction that is found is one, and some are not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.core.conditions import AllOf, Clause, Condition, holds
from engine.core.values import Literal

_SETS = ("is", "any_of")
_NOT_PLAIN = ("date", "unknown")  # days and instants are compared in a zone
_LOWER, _UPPER = ("at_least", "more_than"), ("at_most", "less_than")


def contradiction(conditions: Iterable[Condition | None]) -> str:
    """The name of a field of which these ask at once what no value can answer; "" if none is found."""
    asked: dict[str, list[Clause]] = {}
    for condition in conditions:
        for clause in _clauses(condition):
            asked.setdefault(clause.name, []).append(clause)
    return next((name for name, clauses in asked.items() if _impossible(clauses)), "")


def _clauses(condition: Condition | None) -> Iterator[Clause]:
    """What must hold whatever else does."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _clauses(part)
    elif isinstance(condition, Clause) and isinstance(condition.operand, Literal) and condition.type not in _NOT_PLAIN:
        yield condition


def _impossible(clauses: list[Clause]) -> bool:
    candidates = _candidates(clauses)
    if candidates is not None:
        return not any(_fits(value, clauses) for value in candidates)
    return _empty_range(clauses)


def _candidates(clauses: list[Clause]) -> list[Any] | None:
    """The values that the first list of them leaves; None if there is no such list."""
    for clause in clauses:
        if clause.operator == "is_empty" and _operand(clause) is True:
            return [None]
        if clause.operator in _SETS and clause.type != "choices":
            found = _operand(clause)
            return list(found) if clause.operator == "any_of" else [found]
    return None


def _fits(value: Any, clauses: list[Clause]) -> bool:
    """As the engine itself decides it, of a deal with this value."""
    return all(holds(clause, _OneValue(clause, value)) for clause in clauses)


def _empty_range(clauses: list[Clause]) -> bool:
    bounds = [clause for clause in clauses if clause.type in ("number", "money")]
    lower = [_operand(clause) for clause in bounds if clause.operator in _LOWER]
    upper = [_operand(clause) for clause in bounds if clause.operator in _UPPER]
    if not lower or not upper or not all(isinstance(each, int | float) for each in (*lower, *upper)):
        return False
    low, high = max(lower), min(upper)
    return low > high or (low == high and not all(_fits(low, [clause]) for clause in bounds))


def _operand(clause: Clause) -> Any:
    assert isinstance(clause.operand, Literal)
    return clause.operand.content


class _OneValue:
    """A deal of which one value is known."""

    def __init__(self, clause: Clause, value: Any) -> None:
        money = clause.type == "money" and value is not None
        self._value = (value, clause.currency) if money else value

    def value(self, name: str) -> Any:
        return self._value

    def elapsed(self, name: str, direction: Any, duration: Any) -> int | None:
        raise AssertionError("no clause asks this")

    def date_order(self, name: str, other: str) -> int | None:
        raise AssertionError("dates are left alone")

    def count(self, count: Any) -> int:
        raise AssertionError("no clause asks this")

    def other_currency(self, name: str) -> None:
        """One currency is as good as another here."""
