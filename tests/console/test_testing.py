"""`playbook test` on the command line: what it plays, what it prints, how it ends."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

import cli

HEAD = "playbook: check-in\ndeal: {owner: kim, lost_at: 2026-03-02T10:00}\nscenarios:\n"
RIGHT = "  - {scenario: it is handed out, steps: [{expect: {due: [ask]}}]}\n"
WRONG = "  - {scenario: it ends at once, steps: [{wait: 3d}, {expect: {ended: kept, due: []}}]}\n"


@pytest.fixture
def lab(shop):
    """The shop without a database, and a way to write scenarios."""
    (shop.folder / "playbook.db").unlink()
    (shop.folder / "playbooks/scenarios").mkdir()

    def write(text, name="check-in"):
        return shop.write(f"playbooks/scenarios/{name}.yaml", text)

    shop.scenarios = write
    return shop


def test_scenarios_that_hold_end_with_0_and_one_line(lab):
    lab.scenarios(HEAD + RIGHT)
    told = lab.run("test")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("1 scenario, all hold (")


def test_no_database_is_opened_or_made(lab):
    lab.scenarios(HEAD + RIGHT)
    before = {path: path.stat().st_mtime_ns for path in lab.folder.rglob("*") if path.is_file()}
    assert lab.run("test", "--coverage").code == 0
    assert {path: path.stat().st_mtime_ns for path in lab.folder.rglob("*") if path.is_file()} == before


def test_a_failure_tells_its_line_day_difference_and_story_and_ends_with_1(lab):
    lab.scenarios(HEAD + WRONG + RIGHT)
    told = lab.run("test")
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[0] == "playbooks/scenarios/check-in.yaml:4:53: check-in: it ends at once"
    assert lines[1] == "  on Thu 2026-03-05 10:00, day 3"
    assert lines[2] == "  expected otherwise: ended, due"
    assert "      expected  kept\n      seen      still open, in ask_first\n" in told.out
    assert "  The story so far:\n    2026-03-02 10:00  enrolled in check-in\n        entered ask_first\n" in told.out
    assert "2026-03-16 10:00  after 14d → wait" in told.out
    assert "2 scenarios, 1 hold, 1 do not" in told.err


def test_a_playbook_a_file_or_a_part_of_a_name_chooses(lab):
    path = lab.scenarios(HEAD + RIGHT + WRONG)
    other = "playbook: beside\nscenario: alone\nstart: 2026-03-02\nsteps: [{expect: {enrolled: false}}]\n"
    lab.scenarios(other, "beside")
    assert lab.run("test", "beside").err.startswith("1 scenario, all hold")
    assert lab.run("test", path).err.startswith("2 scenarios, 1 hold")
    assert lab.run("test", "playbooks/scenarios/beside.yaml").err.startswith("1 scenario, all hold")
    assert lab.run("test", "-k", "HANDED").err.startswith("1 scenario, all hold")
    assert lab.run("test").err.startswith("3 scenarios, 2 hold, 1 do not")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chek-in",), "did you mean check-in?"), (("beside",), "write one in playbooks/scenarios/beside.yaml"),
        (("no/such.yaml",), "playbooks/scenarios/"), (("-k", "zzz"), "-k"),
    ],
)  # fmt: skip
def test_a_misspelt_name_is_not_taken_for_success(lab, arguments, hint):
    lab.scenarios(HEAD + RIGHT)
    told = lab.run("test", *arguments)
    assert told.code == 2 and hint in told.err


def test_problems_of_other_playbooks_do_not_trouble_the_one_that_is_named(lab):
    lab.scenarios(HEAD + RIGHT)
    lab.scenarios("playbook: beside\nscenario: x\nstart: 2026-03-02\nsteps: [{waits: 1d}]\n", "beside")
    assert lab.run("test", "check-in").code == 0
    told = lab.run("test")
    assert told.code == 1
    assert "playbooks/scenarios/beside.yaml:4:" in told.out and "did you mean 'wait'?" in told.out


def test_validate_finds_what_is_wrong_in_scenarios_too(lab):
    lab.scenarios(HEAD + "  - {scenario: one, steps: [{event: ask.grantd}]}\n")
    told = lab.run("validate")
    assert told.code == 1
    assert "playbooks/scenarios/check-in.yaml:4:37: error unknown-outcome" in told.out
    assert "did you mean 'granted'?" in told.out


def test_coverage_names_what_no_scenario_reached_and_playbooks_without_one(lab):
    lab.scenarios(HEAD + RIGHT)
    told = lab.run("test", "--coverage")
    assert told.code == 0
    assert "beside: no scenario\n" in told.out
    assert "check-in: 8 % reached by 1 scenario (1 of 2 states, 0 of 6 transitions, 0 of 4 outcomes)\n" in told.out
    assert "playbooks/check-in.yaml:26:9: transition after 14d → wait" in told.out
    assert "state wait" in told.out and "outcome ask.granted" in told.out


def test_coverage_can_be_demanded(lab):
    lab.scenarios(HEAD + RIGHT)
    assert lab.run("test", "check-in", "--fail-under", "5").code == 0
    assert lab.run("test", "check-in", "--fail-under", "50").code == 1
    assert lab.run("test", "--fail-under", "5").code == 1  # `beside` has no scenario


def test_json_tells_everything_and_stands_alone_on_standard_output(lab):
    lab.scenarios(HEAD + WRONG + RIGHT)
    told = json.loads(lab.run("test", "--format", "json", "--coverage", "--seed", "5").out)
    assert (told["passed"], told["failed"], told["seed"]) == (1, 1, 5)
    failure = told["scenarios"][0]["failure"]
    assert (failure["line"], failure["schedule"]) == (4, "immediate")
    assert failure["differences"][0] == {"about": "ended", "expected": "kept", "seen": "still open, in ask_first"}
    assert {one["playbook"] for one in told["coverage"]} == {"beside", "check-in"}


def test_junit_goes_to_the_screen_or_into_a_file(lab, tmp_path):
    lab.scenarios(HEAD + WRONG + RIGHT)
    told = lab.run("test", "--format", "junit", "--junit", str(tmp_path / "report.xml"))
    assert told.code == 1
    assert told.out == (tmp_path / "report.xml").read_text(encoding="utf-8")
    [failure] = ElementTree.fromstring(told.out).iter("failure")
    assert "The story so far:" in failure.text
    refused = lab.run("test", "--junit", str(tmp_path / "no/such/folder.xml"))
    assert refused.code == 2 and "cannot be written" in refused.err


def test_one_schedule_can_be_chosen(lab):
    lab.scenarios(HEAD + WRONG)
    assert "with daily ticks" in lab.run("test", "--schedule", "daily").out
    assert lab.run("test", "--schedule", "weekly").code == 2


def test_without_scenarios_it_says_where_they_belong(lab):
    told = lab.run("test")
    assert told.code == 0 and "playbooks/scenarios" in told.err


def test_a_folder_that_is_no_workspace_is_refused(tmp_path, capsys):
    assert cli.run(["--workspace", str(tmp_path), "test"]) == 2
    assert "no workspace" in capsys.readouterr().err


def test_what_stands_in_a_scenario_cannot_steer_the_terminal(lab):
    lab.scenarios(HEAD + '  - {scenario: "x \\e[31m", steps: [{expect: {ended: kept}}]}\n')
    assert "\x1b" not in lab.run("test").out


def test_of_a_variant_only_what_is_not_so_in_its_base_is_demanded(lab):
    lab.scenarios(HEAD + RIGHT)
    variant = "playbook: later\nextends: check-in\ntitle: Later\npatch: {limits: [{gap: 2d}]}\n"
    (lab.folder / "playbooks/later.yaml").write_text(variant, encoding="utf-8")
    told = lab.run("test", "--coverage")
    assert "later: no scenario; inherited from check-in: 12, tested there\n" in told.out
