"""Scenarios hold whoever is in the roster and wherever the workspace is; what is misspelt in them is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.authoring.workspace import load_workspace
from engine.scenarios import reading
from engine.scenarios.bench import Bench
from engine.scenarios.coverage import coverage
from engine.scenarios.running import run

ROOT = Path(__file__).resolve().parents[2]
ROSTER = """\
people:
  eva: {name: Eva Roth, team: sued, zone: Europe/Berlin}
  jan: {name: Jan Wolf, team: sued, zone: Europe/Berlin}
teams:
  sued: {manager: eva, zone: Europe/Berlin}
roles:
  manager: {by: team, people: {sued: eva}, fallback: eva}
"""


def test_the_shipped_scenarios_hold_with_another_roster_in_another_zone(tmp_path):
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    settings = (ROOT / "playbook.toml").read_text(encoding="utf-8")
    (tmp_path / "playbook.toml").write_text(settings.replace("America/New_York", "Europe/Berlin"), encoding="utf-8")
    (tmp_path / "playbooks/library/roster.yaml").write_text(ROSTER, encoding="utf-8")
    workspace = load_workspace(tmp_path, {})
    files = reading.read_scenarios(workspace)
    assert {one.rule for file in files for one in file.problems} <= {"unknown-person"}
    assert not [scenario.name for file in files for scenario in file.refused]
    benches = {name: Bench.of(workspace, name) for name in workspace.playbooks}
    played = [
        run(file, one, benches[one.playbook], ["immediate"], 3) for file in files for one in file.scenarios
    ]  # fmt: skip
    assert [(one.scenario.name, one.failure.message) for one in played if one.failure] == []


def test_somebody_who_is_not_in_the_roster_is_a_name_and_a_warning(problems, folder, write):
    found = problems("- expect: {assignee: {ask: zoe}}", more="deal: {owner: zoe}")
    assert [(one.level, one.rule) for one in found] == [("warning", "unknown-person")]
    assert found[0].message == "the roster has no 'zoe': in this scenario it is only a name"
    workspace = load_workspace(folder, {})
    [file] = reading.read_scenarios(workspace)
    played = run(file, file.scenarios[0], Bench.of(workspace, "check-in"), ["immediate"], 1)
    assert played.failure is None


def test_one_name_is_told_once_in_a_file(problems):
    text = """\
playbook: check-in
deal: {lost_at: 2026-03-02T10:00, owner: kmi}
scenarios:
  - {scenario: one, steps: [{wait: 1d}]}
  - {scenario: two, steps: [{wait: 1d}]}
"""
    [found] = problems(whole=text)
    assert (found.location.line, found.hint) == (2, "did you mean 'kim'?")


def test_an_assignee_is_named_by_the_role_too(holds):
    holds("- expect: {assignee: {ask: owner}}")


def test_another_role_than_that_of_the_assignee_fails(fails):
    failure = fails("- reassign: ask\n  to: noor\n- expect: {assignee: {ask: owner}}")
    assert (failure.differences[0].expected, failure.differences[0].seen) == ("ask: kim", "ask: noor")


def test_a_date_is_expected_by_its_day(holds, folder):
    file = folder / "playbooks/library/fields.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("deal:\n", "deal:\n  seen_on: {type: date}\n"), encoding="utf-8")
    holds("- change: {seen_on: 2026-03-05T23:30}\n- expect: {facts: {seen_on: 2026-03-05}}")


# --- answers --------------------------------------------------------------------------------------------------------

QUESTIONS = """\
questionnaire: talk
title: Talk
questions:
  why: {ask: Why?, type: choice, values: [price, timing], required: true}
  fit: {ask: How well?, type: scale}
