"""Which event reaches which enrolment, and what takes it."""

import pytest

from tests.core.story import Story, playbook_of, when, with_action


def told(text, *others, deals=("D1",)):
    story = Story(playbook_of(text), *others)
    for deal in deals:
        story.deal(deal)
    story.enrol()
    return story


def waiting(transition):
    return f"""
initial: wait
ends: {{over: {{}}, taken: {{}}, second: {{}}, later: {{}}}}
states:
  wait:
    transitions:
      - {transition}
      - {{after: 4w, end: over}}
"""


def test_an_event_is_taken_from_its_own_deal_by_default():
    story = told(waiting("{event: reply, end: taken}"), deals=("D1", "D2"))
    story.record("reply", deal="D2", contact="c1")
    story.tick()
    assert story.state() == "wait"
    story.record("reply", deal="D1")
    story.tick()
    assert story.state() == "end:taken"


def test_from_contact_takes_an_event_of_a_contact_whatever_deal_it_came_with():
    story = told(waiting("{event: reply, from: contact, end: taken}"), deals=("D1", "D2"))
    story.record("reply", deal="D2", contact="stranger")
    story.tick()
    assert story.state() == "wait"
    story.record("reply", deal="D2", contact="c1")
    story.tick()
    assert story.state() == "end:taken"


def test_from_contact_also_takes_the_event_of_the_deal():
    story = told(waiting("{event: reply, from: contact, end: taken}"))
    story.record("reply")
    story.tick()
    assert story.state() == "end:taken"


@pytest.mark.parametrize("whose", [{"deal": "D1"}, {"deal": "D2"}, {"deal": "", "contact": "c1"}, {"deal": ""}])
def test_from_account_takes_an_event_of_the_account_any_of_its_contacts_or_deals(whose):
    story = told(waiting("{event: signal, from: account, end: taken}"), deals=("D1", "D2"))
    story.record("signal", **whose)
    story.tick()
    assert story.state() == "end:taken"


def test_a_dotted_name_belongs_to_the_family_before_the_dot():
    story = told(waiting("{event: signal, end: taken}"))
    story.record("signals")
    story.tick()
    assert story.state() == "wait"
    story.record("signal.funding")
    story.tick()
    assert story.state() == "end:taken"


def test_a_family_takes_also_what_another_state_names_by_its_full_name():
    story = told("""
initial: wait
ends: {over: {}, taken: {}}
states:
  wait: {transitions: [{event: signal, end: taken}, {after: 1w, to: other}]}
  other:
    transitions: [{event: signal.funding, end: over}, {event: signal.hiring.it, end: over}, {after: 1w, end: over}]
""")
    story.record("signal.funding")
    story.tick()
    assert story.state() == "end:taken"


def test_a_member_does_not_take_its_family():
    story = told(waiting("{event: signal.funding, end: taken}"))
    story.record("signal")
    story.record("signal.hiring")
    story.tick()
    assert story.state() == "wait"


@pytest.mark.parametrize(("first", "second"), [("signal", "signal.funding"), ("signal.funding", "signal")])
def test_for_one_event_the_order_of_the_list_decides(first, second):
    story = told(waiting(f"{{event: {first}, end: taken}}\n      - {{event: {second}, end: second}}"))
    story.record("signal.funding")
    story.tick()
    assert story.state() == "end:taken"


def test_an_event_whose_if_fails_goes_to_the_next_in_the_list():
    story = told(
        waiting("{event: reply, if: {amount: {at_least: 9}}, end: taken}\n      - {event: reply, end: second}")
    )
    story.record("reply")
    story.tick()
    assert story.state() == "end:second"


def test_an_event_may_come_again_after_its_if_has_failed():
    story = told(waiting("{event: reply, if: {event.seniority: {is: senior}}, end: taken}"))
    story.record("reply", seniority="junior")
    story.record("reply", seniority="senior")
    story.tick()
    assert story.state() == "end:taken"


