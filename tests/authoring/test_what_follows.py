"""One mistake is told once, where it was made: in playbook.toml, in a questionnaire, in a template."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.authoring.template_words import in_words
from engine.authoring.workspace import load_workspace
from engine.core.templates import TemplateError, mentions
from tests.validating import validate

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "shop"
    for name in ("playbooks", "schemas"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "playbook.toml", place)
    return place


def settings(folder, text):
    """The problems of the workspace with `text` at the end of its settings, and the line where `text` begins."""
    file = folder / "playbook.toml"
    before = (ROOT / "playbook.toml").read_text(encoding="utf-8")
    file.write_text(f"{before}\n{text}\n", encoding="utf-8")
    return validate(folder), before.count("\n") + 2


def edit(folder, path, old, new):
    file = folder / "playbooks" / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


# --- playbook.toml --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("playbook", "line", "rule", "hint"),
    [
        ("four-week-check-in", 'check_in_after = "4 weeks"', "bad-duration", "write 4w"),
        ("four-week-check-in-ten-weeks", 'check_in_after = "4 weeks"', "bad-duration", "write 4w"),
        ("four-week-check-in", 'check_in_after = {by = "tem", values = {west = "3w"}, otherwise = "4w"}',
         "unknown-field", "did you mean 'team'?"),
        ("four-week-check-in", 'check_in_after = {by = "team", values = {wset = "3w"}, otherwise = "4w"}',
         "unknown-team", "did you mean 'west'?"),
        ("win-loss-call-short-review", 'tried_by_team = "eats"', "unknown-team", "did you mean 'east'?"),
        ("win-loss-call-short-review", "review_minuts = 4", "unknown-parameter", "did you mean 'review_minutes'?"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_parameter_of_the_workspace_is_told_at_its_line(folder, playbook, line, rule, hint):
    found, first = settings(folder, f"[params.{playbook}]\n{line}")
    told = [one for one in found if one.location.file == "playbook.toml"]
    assert [(one.location.line, one.rule, one.hint) for one in told] == [(first + 1, rule, hint)]
    assert {one.rule for one in found} <= {rule, "broken-playbook"}


def test_a_table_for_a_team_is_told_how_to_set_a_parameter_for_a_team(folder):
    [found], first = settings(folder, '[params.four-week-check-in.west]\ncheck_in_after = "6w"')
    assert (found.location.file, found.location.line, found.rule) == ("playbook.toml", first, "params-of-team")
    assert 'check_in_after = {by = "team", values = {west = "6w"}, otherwise = …}' in found.hint
    assert "teams: {west: {params: {…}}}" in found.hint


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('check_in_after: "4w"', "a ':' stands where TOML has a '='", 'write check_in_after = "4w"'),
        ("check_in_after: 4w", "a ':' stands where TOML has a '='", 'write check_in_after = "4w"'),
        ("check_in_after = 4w", "a text without quotes stands here", 'texts stand in quotes: check_in_after = "4w"'),
        ('a = {by: "team"}', "a ':' stands where TOML has a '='", "write by = inside the braces as well"),
        ('süd = "4w"', "the name süd needs quotes in TOML: it has other letters than A to Z", 'write "süd"'),
        ('a = {by = "team", values = {süd = "3w"}}',
         "the name süd needs quotes in TOML: it has other letters than A to Z", 'write "süd"'),
        ('a = "4w', "this value cannot be read", "a line is `key = value`, and texts stand in quotes"),
    ],
)  # fmt: skip
def test_text_that_is_not_toml_is_told_in_words(tmp_path, line, message, hint):
    found, first = settings(tmp_path, f"[params.four-week-check-in]\n{line}")
    [told] = [one for one in found if one.rule == "toml-syntax"]
    assert told.location.line == first + 1
    if line != 'a = "4w':  # what exactly is missing there, each version of Python says otherwise
        assert (told.message, told.hint) == (message, hint)


# --- the library ----------------------------------------------------------------------------------------------------


def test_a_broken_questionnaire_is_told_in_its_file_and_once_where_it_is_used(folder):
    edit(folder, "library/questionnaires/loss_reason.yaml", "questions:", "questons:")
    found = validate(folder)
    [error] = [one for one in found if one.level == "error"]
    assert error.location.file == "playbooks/library/questionnaires/loss_reason.yaml"
    users = [one for one in found if one.rule == "unknown-questionnaire"]
    assert {one.message for one in users} == {"the questionnaire 'loss_reason' cannot be read"}
    files = [one.location.file for one in users]
    assert "playbooks/debrief-first.yaml" in files and len(files) == len(set(files))
    assert "debrief-first" not in load_workspace(folder, {}).playbooks  # no deal enters without its questions


def test_a_broken_template_is_told_in_its_file_and_once_where_it_is_used(folder):
    with (folder / "playbooks/library/templates/thank_you_card.txt").open("a", encoding="utf-8") as file:
        file.write("{{ name }\n")
    found = validate(folder)
    [error] = [one for one in found if one.level == "error"]
    assert (error.rule, error.message) == ("bad-template", "a '{{' is not closed with '}}'")
    assert "graceful-reply" not in load_workspace(folder, {}).playbooks


def test_a_breach_in_a_template_is_told_once_for_all_playbooks_and_their_variants(folder):
    with (folder / "playbooks/library/templates/thank_you_card.txt").open("a", encoding="utf-8") as file:
        file.write("We give you a discount of 10 percent.\n")
    found = [one for one in validate(folder) if one.rule == "content-rule"]
    [told] = [one for one in found if "no_price_offer" in one.message]
    users = "(playbook four-week-check-in, action thank_you_card; playbook graceful-reply, action kind_card)"
    assert users in told.message
    assert "waive: [{rule: no_price_offer, by: ana, on: 2026-03-02, because: …}]" in told.hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ {name} }}", "braces stand in braces here"),
        ("{{ name }", "a '{{' is not closed with '}}'"),
        ("{% if x %}a", "an {% if %} is not closed"),
        ("{% endif %}", "{% endif %} stands without its {% if … %}"),
        ("{{ first name }}", "'name' stands where the braces should end"),
        ("{% if a = b %}x{% endif %}", "one '=' compares nothing"),
        ("{{ name | default('x) }}", "a text in quotes does not end"),
        ("{{ contact.first-name }}", "a name has no '-' in it: that would be a sum"),
        ("{{ name | default(“x”) }}", "curly quotes stand between the braces"),
    ],
)
def test_what_is_wrong_in_a_template_is_told_without_tokens(text, told):
    with pytest.raises(TemplateError) as refused:
        mentions(text)
    message, hint = in_words(refused.value, text)
    assert message == told and hint


# --- teams ----------------------------------------------------------------------------------------------------------


def test_a_misspelt_team_is_told_in_the_roster_too_and_teams_of_a_csv_count(folder):
    edit(folder, "library/roster.yaml", "people: {west: ana", "people: {wset: ana")
    [found] = validate(folder)
    assert (found.rule, found.level, found.hint) == ("unknown-team", "warning", "did you mean 'west'?")
    (folder / "playbooks/library/people.csv").write_text("who,where\nzoe,wset\n", encoding="utf-8")
    with (folder / "playbooks/library/roster.yaml").open("a", encoding="utf-8") as file:
        file.write("people_from: {file: people.csv, person: who, team: where}\n")
    assert validate(folder) == []


@pytest.mark.parametrize("waive", ["waive: no_resell", "waive: {rule: no_resell, by: ana}", "waive: [no_resell]"])
def test_a_waiver_in_another_form_is_told_the_form(folder, waive):
    edit(folder, "silent-prospect-letter.yaml", "        kind: letter\n", f"        kind: letter\n        {waive}\n")
    [found] = [one for one in validate(folder) if one.level == "error"]
    assert "{rule: no_price" in found.hint and "by: ana" in found.hint and "because:" in found.hint
