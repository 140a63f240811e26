"""What an action is, when it is handed out, and how it closes."""

from datetime import date

import pytest
import yaml

from engine.core.building import build_playbook
from engine.core.calendars import Window, parse_hours
from engine.core.roster import Leave, Person, Role, Roster, Team
from tests.core.story import VOCABULARY, Story, instant, playbook_of, when, with_action, world


def told(text, setting=None, start="2026-03-02 10:00", contacts=("c1",), **fields):
    story = Story(playbook_of(text), start=start, world=setting)
    story.deal(contacts=contacts, **fields)
    story.enrol()
    return story


# --- due ------------------------------------------------------------------------------------------------------------


def test_an_action_is_due_at_once_by_default():
    assert told(with_action("kind: task")).given() == ["2026-03-02 10:00 ask"]


def test_due_is_a_duration_after_entry():
    story = told(with_action("kind: task, due: 2d"))
    assert story.due() == []
    story.live("2026-03-04 10:00")
    assert story.given() == ["2026-03-04 10:00 ask"]


def test_due_may_be_a_moment():
    story = told(with_action("kind: task, due: 2d before renewal_date"), renewal_date="2026-03-06")
    story.live("2026-03-05 10:00")
    assert story.given() == ["2026-03-04 09:00 ask"]


def test_a_moment_already_past_means_at_entry():
    assert told(with_action("kind: task, due: renewal_date"), renewal_date="2026-02-06").given() == [
        "2026-03-02 10:00 ask"
    ]


def test_an_empty_date_means_when_it_is_filled():
    story = told(with_action("kind: task, due: renewal_date"))
    story.change("2026-03-03 10:00", renewal_date="2026-03-05")
    story.live("2026-03-05 10:00")
    assert story.given() == ["2026-03-05 09:00 ask"]


def test_an_empty_date_filled_with_a_past_one_means_at_that_edit():
    story = told(with_action("kind: task, due: renewal_date"))
    story.change("2026-03-03 11:00", renewal_date="2026-02-05")
    story.live("2026-03-05 10:00")
    assert story.given() == ["2026-03-03 11:00 ask"]


def test_a_planned_action_follows_the_date_of_its_due():
    story = told(with_action("kind: task, due: renewal_date"), renewal_date="2026-03-04")
    story.change("2026-03-03 10:00", renewal_date="2026-03-06")
    story.live("2026-03-07 10:00")
    assert story.given() == ["2026-03-06 09:00 ask"]


# --- windows and zones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["call", "email", "letter", "card", "meeting", "sms", "social"])
def test_customer_facing_kinds_wait_for_the_hours_of_the_calendar(kind):
    story = told(with_action(f"kind: {kind}"), start="2026-03-06 18:00")
    story.live("2026-03-09 10:00")
    assert story.given() == ["2026-03-09 09:00 ask"]


@pytest.mark.parametrize("kind", ["task", "review", "approval", "notify"])
def test_internal_kinds_roll_only_if_they_name_a_window(kind):
    mornings = world(windows={"mornings": Window(name="mornings", hours=parse_hours({"mon-fri": "08:00-10:00"}))})
    assert told(with_action(f"kind: {kind}"), start="2026-03-06 18:00").given() == ["2026-03-06 18:00 ask"]
    story = told(with_action(f"kind: {kind}, window: mornings"), mornings, start="2026-03-06 18:00")
    story.live("2026-03-09 10:00")
    assert story.given() == ["2026-03-09 08:00 ask"]


def test_the_window_of_a_customer_facing_action_is_read_in_the_zone_of_its_contact():
    story = Story(playbook_of(with_action("kind: call")), start="2026-03-02 10:00")
    story.deal(zone="Europe/Berlin")
    story.account.contacts["c1"].fields["zone"] = "America/New_York"
    story.enrol()
    story.live("2026-03-02 15:00")
    assert story.given() == ["2026-03-02 14:00 ask"]


def test_the_zone_of_a_contact_without_one_is_that_of_the_account_then_of_the_deal():
    story = Story(playbook_of(with_action("kind: call")), start="2026-03-02 10:00")
    story.deal(zone="Europe/Berlin")
    story.account.fields["zone"] = "America/Chicago"
    story.enrol()
    story.live("2026-03-02 15:30")
    assert story.given() == ["2026-03-02 15:00 ask"]
    assert told(with_action("kind: call"), start="2026-03-02 08:00", zone="Europe/Berlin").given() == [
        "2026-03-02 08:00 ask"
    ]


def test_the_zone_of_an_internal_action_is_that_of_its_assignee():
    people = Roster(people={"kim": Person(id="kim", zone="America/New_York")})
    mornings = {"mornings": Window(name="mornings", hours=parse_hours({"mon-fri": "08:00-10:00"}))}
    story = told(
        with_action("kind: task, window: mornings"), world(roster=people, windows=mornings), zone="Europe/Berlin"
    )
    story.live("2026-03-03 10:00")
    assert story.given() == ["2026-03-02 13:00 ask"]


