"""The schemas themselves: valid, documented at every property, and true to the code that they name."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .conftest import ROOT, SCHEMAS, problems_of

KINDS = sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json"))
OURS = [
    "behaviour", "calendars", "content-rules", "events", "experiment", "fields", "import", "loss-reasons", "playbook",
    "questionnaire", "roster", "scenario", "scores", "settings",
]  # fmt: skip
FOR_PEOPLE = "for people only"  # no code acts on it
CONDITIONAL = {"if", "dependentSchemas", "examples", "defaultSnippets", "const", "enum"}


def load(kind: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every documented property; those inside a condition only repeat one."""
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == "properties":
                yield from ((f"{path}/{key}", schema) for key, schema in inner.items())
            if name not in CONDITIONAL:
                yield from properties(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from properties(inner, f"{path}/{index}")


def inherited(schema: dict[str, Any], root: dict[str, Any], keyword: str) -> Any:
    if keyword in schema or "$ref" not in schema:
        return schema.get(keyword)
    return inherited(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, keyword)


def described(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            yield node
        for name, inner in node.items():
            if name not in ("examples", "defaultSnippets"):
                yield from described(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from described(inner)


def test_every_kind_of_file_has_a_schema():
    assert set(OURS) <= set(KINDS)


@pytest.mark.parametrize("kind", OURS)
def test_a_schema_is_valid_and_closed_and_stands_alone(kind):
    schema = load(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{kind}.schema.json"
    assert schema["title"]
    for reference in re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema)):
        assert reference.startswith("#/$defs/")
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


@pytest.mark.parametrize("kind", OURS)
def test_every_property_says_what_it_is_shows_examples_and_names_its_code(kind):
    root = load(kind)
    for path, schema in properties(root):
        if "not" in schema or schema.get("$ref", "").endswith(("no_to", "one_trigger", "one_target")):
            continue
        assert inherited(schema, root, "description"), path
        assert inherited(schema, root, "examples"), path
        comment = inherited(schema, root, "$comment") or ""
        assert comment == FOR_PEOPLE or re.fullmatch(r"engine/[a-z_/]+\.py:\w+", comment), path


@pytest.mark.parametrize("kind", OURS)
def test_every_example_of_a_schema_fits_it(kind):
    root = load(kind)
    for schema in described(root):
        validator = Draft202012Validator({**schema, "$defs": root.get("$defs", {})})
        for example in schema["examples"]:
            assert not list(validator.iter_errors(example)), (schema.get("description"), example)


@pytest.mark.parametrize("kind", OURS)
def test_what_a_schema_names_as_its_code_is_there(kind):
    for file, name in set(re.findall(r'"(engine/[a-z_/]+\.py):(\w+)"', json.dumps(load(kind)))):
        path = ROOT / file
        assert path.exists(), file
        text = path.read_text(encoding="utf-8")
        assert re.search(rf"^(?:(?:def|class) {name}\b|{name}(?:: .+)? = )", text, re.M), f"{file}:{name}"


@lru_cache
def words_of(file: str) -> set[str]:
    """The texts that stand in the code of a file; its comments and docstrings are longer than any keyword."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("kind", OURS)
def test_the_file_that_a_keyword_names_has_the_keyword_in_it(kind):
    """So that one search finds what reads it; what nothing reads says so."""
    root = load(kind)
    for path, schema in properties(root):
        file = (inherited(schema, root, "$comment") or "").partition(":")[0]
        if file.startswith("engine/"):
            assert path.rpartition("/")[2] in words_of(file), (path, file)


@pytest.mark.parametrize("kind", OURS)
def test_objects_take_no_key_that_is_not_described(kind):
    def closed(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                assert "additionalProperties" in node, node.get("description")
            for name, inner in node.items():
                if name not in CONDITIONAL:
                    closed(inner)
        elif isinstance(node, list):
            for inner in node:
                closed(inner)

    closed(load(kind))


SHIPPED = [
    *((path, "playbook") for path in sorted((ROOT / "playbooks").glob("*.yaml"))),
    *((path, path.stem) for path in sorted((ROOT / "playbooks" / "library").glob("*.yaml")) if path.stem in OURS),
    *((path, "behaviour") for path in sorted((ROOT / "playbooks" / "behaviours").glob("*.yaml"))),
    *((path, "experiment") for path in sorted((ROOT / "playbooks" / "experiments").glob("*.yaml"))),
    *((path, "import") for path in sorted((ROOT / "engine" / "crm" / "presets").glob("*.yaml"))),
    *((path, "import") for path in sorted((ROOT / "examples").glob("*mapping.yaml"))),
]


@pytest.mark.parametrize(("path", "kind"), SHIPPED, ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_what_is_shipped_is_valid(path, kind):
    assert problems_of(path.read_bytes(), kind) == []
