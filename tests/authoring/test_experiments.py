"""Experiment files: every rule finds what it is for, and a broken edit goes back to the last good version."""

import ast
import inspect
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.authoring import known as files
from engine.authoring.experiment_rules import RULES
from engine.authoring.fingerprint import CHECKED, unchanged
from engine.authoring.report import render
from engine.authoring.workspace import load_workspace, revision_content
from engine.core.building.revision import pinned, revision_from, revision_hash
from engine.core.building.teams import for_team
from engine.core.durations import Duration
from tests.arms import arm_content

from .conftest import problems_of

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "invalid-experiments"
NAMES = sorted(case.stem for case in CASES.glob("*.expected"))
SOUND = ("another-team", "before-of-other-deals", "first-of-four")  # what overlapping-experiments is compared with
TIMING = """\
experiment: timing
question: Does it matter when we call?
starts: 2027-01-04
ends: 2027-06-30
enrol: {if: {lost_reason: {is: price}}}
arms:
  soon: {playbook: check-in, params: {wait_for: 2w}, weight: 2}
  later: {playbook: check-in, params: {wait_for: 10w}}
  as_it_is: {playbook: check-in}
teams:
  west: {arms: [soon, later], weights: {later: 3}}
primary: {event: won, within: 6mo}
secondary: [{event: reply, within: 60d}]
"""


def workspace_in(folder):
    """The workspace of the cases, with playbooks to compare and no experiment."""
    shutil.copytree(ROOT / "tests" / "cases" / "invalid" / "workspace", folder)
    (folder / "playbooks/library/templates/misspelt.txt").unlink()
    shutil.copytree(CASES / "playbooks", folder / "playbooks", dirs_exist_ok=True)
    (folder / "playbooks/unusable.yaml").unlink()
    (folder / "playbooks/experiments").mkdir()
    return folder


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """The problems of all cases at once, by the name of the case."""
    folder = workspace_in(tmp_path_factory.mktemp("cases") / "workspace")
    shutil.copy(CASES / "playbooks/unusable.yaml", folder / "playbooks")
    for case in CASES.glob("*.yaml"):
        shutil.copy(case, folder / "playbooks/experiments")
    found = {}
    for problem in load_workspace(folder, {}).problems:
        found.setdefault(Path(problem.location.file).stem, []).append(problem)
    return found


@pytest.fixture
def folder(tmp_path):
    folder = workspace_in(tmp_path / "shop")
    (folder / "playbooks/experiments/timing.yaml").write_text(TIMING)
    return folder


def edit(folder, old, new, path="playbooks/experiments/timing.yaml"):
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new))


def remembered(workspace, known=None):
    """What a store would know after this load: JSON, and the last good content of what is broken."""
    found = dict(known or {})
    for row in workspace.sources:
        content = json.loads(json.dumps(row.content))
        if not row.good:
            content = found[row.path].content if row.path in found else None
        found[row.path] = type(row)(path=row.path, hash=row.hash, content=content, good=row.good)
    return found


def rules(workspace):
    return [problem.rule for problem in workspace.problems]


# --- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_case_gives_exactly_the_expected_problems(name, problems):
    found = render(problems[name]).rpartition("\n")[0]
    assert found + "\n" == (CASES / f"{name}.expected").read_text(encoding="utf-8")


def test_every_case_is_expected_to_be_wrong_and_no_other_file_is(problems):
    cases = {case.stem for case in CASES.glob("*.yaml")}
    assert cases == {*NAMES, *SOUND}
    assert set(problems) == {*NAMES, "unusable"}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_case_that_shows_it(rule, problems):
    assert rule in {problem.rule for problem in problems.get(rule, ())}, f"write {rule}.yaml"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_means_and_how_it_is_cured(rule):
    module = inspect.getmodule(RULES[rule])
    assert module.__name__.rpartition(".")[2] == rule.replace("-", "_")
    assert "\n    " in module.__doc__, "the docstring shows an example of the cure"
    assert len(module.__doc__.split()) > 15


def test_every_file_with_a_rule_is_registered():
    folder = Path(inspect.getfile(RULES["file-name"])).parent
    files = {file.stem: ast.parse(file.read_text()) for file in folder.glob("*.py")}
    checks = {
        stem for stem, tree in files.items() if any(getattr(node, "name", "") == "check" for node in tree.body)
    }  # fmt: skip
    assert checks == {name.replace("-", "_") for name in RULES} == set(files) - {"__init__", "context"}


