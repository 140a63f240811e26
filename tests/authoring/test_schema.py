"""How errors of the schema library become problems: places, choices between branches, and no surprises."""

from __future__ import annotations

import json
import socket

import pytest

from engine.authoring.places import Source
from engine.authoring.schema import check

ANY = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}]}


def check_with(schema: dict, content: object, folder) -> list:
    (folder / "test.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return check(Source(file="file.yaml", content=content), "test", folder)


def test_of_several_branches_the_one_that_was_meant_explains_the_error(tmp_path):
    [problem] = check_with(ANY, {"a": "x"}, tmp_path)
    assert problem.rule == "wrong-type"
    assert "a whole number" in problem.message


def test_a_missing_key_of_the_right_branch_is_named(tmp_path):
    [problem] = check_with(ANY, {}, tmp_path)
    assert (problem.rule, problem.message) == ("missing-key", "'a' is missing")


def test_a_reference_to_the_network_is_never_followed(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a schema reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(KeyError):
        check_with({"$ref": "http://127.0.0.1/schema.json"}, 1, tmp_path)


def test_a_pattern_holds_to_the_very_end_of_the_text(problems_of, example):
    [problem] = problems_of(example.replace("after: 1bd", 'after: "1bd\\n"', 1))
    assert problem.rule == "wrong-shape"


def test_a_file_of_another_kind_stops_after_two_hundred_findings(problems_of):
    found = problems_of("\n".join(f"k{number}: x" for number in range(500)))
    assert len(found) == 201
    assert found[-1].rule == "too-many"


def test_tracks_stand_instead_of_states_and_not_beside_them(problems_of):
    track = "{initial: a, states: {a: {transitions: [{after: 1d, finish: done}]}}}"
    good = f"playbook: x\ntitle: X\nends: {{done: {{}}}}\ntracks:\n  rep: {track}\n  manager: {track}\n"
    assert problems_of(good) == []
    [problem] = problems_of(good + "initial: a\n")
    assert (problem.rule, problem.location.line) == ("not-together", 7)


@pytest.mark.parametrize(
    "due", ["1bd", "60d before renewal_date", "4w after 2026-12-01", "check_in_after", "2026-12-01", "2026-12-01T10:00"]
)
def test_a_due_takes_durations_names_dates_and_moved_dates(problems_of, example, due):
    assert problems_of(example.replace("due: 1bd", f"due: {due}")) == []


@pytest.mark.parametrize(
    "due", ["1 bd", "60d before", "before renewal_date", "1.5h", "2026-12", "Renewal", "60d  before x"]
)
def test_a_due_of_another_shape_is_refused(problems_of, example, due):
    [problem] = problems_of(example.replace("due: 1bd", f"due: {due}"))
    assert (problem.rule, problem.location.line, problem.location.column) == ("wrong-shape", 36, 14)


@pytest.mark.parametrize(
    ("kind", "text", "line", "said"),
    [
        ("fields", "deal:\n  reason: {type: choice}", 2, "'values' is missing"),
        ("fields", "deal:\n  size: {type: number, currency: EUR}", 2, "type money"),
        ("events", "events:\n  reply: {means: x, recorded_by: reps}", 2, "did you mean 'rep'?"),
        ("calendars", "calendars:\n  office: {hours: {mon-fri: 9:00-17:00}}", 2, "09:00-17:00"),
        ("calendars", "calendars:\n  office: {hours: {monday: 09:00-17:00}}", 2, "mon-fri"),
        (
            "calendars",
            "calendars:\n  office:\n    hours: {mon: 09:00-17:00}\n    holidays: [25.12.2026]",
            4,
            "2026-12-25",
        ),
        ("roster", "people:\n  kim: {leave: [{from: 2026-07-01}]}", 2, "'to' is missing"),
        ("loss-reasons", "reasons:\n  price: {title: Price}", 2, "'reasons' is missing"),
        ("import", "mapping: x\npreset: salesforce", 2, "did you mean 'salesforce-"),
        ("import", "mapping: x\ndeals:\n  status: {lost: Lost}", 3, "write a list"),
        ("settings", "workspace: {late_grace: 2 days}", 1, "write 2d"),
        ("settings", "consent: {email: granted}", 1, "must_be_granted"),
    ],
)
def test_each_kind_of_file_tells_its_own_mistakes(problems_of, kind, text, line, said):
    [problem] = problems_of(text, kind)
    assert problem.location.line == line
    assert said in f"{problem.message} ({problem.hint})"
