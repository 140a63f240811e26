"""Problems as text, JSON and GitHub annotations."""

from __future__ import annotations

import json

from engine.authoring.report import count, render
from engine.core.problem import Location, Problem


def problem(line: int, message: str = "unknown key 'x'", level: str = "error", hint: str = "") -> Problem:
    location = Location(file="playbooks/a.yaml", line=line, column=3)
    return Problem(location=location, rule="unknown-key", level=level, message=message, hint=hint)  # type: ignore[arg-type]


def test_text_is_sorted_has_a_place_on_each_line_and_ends_with_a_count():
    text = render([problem(9, level="warning"), problem(4, hint="allowed: y"), problem(5)], "text")
    assert text.splitlines() == [
        "playbooks/a.yaml:4:3: error unknown-key: unknown key 'x'",
        "    allowed: y",
        "playbooks/a.yaml:5:3: error unknown-key: unknown key 'x'",
        "playbooks/a.yaml:9:3: warning unknown-key: unknown key 'x'",
        "2 errors, 1 warning",
    ]


def test_the_same_problem_is_told_once():
    assert render([problem(1), problem(1)], "text").endswith("1 error")


def test_nothing_wrong_is_said_in_words():
    assert render([], "text") == "no problems"
    assert render([], "github") == ""
    assert json.loads(render([], "json")) == {"errors": 0, "warnings": 0, "problems": []}


def test_json_holds_every_part():
    [entry] = json.loads(render([problem(4, hint="h")], "json"))["problems"]
    assert entry == {
        "file": "playbooks/a.yaml",
        "line": 4,
        "column": 3,
        "level": "error",
        "rule": "unknown-key",
        "message": "unknown key 'x'",
        "hint": "h",
    }


def test_github_annotations_escape_what_github_would_read_as_its_own():
    location = Location(file="a,b:c%.yaml", line=1, column=2)
    line = render([Problem(location=location, rule="r", message="50% off\nnow: yes, really", hint="h")], "github")
    assert line == "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=r::50%25 off%0Anow: yes, really (h)"


def test_colour_marks_the_level_only_when_asked_for():
    assert "\033[31merror\033[0m" in render([problem(1)], "text", colour=True)
    assert "\033" not in render([problem(1)], "text")


def test_what_stands_in_a_file_cannot_steer_the_terminal():
    assert "\033" not in render([problem(1, "unknown key '\033[2J'\nfake line")], "text")
    assert len(render([problem(1, "a\nb")], "text").splitlines()) == 2


def test_counts_are_in_words():
    assert count([problem(1)]) == "1 error"
    assert count([problem(1, level="warning"), problem(2, level="warning")]) == "2 warnings"
