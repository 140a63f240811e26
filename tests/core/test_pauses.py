"""Pauses that a playbook or a person begins."""

import pytest

from engine.core.time import Schedule
from tests.core.story import Story, instant, playbook_of, when, world

MONDAYS = world(schedules={"mondays": Schedule(name="mondays", lines=("0 9 * * mon",))})


def told(*transitions, actions="", anywhere="", setting=None, pause="until: ready_again, at_most: 4w", **fields):
    listed = "\n".join(f"      - {transition}" for transition in transitions)
    story = Story(
        playbook_of(f"""
initial: wait
ends: {{over: {{}}, first: {{}}, second: {{}}}}
anywhere: [{anywhere}]
states:
  wait:
    actions: {{{actions}}}
    transitions:
{listed}
      - {{event: not_now, pause: {{{pause}}}}}
      - {{after: 52w, end: over}}
"""),
        world=setting,
    )
    story.deal(**fields)
    story.enrol()
    return story


def paused(story, since="2026-03-03 10:00", until="2026-03-10 10:00"):
    story.record("not_now", since)
    story.record("ready_again", until)
    return story


def ends(story):
    return [f"{line[0]} {line[2]}" for line in story.lines("ended")]


@pytest.mark.parametrize(
    ("delay", "end"),
    [
        ("3d", "2026-03-12 10:00"),  # two days were left
        ("4bd", "2026-03-13 10:00"),  # three business days were left
        ("72h", "2026-03-12 10:00"),
        ("16bh", "2026-03-11 10:00"),  # eight business hours were left
    ],
)
def test_a_pause_keeps_what_was_left_in_the_unit_it_was_written_in(delay, end):
    story = paused(told(f"{{after: {delay}, end: first}}"))
    story.live("2026-03-20 10:00")
    assert ends(story) == [f"{end} first"]


def test_a_pause_freezes_open_actions():
    story = paused(told(actions="ask: {kind: task, remind: [{after: 2d}], expires: 3d}, later: {kind: task, due: 2d}"))
    story.live("2026-03-10 10:00")
    assert story.given() == ["2026-03-02 10:00 ask"]
    assert story.closed() == [] and story.lines("remind") == []
    story.live("2026-03-12 10:00")
    assert [line[0] for line in story.lines("remind")] == ["2026-03-11 10:00"]
    assert story.given()[-1] == "2026-03-11 10:00 later"
    assert story.closed() == ["2026-03-12 10:00 ask expired"]


def test_a_pause_freezes_the_delays_of_anywhere_too():
    story = paused(told(anywhere="{after: 5d, end: first}"))
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-14 10:00 first"]


def test_a_pause_lasts_at_most_so_long():
    story = told("{after: 3d, end: first}", pause="until: ready_again, at_most: 1w")
    story.record("not_now", "2026-03-03 10:00")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-12 10:00 first"]


def test_the_event_that_began_the_pause_restarts_at_most():
    story = told("{after: 3d, end: first}", pause="until: ready_again, at_most: 1w")
    story.record("not_now", "2026-03-03 10:00")
    story.record("not_now", "2026-03-08 10:00")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-17 10:00 first"]


def test_the_event_that_began_the_pause_restarts_at_most_also_from_anywhere():
    story = told("{after: 3d, end: first}", anywhere="{event: signal, pause: {until: ready_again, at_most: 1w}}")
    story.record("signal", "2026-03-03 10:00")
    story.record("signal", "2026-03-08 10:00")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-17 10:00 first"]


@pytest.mark.parametrize("pause", ["until: ready_again, at_most: 4w", pytest.param("until: ready_again")])
def test_the_event_that_began_the_pause_is_consumed_and_not_taken_again_at_release(pause):
    story = told("{after: 3d, end: first}", pause=pause)
    story.record("not_now", "2026-03-03 10:00")
    story.record("not_now", "2026-03-04 10:00")
    story.record("ready_again", "2026-03-05 10:00")
    story.live("2026-03-08 10:00")
    assert ends(story) == ["2026-03-07 10:00 first"]