def test_no_possible_day_within_366_days_skips_the_action_with_the_reason():
    away = Roster(people={"kim": Person(id="kim", leave=(Leave(first=date(2026, 1, 1), last=date(2028, 1, 1)),))})
    story = told(with_action("kind: call", "{event: ask.skipped, end: first}"), world(roster=away))
    assert story.state() == "end:first"
    assert story.columns("ask")["reason"]


# --- people ---------------------------------------------------------------------------------------------------------

PEOPLE = Roster(
    people={
        "kim": Person(
            id="kim", team="west", leave=(Leave(first=date(2026, 3, 4), last=date(2026, 3, 5), delegate="lee"),)
        ),
        "lee": Person(id="lee"),
        "max": Person(id="max", leave=(Leave(first=date(2026, 3, 4), last=date(2026, 3, 5)),)),
    },
    teams={"west": Team(id="west", manager="mia")},
    roles={"branch_head": Role(name="branch_head", by="branch", people={"north": "nora"}, fallback="fred")},
)


@pytest.mark.parametrize(
    ("assign", "fields", "person"),
    [
        ("owner", {}, "kim"),
        ("manager", {}, "mia"),
        ("lee", {}, "lee"),
        ("branch_head", {"branch": "north"}, "nora"),
        ("branch_head", {"branch": "south"}, "fred"),
        ("{field: owner}", {}, "kim"),
        ("{by: lost_reason, values: {price: max}, otherwise: lee}", {"lost_reason": "price"}, "max"),
    ],
)
def test_an_action_is_assigned_to_the_owner_a_role_a_person_or_a_field(assign, fields, person):
    story = told(with_action(f"kind: task, assign: {assign}"), world(roster=PEOPLE), **fields)
    assert story.action("ask").assignee == person


def test_on_leave_with_a_delegate_the_delegate_gets_it_and_nothing_moves():
    story = told(with_action("kind: call, due: 2d"), world(roster=PEOPLE))
    story.live("2026-03-04 10:00")
    assert story.given() == ["2026-03-04 10:00 ask"]
    assert story.action("ask").assignee == "lee"


def test_on_leave_without_a_delegate_the_action_waits_for_the_return():
    story = told(with_action("kind: call, due: 2d"), world(roster=PEOPLE), owner="max")
    story.live("2026-03-06 10:00")
    assert story.given() == ["2026-03-06 09:00 ask"]
    assert story.action("ask").assignee == "max"


def test_open_actions_follow_a_new_owner_unless_a_person_gave_them_away():
    story = told(with_action("kind: task", more="      tell: {kind: notify}"))
    story.record("command.reassign", "2026-03-02 11:00", action=story.action("tell").id, to="ann")
    story.change("2026-03-02 12:00", owner="lee")
    story.live("2026-03-02 12:00")
    assert {name: story.action(name).assignee for name in ("ask", "tell")} == {"ask": "lee", "tell": "ann"}


def test_a_planned_action_goes_to_the_owner_of_its_due_instant():
    story = told(with_action("kind: task, due: 2d"))
    story.change("2026-03-03 12:00", owner="lee")
    story.live("2026-03-04 12:00")
    assert story.action("ask").assignee == "lee"


def test_an_action_can_be_deferred_and_its_reminders_begin_again():
    story = told(with_action("kind: task, remind: [{after: 1d}]"))
    story.record("command.defer", "2026-03-02 12:00", action=story.action("ask").id, until=instant("2026-03-05 09:00"))
    story.live("2026-03-05 08:00")
    assert story.due() == [] and story.lines("remind") == []
    story.live("2026-03-06 09:00")
    assert story.given() == ["2026-03-02 10:00 ask", "2026-03-05 09:00 ask"]
    assert [line[0] for line in story.lines("remind")] == ["2026-03-06 09:00"]


def test_a_deferred_action_stays_deferred_when_something_else_happens():
    story = told(with_action("kind: task, due: renewal_date"), renewal_date="2026-03-04")
    story.record("command.defer", "2026-03-02 12:00", action=story.action("ask").id, until=instant("2026-03-06 09:00"))
    story.change("2026-03-03 12:00", amount=[1, "EUR"])
    story.live("2026-03-07 09:00")
    assert story.given() == ["2026-03-06 09:00 ask"]


# --- life -----------------------------------------------------------------------------------------------------------


def test_an_outcome_closes_the_action_and_raises_its_event():
    story = told(
        with_action(
            "kind: call, outcomes: [granted, refused]", "{event: ask.granted, end: first}", "{event: ask, end: second}"
        )
    )
    story.record("ask.granted")
    story.tick()
    assert story.state() == "end:first"
    assert story.columns("ask")["status"] == "done"
    assert story.columns("ask")["outcome"] == "granted"