# --- shape ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "rule", "said"),
    [
        ("within: 6mo", "within: 20bd", "wrong-shape", "180d, 26w, 6mo or 1y"),
        ("within: 6mo", "within: 4h", "wrong-shape", "180d, 26w, 6mo or 1y"),
        ("within: 6mo", "within: 0d", "wrong-shape", "180d, 26w, 6mo or 1y"),
        ("weight: 2", "weight: 1.5", "wrong-type", "a whole number"),
        ("weight: 2", "weight: 0", "out-of-range", "at least 1"),
        ("starts: 2027-01-04", "starts: 4.1.2027", "wrong-shape", "write a date"),
        ("starts: 2027-01-04", "starts: 0999-01-04", "wrong-shape", "write a date"),
        ("arms: [soon, later]", "arms: soon", "wrong-type", "a list"),
        ("primary:", "alpha: 0.5\nprimary:", "out-of-range", "at most 0.2"),
        ("primary:", "margin: 0\nprimary:", "out-of-range", "0 is not more than 0"),
        ("primary:", "assign: block\nprimary:", "wrong-choice", "did you mean 'blocks'?"),
        ("primary: {event: won, within: 6mo}\n", "", "missing-key", "'primary' is missing"),
    ],
)
def test_what_does_not_fit_is_told_in_words(old, new, rule, said):
    assert old in TIMING
    [problem] = problems_of(TIMING.replace(old, new), "experiment")
    assert problem.rule == rule
    assert said in f"{problem.message} {problem.hint}"


def test_one_arm_alone_is_too_few():
    text = "experiment: a\nstarts: 2027-01-04\narms: {now: {playbook: b}}\nprimary: {event: won, within: 6mo}\n"
    [problem] = problems_of(text, "experiment")
    assert (problem.rule, problem.message) == ("too-few", "1 alone stands here; at least 2 belong here")
    assert problem.hint == "write two arms or more; one alone is compared with nothing"


# --- reading --------------------------------------------------------------------------------------------------------


def test_an_experiment_is_read_with_everything_that_stands_in_its_file(folder):
    workspace = load_workspace(folder, {})
    assert workspace.problems == []
    experiment = workspace.experiments["timing"]
    assert (experiment.starts, experiment.ends) == (date(2027, 1, 4), date(2027, 6, 30))
    assert (experiment.control, experiment.others) == ("soon", ["later", "as_it_is"])
    assert experiment.weights("west") == {"soon": 2, "later": 3}
    assert experiment.weights("east") == {"soon": 2, "later": 1, "as_it_is": 1}
    assert experiment.primary.within == Duration(amount=6, unit="mo")
    assert (experiment.unit, experiment.assign, experiment.alpha) == ("deal", "blocks", 0.05)
    assert experiment.condition is not None
    assert workspace.experiment_contents["timing"]["arms"]["soon"]["weight"] == 2


def test_a_file_that_ends_in_yml_is_not_read(folder):
    (folder / "playbooks/experiments/timing.yaml").rename(folder / "playbooks/experiments/timing.yml")
    workspace = load_workspace(folder, {})
    [problem] = workspace.problems
    assert (problem.rule, problem.hint) == ("wrong-file-name", "rename it to timing.yaml")
    assert workspace.experiments == {}


def test_a_workspace_without_experiments_is_fine(folder):
    shutil.rmtree(folder / "playbooks/experiments")
    workspace = load_workspace(folder, {})
    assert (workspace.problems, workspace.experiments) == ([], {})


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("event: won", "event: wno", "unknown-event"),
        ("starts: 2027-01-04", "starts: 2027-02-30", "bad-date"),
        ("arms:", "arms", "yaml-colon"),
        ("experiment: timing", "experiment: temper", "file-name"),
        ("wait_for: 10w", "wait_for: 10q", "bad-duration"),
    ],
)
def test_after_a_broken_edit_the_last_good_version_goes_on(folder, old, new, rule):
    good = load_workspace(folder, {})
    known = remembered(good)
    edit(folder, old, new)
    workspace = load_workspace(folder, known)
    assert any(problem.level == "error" for problem in workspace.problems)
    assert rule in rules(workspace) or rule.startswith("yaml")
    assert workspace.experiments == good.experiments
    again = load_workspace(folder, remembered(workspace, known))
    assert again.experiments == good.experiments
    assert again.problems == workspace.problems
    edit(folder, new, old)
    assert load_workspace(folder, remembered(workspace, known)).problems == []


def test_one_that_never_was_good_is_not_there(folder):
    edit(folder, "event: won", "event: wno")
    assert load_workspace(folder, {}).experiments == {}


def test_a_deleted_experiment_is_gone(folder):
    known = remembered(load_workspace(folder, {}))
    (folder / "playbooks/experiments/timing.yaml").unlink()
    workspace = load_workspace(folder, known)
    assert (workspace.experiments, workspace.problems) == ({}, [])