def test_events_wait_for_the_release_and_are_handled_in_their_order():
    story = paused(told("{event: signal, end: first}", "{event: reply, end: second}"))
    story.record("reply", "2026-03-05 10:00")
    story.record("signal", "2026-03-04 10:00")
    story.live("2026-03-09 10:00")
    assert story.state() == "wait"
    story.live("2026-03-10 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_a_date_that_passes_waits_for_the_release():
    story = paused(told("{at: renewal_date, end: first}", renewal_date="2026-03-05"))
    story.live("2026-03-12 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_a_date_after_the_release_does_not_move():
    story = paused(told("{at: renewal_date, end: first}", renewal_date="2026-03-12"))
    story.live("2026-03-13 10:00")
    assert ends(story) == ["2026-03-12 09:00 first"]


def test_a_schedule_that_passes_waits_for_the_release_and_is_asked_once():
    story = paused(told("{schedule: mondays, stay: true, note: monday}", setting=MONDAYS), until="2026-03-18 10:00")
    story.live("2026-03-23 10:00")
    assert [line[0] for line in story.lines("note")] == ["2026-03-18 10:00", "2026-03-23 09:00"]


def test_events_that_waited_come_before_dates_that_passed():
    story = paused(told("{event: reply, end: second}", "{at: renewal_date, end: first}", renewal_date="2026-03-04"))
    story.record("reply", "2026-03-05 10:00")
    story.live("2026-03-12 10:00")
    assert ends(story) == ["2026-03-10 10:00 second"]


def test_events_of_anywhere_are_taken_meanwhile():
    story = paused(told(anywhere="{event: reply, end: first}"))
    story.record("reply", "2026-03-05 10:00")
    story.live("2026-03-06 10:00")
    assert ends(story) == ["2026-03-05 10:00 first"]


@pytest.mark.parametrize(("status", "end"), [("won", "won"), ("open", "reopened"), ("deleted", "deleted")])
def test_won_reopened_and_deleted_are_taken_meanwhile(status, end):
    story = paused(told())
    story.change("2026-03-05 10:00", status=status)
    story.live("2026-03-06 10:00")
    assert ends(story) == [f"2026-03-05 10:00 {end}"]


def test_a_person_can_close_an_open_action_and_its_event_waits():
    story = paused(told("{event: ask.done, end: first}", actions="ask: {kind: task}"))
    story.record("ask.done", "2026-03-04 10:00")
    story.live("2026-03-11 10:00")
    assert story.closed() == ["2026-03-04 10:00 ask done"]
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_all_closed_waits_for_the_release_too():
    story = paused(told("{event: all_closed, end: first}", actions="ask: {kind: task}"))
    story.record("ask.done", "2026-03-04 10:00")
    story.live("2026-03-11 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_an_opt_out_closes_actions_meanwhile_and_its_closing_waits():
    story = paused(told("{event: ask.suppressed, end: first}", actions="ask: {kind: call}"))
    story.record("opted_out", "2026-03-04 10:00", contact="c1")
    story.live("2026-03-11 10:00")
    assert story.closed() == ["2026-03-04 10:00 ask suppressed"]
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_the_until_event_may_also_be_taken_by_a_transition():
    story = paused(told("{event: ready_again, end: first}"))
    story.live("2026-03-11 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_events_of_another_deal_neither_release_nor_restart_nor_wait():
    story = told("{after: 3d, end: first}", pause="until: ready_again, at_most: 1w")
    story.deal("D2")
    story.record("not_now", "2026-03-03 10:00")
    story.record("ready_again", "2026-03-04 10:00", deal="D2")
    story.record("not_now", "2026-03-05 10:00", deal="D2")
    story.record("signal", "2026-03-05 11:00", deal="D2")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-12 10:00 first"]
    assert story.lines("waits") == []


def test_a_pause_that_ends_in_an_outage_ends_now():
    story = told("{after: 3d, end: first}", pause="until: ready_again, at_most: 1w")
    story.record("not_now", "2026-03-03 10:00")
    story.tick("2026-03-20 10:00")
    story.live("2026-03-22 10:00")
    assert ends(story) == ["2026-03-22 10:00 first"]


def test_the_until_event_has_no_effect_without_a_pause():
    story = told("{after: 3d, end: first}")
    story.record("ready_again", "2026-03-03 10:00")
    story.live("2026-03-06 10:00")
    assert ends(story) == ["2026-03-05 10:00 first"]


def test_a_date_that_is_edited_in_a_pause_is_followed_at_its_release():
    story = told("{at: renewal_date, end: first}", renewal_date="2026-03-05", pause="until: ready_again, at_most: 1w")
    story.record("not_now", "2026-03-03 10:00")
    story.change("2026-03-04 10:00", renewal_date="2026-03-20")
    story.live("2026-03-19 10:00")
    assert story.state() == "wait"
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-20 09:00 first"]


def test_a_new_owner_in_a_pause_has_the_open_actions_at_its_release():
    story = paused(told(actions="ask: {kind: task}"))
    story.change("2026-03-04 10:00", owner="lee")
    story.live("2026-03-11 10:00")
    assert story.action("ask").assignee == "lee"


def test_a_state_entered_by_another_track_at_the_same_event_is_frozen_too():
    story = Story(
        playbook_of("""
ends: {over: {}, first: {}}
tracks:
  rep:
    initial: wait
    states:
      wait: {transitions: [{event: not_now, pause: {until: ready_again, at_most: 4w}}, {after: 52w, end: over}]}
  manager:
    initial: watch
    states:
      watch: {transitions: [{event: not_now, to: look}, {after: 52w, end: over}]}
      look: {transitions: [{after: 2d, end: first}]}
""")
    )
    story.deal()
    story.enrol()
    paused(story)
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-12 10:00 first"]


def test_a_person_pauses_and_releases():
    story = told("{after: 3d, end: first}")
    story.record("command.pause", "2026-03-03 10:00", by="kim")
    story.record("command.release", "2026-03-10 10:00", by="kim")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-12 10:00 first"]


@pytest.mark.parametrize("before", [[], ["command.pause"]])
def test_a_person_ends_it_for_good_also_in_a_pause(before):
    story = told("{after: 3d, end: first}")
    for name in before:
        story.record(name, "2026-03-03 09:00", by="kim")
    story.record("command.end", "2026-03-03 10:00", by="kim", reason="a law suit")
    story.live("2026-03-20 10:00")
    assert ends(story) == ["2026-03-03 10:00 ended_by_hand"]


def test_a_person_may_defer_in_a_pause():
    story = paused(told(actions="ask: {kind: task, remind: [{after: 2d}]}"))
    story.record("command.defer", "2026-03-04 10:00", action=story.action("ask").id, until=instant("2026-03-16 09:00"))
    story.live("2026-03-15 10:00")
    assert story.lines("remind") == []
    assert story.due() == []
    story.live("2026-03-18 09:00")
    assert story.given()[-1] == "2026-03-16 09:00 ask"
    assert [line[0] for line in story.lines("remind")] == ["2026-03-18 09:00"]


NAMED = """
ends: {over: {}}
anywhere:
  - {event: not_now, from: contact, pause: {until: ready_again, at: event.call_after, at_most: 30d}}
initial: wait
states:
  wait:
    transitions: [{after: 2d, end: over}]
"""


@pytest.mark.parametrize(
    ("named", "ends"),
    [({"call_after": "2026-06-01"}, "2026-06-02 10:00"), ({}, "2026-04-03 10:00")],
    ids=["on the day they named, however far", "after at_most where they named none"],
)
def test_a_pause_ends(named, ends):
    story = Story(playbook_of(NAMED))
    story.deal()
    story.enrol()
    story.record("not_now", "2026-03-03 10:00", **named)
    story.live("2026-06-10 10:00")
    assert when(story.ended.ended_at)[:10] == ends[:10]


def test_another_day_that_they_name_counts():
    story = Story(playbook_of(NAMED))
    story.deal()
    story.enrol()
    story.record("not_now", "2026-03-03 10:00", call_after="2026-06-01")
    story.record("not_now", "2026-03-05 10:00", call_after="2026-03-10")
    story.live("2026-03-20 10:00")
    assert when(story.ended.ended_at)[:10] == "2026-03-11"


def test_what_an_action_that_was_closed_in_a_pause_had_left_does_not_come_back_at_the_release():
    """Not even as a step in which nothing happens: the history says only what happened."""
    story = paused(told(actions="ask: {kind: task, remind: [{after: 2d}], expires: 3d}"))
    story.record("ask.done", "2026-03-04 10:00")
    story.live("2026-03-20 10:00")
    assert [timer for timer in story.enrolment().timers if timer.action] == []
    assert max(when(step.at) for step in story.steps) == "2026-03-10 10:00", "the release; two days were left then"