def test_the_default_outcome_is_done():
    story = told(with_action("kind: call", "{event: ask.done, end: first}"))
    story.record("ask.done")
    story.tick()
    assert story.state() == "end:first"


def test_closing_raises_exactly_one_event():
    story = told(with_action("kind: call", "{event: ask.done, stay: true, note: once}"))
    story.record("ask.done")
    story.live("2026-03-04 10:00")
    assert len(story.lines("note")) == 1


@pytest.mark.parametrize("word", ["skipped", "suppressed", "expired", "missed", "withdrawn"])
def test_the_words_of_the_engine_cannot_be_outcomes(word):
    content = yaml.safe_load(with_action(f"kind: call, outcomes: [{word}]"))
    _, words = build_playbook({"playbook": "test", **content}, VOCABULARY)
    assert [finding.rule for finding in words.findings.found] == ["reserved-outcome"]


def test_a_person_may_skip_an_action_with_a_reason():
    story = told(with_action("kind: call", "{event: ask.skipped, end: first}"))
    story.record("ask.skipped", reason="he is on holiday")
    story.tick()
    assert story.state() == "end:first"
    assert (story.columns("ask")["status"], story.columns("ask")["reason"]) == ("skipped", "he is on holiday")


def test_leaving_the_state_withdraws_its_open_actions_and_raises_nothing():
    story = told(with_action("kind: call", "{event: reply, to: other}", "{event: ask, end: second}"))
    story.record("reply")
    story.live("2026-03-05 10:00")
    assert story.state() == "other"
    assert story.closed() == ["2026-03-02 10:00 ask withdrawn"]


def test_a_planned_action_is_withdrawn_too():
    story = told(with_action("kind: call, due: 3d", "{event: reply, to: other}"))
    story.record("reply")
    story.live("2026-03-06 10:00")
    assert story.given() == [] and story.closed() == ["2026-03-02 10:00 ask withdrawn"]


def test_the_end_of_the_enrolment_withdraws_kept_actions_too():
    story = told(with_action("kind: call, keep: true", "{event: reply, end: first}"))
    story.record("reply")
    story.tick()
    assert story.closed() == ["2026-03-02 10:00 ask withdrawn"]


def test_a_kept_action_stays_open_when_its_state_is_left_and_can_still_be_done():
    story = told(with_action("kind: call, keep: true", "{event: reply, to: other}"))
    story.record("reply")
    story.tick()
    assert story.due() == ["ask"]
    story.record("ask.done")
    story.tick()
    assert story.closed() == ["2026-03-02 10:00 ask done"]


def test_a_kept_action_is_not_planned_a_second_time_and_counts_for_that_visit():
    story = told(with_action("kind: call, keep: true", "{event: reply, to: act}", "{event: all_closed, end: first}"))
    story.record("reply")
    story.tick()
    assert story.given() == ["2026-03-02 10:00 ask"]
    assert story.state() == "act"
    story.record("ask.done")
    story.tick()
    assert story.state() == "end:first"


def test_an_action_expires_counted_from_its_due_instant():
    story = told(with_action("kind: task, due: 1d, expires: 2d", "{event: ask.expired, end: first}"))
    story.live("2026-03-05 09:59")
    assert story.state() == "act"
    story.live("2026-03-05 10:00")
    assert story.lines("ended") == [("2026-03-05 10:00", "ended", "first")]


def test_an_action_whose_if_fails_is_not_planned():
    text = with_action("kind: task, if: {lost_reason: {is: price}}")
    assert told(text, lost_reason="fit").due() == []
    assert told(text, lost_reason="price").due() == ["ask"]


def test_the_if_of_an_action_sees_its_own_contact():
    text = with_action("kind: call, contact: champion, if: {contact.permission: {is: granted}}")
    story = Story(playbook_of(text))
    deal = story.deal(contacts=("c1", "c2"))
    deal.contacts = [("c1", "decision_maker"), ("c2", "champion")]
    story.account.contacts["c2"].fields["permission"] = "granted"
    story.enrol()
    assert story.due() == ["ask"]


# --- all_closed -----------------------------------------------------------------------------------------------------

TWO = "      tell: {kind: notify, optional: true}\n      note: {kind: task}"


def test_all_closed_comes_when_the_last_required_action_has_closed_in_whatever_way():
    story = told(with_action("kind: task", "{event: all_closed, end: first}", more=TWO))
    story.record("ask.done")
    story.tick()
    assert story.state() == "act"
    story.record("note.skipped")
    story.tick()
    assert story.state() == "end:first"