def test_what_is_known_is_neither_parsed_nor_checked_again(folder, monkeypatch):
    edit(folder, "ends: 2027-06-30", "expect: {deals: 600}")
    edit(folder, "within: 6mo", "within: 3y")
    first = load_workspace(folder, {})
    assert rules(first) == ["long-window"]
    known = remembered(first)

    def never(*_, **__):
        raise AssertionError("this was known")

    for place in ("known.read_yaml", "schema.check", "arms.look_at_arms"):
        monkeypatch.setattr(f"engine.authoring.{place}", never)
    for rule in RULES:
        monkeypatch.setitem(RULES, rule, never)
    workspace = load_workspace(folder, known)
    assert workspace.problems == first.problems
    assert workspace.experiments == first.experiments
    assert workspace.experiment_contents == first.experiment_contents
    assert workspace.sources == []


def test_only_the_file_that_changed_is_parsed(folder, monkeypatch):
    (folder / "playbooks/experiments/other.yaml").write_text(TIMING.replace("timing", "other").replace("2027", "2028"))
    known = remembered(load_workspace(folder, {}))
    edit(folder, "weight: 2", "weight: 3")
    parsed, real = [], files.read_yaml
    monkeypatch.setattr(files, "read_yaml", lambda path, raw: parsed.append(path) or real(path, raw))
    workspace = load_workspace(folder, known)
    assert parsed == ["playbooks/experiments/timing.yaml"]
    assert {row.path for row in workspace.sources} == {CHECKED, "playbooks/experiments/timing.yaml"}
    assert workspace.experiments["timing"].arms["soon"].weight == 3


def test_a_tick_notices_a_changed_and_a_new_experiment(folder):
    known = {path: row.hash for path, row in remembered(load_workspace(folder, {})).items()}
    assert unchanged(folder, known)
    new = folder / "playbooks/experiments/new.yaml"
    new.write_text("experiment: new\n")
    assert not unchanged(folder, known)
    new.unlink()
    assert unchanged(folder, known)
    edit(folder, "weight: 2", "weight: 3")
    assert not unchanged(folder, known)


def test_a_change_of_the_playbook_is_told_at_the_arm(folder):
    known = remembered(load_workspace(folder, {}))
    edit(folder, "wait_for", "wait_long", "playbooks/check-in.yaml")
    workspace = load_workspace(folder, known)
    assert [str(problem.location) for problem in workspace.problems] == [
        "playbooks/experiments/timing.yaml:7:39", "playbooks/experiments/timing.yaml:8:40",
    ]  # fmt: skip
    assert rules(workspace) == ["unknown-parameter"] * 2
    assert workspace.experiments == {}
    edit(folder, "wait_long", "wait_for", "playbooks/check-in.yaml")
    assert load_workspace(folder, remembered(workspace, known)).experiments.keys() == {"timing"}


def test_an_experiment_goes_on_with_the_last_good_version_of_its_playbook(folder):
    known = remembered(load_workspace(folder, {}))
    edit(folder, "to: call", "to: nowhere", "playbooks/check-in.yaml")
    workspace = load_workspace(folder, known)
    assert "timing" in workspace.experiments
    assert {problem.location.file for problem in workspace.problems} == {"playbooks/check-in.yaml"}


def test_what_only_follows_from_a_broken_playbook_is_no_error_here_but_stops_the_experiment(folder):
    edit(folder, "to: call", "to: nowhere", "playbooks/check-in.yaml")
    workspace = load_workspace(folder, {})
    assert workspace.experiments == {}
    told = [problem for problem in workspace.problems if problem.location.file.endswith("timing.yaml")]
    assert {(problem.rule, problem.level) for problem in told} == {("broken-playbook", "warning")}
    known = remembered(workspace)
    assert load_workspace(folder, known).experiments == {}
    edit(folder, "to: nowhere", "to: call", "playbooks/check-in.yaml")
    assert load_workspace(folder, known).experiments.keys() == {"timing"}


def test_what_is_told_of_a_playbook_is_not_told_again_of_its_arms(folder):
    edit(folder, "{over: {}}", "{over: {}, never: {}}", "playbooks/check-in.yaml")
    [problem] = load_workspace(folder, {}).problems
    assert (problem.rule, problem.location.file) == ("unused-end", "playbooks/check-in.yaml")


# --- the playbook of an arm -----------------------------------------------------------------------------------------


def waits(content, team):
    return for_team(content, team)["params"]["wait_for"]


