import re
from pathlib import Path

import pytest

from engine.console.telling import (
    _LINES,
    Telling,
    target_in_words,
)
from engine.core.enrolment import Event, Timer
from tests.core.story import Story, instant, playbook_of, when

PLAYBOOK = """
ends: {kept: {}, over: {}}
anywhere:
  - {event: not_now, from: contact, pause: {until: ready_again, at_most: 30d}}
initial: ask_first
states:
  ask_first:
    actions:
      ask: {kind: call, title: Ask, assign: owner, outcomes: [granted, refused]}
    transitions:
      - {event: ask.granted, to: wait, if: {amount: {at_least: 5000}}, set: {deal.renewal_date: 2026-09-01}}
      - {after: 2w, to: wait}
  wait:
    transitions:
      - {at: 30d before renewal_date, end: kept}
      - {after: 1y, end: over}
"""


@pytest.fixture
def story():
    told = Story(playbook_of(PLAYBOOK))
    told.deal(amount=[900000, "USD"])
    told.enrol()
    return told


def telling(story):
    return Telling(playbook=playbook_of(PLAYBOOK).playbook, local=when, contacts={"c1": "Ann Bell"})


def told(story):
    return [line for step in story.steps for line in telling(story).lines(step.did)]


def test_every_kind_of_note_that_the_engine_makes_has_words():
    core = Path(__file__).resolve().parents[2] / "engine" / "core"
    made = {name for file in core.rglob("*.py") for name in re.findall(r'\bnote\(\s*"([^"]+)"', file.read_text())}
    assert len(made) > 20
    assert made - set(_LINES) == set()


def test_a_step_is_told_with_its_guard_its_transition_and_what_it_set(story):
    story.record("ask.granted")
    story.tick("2026-03-03 10:00")
    lines = told(story)
    for line in (
        "entered ask_first",
        "ask is due: for kim, call to Ann Bell",
        "left ask_first by: ask.granted → wait",
        "set deal.renewal_date: 2026-09-01",
        "entered wait",
    ):
        assert line in lines
    assert any(line.startswith("asked whether deal.amount at least ") and line.endswith(": yes") for line in lines)


def test_a_pause_and_its_end_are_told(story):
    story.record("not_now", contact="c1")
    story.tick("2026-03-03 10:00")
    story.record("ready_again", at="2026-03-04 10:00")
    story.tick("2026-03-05 10:00")
    lines = told(story)
    assert "paused until ready_again, at most 30d" in lines
    assert "in ask_first: not_now (from contact) → pause until ready_again" in lines
    assert "released: ready_again" in lines


def test_timers_say_when_and_what(story):
    timer = next(timer for timer in story.enrolment().timers if timer.kind == "after")
    assert telling(story).timer(timer, {}) == "2026-03-16 10:00  after 2w → wait"
    expiry = Timer("expire", instant("2026-03-20 10:00"), 0, "bd", "10bd", 0, action="a1")
    assert telling(story).timer(expiry, {"a1": "ask"}) == "2026-03-20 10:00  ask: expires (10bd)"


def test_an_event_is_told_with_who_when_and_what_was_said(story):
    happened = instant("2026-03-02 15:00")
    event = Event("reply", happened + 3600, 5, "D1", "c1", occurred_at=happened, by="kim", fields={"channel": "phone"})
    assert telling(story).event(event) == "reply of Ann Bell, by kim, happened 2026-03-02 15:00 (channel: phone)"


def test_a_changed_field_is_told_with_what_it_was_and_what_it_is(story):
    event = Event("changed", 0, 6, "D1", "c1", fields={"field": "permission", "old": None, "new": "granted"})
    assert telling(story).event(event) == "permission of Ann Bell changed from nothing to granted"


def test_short_forms_need_no_names():
    playbook = playbook_of(PLAYBOOK).playbook
    assert [target_in_words(one) for one in playbook.transitions()] == [
        "not_now (from contact) → pause until ready_again", "ask.granted → wait", "after 2w → wait",
        "at 30d before renewal_date → end kept", "after 1y → end over",
    ]  # fmt: skip
    assert Telling(playbook=playbook, local=when).line(("ended", "kept")) == "ended: kept"


def test_a_note_that_nobody_knows_is_shown_as_it_is(story):
    assert telling(story).line(("new kind", "x", 3)) == "new kind x 3"
