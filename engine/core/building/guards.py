"""`if:` and every other condition: names resolved, operators checked against the field's type, money made minor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.building.findings import did_you_mean
from engine.core.building.literals import Wanted
from engine.core.building.words import Words
from engine.core.conditions import AllOf, AnyOf, Clause, Condition, Count, Elapsed, Not
from engine.core.model import Path
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
    if operator == "is_empty":
        return words.value(operand, path)
    return words.value(operand, path, Wanted(field=field, operator=operator))


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
    number = Field(name=f"the count of {event}", type="number")
    return [
        Count(
            of=event, operator=operator, operand=_operand(words, number, operator, operand, (*path, operator)),
            within=within, origin=content.get("from", "deal"), where=where,
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
        for clause in _clauses_of(words, declared, comparison, (*path, key)):
            if not isinstance(clause.operand, Literal):
                message = f"what {name} is compared with may not depend on the deal here"
                hint = "write the value itself, or name a parameter"
                words.findings.add((*path, key, clause.operator), "wrong-type", message, hint)
                continue
            found.append((name, clause.operator, clause.operand.content))
    return tuple(found)
