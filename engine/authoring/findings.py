"""Errors of the schema library to findings: one small function per keyword of JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.authoring.places import Path, Source
from engine.authoring.spelling import nearest_word
from engine.authoring.wording import advice, as_name, example, kind_of, listed, shown, type_words
from engine.core.problem import Location, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A problem, the mapping it is in, and the key that it guesses or misses there."""

    problem: Problem
    path: Path
    guessed: str = ""  # the known key that an unknown one probably is
    missing: tuple[str, ...] = ()  # the keys of which one is missing
    because: str = ""  # the key that needs the missing one


Explain: TypeAlias = Callable[[Source, Any], Iterator[Finding]]


def of(source: Source, error: Any) -> Iterator[Finding]:
    """The findings that one `jsonschema.ValidationError` stands for."""
    if "propertyNames" in error.absolute_schema_path:
        yield _name(source, error)
        return
    explain = _EXPLAIN.get(error.validator, _anything_else)
    yield from explain(source, error)


def settle(found: list[Finding]) -> list[Problem]:
    """Each problem once, in the order of the file; what only follows from another finding is left out."""
    guessed = {(finding.path, finding.guessed) for finding in found if finding.guessed}
    refused = {finding.path for finding in found if finding.problem.rule == "not-together"}
    kept = {
        finding.problem
        for finding in found
        if not any((finding.path, missing) in guessed for missing in finding.missing)
        and (*finding.path, finding.because) not in refused
        and (finding.problem.rule == "not-together" or not _stands_in(finding.path, refused))
    }
    return sorted(kept)


def _stands_in(path: Path, refused: Collection[Path]) -> bool:
    """Whether `path` lies in what cannot stand there at all: what is wrong in it is of no interest yet."""
    return any(path[:depth] in refused for depth in range(1, len(path) + 1))


