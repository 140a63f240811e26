"""`if:` and every other condition: names resolved, operators checked against the field's type, money made minor."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.core.building.findings import did_you_mean
from engine.core.building.words import Words
from engine.core.conditions import UNKNOWN, AllOf, AnyOf, Clause, Condition, Count, Elapsed, Not
from engine.core.dates import parse_date_fact
from engine.core.durations import TimeError
from engine.core.model import Path
from engine.core.money import minor_digits
from engine.core.values import Literal, Value
from engine.core.vocabulary import Field

_NUMERIC = ("at_least", "at_most", "more_than", "less_than")
_WORDS = ("is", "is_not", "any_of", "none_of", "is_empty")
OPERATORS: dict[str, tuple[str, ...]] = {
    "text": (*_WORDS, "contains"),
    "choice": (*_WORDS, "contains"),
    "choices": ("contains", "is", "is_not", "is_empty"),
    "person": _WORDS,
    "zone": _WORDS,
    "yes_no": ("is", "is_not", "is_empty"),
    "number": (*_WORDS, *_NUMERIC),
    "money": ("is", "is_not", "is_empty", *_NUMERIC),
    "date": ("is", "is_not", "before", "after", "is_empty"),
    "duration": ("is", "is_not", "is_empty"),
    "unknown": (*_WORDS, *_NUMERIC, "before", "after", "contains"),
}


def condition(words: Words, content: Mapping[str, Any], path: Path) -> Condition:
    """All parts of `content` must hold."""
    found = [part for key, inner in content.items() for part in _part(words, key, inner, (*path, key))]
    return found[0] if len(found) == 1 else AllOf(parts=tuple(found))


def optional_condition(words: Words, content: Mapping[str, Any], path: Path, key: str = "if") -> Condition | None:
    return condition(words, content[key], (*path, key)) if content.get(key) else None


def _part(words: Words, key: str, content: Any, path: Path) -> list[Condition]:
    if key in ("any", "all"):
        inner = tuple(condition(words, item, (*path, index)) for index, item in enumerate(content))
        return [AnyOf(parts=inner) if key == "any" else AllOf(parts=inner)]
    if key == "not":
        return [Not(part=condition(words, content, path))]
    if key == "count":
        return _count(words, content, path)
    if key.startswith(("since.", "until.")):
        return _elapsed(words, key, content, path)
    return _clauses(words, key, content, path)


def _clauses(words: Words, key: str, content: Mapping[str, Any], path: Path) -> list[Condition]:
    return list(_clauses_of(words, words.name(key, path), content, path))


def _clauses_of(words: Words, field: Field, content: Mapping[str, Any], path: Path) -> list[Clause]:
    """One clause per operator that fits the field's type."""
    found: list[Clause] = []
    for operator, operand in content.items():
        where = (*path, operator)
        if operator not in OPERATORS[field.type]:
            fitting = ", ".join(OPERATORS[field.type])
            words.findings.add(
                where,
                "wrong-operator",
                f"{field.bare} is a {field.type}: {operator!r} does not fit",
                f"use {fitting}",
                on="key",
            )
            continue
        value = _operand(words, field, operator, operand, where)
        found.append(
            Clause(name=field.name, operator=operator, operand=value, type=field.type, currency=field.currency)
        )
    return found


def _operand(words: Words, field: Field, operator: str, operand: Any, path: Path) -> Value:
    if operator == "is_empty" or isinstance(operand, Mapping):
        return words.value(operand, path)
    items = operand if isinstance(operand, list) else [operand]
    checked = [_literal(words, field, operator, item, path) for item in items]
    return Literal(content=tuple(checked) if isinstance(operand, list) else checked[0])