ANYWHERE = """
initial: wait
anywhere:
  - {event: reply, end: later}
ends: {over: {}, taken: {}, later: {}}
states:
  wait: {transitions: [{event: reply, if: {event.seniority: {is: senior}}, end: taken}, {after: 1d, to: other}]}
  other: {transitions: [{after: 1w, end: over}]}
"""


@pytest.mark.parametrize(("seniority", "end"), [("senior", "taken"), ("junior", "later")])
def test_the_own_list_of_a_state_comes_before_anywhere(seniority, end):
    story = told(ANYWHERE)
    story.record("reply", seniority=seniority)
    story.tick()
    assert story.state() == f"end:{end}"


def test_anywhere_holds_in_every_state():
    story = told(ANYWHERE)
    story.live("2026-03-03 10:00")
    assert story.state() == "other"
    story.record("reply", seniority="senior")
    story.tick()
    assert story.state() == "end:later"


def test_an_event_that_nothing_takes_has_no_effect():
    story = told(waiting("{event: reply, end: taken}"))
    before = story.enrolment()
    story.record("signal")
    story.tick()
    assert story.enrolment() == before
    assert len(story.steps) == 1


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"status": "won"}, "won"),
        ({"status": "open"}, "reopened"),
        ({"status": "deleted"}, "deleted"),
        ({"lost_at": "2026-03-03T09:00"}, "lost"),
    ],
)
def test_won_lost_again_reopened_and_deleted_end_every_open_enrolment_under_that_name(change, end):
    beside = playbook_of("playbook: beside\n" + waiting("{event: signal, end: taken}"))
    story = told(waiting("{event: reply, end: taken}"), beside)
    story.enrol("beside")
    story.change("2026-03-03 10:00", **change)
    story.live("2026-03-03 10:00")
    assert story.account.enrolments == {}
    assert {step.after.end for step in story.steps if step.after.end} == {end}


def test_a_transition_may_take_the_win_instead():
    story = told(waiting("{event: won, end: taken}"))
    story.change(status="won")
    story.tick()
    assert story.state() == "end:taken"


def test_a_transition_that_refuses_the_win_does_not_stop_it():
    story = told(waiting("{event: won, if: {amount: {at_least: 1}}, end: taken}"))
    story.change(status="won")
    story.tick()
    assert story.state() == "end:won"


def test_the_win_of_another_deal_ends_nothing():
    story = told(waiting("{event: reply, end: taken}"), deals=("D1", "D2"))
    story.change(deal="D2", status="won")
    story.tick()
    assert story.state() == "wait"


def test_other_changes_raise_changed_with_field_old_and_new():
    story = told(
        waiting(
            "{event: changed, if: {event.field: {is: lost_reason}, event.old: {is: price}, event.new: {is: fit}}, "
            "end: taken}"
        )
    )
    story.change("2026-03-02 11:00", lost_reason="price")
    story.live("2026-03-02 11:00")
    assert story.state() == "wait"
    story.change("2026-03-02 12:00", lost_reason="fit")
    story.live("2026-03-02 12:00")
    assert story.state() == "end:taken"


def test_an_event_counts_at_its_recorded_instant_and_not_when_it_occurred():
    story = told(waiting("{event: reply, end: taken}"))
    story.record("reply", "2026-03-05 10:00", occurred="2026-03-03 10:00")
    story.live("2026-03-06 10:00")
    assert story.steps[-1].at == story.account.log[-1].recorded_at
    assert story.lines("ended") == [("2026-03-05 10:00", "ended", "taken")]


def test_at_one_instant_an_event_goes_before_a_timer():
    story = told(waiting("{after: 1d, end: later}\n      - {event: reply, end: taken}"))
    story.record("reply", "2026-03-03 10:00")
    story.live("2026-03-03 10:00")
    assert story.state() == "end:taken"