def pick(error: Any) -> list[Any]:
    """Of the branches of a failed `anyOf` or `oneOf`, the errors of the one that was most likely meant.

    A branch of the right type comes before one of the wrong type, then one that has its required keys, then the one
    with the fewest errors, then the one whose errors lie deepest.
    """
    branches: dict[Any, list[Any]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return min(branches.values(), key=_distance, default=[])


def _distance(errors: list[Any]) -> tuple[bool, bool, int, int]:
    at_root = {inner.validator for inner in errors if not inner.relative_path}
    deepest = max(len(inner.relative_path) for inner in errors)
    return "type" in at_root, "required" in at_root, len(errors), -deepest


def _path(error: Any) -> Path:
    return tuple(error.absolute_path)


def _at_key(source: Source, path: Path, rule: str, message: str, hint: str = "", **more: Any) -> Finding:
    location = source.where_key(path)
    return Finding(problem=Problem(location=location, rule=rule, message=message, hint=hint), path=path, **more)


def _at_value(source: Source, error: Any, rule: str, message: str, hint: str = "") -> Finding:
    path = _path(error)
    location = source.where(path)
    if isinstance(error.instance, dict | list):
        location = _visible(source, path, location)
    return Finding(problem=Problem(location=location, rule=rule, message=message, hint=hint), path=path)


def _visible(source: Source, path: Path, location: Location) -> Location:
    """A block that begins on a later line is pointed at by its key; one in brackets by its bracket."""
    key = source.where_key(path)
    return location if key.line == location.line else key


def _name(source: Source, error: Any) -> Finding:
    path = (*_path(error), error.instance)
    rule = "too-long" if error.validator == "maxLength" else "wrong-name"
    return _at_key(
        source, path, rule, f"{shown(error.instance)} cannot be a name here", error.schema.get("errorMessage", "")
    )


def _unknown_key(source: Source, error: Any) -> Iterator[Finding]:
    path, allowed = _path(error), list(error.schema.get("properties", {}))
    for key in error.instance:
        if key in allowed:
            continue
        guess = nearest_word(key, [each for each in allowed if each not in error.instance] or allowed)
        ending = f"; did you mean '{guess}'?" if guess else ""
        hint = "" if guess else f"allowed: {listed(allowed)}"
        yield Finding(
            problem=Problem(
                location=source.where_key((*path, key)),
                rule="unknown-key",
                message=f"unknown key {shown(key)}{ending}",
                hint=_colon_hint(key, allowed) or _alone_hint(key, allowed, error.instance) or hint,
            ),
            path=path,
            guessed=guess or ("at" if _alone_hint(key, allowed, error.instance) else ""),
        )


def _colon_hint(key: str, allowed: list[str]) -> str:
    name, colon, value = key.partition(":")
    return f"write a space after the colon: '{name}: {value}'" if colon and name in allowed else ""


def _alone_hint(key: str, allowed: list[str], content: dict[str, Any]) -> str:
    """`expires: {after: 5bd}` is written as `expires: 5bd`; braces are for `at`."""
    return f"write {content[key]} alone, without braces" if key == "after" and allowed == ["at"] else ""


def _missing_key(source: Source, error: Any) -> Iterator[Finding]:
    properties = error.schema.get("properties", {})
    for key in error.validator_value:
        if key not in error.instance:
            hint = f"add '{key}: {example(properties.get(key, {}))}'"
            yield _at_key(source, _path(error), "missing-key", f"'{key}' is missing", hint, missing=(key,))


def _missing_beside(source: Source, error: Any) -> Iterator[Finding]:
    path = _path(error)
    for key, needed in error.validator_value.items():
        for each in needed:
            if key in error.instance and each not in error.instance:
                location = source.where_key((*path, key))
                message = f"'{each}' is missing: '{key}' needs it"
                hint = f"add '{each}: {example(error.schema.get('properties', {}).get(each, {}))}'"
                problem = Problem(location=location, rule="missing-key", message=message, hint=hint)
                yield Finding(problem=problem, path=path, missing=(each,), because=key)


def _wrong_choice(source: Source, error: Any) -> Iterator[Finding]:
    choices = error.validator_value if error.validator == "enum" else [error.validator_value]
    words = [str(choice) for choice in choices if isinstance(choice, str)]
    guess = nearest_word(error.instance, words) if isinstance(error.instance, str) else ""
    ending = f"; did you mean '{guess}'?" if guess else ""
    hint = error.schema.get("errorMessage") or f"allowed: {listed(words or [shown(choice) for choice in choices])}"
    yield _at_value(source, error, "wrong-choice", f"{shown(error.instance)} is not allowed here{ending}", hint)


def _wrong_type(source: Source, error: Any) -> Iterator[Finding]:
    wanted = type_words(error.validator_value)
    if error.instance is None:
        message = f"a value is missing: {wanted} belongs here"
    else:
        message = f"{wanted} belongs here, not {kind_of(error.instance)}"
    meant = {"or": "any", "and": "all"}.get(str(error.absolute_path[-1])) if error.absolute_path else None
    hint = f"write {meant}: instead" if meant else advice(error.instance, error.validator_value, error.schema)
    yield _at_value(source, error, "wrong-type", message, hint)


def _wrong_shape(source: Source, error: Any) -> Iterator[Finding]:
    examples = ", ".join(str(each) for each in error.schema.get("examples", ())[:8])
    ending = f"; examples: {examples}" if examples else ""
    message = f"{shown(error.instance)} does not fit here{ending}"
    hint = _name_hint(error) or advice(error.instance, "pattern", error.schema)
    yield _at_value(source, error, "wrong-shape", message, hint)


def _name_hint(error: Any) -> str:
    """The name that was meant, or the names: in a list the commas between them may be what is missing."""
    name = as_name(error.instance, error.validator_value)
    in_list = bool(error.absolute_path) and isinstance(error.absolute_path[-1], int)
    if name and in_list and " " in error.instance.strip():
        return f"write {name}, or with commas: {', '.join(error.instance.split())}"
    return f"write {name}" if name and name != error.instance else ""


def _too_long(source: Source, error: Any) -> Iterator[Finding]:
    units = {"maxLength": "characters", "maxItems": "items", "maxProperties": "entries"}
    size, most, unit = len(error.instance), error.validator_value, units[error.validator]
    yield _at_value(source, error, "too-long", f"{size} {unit} stand here; at most {most} fit")


def _empty(source: Source, error: Any) -> Iterator[Finding]:
    hint = error.schema.get("errorMessage") or f"write it, like {example(error.schema)}, or delete the key"
    if error.instance:
        message = f"{len(error.instance)} alone stands here; at least {error.validator_value} belong here"
        yield _at_value(source, error, "too-few", message, hint)
    else:
        yield _at_value(source, error, "empty", "nothing stands here", hint)


def _out_of_range(source: Source, error: Any) -> Iterator[Finding]:
    bound = {"minimum": "at least", "exclusiveMinimum": "more than"}.get(error.validator, "at most")
    yield _at_value(source, error, "out-of-range", f"{error.instance} is not {bound} {error.validator_value}")


def _twice(source: Source, error: Any) -> Iterator[Finding]:
    for index in repeated(error.instance):
        path, item = (*_path(error), index), shown(error.instance[index])
        yield _at_key(source, path, "written-twice", f"{item} is written twice in this list", "delete one")


def repeated(items: list[Any]) -> Iterator[int]:
    """The indexes, never 0, of scalars that stand further up in the list already."""
    seen = set()
    for index, item in enumerate(items):
        if not isinstance(item, dict | list):
            if (type(item), item) in seen:
                yield index
            seen.add((type(item), item))


def _refused(source: Source, error: Any) -> Iterator[Finding]:
    if "not" in error.schema and error.schema["not"] == {}:
        path = _path(error)
        message = f"'{path[-1]}' cannot stand here" if path else "this cannot stand here"
        yield _at_key(source, path, "not-together", message, error.schema.get("errorMessage", ""))
        return
    hint = error.schema.get("errorMessage", "")
    yield _at_value(source, error, "wrong-choice", f"{shown(error.instance)} is not allowed here", hint)


def _alternatives(source: Source, error: Any) -> Iterator[Finding]:
    wanted = [inner for inner in error.context or () if inner.validator == "required" and not inner.relative_path]
    if wanted and len(wanted) == len(error.context):
        keys = tuple(key for inner in wanted for key in inner.validator_value)
        message = f"one of these is missing: {listed(list(keys))}"
        hint = f"add '{keys[0]}: {example(error.schema.get('properties', {}).get(keys[0], {}))}'"
        yield _at_key(source, _path(error), "missing-key", message, hint, missing=keys)
        return
    for inner in pick(error):
        yield from of(source, inner)
    if not error.context:
        yield from _anything_else(source, error)


def _anything_else(source: Source, error: Any) -> Iterator[Finding]:
    hint = error.schema.get("errorMessage", "") if isinstance(error.schema, dict) else ""
    yield _at_value(source, error, "wrong-shape", f"{shown(error.instance)} does not fit here", hint)


_EXPLAIN: dict[str, Explain] = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "dependentRequired": _missing_beside,
    "enum": _wrong_choice,
    "const": _wrong_choice,
    "type": _wrong_type,
    "pattern": _wrong_shape,
    "maxLength": _too_long,
    "maxItems": _too_long,
    "maxProperties": _too_long,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "minimum": _out_of_range,
    "exclusiveMinimum": _out_of_range,
    "maximum": _out_of_range,
    "uniqueItems": _twice,
    "not": _refused,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
