"""Delays, dates and schedules of transitions."""

import pytest

from engine.core.time import Schedule
from tests.core.story import Story, playbook_of, when, world

MONDAYS = world(schedules={"mondays": Schedule(name="mondays", lines=("0 9 * * mon",))})


def told(text, setting=None, start="2026-03-02 10:00", **fields):
    story = Story(playbook_of(text), start=start, world=setting)
    story.deal(**fields)
    story.enrol()
    return story


def waiting(*transitions, before=""):
    listed = "\n".join(f"      - {transition}" for transition in transitions)
    return f"""
initial: wait
ends: {{over: {{}}, first: {{}}, second: {{}}}}
{before}
states:
  wait:
    transitions:
{listed}
      - {{after: 52w, end: over}}
  other: {{transitions: [{{after: 52w, end: over}}]}}
"""


def ends(story):
    return [f"{line[0]} {line[2]}" for line in story.lines("ended")]


def test_after_counts_from_the_entry_into_the_state():
    story = told("""
initial: wait
ends: {over: {}}
states:
  wait: {transitions: [{after: 1d, to: other}]}
  other: {transitions: [{after: 2d, end: over}]}
""")
    story.live("2026-03-05 09:59")
    assert story.state() == "other"
    story.live("2026-03-05 10:00")
    assert ends(story) == ["2026-03-05 10:00 over"]


def test_a_timer_is_asked_once_and_then_spent_for_this_visit():
    story = told(waiting("{after: 1d, if: {lost_reason: {is: price}}, end: first}"))
    story.live("2026-03-03 10:00")
    story.change("2026-03-03 11:00", lost_reason="price")
    story.live("2026-03-10 10:00")
    assert story.state() == "wait"


def test_a_new_visit_asks_a_spent_timer_again():
    story = told(waiting("{after: 1d, if: {lost_reason: {is: price}}, end: first}", "{event: not_now, to: wait}"))
    story.change("2026-03-04 10:00", lost_reason="price")
    story.record("not_now", "2026-03-05 12:00")
    story.live("2026-03-06 12:00")
    assert ends(story) == ["2026-03-06 12:00 first"]


def test_among_timers_the_earlier_goes_first_whatever_the_order_of_the_list():
    story = told(waiting("{after: 2d, end: second}", "{after: 1d, end: first}"))
    story.live("2026-03-04 10:00")
    assert ends(story) == ["2026-03-03 10:00 first"]


def test_the_order_of_the_list_breaks_ties_between_timers():
    story = told(waiting("{after: 24h, end: second}", "{after: 1d, end: first}"))
    story.live("2026-03-03 10:00")
    assert ends(story) == ["2026-03-03 10:00 second"]


def test_a_timer_that_fails_at_one_instant_leaves_the_next_of_the_list_its_turn():
    story = told(waiting("{after: 1d, if: {amount: {at_least: 1}}, end: first}", "{after: 1d, end: second}"))
    story.live("2026-03-03 10:00")
    assert ends(story) == ["2026-03-03 10:00 second"]


def test_at_one_instant_the_own_timer_of_a_state_goes_before_anywhere():
    story = told(waiting("{after: 1d, to: other}", before="anywhere: [{after: 1d, end: first}]"))
    story.live("2026-03-03 10:00")
    assert story.path() == ["2026-03-02 10:00 wait", "2026-03-03 10:00 other"]


def test_state_timers_never_roll():
    story = told(waiting("{after: 5d, end: first}"))
    story.live("2026-03-07 10:00")  # a Saturday
    assert ends(story) == ["2026-03-07 10:00 first"]


def test_a_delay_in_days_keeps_the_wall_time_of_the_zone_of_the_deal():
    story = told(waiting("{after: 7d, end: first}"), start="2026-03-25 10:00", zone="Europe/Berlin")
    story.live("2026-04-01 10:00")
    assert ends(story) == ["2026-04-01 09:00 first"]  # summer time began meanwhile


def test_a_business_day_from_friday_is_monday():
    story = told(waiting("{after: 1bd, end: first}"), start="2026-03-06 16:00")
    story.live("2026-03-09 16:00")
    assert ends(story) == ["2026-03-09 16:00 first"]


