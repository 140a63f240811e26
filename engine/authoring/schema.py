"""A file's content against the JSON Schema of its kind: every finding with its line, in words, and what to write."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.authoring import findings
from engine.authoring.places import Source
from engine.core.problem import Problem

MOST_FINDINGS = 200  # a file that is of another kind altogether would otherwise fill the screen, and take seconds


def check(source: Source, kind: str, schema_folder: Path) -> list[Problem]:
    """Everything in `source` that the schema of `kind` (`playbook`, `fields`, …) refuses, in the order of the file.

    `schema_folder` holds `KIND.schema.json`; OSError if it does not.
    """
    errors = _validator(schema_folder, kind).iter_errors(source.content)
    found = (finding for error in errors for finding in findings.of(source, error))
    first = list(itertools.islice(found, MOST_FINDINGS + 1))
    problems = findings.settle(first[:MOST_FINDINGS])
    return problems if len(first) <= MOST_FINDINGS else [*problems, _more(problems[-1])]


def _more(last: Problem) -> Problem:
    message = f"more than {MOST_FINDINGS} findings: the others show when these are cured"
    return Problem(location=last.location, rule="too-many", message=message)


@functools.lru_cache(maxsize=64)
def _validator(folder: Path, kind: str) -> Any:
    """The validator of one schema; it is built once per process and reads nothing but that one file."""
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry

    schema = json.loads((folder / f"{kind}.schema.json").read_text(encoding="utf-8"))
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    own = {"pattern": _pattern, "uniqueItems": _unique, "$ref": _local_reference(schema)}
    extend: Any = validators.extend  # published without types
    # an empty registry: no schema is ever fetched from anywhere
    return extend(Draft202012Validator, own, type_checker=types)(schema, registry=Registry())


def _is_integer(_checker: Any, value: Any) -> bool:
    """JSON Schema counts 4.0 as an integer; nobody who writes `touches: 4.0` means that."""
    return isinstance(value, int) and not isinstance(value, bool)


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Python's $ also matches before a last line break
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError("does not match")


def _unique(_validator: Any, wanted: bool, value: Any, _schema: Any) -> Iterator[Any]:
    """Only scalars are compared: comparing every mapping with every other takes minutes on a hostile file."""
    from jsonschema import ValidationError

    if wanted and isinstance(value, list) and any(findings.repeated(value)):
        yield ValidationError("has an item twice")


def _local_reference(schema: dict[str, Any]) -> Any:
    """`$ref` into the same file, without the general machinery, which takes most of the time of a validation."""
    definitions = {f"#/$defs/{name}": definition for name, definition in schema.get("$defs", {}).items()}

    def follow(validator: Any, reference: str, value: Any, _schema: Any) -> Iterator[Any]:
        yield from validator.descend(value, definitions[reference])

    return follow
