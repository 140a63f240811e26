"""What is wrong in a scenario file is said at its line, with what to write instead."""

import pytest

from engine.authoring.fingerprint import unchanged
from engine.authoring.workspace import load_workspace
from engine.scenarios.reading import problems as problems_of
from engine.scenarios.reading import read_scenarios


@pytest.mark.parametrize(
    ("step", "place", "rule", "words", "hint"),
    [
        ("- event: ask.grantd", "10:16", "unknown-outcome", "grantd", "granted"),
        ("- event: repyl", "10:16", "unknown-event", "repyl", "reply"),
        ("- event: won", "10:16", "unknown-event", "won comes from", "change: {status: won}"),
        ("- event: reply\n  with: {chanel: phone}", "11:16", "unknown-field", "chanel", "channel"),
        ("- event: reply\n  with: {channel: fone}", "11:25", "wrong-value", "fone", "phone"),
        ("- event: reply\n  contact: C9", "11:18", "unknown-contact", "C9", "C"),
        ("- event: reply\n  from: contact", "11:15", "missing-key", "whose", "contact: C1"),
        ("- wait: 3m", "10:15", "wrong-shape", "3m", "3min for minutes"),
        ("- wait: 9999d", "10:15", "bad-duration", "too long", "3660d"),
        ("- until: 2026-02-31", "10:16", "bad-date", "does not exist", "2026-03-02"),
        ("- change: {amuont: 5}", "10:18", "unknown-field", "amuont", "amount"),
        ("- change: {mood: sad}", "10:24", "wrong-value", "sad", "bad"),
        ("- change: {contact.boss.phone: x}", "10:18", "unknown-field", "cannot be changed", "contact.phone"),
        ("- skip: aks\n  because: x", "10:15", "unknown-action", "aks", "ask"),
        ("- skip: ask", "10:9", "missing-key", "'because' is missing", "because:"),
        ("- defer: ask", "10:9", "missing-key", "'until' is missing", "until: 3bd"),
        ("- reassign: ask\n  to: kmi", "11:13", "wrong-value", "kmi", "kim"),
        ("- wait: 3d\n  event: reply", "10:9", "not-together", "a step does one thing", "two steps"),
        ("- pause: yes", "10:16", "wrong-choice", "yes", "pause: by_person"),
        ("- {}", "10:9", "missing-key", "one of these is missing", "expect"),
        ("- waits: 3d", "10:9", "unknown-key", "did you mean 'wait'", ""),
        ("- event: reply\n  set: {mood: good}", "11:9", "unknown-key", "did you mean 'with'", ""),
        ("- expect: {due: [aks]}", "10:24", "unknown-action", "aks", "ask"),
        ("- expect: {state: wiat}", "10:25", "unknown-state", "wiat", "wait"),
        ("- expect: {state: {min: wait}}", "10:26", "unknown-track", "min", "main"),
        ("- expect: {ended: kpet}", "10:25", "unknown-end", "kpet", "kept"),
        ("- expect: {never: [ask.granded]}", "10:26", "unknown-name", "ask.granded", "ask.granted"),
        ("- expect: {facts: {moood: good}}", "10:26", "unknown-field", "moood", "mood"),
        ("- expect: {facts: {mood: sad}}", "10:32", "wrong-value", "sad", "bad"),
        ("- expect: {next: {to: nowhere}}", "10:29", "unknown-state", "nowhere", ""),
        ("- expect: {next: never}", "10:24", "wrong-choice", "never", "or nothing"),
        ("- expect: {assignee: {aks: kim}}", "10:29", "unknown-action", "aks", "ask"),
        ("- expect: {contact: {ask: C7}}", "10:33", "unknown-contact", "C7", "C"),
        ("- expect: {due: ask}", "10:23", "wrong-type", "list", ""),
    ],
)  # fmt: skip
def test_each_mistake_is_one_problem_at_its_place(problems, step, place, rule, words, hint):
    [found] = problems(step)
    assert (f"{found.location.line}:{found.location.column}", found.rule) == (place, rule)
    assert words in found.message
    assert hint in found.hint


def test_what_stands_beside_the_list_is_complained_of_there_and_once(problems):
    text = """\
playbook: chek-in
deal: {lost_at: 2026-03-02T10:00, ownr: kim}
scenarios:
  - {scenario: one, steps: [{wait: 1d}]}
  - {scenario: two, steps: [{wait: 1d}]}
"""
    found = problems(whole=text)
    assert [(one.location.line, one.rule) for one in found] == [(1, "unknown-playbook"), (2, "unknown-field")]
    assert found[0].hint == "did you mean 'check-in'?"


def test_a_scenario_needs_a_beginning_and_a_playbook(problems):
    found = problems(whole="scenario: one\nsteps: [{wait: 1d}]\n")
    assert {one.message for one in found} == {"when does it begin?", "'playbook' is missing: whose scenario is it?"}


def test_a_playbook_with_errors_cannot_be_tested(problems, folder):
    path = folder / "playbooks/check-in.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("to: wait", "to: wiat"), encoding="utf-8")
    [found] = problems("- wait: 1d")
    assert found.message == "the playbook check-in cannot be used as it stands"


def test_two_scenarios_of_a_playbook_with_one_name_are_a_problem_in_whatever_files(problems, write):
    write("- expect: {open: true}", name="another")
    [found] = problems("- expect: {open: true}")
    assert (found.rule, found.location.file) == ("written-twice", "playbooks/scenarios/check-in.yaml")
    assert "in playbooks/scenarios/another.yaml" in found.message


def test_a_scenario_that_expects_nothing_is_a_warning_and_is_played(problems, folder):
    [found] = problems("- event: ask.granted\n- wait: 3d")
    assert (found.rule, found.level, found.location.line, found.location.column) == ("expects-nothing", "warning", 8, 5)
    assert "'one' expects nothing" in found.message
    [file] = read_scenarios(load_workspace(folder, {}))
    assert [one.name for one in file.scenarios] == ["one"]
    assert problems("- wait: 3d\n- expect: {open: true}") == []


def test_two_people_with_one_id_are_a_problem(problems):
    [found] = problems("- expect: {open: true}", more="contacts: [{id: C2, phone: '1'}]")
    assert "two people have the id 'C2'" in found.message


def test_yaml_that_cannot_be_read_is_one_more_problem(problems):
    [found] = problems(whole="playbook: check-in\nscenarios:\n  - {scenario: one\n")
    assert found.rule == "yaml-syntax"


def test_a_file_that_ends_otherwise_is_named(folder, problems):
    (folder / "playbooks/scenarios/more.yml").write_text("x", encoding="utf-8")
    [found] = problems("- expect: {open: true}")
    assert found.hint == "rename it to more.yaml"


def test_scenarios_are_no_part_of_what_a_tick_looks_at(folder, write):
    workspace = load_workspace(folder, {})
    known = {source.path: source.hash for source in workspace.sources}
    assert unchanged(folder, known)
    write("- wiat: 1d")
    assert unchanged(folder, known)
    assert not [one for one in load_workspace(folder, {}).problems if "scenarios" in one.location.file]
    assert problems_of(load_workspace(folder, {}))