"""


@pytest.mark.parametrize(
    ("step", "rule", "message", "hint"),
    [
        ("answer: ask\n  with: {wyh: price}", "unknown-question", "the questionnaire talk has no question 'wyh'",
         "did you mean 'why'?"),
        ("answer: ask\n  with: {why: prise}", "wrong-value", "'prise' is not one of the choices", "'price'?"),
        ("answer: ask\n  with: {fit: 9}", "wrong-value", "9 does not fit", "from 1 to 5"),
        ("answer: review\n  with: {why: price}", "no-questions", "review asks no questions", "ask ask"),
    ],
)  # fmt: skip
def test_a_misspelt_question_and_an_answer_that_does_not_fit_are_told_before_playing(
    problems, folder, step, rule, message, hint
):
    (folder / "playbooks/library/questionnaires").mkdir()
    (folder / "playbooks/library/questionnaires/talk.yaml").write_text(QUESTIONS, encoding="utf-8")
    file = folder / "playbooks/check-in.yaml"
    text = file.read_text(encoding="utf-8")
    asking = text.replace("        kind: call\n", "        kind: call\n        questions: talk\n")
    file.write_text(asking, encoding="utf-8")
    [found] = problems(f"- {step}")
    assert (found.rule, found.message) == (rule, message)
    assert hint in found.hint


def test_answers_that_fit_are_no_problem_even_if_others_are_missing(problems, folder):
    (folder / "playbooks/library/questionnaires").mkdir()
    (folder / "playbooks/library/questionnaires/talk.yaml").write_text(QUESTIONS, encoding="utf-8")
    file = folder / "playbooks/check-in.yaml"
    text = file.read_text(encoding="utf-8")
    asking = text.replace("        kind: call\n", "        kind: call\n        questions: talk\n")
    file.write_text(asking, encoding="utf-8")
    assert problems("- answer: ask\n  with: {fit: 3}\n- expect: {open: true}") == []


# --- what a broken playbook brings, and what a variant is measured by ----------------------------------------------


def test_a_playbook_that_cannot_be_used_is_one_line_for_each_file(problems, folder):
    file = folder / "playbooks/check-in.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("to: wait", "to: wiat"), encoding="utf-8")
    text = """\
deal: {lost_at: 2026-03-02T10:00}
scenarios:
  - {scenario: one, playbook: check-in, steps: [{wait: 1d}]}
  - {scenario: two, playbook: check-in, steps: [{wait: 1d}]}
"""
    [found] = problems(whole=text)
    assert (found.rule, found.level, found.location.line) == ("broken-playbook", "warning", 3)


VARIANT = """\
playbook: later
extends: check-in
title: Check in later
patch:
  states:
    ask_first: {actions: {ask: {minutes: 5}}}
    wait: {transitions: [{after: 8w, end: kept}]}
"""


def test_of_a_variant_only_what_is_not_so_in_its_base_is_a_goal(folder, play):
    (folder / "playbooks/later.yaml").write_text(VARIANT, encoding="utf-8")
    text = """\
playbook: later
deal: {lost_at: 2026-03-02T10:00, owner: kim}
contacts: [{role: decision_maker, phone: "1"}]
scenarios:
  - {scenario: they agree, steps: [{event: ask.granted}, {wait: 9w}, {expect: {ended: kept}}]}
"""
    played = play(whole=text, steps="")
    [found] = coverage(load_workspace(folder, {}), played, ["later"])
    # of the call every outcome, because it is another call; of the transitions the one that was written anew
    assert found.goals == {"state": 0, "transition": 1, "outcome": 4}
    assert {one.name for one in found.unreached} == {"ask.refused", "ask.no_answer", "ask.expired"}
    assert (found.base, found.inherited) == ("check-in", 8)
    assert {one.location.line for one in found.unreached} == {6}


def test_the_shipped_variants_are_reached_where_they_differ():
    workspace = load_workspace(ROOT, {})
    names = ("four-week-check-in-ten-weeks", "win-loss-call-short-review")
    files = reading.read_scenarios(workspace, [f"{reading.FOLDER}/{name}.yaml" for name in names])
    benches = {name: Bench.of(workspace, name) for name in names}
    played = [run(file, one, benches[one.playbook], ["immediate"], 3) for file in files for one in file.scenarios]
    assert [one.percent for one in coverage(workspace, played, names)] == [100, 100]
