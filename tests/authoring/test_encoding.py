"""Files that are not UTF-8 text, or too big."""

from __future__ import annotations

import pytest


def test_a_latin_1_file_names_the_line_and_the_character(problems_of):
    [problem] = problems_of("a: 1\r\ntitle: für alle\r\n".encode("latin-1"))
    assert problem.rule == "yaml-encoding"
    assert (problem.location.line, problem.location.column) == (2, 9)
    assert "'ü'" in problem.message
    assert "UTF-8" in problem.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_utf_16_file_is_named_as_one(problems_of, encoding):
    [problem] = problems_of("playbook: a\n".encode(encoding))
    assert problem.rule == "yaml-encoding"
    assert encoding[:6].upper() in problem.message
    assert (problem.location.line, problem.location.column) == (1, 1)


def test_256_kib_are_read_and_one_byte_more_is_not(problems_of, read):
    room = 256 * 1024 - len("a: ")
    assert len(read("a: " + "x" * room).content["a"]) == room
    [problem] = problems_of("a: " + "x" * (room + 1))
    assert problem.rule == "yaml-size"