def test_an_arms_parameter_goes_over_those_of_the_team_the_workspace_and_the_playbook(folder):
    workspace = load_workspace(folder, {})
    arms = {arm: arm_content(workspace, "timing", arm) for arm in ("soon", "later", "as_it_is")}
    assert [waits(arms[arm], "east") for arm in arms] == ["2w", "10w", "4w"]
    assert [waits(arms[arm], "west") for arm in arms] == ["2w", "10w", "6w"]
    with (folder / "playbook.toml").open("a") as settings:
        settings.write('\n[params.check-in]\nwait_for = "5w"\npatience = "2w"\n')
    workspace = load_workspace(folder, {})
    assert waits(arm_content(workspace, "timing", "as_it_is"), "east") == "5w"
    assert waits(arm_content(workspace, "timing", "soon"), "east") == "2w"
    assert arm_content(workspace, "timing", "soon")["params"]["patience"] == "2w"


def test_a_team_keeps_what_the_arm_says_nothing_of(folder):
    edit(folder, "{wait_for: 6w}", "{wait_for: 6w, patience: 4w}", "playbooks/check-in.yaml")
    workspace = load_workspace(folder, {})
    params = for_team(arm_content(workspace, "timing", "soon"), "west")["params"]
    assert (params["wait_for"], params["patience"]) == ("2w", "4w")


def arm_revision(workspace, experiment, arm, team=""):
    own = workspace.experiments[experiment].arms[arm]
    return revision_content(workspace, own.playbook, team, own.params)


def test_an_arm_without_parameters_is_the_playbook_itself(folder):
    workspace = load_workspace(folder, {})
    for team in ("", "west"):
        own = arm_revision(workspace, "timing", "as_it_is", team)
        assert revision_hash(own) == revision_hash(revision_content(workspace, "check-in", team))


@pytest.mark.parametrize("team", ["", "west"])
@pytest.mark.parametrize("arm", ["soon", "later", "as_it_is"])
def test_what_was_checked_is_what_a_deal_of_the_arm_is_pinned_to(folder, arm, team):
    workspace = load_workspace(folder, {})
    checked = for_team(arm_content(workspace, "timing", arm), team)
    content = json.loads(json.dumps(arm_revision(workspace, "timing", arm, team)))
    assert content == json.loads(json.dumps(pinned(checked, workspace.world.vocabulary, workspace.templates)))
    revision = revision_from(content, revision_hash(content))
    assert revision.playbook.params["wait_for"].content == waits(arm_content(workspace, "timing", arm), team)


def test_the_contents_of_the_workspace_are_left_as_they_are(folder):
    workspace = load_workspace(folder, {})
    before = json.dumps(workspace.contents["check-in"])
    arm_content(workspace, "timing", "soon")
    assert json.dumps(workspace.contents["check-in"]) == before


# --- the shipped ones -----------------------------------------------------------------------------------------------


def test_the_shipped_experiments_can_be_used_and_have_no_problem():
    workspace = load_workspace(ROOT, {})
    assert [str(problem) for problem in workspace.problems if "experiments" in problem.location.file] == []
    assert set(workspace.experiments) == {"check-in-timing", "review-length"}
    timing = workspace.experiments["check-in-timing"]
    assert timing.arms["nothing"].holdout and timing.unit == "account"
    for name, experiment in workspace.experiments.items():
        hashes = {revision_hash(arm_revision(workspace, name, arm)) for arm in experiment.arms}
        assert len(hashes) == len(experiment.arms)


def test_a_playbook_that_only_an_experiment_draws_into_need_not_be_in_the_list(folder):
    def unlisted():
        return [
            problem.message for problem in load_workspace(folder, {}).problems if problem.rule == "playbook-not-listed"
        ]

    edit(folder, "[workspace]", '[workspace]\nplaybooks = ["check-in"]', "playbook.toml")
    before = unlisted()
    text = (folder / "playbooks/check-in.yaml").read_text(encoding="utf-8").replace("check-in", "only-an-arm", 1)
    (folder / "playbooks/only-an-arm.yaml").write_text(text, encoding="utf-8")
    assert [one for one in unlisted() if one not in before] == ["no deal enters 'only-an-arm': it is not in this list"]
    edit(folder, "as_it_is: {playbook: check-in}", "as_it_is: {playbook: only-an-arm}")
    assert unlisted() == before


def test_a_teams_parameter_is_checked_over_that_of_the_workspace(folder):
    edit(folder, "{west: {params: {wait_for: 6w}}}", "{west: {params: {wait_for: soon}}}", "playbooks/check-in.yaml")
    with (folder / "playbook.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[params.check-in]\nwait_for = "5w"\n')
    wrong = [
        problem for problem in load_workspace(folder, {}).problems if problem.location.file.endswith("check-in.yaml")
    ]
    assert any(problem.level == "error" and "soon" in problem.message for problem in wrong)