def test_at_one_instant_a_timer_goes_before_an_action_that_becomes_due():
    story = told("""
initial: wait
ends: {over: {}}
states:
  wait:
    actions: {ring: {kind: call, due: 1d}}
    transitions: [{after: 1d, end: over}]
""")
    story.live("2026-03-03 10:00")
    assert story.given() == []
    assert story.closed() == ["2026-03-03 10:00 ring withdrawn"]


def test_events_are_handled_in_the_order_of_their_instants_whatever_order_they_came_in():
    story = told(waiting("{event: reply, end: taken}\n      - {event: signal, end: second}"))
    story.record("reply", "2026-03-04 10:00")
    story.record("signal", "2026-03-03 10:00")
    story.live("2026-03-05 10:00")
    assert story.state() == "end:second"


ASKING = """
initial: ask
ends: {over: {}, refused: {}}
states:
  ask:
    actions: {ask: {kind: task, outcomes: [granted, refused], expires: 1d}}
    transitions:
      - {event: ask.refused, end: refused}
      - {event: ask.expired, end: refused}
      - {after: 4w, end: over}
"""


def test_the_closing_of_an_action_reaches_only_its_own_enrolment():
    listening = playbook_of("playbook: beside\n" + waiting("{event: ask.expired, end: taken}"))
    story = told(ASKING, listening)
    other = story.enrol("beside")
    story.live("2026-03-03 10:00")
    assert list(story.account.enrolments) == [other.id]


def test_an_outcome_reported_for_one_enrolment_does_not_reach_another():
    story = told(ASKING, deals=("D1", "D2"))
    first, second = story.enrolment(), story.enrol(deal="D2")
    story.record("ask.refused", deal="D1", enrolment=first.id, action=first.actions[0].id)
    story.tick()
    assert list(story.account.enrolments) == [second.id]


def test_an_outcome_reported_for_another_deal_does_not_close_the_action_of_this_one():
    story = told(ASKING, deals=("D1", "D2"))
    story.record("ask.granted", deal="D2")
    story.tick()
    assert story.due() == ["ask"]


def test_an_outcome_reported_for_a_deal_closes_its_action():
    story = told(ASKING, deals=("D1", "D2"))
    story.record("ask.granted", deal="D1")
    story.tick()
    assert story.closed() == ["2026-03-02 10:00 ask granted"]


# --- late outcomes --------------------------------------------------------------------------------------------------


def left_behind(*transitions):
    story = told(
        with_action("kind: call", "{event: reply, to: other}").replace(
            "other: {transitions: [", "other: {transitions: [" + "".join(transitions)
        )
    )
    identity = story.action("ask").id
    story.record("reply")
    story.live("2026-03-02 11:00")
    story.record("ask.done", action=identity, enrolment=story.enrolment().id)
    story.tick()
    return story


def test_an_outcome_of_a_closed_action_is_kept_as_late_and_not_applied():
    story = left_behind()
    assert story.state() == "other"
    assert story.lines("late outcome")
    assert story.columns("ask")["status"] == "withdrawn"


def test_an_outcome_of_a_closed_action_is_applied_if_the_present_state_takes_it():
    assert left_behind("{event: ask.done, end: first}, ").state() == "end:first"


def test_an_outcome_of_a_closed_action_counts_as_a_touch():
    story = left_behind()
    assert [(touch.key, when(touch.at)) for touch in story.account.touches] == [("c1", "2026-03-02 11:00")]


def test_an_event_recorded_while_a_tick_was_at_work_happens_in_the_state_that_the_tick_led_to():
    story = Story(playbook_of("""
ends: {answered: {}, over: {}}
initial: first
states:
  first:
    transitions: [{after: 1d, to: second}]
  second:
    transitions: [{event: reply, to: third}, {after: 9d, end: over}]
  third:
    transitions: [{after: 2d, end: answered}]
"""))  # fmt: skip
    story.deal()
    story.enrol()
    story.tick("2026-03-03 12:00")
    story.record("reply", "2026-03-03 09:00")  # its command read the clock before the tick, and wrote after it
    story.tick("2026-03-03 13:00")
    assert story.path()[-1] == "2026-03-03 10:00 third"
