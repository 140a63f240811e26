"""Whatever the bytes are: problems with a place, in less than a second, and no traceback."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.places import Source
from engine.authoring.report import render

from .conftest import SCHEMAS, problems_of

SIZE = 256 * 1024

HOSTILE = {
    "brackets": b"[" * SIZE,
    "brackets on lines": b"[\n" * (SIZE // 2),
    "braces": b"{a: " * (SIZE // 4),
    "dashes": b"- " * (SIZE // 2),
    "question marks": b"? " * (SIZE // 2),
    "the same key": b"a: x\n" * (SIZE // 5),
    "many unknown keys": b"".join(b"k%d: x\n" % number for number in range(24_000)),
    "a long list": b"[" + b"x," * 24_000 + b"]",
    "keys without values": b"{" + b"a," * 80_000 + b"}",
    "billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(8)),
    "documents": b"---\n" * (SIZE // 4),
    "block texts": b"".join(b"a%d: |\n\n" % number for number in range(24_000)),
    "comments without a space": b"".join(b"a%d: 'x'#b\n" % number for number in range(18_000)),
    "texts on two lines": b"".join(b"a%d: 'x\n y'\n" % number for number in range(15_000)),
    "one long word as a key": b"a" * (SIZE - 10) + b": 1",
    "no-break spaces": ("a: " + "\u00a0" * 80_000).encode(),
    "colons": b"a: " + b"b: " * 80_000,
    "tabs": b"\t" * SIZE,
    "spaces before an error": b"a" + b" " * 250_000 + b": : x",
    "empty transitions": b"playbook: a\nstates: {a: {transitions: [" + b"{}," * 24_000 + b"]}}",
    "mappings that must differ": b"states: {a: {actions: {x: {outcomes: [" + b"{a: 1}," * 12_000 + b"]}}}}",
    "nested conditions": b"enrol: {if: " + b"{not: " * 30 + b"{a: {is: 1}}" + b"}" * 31,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_keeps_the_reader_busy_for_a_second_of_its_own_time(name):
    problems_of("playbook: warm")  # the schema is read once
    start = time.process_time()
    found = problems_of(HOSTILE[name])
    assert time.process_time() - start < 1.0
    assert found
    assert len(found) <= 201


def test_forty_levels_are_read_and_one_more_is_not():
    assert [problem.rule for problem in problems_of("[" * 40 + "]" * 40)] == ["wrong-type"]
    assert [problem.rule for problem in problems_of("[" * 41 + "]" * 41)] == ["yaml-depth"]


def assert_located(text: bytes, found: list) -> None:
    lines = text.count(b"\n") + text.count(b"\r") + 1
    for problem in found:
        assert 1 <= problem.location.line <= lines
        assert problem.location.column >= 1
        assert problem.message
    assert render(found, "text")
    render(found, "github")
    render(found, "json")


@given(st.binary(max_size=300))
def test_random_bytes_give_problems_with_a_place(raw):
    assert_located(raw, problems_of(raw))


@given(st.text(alphabet="ab01:-?[]{}&*!|>'\"%@`#, \n\t\r.<=\u00a0“é", max_size=80))
def test_random_punctuation_gives_problems_with_a_place(text):
    assert_located(text.encode(), problems_of(text))


EXAMPLE = (SCHEMAS.parent / "tests" / "authoring" / "four-week-check-in.yaml").read_text(encoding="utf-8")
NOISE = st.sampled_from(
    ["", "\t", ": ", "{", "}", "[", "]", "'", '"', "- ", "&a ", "*a", "!x ", "? ", "\n", "#", "> ", "  "]
)


@given(st.integers(0, len(EXAMPLE)), st.integers(0, 12), NOISE)
def test_a_playbook_with_a_piece_missing_or_added_gives_problems_with_a_place(start, length, noise):
    text = EXAMPLE[:start] + noise + EXAMPLE[start + length :]
    assert_located(text.encode(), problems_of(text))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
KEYS = ("playbook", "title", "enrol", "if", "any", "states", "tracks", "initial", "ends", "limits", "set", "by")
keys = st.sampled_from(KEYS)
contents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=5), inner, max_size=4)
)


@given(contents, st.sampled_from(["playbook", "fields", "calendars", "roster", "import", "settings"]))
def test_content_of_any_shape_gives_problems_in_words(content, kind):
    from engine.authoring.schema import check

    for problem in check(Source(file="file.yaml", content=content), kind, SCHEMAS):
        assert problem.message
        assert "Traceback" not in problem.message


def test_aliases_of_aliases_are_counted_by_what_they_stand_for(read):
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6)]
    assert len(read("\n".join([*layers[:3], "end: *a2"])).content["end"]) == 10
    [problem] = problems_of("\n".join([*layers, "end: *a5"]))
    assert problem.rule == "yaml-alias"
    assert "50,000" in problem.message
