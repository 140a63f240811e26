"""What is written is enough: enrolments, events and steps survive JSON (engine section 1)."""

import json
from dataclasses import replace

import pytest

from engine.core.enrolment import Enrolment, Event, OpenAction, Paused, Position, Timer
from engine.core.reads import Reads, ReplayMismatch
from engine.core.step import Fired, Happened, Recounted, Started, Suppressed, replay, trigger_from_json, trigger_json
from tests.core.story import Story, playbook_of, replayed

BUSY = """
limits: [{gap: 2d}]
ends: {over: {}, first: {}}
anywhere: [{event: opted_out, from: contact, stay: true}]
tracks:
  rep:
    initial: a
    states:
      a:
        actions:
          one: {kind: call, title: "{{ contact.name }}", remind: [{after: 1d}], escalate: [{after: 2d}], expires: 5d}
          two: {kind: email, due: 1bd, priority: {by: lost_reason, values: {price: 3}, otherwise: 1}, fallback: [task]}
        transitions:
          - event: reply
            if: {count: {of: reply, at_most: 9}, contact.permission: {is_empty: true}}
            set: {contact.permission: granted, asked: true}
            to: b
          - {at: renewal_date, to: b}
          - {after: 20d, to: b}
      b: {transitions: [{if: {visits: {at_least: 3}}, end: over}, {to: c}]}
      c: {transitions: [{event: not_now, pause: {until: ready_again, at_most: 2w}}, {after: 3bd, to: a}]}
  manager:
    initial: m
    states:
      m:
        actions: {look: {kind: review, keep: true, due: renewal_date}}
        transitions: [{event: all_closed, finish: first}, {after: 9w, finish: over}]
"""


def busy():
    story = Story(playbook_of(BUSY))
    story.deal(lost_reason="price", renewal_date="2026-03-20")
    story.enrol()
    story.record("reply", "2026-03-04 12:00", contact="c1")
    story.record("not_now", "2026-03-05 12:00")
    story.record("signal", "2026-03-05 13:00")
    story.change("2026-03-06 12:00", renewal_date="2026-03-18")
    story.record("ready_again", "2026-03-10 12:00")
    story.record("opted_out", "2026-03-24 12:00", contact="c1", channel="email")
    story.live("2026-03-12 12:00")
    story.tick("2026-03-22 12:00")
    story.live("2026-04-30 12:00")
    return story


def test_every_step_replays_to_the_same_enrolment_after_json():
    story = busy()
    assert len(story.steps) > 15
    for step in story.steps:
        assert replayed(story.revisions["test"], step) == step.after


def test_a_replay_does_the_same_in_every_respect():
    story = busy()
    for step in story.steps:
        again = replay(story.revisions["test"], step.before, step.entry())
        assert replace(again, reads={}) == replace(step, reads={})


def test_a_replay_asks_nothing_that_was_not_asked():
    with pytest.raises(ReplayMismatch):
        Reads(None, {}).value("deal.amount")


def test_history_entries_are_numbered_without_a_gap():
    assert [step.entry().number for step in busy().steps] == list(range(1, len(busy().steps) + 1))


def test_a_step_leaves_the_enrolment_before_it_as_it_was():
    story = busy()
    for before, after in zip(story.steps, story.steps[1:], strict=False):
        assert after.before == before.after


def test_the_body_of_an_enrolment_survives_json():
    story = busy()
    for step in story.steps:
        body = json.loads(json.dumps(step.after.body()))
        empty = replace(
            step.after, positions=[], visits={}, facts={}, timers=[], actions=[], spent=[], entries=0, paused=None
        )
        assert empty.load_body(body) == step.after


@pytest.mark.parametrize(
    "value",
    [
        Timer("after", 5, 1, "bd", "3bd", 7, "main", 2),
        Timer("due", 5, 1, "min", "at once", 7, "main", 2, "abc"),
        Timer("due", 5, 1, "bd", "patience", 7, "main", 2, "abc", "3bd"),
        Event("reply", 9),
        Event("reply", 9, 3, "D1", "c1", "e", "a", 8, "kim", {"seniority": "senior", "size": [1, "EUR"], "note": None}),
        Position("main", "ask", 3, 99, [4, 5], True, "over"),
        OpenAction("id", "ask", "main", 3, "due", 1, None, "call", 1, "c1", "kim", True, ("contact missing",)),
        Paused(
            since=3, until="ready_again", began="not_now", at_most="2w",
            left=((Timer("after", 5, 1, "bd", "3bd", 7), "bd 2 0 36000 0"),),
            waiting=((Event("signal", 4), ("deal", "contact")),),
            due=(Timer("at", 5, 1, "at", "renewal_date", 7),),
        ),
    ],
)  # fmt: skip
def test_values_survive_json(value):
    assert type(value).from_json(json.loads(json.dumps(value.to_json()))) == value


def test_the_next_instant_of_an_ended_enrolment_is_none():
    timer = Timer("after", 5, 1, "d", "1d", 1)
    open_one = Enrolment("e", "a", "D", "p", "r", 1, 0, timers=[timer, replace(timer, due=3)])
    assert open_one.next_at == 3
    assert replace(open_one, end="over").next_at is None


def test_every_trigger_comes_back_from_json():
    timer = Timer("after", 20, 10, "bd", "1bd", 3, "main", 1)
    event = Event("reply", 5, id=2, deal="D1", fields={"channel": "phone"})
    for trigger in (Started(), Happened(event, ("deal", "contact")), Fired(timer, True), Suppressed("c1"), Recounted()):
        assert trigger_from_json(json.loads(json.dumps(trigger_json(trigger)))) == trigger
