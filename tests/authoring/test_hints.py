"""Cures that look beyond the line: roles of contacts, a broken file named elsewhere, names with their dots."""

import shutil
from pathlib import Path

import pytest

from engine.authoring.rules.contact_roles import Mention, count, mentions
from engine.core.building.findings import did_you_mean
from tests.validating import validate

ROOT = Path(__file__).parents[2]
CALLS = """\
playbook: calls
title: Two calls
ends: {over: {}}
initial: first
states:
  first:
    actions:
      call: {kind: call, contact: buyer, title: Call, expires: 5bd}
      ask: {kind: call, contact: boss, title: "Ask {{ contact.payer.name | default('them') }}", expires: 5bd}
    transitions:
      - {event: all_closed, end: over}
"""


@pytest.fixture
def folder(tmp_path):
    """A workspace with one playbook that names the roles buyer, boss and payer."""
    shutil.copytree(ROOT / "tests" / "cases" / "invalid" / "workspace", tmp_path / "small")
    library = tmp_path / "small" / "playbooks" / "library"
    (library / "templates" / "misspelt.txt").unlink()
    (tmp_path / "small" / "playbooks" / "calls.yaml").write_text(CALLS)
    return tmp_path / "small"


def list_roles(folder, roles):
    with (folder / "playbooks" / "library" / "fields.yaml").open("a") as file:
        file.write(f"contact_roles: {roles}\n")


def told(folder):
    return [(problem.location.line, problem.rule, problem.level, problem.message) for problem in validate(folder)]


def test_without_a_list_any_role_may_be_named(folder):
    assert told(folder) == []


def test_with_a_list_every_other_role_is_an_error(folder):
    list_roles(folder, "[buyer, bosses]")
    assert told(folder) == [
        (9, "unknown-role", "error", "no contact has the role 'boss'"),
        (9, "unknown-role", "error", "no contact has the role 'payer'"),
    ]
    assert "did you mean 'bosses'?" in validate(folder)[0].hint


def test_a_template_is_asked_for_its_roles_too(folder):
    list_roles(folder, "[buyer, boss, payer]")
    text = "Dear {{ contact.first_name | default('you') }},\n\n{{ contact.payr.name | default('you') }}\n"
    (folder / "playbooks" / "library" / "templates" / "thanks.txt").write_text(text.replace("first_name", "name"))
    (folder / "playbooks" / "calls.yaml").write_text(
        CALLS.replace("contact: boss,", "contact: boss, template: thanks,")
    )
    [(line, rule, _, message)] = told(folder)
    assert (line, rule) == (9, "unknown-role")
    assert message == "library/templates/thanks, line 3: no contact has the role 'payr'"


def test_a_single_role_that_is_almost_another_is_a_warning(folder):
    misspelt = CALLS.replace("playbook: calls", "playbook: other").replace("buyer", "buyers")
    (folder / "playbooks" / "other.yaml").write_text(misspelt)
    assert told(folder) == [(8, "unknown-role", "warning", "only this place knows the role 'buyers'")]


def test_roles_are_found_where_they_are_named_and_not_in_prose():
    action = {"contact": "buyer", "title": "{{ contact.payer.name }}", "avoid": ["contact.nobody.name"]}
    way = {"event": "reply", "from": "contact", "if": {"since.contact.boss.met_on": {"at_least": "3d"}}}
    content = {"states": {"one": {"actions": {"note": action}, "transitions": [way]}}}
    inside = ("states", "one", "actions", "note")
    assert list(mentions(content)) == [
        Mention(path=(*inside, "contact"), role="buyer"),
        Mention(path=(*inside, "title"), role="payer"),
        Mention(path=("states", "one", "transitions", 0, "if", "since.contact.boss.met_on"), role="boss", on="key"),
    ]
    assert count([content, content], [("contact.buyer.name", "contact.name")]) == {"buyer": 3, "payer": 2, "boss": 2}


@pytest.mark.parametrize("broken", ["title Four-week\ndescription: >-\n  so\n", "title: [\n", "title: 5\n"])
def test_a_broken_playbook_is_told_once_and_not_as_one_that_is_missing(folder, broken):
    settings = folder / "playbook.toml"
    settings.write_text(settings.read_text() + '\n[params.broken]\nwait_for = "3w"\n')
    (folder / "playbooks" / "broken.yaml").write_text("playbook: broken\n" + broken)
    follower = CALLS.replace("playbook: calls", "playbook: next\nenrol: {follows: {broken: [over]}}")
    (folder / "playbooks" / "next.yaml").write_text(follower)
    assert {problem.location.file for problem in validate(folder)} == {"playbooks/broken.yaml"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("deal.nmae", "deal.name"),
        ("nmae", "name"),
        ("deal.visits", "visits"),
        ("deal.contact.nmae", "contact.name"),
        ("contact.nmae", "contact.name"),
    ],
)
def test_a_name_is_suggested_as_it_was_written(word, meant):
    assert did_you_mean(word, ["name", "amount", "contact.name", "visits"]) == f"did you mean {meant!r}?"
