"""A file of the library that cannot be read is told once, and not again wherever it is used."""

import shutil
from pathlib import Path

import pytest

from engine.authoring.consequences import without_consequences
from engine.authoring.workspace import load_workspace
from engine.console.behaviours import problems as problems_of_behaviours
from engine.scenarios.reading import problems as problems_of_scenarios

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    for name in ("playbooks", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "playbook.toml", tmp_path)
    return tmp_path


def told(folder):
    """All that `validate` tells: (file, rule, hint)."""
    workspace = load_workspace(folder, {})
    more = [*problems_of_scenarios(workspace), *problems_of_behaviours(workspace)]
    found = without_consequences([*workspace.problems, *more], workspace.unread)
    return [(one.location.file, one.rule, one.hint) for one in found]


def edit(folder, path, old, new):
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "unchecked"),
    [
        ("fields", "its fields"),
        ("events", "its events"),
        ("calendars", "its calendars, windows and schedules"),
        ("loss-reasons", "its reasons"),
        ("scores", "its scores"),
    ],
)
def test_a_wrong_key_in_a_library_file_is_the_only_problem_and_says_what_is_not_checked(folder, kind, unchecked):
    path = f"playbooks/library/{kind}.yaml"
    with (folder / path).open("a", encoding="utf-8") as file:
        file.write("\nfoo: 1\n")
    [(file, rule, hint)] = told(folder)
    assert (file, rule) == (path, "unknown-key")
    assert hint.endswith(f"; until this is mended, nothing that refers to {unchecked} is checked")
    assert hint.count("until") == 1


def test_a_wrong_holiday_is_told_and_no_window_is_missed_for_it(folder):
    edit(folder, "playbooks/library/calendars.yaml", "date: 2026-05-25", "date: 25.05.2026")
    [(file, _, _)] = told(folder)
    assert file == "playbooks/library/calendars.yaml"


def test_what_is_wrong_besides_is_still_told(folder):
    edit(folder, "playbooks/library/events.yaml", "events:", "foo: 1\nevents:")
    edit(folder, "playbooks/graceful-reply.yaml", "kind: email", "kind: emial")
    edit(folder, "playbooks/silent-prospect-letter.yaml", "status: {is: lost}", "statsu: {is: lost}")
    found = {(file, rule) for file, rule, _ in told(folder)}
    assert ("playbooks/library/events.yaml", "unknown-key") in found
    assert ("playbooks/graceful-reply.yaml", "wrong-choice") in found
    assert ("playbooks/silent-prospect-letter.yaml", "unknown-field") in found
    assert not any(rule == "unknown-event" for _, rule in found)


def test_a_playbook_with_an_error_of_its_own_is_still_missed_by_its_scenarios(folder):
    edit(folder, "playbooks/library/calendars.yaml", "calendars:", "foo: 1\ncalendars:")
    edit(folder, "playbooks/silent-prospect-letter.yaml", "status: {is: lost}", "statsu: {is: lost}")
    unusable = [file for file, rule, _ in told(folder) if rule == "broken-playbook"]
    assert unusable == ["playbooks/scenarios/silent-prospect-letter.yaml"]


def test_a_file_that_was_good_once_goes_on_and_everything_is_checked(folder):
    before = load_workspace(folder, {})
    known = {row.path: row for row in before.sources}
    edit(folder, "playbooks/library/events.yaml", "events:", "foo: 1\nevents:")
    edit(folder, "playbooks/graceful-reply.yaml", "event: all_closed", "event: al_closed")
    found = {one.rule: one.hint for one in load_workspace(folder, known).problems}
    assert "unknown-event" in found
    assert "until" not in found["unknown-key"]


# --- quotes in templates, misspelt names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "message", "hint"),
    [
        ('"Call {{ contact.name | default("x") }}"', "double quotes inside double quotes", "default('…')"),
        ("'Call {{ contact.name | default('x') }}'", "single quotes inside single quotes", 'default("…")'),
        ('"Call {% if contact.name == "x" %}them{% endif %}"', "double quotes inside double quotes", "single quotes"),
        ('{{ contact.name | default("x") }}', "begins a mapping here", "needs quotes"),
    ],
)
@pytest.mark.parametrize("written", ["title: {}\n", "a: {{title: {}, kind: call}}\n", "- title: {}\n"])
def test_quotes_that_end_a_text_inside_its_braces_are_told_as_such(problems_of, written, title, message, hint):
    first = problems_of(written.format(title))[0]
    assert message in first.message and hint in first.hint


def test_a_misspelt_state_in_a_patch_is_guessed_at_once(folder):
    (folder / "playbooks" / "zz.yaml").write_text(
        "playbook: zz\nextends: four-week-check-in\n"
        "patch:\n  states:\n    check_inn: {actions: {check_in_call: {minutes: 20}}}\n"
    )
    found = [one for one in load_workspace(folder, {}).problems if one.location.file == "playbooks/zz.yaml"]
    assert (found[0].rule, found[0].hint, found[0].location.line) == ("new-name", "did you mean 'check_in'?", 5)
    assert "missing-key" in {one.rule for one in found[1:]}