def _literal(words: Words, field: Field, operator: str, item: Any, path: Path) -> Any:
    """One literal operand as the engine compares it; what does not fit the field's type is a finding."""
    if item == UNKNOWN and field.name.startswith("answers."):
        return item
    if field.type == "choices" or (field.type == "choice" and operator != "contains"):
        return _choice(words, field, item, path)
    if field.type == "money":
        return _minor(words, field, item, path)
    if field.type == "date":
        return _date(words, field, item, path)
    if field.type == "number" and (isinstance(item, bool) or not isinstance(item, (int, float))):
        words.findings.add(path, "wrong-type", f"{field.bare} is a number, {item!r} is not")
    if field.type == "yes_no" and not isinstance(item, bool):
        words.findings.add(path, "wrong-type", f"{field.bare} is true or false, not {item!r}", "write true or false")
    return str(item) if field.type in ("text", "person", "zone") and not isinstance(item, str) else item


def _choice(words: Words, field: Field, item: Any, path: Path) -> Any:
    text = str(item).lower() if isinstance(item, bool) else str(item)
    if field.values and text not in field.values:
        hint = did_you_mean(text, field.values)
        words.findings.add(path, "unknown-value", f"{field.bare} is never {text!r}", hint)
    return text


def _minor(words: Words, field: Field, item: Any, path: Path) -> int:
    try:
        amount = Decimal(str(item))
        if isinstance(item, bool) or not amount.is_finite():
            raise InvalidOperation
        return int(amount * 10 ** minor_digits(field.currency))
    except InvalidOperation:
        words.findings.add(path, "wrong-type", f"{field.bare} is an amount of money, {item!r} is not", "write 5000")
        return 0


def _date(words: Words, field: Field, item: Any, path: Path) -> str:
    try:
        parse_date_fact(str(item))
    except TimeError as error:
        words.findings.add(path, "bad-date", f"{field.bare} is a date: {error.message}", error.hint)
    return str(item)


def _elapsed(words: Words, key: str, content: Mapping[str, Any], path: Path) -> list[Condition]:
    direction, _, name = key.partition(".")
    field = words.name(name, path)
    if field.type not in ("date", "unknown"):
        words.findings.add(path, "wrong-type", f"{name} is no date but a {field.type}", on="key")
    found: list[Condition] = []
    for operator, operand in content.items():
        if operator not in _NUMERIC:
            hint = f"use {', '.join(_NUMERIC)}"
            words.findings.add((*path, operator), "wrong-operator", f"{key} is a duration", hint, on="key")
            continue
        value = words.duration(operand, (*path, operator))
        found.append(Elapsed(name=field.name, direction=direction, operator=operator, operand=value))  # type: ignore[arg-type]
    return found


def _count(words: Words, content: Mapping[str, Any], path: Path) -> list[Condition]:
    event = str(content["of"])
    within = words.duration(content["within"], (*path, "within")) if "within" in content else None
    where = _where(words, event, content.get("where", {}), (*path, "where"))
    return [
        Count(
            of=event, operator=operator, operand=words.value(operand, (*path, operator)), within=within,
            origin=content.get("from", "deal"), where=where,
        )
        for operator, operand in content.items()
        if operator in (*_NUMERIC, "is", "is_not")
    ]  # fmt: skip


def _where(words: Words, event: str, content: Mapping[str, Any], path: Path) -> tuple[tuple[str, str, Any], ...]:
    """`where: {channel: {is: phone}}`: fields of the counted event, with or without `event.` before them."""
    kind = words.vocabulary.event(event)
    found: list[tuple[str, str, Any]] = []
    for key, comparison in content.items():
        name = key.removeprefix("event.")
        declared = kind.fields.get(name) if kind is not None else None
        if declared is None:
            known = kind.fields if kind is not None else ()
            hint = did_you_mean(name, known)
            words.findings.add((*path, key), "unknown-field", f"{event} has no field {name!r}", hint, on="key")
            continue
        clauses = _clauses_of(words, declared, comparison, (*path, key))
        found += [(name, clause.operator, getattr(clause.operand, "content", None)) for clause in clauses]
    return tuple(found)