def test_the_delays_of_the_anywhere_of_the_playbook_count_from_enrolment():
    story = told(waiting("{after: 2d, to: other}", before="anywhere: [{after: 3d, end: first}]"))
    story.live("2026-03-05 10:00")
    assert ends(story) == ["2026-03-05 10:00 first"]


def test_the_delays_of_the_anywhere_of_a_track_count_from_the_entry_into_each_state():
    story = told("""
ends: {over: {}, first: {}}
tracks:
  rep:
    initial: wait
    anywhere: [{after: 3d, end: first}]
    states:
      wait: {transitions: [{after: 2d, to: other}]}
      other: {transitions: [{after: 52w, end: over}]}
""")
    story.live("2026-03-06 10:00")
    assert ends(story) == []
    story.live("2026-03-07 10:00")
    assert ends(story) == ["2026-03-07 10:00 first"]


def test_a_lookup_of_a_delay_is_read_when_the_delay_is_armed():
    text = "params: {patience: {by: lost_reason, values: {price: 2d}, otherwise: 5d}}\n" + waiting(
        "{after: patience, end: first}"
    )
    story = told(text, lost_reason="price")
    story.change("2026-03-03 10:00", lost_reason="fit")
    story.live("2026-03-04 10:00")
    assert ends(story) == ["2026-03-04 10:00 first"]
    assert "2d" in story.steps[0].after.timers[0].rule  # and written down


def test_leaving_a_state_stops_its_timers():
    story = told(waiting("{after: 3d, end: first}", "{event: not_now, to: other}"))
    story.record("not_now", "2026-03-04 10:00")
    story.live("2026-03-10 10:00")
    assert story.state() == "other"
    assert all(timer.place != 1 or not timer.entry for timer in story.enrolment().timers)


# --- dates ----------------------------------------------------------------------------------------------------------


def test_a_date_without_a_time_means_the_opening_minute():
    story = told(waiting("{at: renewal_date, end: first}"), renewal_date="2026-03-12")
    story.live("2026-03-13 10:00")
    assert ends(story) == ["2026-03-12 09:00 first"]


@pytest.mark.parametrize(
    ("moved", "instant"),
    [
        ("7d before renewal_date", "2026-03-13 09:00"),
        ("1w after renewal_date", "2026-03-27 09:00"),
        ("3bd before renewal_date", "2026-03-17 09:00"),
    ],
)
def test_a_date_fact_can_be_moved(moved, instant):
    story = told(waiting(f"{{at: {moved}, end: first}}"), renewal_date="2026-03-20")
    story.tick(instant)
    assert ends(story) == [f"{instant} first"]


def test_a_date_follows_its_field_when_it_is_edited():
    story = told(waiting("{at: renewal_date, end: first}"), renewal_date="2026-03-12")
    story.change("2026-03-10 10:00", renewal_date="2026-03-18")
    story.live("2026-03-13 10:00")
    assert ends(story) == []
    story.change("2026-03-13 11:00", renewal_date="2026-03-16")
    story.live("2026-03-18 10:00")
    assert ends(story) == ["2026-03-16 09:00 first"]


def test_a_date_follows_a_fact_that_a_playbook_sets():
    story = told("""
initial: wait
ends: {over: {}, first: {}}
states:
  wait:
    transitions:
      - {event: changed, stay: true, set: {deal.renewal_date: "2026-03-20"}}
      - {at: renewal_date, end: first}
      - {after: 52w, end: over}
""", renewal_date="2026-03-12")  # fmt: skip
    story.change("2026-03-03 10:00", amount=[1, "EUR"])
    story.live("2026-03-20 09:00")
    assert ends(story) == ["2026-03-20 09:00 first"]


def test_a_date_not_after_entry_is_spent_and_noted():
    story = told(waiting("{at: renewal_date, end: first}"), renewal_date="2026-03-02T10:00")
    story.live("2026-03-03 10:00")
    assert ends(story) == []
    assert story.lines("past")


def test_a_date_not_after_entry_runs_then_if_the_author_says_so():
    story = told(waiting("{at: renewal_date, if_past: run, end: first}"), renewal_date="2026-02-01")
    assert ends(story) == ["2026-03-02 10:00 first"]


