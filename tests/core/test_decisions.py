"""Decisions, visits, and what a trigger leads to at one instant."""

import pytest

from engine.core.step import Runaway
from tests.core.story import Story, playbook_of

BY_REASON = """
initial: choose
ends: {over: {}}
states:
  choose:
    transitions:
      - {if: {lost_reason: {is: price}}, to: price}
      - {if: {lost_reason: {any_of: [price, timing]}}, to: timing}
      - {to: other}
  price: {transitions: [{after: 1w, end: over}]}
  timing: {transitions: [{after: 1w, end: over}]}
  other: {transitions: [{after: 1w, end: over}]}
"""


def told(text, **fields):
    story = Story(playbook_of(text))
    story.deal(**fields)
    story.enrol()
    return story


@pytest.mark.parametrize(("reason", "state"), [("price", "price"), ("timing", "timing"), ("fit", "other")])
def test_a_decision_is_taken_at_once_and_the_first_that_holds_wins(reason, state):
    story = told(BY_REASON, lost_reason=reason)
    assert story.path() == ["2026-03-02 10:00 choose", f"2026-03-02 10:00 {state}"]


def test_the_last_decision_needs_no_if():
    assert told(BY_REASON, lost_reason=None).state() == "other"


def test_decisions_follow_one_another_until_none_is_left():
    story = told("""
initial: one
ends: {over: {}}
states:
  one: {transitions: [{to: two}]}
  two: {transitions: [{to: three}]}
  three: {transitions: [{to: four}]}
  four: {transitions: [{after: 1d, end: over}]}
""")
    assert story.state() == "four"
    assert len(story.steps) == 1


def test_a_decision_sees_the_facts_that_were_just_set():
    story = told("""
initial: one
ends: {over: {}}
states:
  one: {transitions: [{set: {tried: true, contact.permission: granted}, to: two}]}
  two:
    transitions:
      - {if: {tried: {is: true}, contact.permission: {is: granted}}, to: three}
      - {end: over}
  three: {transitions: [{after: 1d, end: over}]}
""")
    assert story.state() == "three"


VISITS = """
initial: wait
ends: {over: {}}
states:
  wait: {transitions: [{after: 1d, to: again}]}
  again:
    transitions:
      - {if: {visits: {at_least: 3}}, end: over}
      - {to: wait}
"""


def test_visits_counts_the_entries_into_the_present_state_this_one_included():
    story = told(VISITS)
    story.live("2026-03-04 10:00")
    assert story.state() == "wait"
    story.live("2026-03-05 10:00")
    assert story.state() == "end:over"


def test_to_the_same_state_leaves_and_enters_again():
    story = told("""
initial: call
ends: {over: {}}
states:
  call:
    actions: {ring: {kind: call}}
    transitions:
      - {event: not_now, to: call}
      - {after: 3d, end: over}
""")
    story.record("not_now", "2026-03-03 10:00")
    story.live("2026-03-03 10:00")
    assert story.closed() == ["2026-03-03 10:00 ring withdrawn"]
    assert story.given() == ["2026-03-02 10:00 ring", "2026-03-03 10:00 ring"]
    story.live("2026-03-05 10:00")
    assert story.state() == "call"
    story.live("2026-03-06 10:00")
    assert story.state() == "end:over"


def test_stay_leaves_and_enters_nothing_but_sets():
    story = told("""
initial: call
ends: {over: {}}
states:
  call:
    actions: {ring: {kind: call}}
    transitions:
      - {event: not_now, stay: true, set: {asked: true}}
      - {after: 3d, if: {asked: {is: true}}, end: over}
      - {after: 4w, to: call}
""")
    story.record("not_now", "2026-03-04 10:00")
    story.live("2026-03-05 10:00")
    assert story.closed()[0] == "2026-03-05 10:00 ring withdrawn"  # only the end took it, after three days
    assert story.state() == "end:over"
    assert story.path() == ["2026-03-02 10:00 call"]


def test_fifty_transitions_at_one_instant_are_a_runaway():
    with pytest.raises(Runaway):
        told("""
initial: one
ends: {over: {}}
states:
  one: {transitions: [{to: two}]}
  two: {transitions: [{to: one}]}
""")


def test_a_loop_through_changed_fields_is_a_runaway_too():
    story = told("""
initial: one
ends: {over: {}}
states:
  one:
    transitions:
      - {event: changed, to: two, set: {contact.permission: refused}}
      - {after: 1w, end: over}
  two:
    transitions:
      - {event: changed, to: one, set: {contact.permission: granted}}
      - {after: 1w, end: over}
""")
    story.change(amount=[5, "EUR"])
    with pytest.raises(Runaway):
        story.tick()


def test_a_loop_through_delays_of_nothing_is_a_runaway_too():
    with pytest.raises(Runaway):
        told("""
initial: one
ends: {over: {}}
states:
  one: {transitions: [{after: 0bd, to: two}]}
  two: {transitions: [{after: 0bd, to: one}]}
""")


RAISED = """
initial: ask
ends: {over: {}, both: {}, backwards: {}}
states:
  ask:
    actions: {first: {kind: call, outcomes: [yes_please]}, second: {kind: email}}
    transitions:
      - {event: first.suppressed, to: between}
      - {event: second.suppressed, end: backwards}
      - {after: 1w, end: over}
  between: {transitions: [{to: after_first}]}
  after_first:
    transitions:
      - {event: second.suppressed, end: both}
      - {after: 1w, end: over}
"""


def test_raised_events_are_handled_first_in_first_out_after_the_decisions():
    story = told(RAISED)
    story.record("opted_out", contact="c1")
    story.tick()
    assert story.state() == "end:both"


def test_a_decision_that_ends_leaves_nothing_raised_behind():
    story = told(RAISED.replace("to: after_first", "end: over"))
    story.record("opted_out", contact="c1")
    story.tick()
    assert story.state() == "end:over"
