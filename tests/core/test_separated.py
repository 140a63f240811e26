"""Small lists are read as any spreadsheet saves them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.separated import SEPARATORS, Unreadable, decoded, separated


def test_the_separator_is_the_one_that_parts_the_headings() -> None:
    for separator in SEPARATORS:
        text = f"id{separator}name{separator}team\nk{separator}Kim{separator}\n"
        assert separated(text) == (["id", "name", "team"], [(2, ["k", "Kim", ""])])


def test_a_separator_between_quotes_parts_nothing() -> None:
    assert separated('"a;b;c",d\n1,2\n') == (["a;b;c", "d"], [(2, ["1", "2"])])


def test_a_declared_separator_holds_and_lines_are_counted_from_the_top() -> None:
    assert separated("sep=;\r\na,b;c\r\n1;2\r\n") == (["a,b", "c"], [(3, ["1", "2"])])


def test_a_row_stands_where_it_begins_though_cells_hold_line_breaks() -> None:
    heads, rows = separated('a;" b\nc "\n"x\ny";1\n;\n  ; \nz;2\n')
    assert heads == ["a", "b\nc"]
    assert rows == [(3, ["x\ny", "1"]), (7, ["z", "2"])]


def test_what_is_no_csv_is_told_with_its_line() -> None:
    with pytest.raises(Unreadable) as told:
        separated('sep=,\na,b\n1,2\n3,"4" 5\n')
    assert (told.value.line, told.value.hint) == (4, "look for a quote too few")


@pytest.mark.parametrize(("content", "said", "line"), [
    ("a;b\nJörg;1\n".encode("cp1252"), "the file is not UTF-8", 2), (b"a\n\0", "the file is not text", 2),
])  # fmt: skip
def test_bytes_that_are_no_text_are_told_with_their_line(content: bytes, said: str, line: int) -> None:
    with pytest.raises(Unreadable) as told:
        decoded(content)
    assert (told.value.message, told.value.line, told.value.hint) == (said, line, "save it as “CSV UTF-8”")


def test_a_mark_at_the_beginning_is_no_part_of_the_first_heading() -> None:
    assert separated(decoded(b"\xef\xbb\xbfid;name\n")) == (["id", "name"], [])
    assert separated("") == ([], [])


CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8).map(str.strip)


@given(st.sampled_from(SEPARATORS), st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_what_a_spreadsheet_writes_is_read_again(separator: str, rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([["id", "full name", "team"], *rows])
    heads, found = separated(file.getvalue())
    assert heads == ["id", "full name", "team"]
    assert [cells for _, cells in found] == [row for row in rows if any(row)]