def test_all_closed_comes_after_the_event_of_the_closing_itself():
    story = told(with_action("kind: task", "{event: all_closed, end: first}", "{event: ask.done, end: second}"))
    story.record("ask.done")
    story.tick()
    assert story.state() == "end:second"


def test_all_closed_comes_after_planning_if_no_required_action_is_open():
    story = told(with_action("kind: task, if: {lost_reason: {is: price}}", "{event: all_closed, end: first}"))
    assert story.state() == "end:first"


def test_all_closed_comes_once_per_visit():
    story = told(with_action("kind: task", "{event: all_closed, stay: true, note: closed}", "{event: reply, to: act}"))
    story.record("ask.done", "2026-03-02 11:00")
    story.record("signal", "2026-03-02 12:00")
    story.record("reply", "2026-03-02 13:00")
    story.record("ask.done", "2026-03-02 14:00")
    story.live("2026-03-03 10:00")
    assert [line[0] for line in story.lines("note")] == ["2026-03-02 11:00", "2026-03-02 14:00"]


def test_all_closed_comes_from_an_expired_action_too():
    story = told(with_action("kind: task, expires: 1d", "{event: all_closed, end: first}"))
    story.live("2026-03-03 10:00")
    assert story.state() == "end:first"


# --- reminding ------------------------------------------------------------------------------------------------------


def test_reminders_and_escalations_count_from_the_due_instant():
    story = told(
        with_action("kind: task, due: 1d, remind: [{after: 1d}, {after: 2d}], escalate: [{after: 2d, to: lee}]")
    )
    story.live("2026-03-06 10:00")
    assert [line[0] for line in story.lines("remind")] == ["2026-03-04 10:00", "2026-03-05 10:00"]
    assert [(line[0], line[4]) for line in story.lines("escalate")] == [("2026-03-05 10:00", "escalated to lee: 2d")]


def test_a_closed_action_is_not_reminded_of():
    story = told(with_action("kind: task, remind: [{after: 1d}], escalate: [{after: 1d, to: lee}]"))
    story.record("ask.done", "2026-03-02 12:00")
    story.live("2026-03-06 10:00")
    assert story.lines("remind", "escalate") == []


def test_a_reminder_may_be_a_moment():
    story = told(with_action("kind: task, remind: [{at: 4bh after lost_at}]"), lost_at="2026-03-02T09:00")
    story.live("2026-03-03 10:00")
    assert [line[0] for line in story.lines("remind")] == ["2026-03-02 13:00"]


def test_of_several_reminders_passed_already_only_the_last_goes_out_at_the_due_instant():
    story = told(
        with_action("kind: task, remind: [{at: 1d after lost_at}, {at: 2d after lost_at}]"), lost_at="2026-02-02T09:00"
    )
    story.live("2026-03-03 10:00")
    assert [(line[0], line[4]) for line in story.lines("remind")] == [
        ("2026-03-02 10:00", "reminder 2: 2d after lost_at")
    ]


def test_an_action_is_overdue_after_the_end_of_its_due_day_by_default():
    assert when(told(with_action("kind: task")).columns("ask")["deadline"]) == "2026-03-03 00:00"


def test_a_deadline_counts_from_the_due_instant_or_is_a_moment():
    assert when(told(with_action("kind: task, deadline: 4bh")).columns("ask")["deadline"]) == "2026-03-02 14:00"
    story = told(with_action("kind: task, deadline: {at: renewal_date}"), renewal_date="2026-03-20")
    assert when(story.columns("ask")["deadline"]) == "2026-03-20 09:00"


def test_a_deadline_passed_already_is_the_due_instant():
    story = told(with_action("kind: task, deadline: {at: renewal_date}"), renewal_date="2026-02-20")
    assert when(story.columns("ask")["deadline"]) == "2026-03-02 10:00"


# --- values ---------------------------------------------------------------------------------------------------------


def test_priority_is_a_number_and_nothing_means_zero():
    assert told(with_action("kind: task")).columns("ask")["priority"] == 0
    assert told(with_action("kind: task, priority: 7")).columns("ask")["priority"] == 7
    by = "{by: lost_reason, values: {price: 5}, otherwise: 1}"
    assert told(with_action(f"kind: task, priority: {by}"), lost_reason="price").columns("ask")["priority"] == 5


def test_withdrawing_raises_no_event():
    story = Story(playbook_of("""
ends: {over: {}, wrong: {}}
initial: ask
states:
  ask:
    actions: {ask: {kind: task, title: Ask, assign: owner}}
    transitions: [{after: 1d, to: wait}]
  wait:
    transitions: [{event: ask, end: wrong}, {after: 1d, end: over}]
"""))  # fmt: skip
    story.deal()
    story.enrol()
    story.live("2026-03-05 10:00")
    assert story.state() == "end:over"