def test_a_date_that_an_edit_moves_into_the_past_is_spent_and_noted():
    story = told(waiting("{at: renewal_date, end: first}"), renewal_date="2026-03-12")
    story.change("2026-03-10 10:00", renewal_date="2026-03-04")
    story.change("2026-03-11 10:00", renewal_date="2026-03-20")
    story.live("2026-03-20 10:00")
    assert ends(story) == []
    assert story.lines("past")


def test_a_date_that_an_edit_moves_into_the_past_runs_then_if_the_author_says_so():
    story = told(waiting("{at: renewal_date, if_past: run, end: first}"), renewal_date="2026-03-12")
    story.change("2026-03-10 10:00", renewal_date="2026-03-04")
    story.live("2026-03-10 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_an_empty_date_is_not_armed_until_it_is_filled():
    story = told(waiting("{at: renewal_date, end: first}"))
    story.change("2026-03-10 10:00", renewal_date="2026-03-12")
    story.live("2026-03-12 09:00")
    assert ends(story) == ["2026-03-12 09:00 first"]


def test_an_empty_date_that_is_filled_with_a_past_one_is_spent():
    story = told(waiting("{at: renewal_date, end: first}"))
    story.change("2026-03-10 10:00", renewal_date="2026-03-04")
    story.live("2026-03-11 10:00")
    assert ends(story) == []


def test_an_empty_date_that_is_filled_with_a_past_one_runs_at_that_edit_if_the_author_says_so():
    story = told(waiting("{at: renewal_date, if_past: run, end: first}"))
    story.change("2026-03-10 10:00", renewal_date="2026-03-04")
    story.live("2026-03-11 10:00")
    assert ends(story) == ["2026-03-10 10:00 first"]


def test_a_date_that_is_emptied_is_not_armed_any_more():
    story = told(waiting("{at: renewal_date, end: first}"), renewal_date="2026-03-12")
    story.change("2026-03-10 10:00", renewal_date=None)
    story.live("2026-03-20 10:00")
    assert ends(story) == []


def test_a_date_that_has_failed_its_if_is_spent_even_if_it_is_edited():
    story = told(waiting("{at: renewal_date, if: {lost_reason: {is: fit}}, end: first}"), renewal_date="2026-03-04")
    story.change("2026-03-05 10:00", renewal_date="2026-03-12", lost_reason="fit")
    story.live("2026-03-13 10:00")
    assert ends(story) == []


def test_the_last_reply_can_be_a_date():
    story = told(waiting("{at: 3d after last.reply, end: first}"))
    story.record("reply", "2026-03-04 11:30")
    story.live("2026-03-07 11:30")
    assert ends(story) == ["2026-03-07 11:30 first"]


# --- schedules ------------------------------------------------------------------------------------------------------


def test_a_schedule_happens_at_its_next_match_after_entry():
    story = told(waiting("{schedule: mondays, end: first}"), MONDAYS, start="2026-03-02 09:00")
    story.live("2026-03-09 09:00")
    assert ends(story) == ["2026-03-09 09:00 first"]


def test_a_schedule_whose_if_fails_is_asked_at_its_next_match():
    story = told(waiting("{schedule: mondays, if: {lost_reason: {is: fit}}, end: first}"), MONDAYS)
    story.change("2026-03-10 10:00", lost_reason="fit")
    story.live("2026-03-16 09:00")
    assert ends(story) == ["2026-03-16 09:00 first"]


def test_a_schedule_that_stays_comes_again():
    story = told(waiting("{schedule: mondays, stay: true, note: still here}"), MONDAYS)
    story.live("2026-03-16 09:00")
    assert [line[0] for line in story.lines("note")] == ["2026-03-09 09:00", "2026-03-16 09:00"]


def test_a_zone_that_an_import_brings_counts_from_its_turn_on():
    story = Story(playbook_of("""
ends: {over: {}}
initial: first
states:
  first:
    transitions: [{after: 1bd, to: second}]
  second:
    transitions: [{event: changed, to: third}, {after: 5bd, end: over}]
  third:
    transitions: [{after: 1bd, end: over}]
"""))  # fmt: skip
    story.deal(zone="UTC")
    story.enrol()
    story.change("2026-03-03 11:00", zone="America/New_York")  # six in the morning there
    story.tick("2026-03-03 12:00")
    assert [when(timer.due) for timer in story.enrolment().timers] == ["2026-03-04 14:00"]
