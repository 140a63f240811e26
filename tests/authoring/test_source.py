"""Content and places of a file that is fine, and what is legal YAML but refused."""

from __future__ import annotations

import pytest

from engine.core.problem import Location

TEXT = """\
# a comment
playbook: check-in
states:
  cool_off:
    transitions:
      - {after: 1bd, to: "ask"}
      - end: won   # another
"""


def at(line: int, column: int) -> Location:
    return Location(file="file.yaml", line=line, column=column)


def test_every_key_and_every_value_has_a_line_and_a_column(read):
    source = read(TEXT)
    assert source.where(("playbook",)) == at(2, 11)
    assert source.where_key(("playbook",)) == at(2, 1)
    assert source.where_key(("states", "cool_off")) == at(4, 3)
    assert source.where(("states", "cool_off", "transitions", 0)) == at(6, 9)
    assert source.where_key(("states", "cool_off", "transitions", 0, "to")) == at(6, 22)
    assert source.where(("states", "cool_off", "transitions", 0, "to")) == at(6, 26)
    assert source.where(("states", "cool_off", "transitions", 1, "end")) == at(7, 14)


def test_a_path_that_is_not_in_the_file_falls_back_to_its_nearest_parent(read):
    source = read(TEXT)
    assert source.where_key(("states", "cool_off", "actions", "ask", "kind")) == at(4, 3)
    assert source.where(("states", "nowhere")) == source.where(("states",))
    assert source.where(("nothing",)) == at(2, 1)
    assert source.where(("playbook", "below", 0)) == at(2, 11)


def test_columns_count_characters_not_bytes(read):
    assert read("{ä: ö, b: c}").where(("b",)) == at(1, 11)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("5000", 5000),
        ("-3", -3),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("0o14", 12),
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("12:30", "12:30"),
        ("9:00", "9:00"),
        ("2026-03-02", "2026-03-02"),
        ("2026-13-45", "2026-13-45"),
        ("1_000", "1_000"),
        ("010", "010"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("1e999", "1e999"),
        ("12345678901234567890", "12345678901234567890"),
        ("9" * 5000, "9" * 5000),
        ("3bd", "3bd"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("nullable", "nullable"),
    ],
)
def test_only_yaml_1_2_words_and_numbers_are_more_than_text(read, written, meant):
    found = read(f"a: {written}").content["a"]
    assert found == meant
    assert type(found) is type(meant)


def test_keys_are_text_as_written(read):
    assert read("1: a\ntrue: b\non: c\n010: d").content == {"1": "a", "true": "b", "on": "c", "010": "d"}


def test_an_aliased_value_is_reported_on_the_line_of_its_anchor(read):
    source = read("a: &x\n  to: b\nc: *x\n")
    assert source.content == {"a": {"to": "b"}, "c": {"to": "b"}}
    assert source.where(("c", "to")) == at(2, 7)
    assert source.where_key(("c",)) == at(3, 1)


def test_windows_line_endings_and_a_byte_order_mark_do_no_harm(read):
    source = read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert source.content == {"a": 1, "b": 2}
    assert source.where(("b",)) == at(2, 4)


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "said"),
    [
        ("a: 1\nb: 2\na: 3", "yaml-duplicate-key", 3, 1, "first on line 1"),
        ("a: {<<: x}", "yaml-merge-key", 1, 5, "<<"),
        ("a: !money 5", "yaml-tag", 1, 4, "!money"),
        ("a: !!python/object:os.system x", "yaml-tag", 1, 4, "!!python/object"),
        ("a: *b", "yaml-alias", 1, 4, "*b"),
        ("a: &b [*b]", "yaml-alias", 1, 8, "inside itself"),
        ("a: &co partners", "yaml-alias", 1, 4, "&co"),
        ("a: 1\n---\nb: 2", "yaml-documents", 2, 1, "second document"),
        ("[a]: 1", "yaml-key", 1, 1, "key"),
        (": 1\nb: 2", "yaml-syntax", 1, 1, ""),
        ("?\n: 1", "yaml-key", 1, 2, "name"),
        ("", "yaml-empty", 1, 1, "empty"),
        ("# nothing\n", "yaml-empty", 1, 1, "empty"),
        ("a: “hello”", "yaml-quotes", 1, 4, "curly"),
        ("playbook:\u00a0a", "yaml-character", 1, 10, "no-break space"),
        ("a: x\u200by", "yaml-character", 1, 5, "zero-width"),
        ("a: x\u2028y", "yaml-character", 1, 5, "line separator"),
        ("a: \x07", "yaml-character", 1, 4, "U+0007"),
        ("a: {title: Hello, world}", "yaml-value", 1, 19, "world"),
        ("a: {to:b}", "yaml-value", 1, 5, "to:b"),
    ],
)
def test_what_has_no_use_in_a_playbook_is_refused_with_its_place(problems_of, text, rule, line, column, said):
    [problem] = problems_of(text)
    assert (problem.rule, problem.location) == (rule, at(line, column))
    assert said in problem.message


def test_all_findings_of_a_file_that_parses_come_at_once(problems_of):
    found = problems_of("a: 1\na: 2\nb: !x y\nc: *d\n")
    assert [problem.rule for problem in found] == ["yaml-duplicate-key", "yaml-tag", "yaml-alias"]


def test_no_break_spaces_inside_text_are_left_alone(read):
    assert read("a: about 10\u00a0€ each").content == {"a": "about 10\u00a0€ each"}


def test_a_closing_bracket_under_its_key_is_accepted(read):
    assert read("x:\n  a: [\n    1,\n  ]\n").content == {"x": {"a": [1]}}
