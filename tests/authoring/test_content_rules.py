"""Content rules in a whole workspace: where their problems are shown, what a waiver lets pass, what stays in force."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from engine.authoring.rules.content_rule import _texts
from engine.authoring.rules.context import Context
from engine.authoring.workspace import load_workspace
from engine.core.building.words import Words
from engine.core.content import breaches
from tests.validating import validate

ROOT = Path(__file__).parents[2]
RULES = "playbooks/library/content-rules.yaml"
TEMPLATES = "playbooks/library/templates"
PLANTED = "\n\nPerhaps we could offer 10 % off.\n"
MAIL = """
playbook: mail
title: One mail
ends: {over: {}}
initial: ask
states:
  ask:
    actions:
      first: {kind: email, title: Write, template: text, expires: 5bd}
      second: {kind: email, title: Write, template: text, expires: 5bd}
    transitions:
      - {event: all_closed, end: over}
"""


@pytest.fixture
def shipped(tmp_path):
    """A copy of what `playbook init` writes."""
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    shutil.copy(ROOT / "playbook.toml", tmp_path / "playbook.toml")
    return tmp_path


@pytest.fixture
def small(tmp_path):
    """One playbook with two mails of the same template, and the shipped rules."""
    (tmp_path / TEMPLATES).mkdir(parents=True)
    (tmp_path / "playbook.toml").write_text('[workspace]\nzone = "UTC"\n')
    (tmp_path / "playbooks" / "mail.yaml").write_text(MAIL)
    (tmp_path / TEMPLATES / "text.txt").write_text("Thank you." + PLANTED)
    shutil.copy(ROOT / RULES, tmp_path / RULES)
    return tmp_path


def content_problems(folder: Path) -> list:
    return [problem for problem in validate(folder) if problem.rule == "content-rule"]


def customer_templates(folder: Path) -> set[str]:
    workspace = load_workspace(folder, {})
    names: set[str] = set()
    for playbook in workspace.playbooks.values():
        words = Words(vocabulary=workspace.world.vocabulary)
        context = Context(file="", words=words, world=workspace.world, templates=workspace.templates)
        names |= {name for action in playbook.actions() for _, _, name in _texts(action, context)}
    return names


def waive(folder: Path, action: str, rule: str) -> None:
    content = yaml.safe_load(MAIL)
    content["states"]["ask"]["actions"][action]["waive"] = [
        {"rule": rule, "by": "ana", "on": "2026-03-02", "because": "they asked for a quote"}
    ]
    (folder / "playbooks" / "mail.yaml").write_text(yaml.safe_dump(content, sort_keys=False).replace("'", ""))


def test_what_is_shipped_breaks_no_rule(shipped):
    assert content_problems(shipped) == []


def test_s4_6_an_offer_planted_in_any_shipped_customer_template_is_reported_at_its_line(shipped):
    names = customer_templates(shipped)
    assert len(names) >= 8
    lines = {}
    for name in names:
        file = shipped / TEMPLATES / f"{name}.txt"
        text = file.read_text(encoding="utf-8").rstrip("\n")
        lines[f"{TEMPLATES}/{name}.txt"] = text.count("\n") + 3
        file.write_text(text + PLANTED, encoding="utf-8")
    found = content_problems(shipped)
    assert {(problem.location.file, problem.location.line) for problem in found} >= set(lines.items())
    for problem in found:
        assert 'offer 10 %" breaks no_price_offer (S4.6)' in problem.message
        assert "playbook " in problem.message and "action" in problem.message
        assert "or waive no_price_offer on the action" in problem.hint


def test_s4_6_an_offer_in_a_template_that_no_customer_sees_is_left_alone(shipped):
    with (shipped / TEMPLATES / "post_mortem_sheet.txt").open("a", encoding="utf-8") as file:
        file.write(PLANTED)
    assert content_problems(shipped) == []


def test_s4_5_a_question_planted_in_the_call_with_the_bad_news_is_reported(shipped):
    file = shipped / TEMPLATES / "bad_news_call.txt"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\nWhy did you choose them?\n", encoding="utf-8")
    found = [problem for problem in content_problems(shipped) if "no_questions_on_bad_news (S4.5)" in problem.message]
    assert [problem.location.line for problem in found] == [text.count("\n") + 2]


@pytest.mark.parametrize(
    ("rule", "word"),
    [("must_thank", "hank"), ("must_respect_decision", "espect"), ("must_say_not_changing_mind", "mind")],
)
def test_a_shipped_debrief_without_the_words_that_it_needs_is_reported(shipped, rule, word):
    file = shipped / TEMPLATES / "debrief_email.txt"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if word not in line]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert any(f"{rule} (" in problem.message for problem in content_problems(shipped))


def test_both_actions_that_name_the_template_are_named_in_one_problem(small):
    [problem] = content_problems(small)
    assert str(problem.location) == f"{TEMPLATES}/text.txt:3:1"
    assert problem.message.startswith('"offer 10 %" breaks no_price_offer (S4.6)')
    assert "(playbook mail, actions first, second)" in problem.message


def test_a_waiver_lets_its_rule_pass_for_its_action_only(small):
    waive(small, "first", "no_price_offer")
    [problem] = validate(small)
    assert problem.rule == "content-rule" and "(playbook mail, action second)" in problem.message


def test_a_waiver_of_another_rule_lets_nothing_pass_and_is_said_to_be_idle(small):
    waive(small, "first", "no_push")
    assert sorted(problem.rule for problem in validate(small)) == ["content-rule", "idle-waiver"]


def test_a_fallback_that_reaches_the_customer_is_looked_at_though_the_action_does_not(small):
    text = MAIL.replace("{kind: email, title: Write, template: text", "{kind: task, title: Write, template: text")
    (small / "playbooks" / "mail.yaml").write_text(text)
    assert content_problems(small) == []
    (small / "playbooks" / "mail.yaml").write_text(text.replace("5bd}", "5bd, fallback: [email]}", 1))
    assert len(content_problems(small)) == 1


def test_every_template_of_a_lookup_is_looked_at(small):
    (small / TEMPLATES / "plain.txt").write_text("Thank you.\n")
    lookup = "template: {by: deal.owner, values: {kim: text}, otherwise: plain}"
    (small / "playbooks" / "mail.yaml").write_text(MAIL.replace("template: text", lookup))
    assert [problem.location.file for problem in content_problems(small)] == [f"{TEMPLATES}/text.txt"]


def test_without_the_file_there_are_no_rules(small):
    (small / RULES).unlink()
    assert validate(small) == []
    assert load_workspace(small, {}).world.content_rules == ()


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("rules:\n  a: {means: why, instead: this, finds: ['PRICE down']}\n", "bad-phrase", 2),
        ("rules:\n  a:\n    means: why\n    instead: this\n    finds: [x]\n    unless: ['...']\n", "bad-phrase", 6),
        ("rules:\n  a: {means: why, instead: this, requires: ['THIS x']}\n", "bad-phrase", 2),
        ("words:\n  LIST: [a/b]\nrules:\n  a: {means: why, instead: this, finds: [x]}\n", "bad-phrase", 2),
        ("words:\n  LIST: [x, LIST]\nrules:\n  a: {means: why, instead: this, finds: [x]}\n", "bad-phrase", 2),
        ("rules:\n  a: {means: why, instead: this, finds: ['[a-z]+']}\n", "bad-phrase", 2),
        ("rules:\n  a: {means: why, instead: this, finds: [START]}\n", "bad-phrase", 2),
        ("rules:\n  a: {means: why, instead: this, finds: [x], requires: [y]}\n", "not-together", 2),
        ("words:\n  LIST: ['...']\nrules:\n  a: {means: why, instead: this, finds: [x]}\n", "bad-phrase", 2),
        ("rules:\n  a: {means: why, instead: this, finds: [x], for: {intents: [lern]}}\n", "unknown-intent", 2),
        ("rules:\n  a: {means: why, instead: this}\n", "missing-key", 2),
    ],
)
def test_what_is_wrong_in_the_file_is_said_at_its_line_and_stops_nothing(small, text, rule, line):
    (small / RULES).write_text(text)
    workspace = load_workspace(small, {})
    [problem] = workspace.problems
    assert (problem.location.file, problem.location.line) == (RULES, line)
    assert problem.rule == rule or rule == "missing-key"
    assert workspace.world.content_rules == ()
    assert "mail" in workspace.playbooks


def test_a_broken_edit_keeps_the_last_good_rules_and_a_good_one_counts_at_once(small):
    (small / TEMPLATES / "text.txt").write_text("Thank you.\n")
    rows = {row.path: row for row in load_workspace(small, {}).sources}
    (small / RULES).write_text("rules:\n  a: {means: why, instead: this, finds: ['(x']}\n")
    kept = load_workspace(small, rows).world.content_rules
    assert [found.rule for found in breaches(kept, "a discount", kind="email")] == ["no_price_offer"]
    (small / RULES).write_text("rules:\n  a: {means: why, instead: this, finds: [x]}\n")
    assert [rule.name for rule in load_workspace(small, rows).world.content_rules] == ["a"]


def test_an_edit_of_the_rules_shows_what_breaks_them_in_files_that_nobody_touched(small):
    (small / TEMPLATES / "text.txt").write_text("Thank you for the cake.\n")
    first = load_workspace(small, {})
    assert list(first.problems) == []
    (small / RULES).write_text("rules:\n  no_cake: {means: why, instead: this, finds: [cake]}\n")
    second = load_workspace(small, {row.path: row for row in first.sources})
    assert [(one.rule, one.location.file) for one in second.problems] == [("content-rule", f"{TEMPLATES}/text.txt")]
    assert second.playbooks == {}
