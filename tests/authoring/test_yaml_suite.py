"""The YAML test suite as outside truth: what is not YAML is refused, what is read says what the suite says."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.authoring.places import Source
from engine.authoring.source import read_yaml

ARCHIVE = Path(__file__).parents[1] / "reference" / "yaml-test-suite.tar.gz"
# the suite writes invisible characters visibly
VISIBLE = {"␣": " ", "—": "", "»": "\t", "←": "\r", "⇔": "\ufeff", "↵": "", "∎\n": ""}
# valid YAML that is refused on purpose is refused under one of these, or as syntax that libyaml does not know
REFUSED = {
    "yaml-alias",
    "yaml-character",
    "yaml-documents",
    "yaml-empty",
    "yaml-key",
    "yaml-syntax",
    "yaml-tag",
    "yaml-value",
}


def cases() -> Iterator[tuple[str, bool, str, Any]]:
    with tarfile.open(ARCHIVE) as archive:
        for member in sorted(archive.getnames()):
            if member.endswith(".yaml"):
                file = archive.extractfile(member)
                assert file is not None
                yield from cases_of(Path(member).stem, file.read().decode())


def cases_of(name: str, text: str) -> Iterator[tuple[str, bool, str, Any]]:
    """Later cases of a file inherit what they do not say, except `fail`."""
    case: dict[str, str] = {}
    for number, said in enumerate(yaml.load(text, Loader=yaml.BaseLoader)):
        case = {key: value for key, value in case.items() if key != "fail"} | said
        written = case["yaml"]
        for shown, meant in VISIBLE.items():
            written = written.replace(shown, meant)
        yield f"{name}-{number}", case.get("fail") == "true", written, case.get("json")


CASES = list(cases())
FAILING = [(name, text) for name, fails, text, _ in CASES if fails]
VALID = [(name, text, content) for name, fails, text, content in CASES if not fails]


def test_the_suite_has_94_failing_cases_in_84_files():
    assert len(FAILING) == 94
    assert len({name.split("-")[0] for name, _ in FAILING}) == 84


@pytest.mark.parametrize(("name", "text"), FAILING, ids=[name for name, _ in FAILING])
def test_what_is_not_yaml_is_a_syntax_problem_with_a_line_and_a_column(name: str, text: str):
    found = read_yaml("case.yaml", text.encode())
    assert isinstance(found, list)
    located = [problem for problem in found if problem.rule == "yaml-syntax"]
    assert located
    lines = text.splitlines() or [""]
    for problem in located:
        assert problem.message
        assert 1 <= problem.location.line <= len(lines)
        assert 1 <= problem.location.column <= len(lines[problem.location.line - 1]) + 1


def test_what_is_read_of_a_valid_case_is_what_the_suite_says():
    compared = 0
    for name, text, expected in VALID:
        found = read_yaml("case.yaml", text.encode())
        if isinstance(found, list):
            assert {problem.rule for problem in found} <= REFUSED, name
        elif expected is not None:
            assert found.content == json.loads(expected), name
            compared += 1
    assert compared > 160


def test_every_place_of_a_valid_case_is_inside_its_text():
    for name, text, _ in VALID:
        found = read_yaml("case.yaml", text.encode())
        if isinstance(found, Source):
            lines = text.splitlines() or [""]
            for places in found.places.values():
                for key_line, key_column, line, column in places.values():
                    # an alias reports the line of its anchor, which is above its key
                    assert 1 <= key_line <= len(lines), name
                    assert 1 <= line <= len(lines) + 1, name
                    assert key_column >= 1, name
                    assert column >= 1, name
