"""The calendar of one deal if nothing happens, its branches, and the sample deal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.account import Account
from engine.core.enrolment import Event
from engine.core.preview.model import Branch, Happening, Place, Preview, Stuck
from engine.core.preview.previewing import preview_of_new, preview_of_running
from engine.core.preview.sample import DEAL, candidate_of, roles, sample
from engine.core.roster import Person, Roster
from engine.core.step import Compiled
from tests.core.story import Story, instant, playbook_of, when, with_action, world

START = instant("2026-03-02 09:00")  # a Monday
CALL = "kind: call, title: Ask, assign: owner, contact: decision_maker, minutes: 10, outcomes: [yes_please, no_thanks]"


def previewed(text: str, weeks: int = 52, depth: int = 2, **settings) -> Preview:
    revision = playbook_of(text)
    made = sample(world(**settings), revision.playbook, START)
    candidate = candidate_of(revision.playbook, made.account, made.account.deals[DEAL])
    revisions = {revision.hash: Compiled(revision)}
    return preview_of_new(
        world(**settings), revisions, revision.hash, made.account, candidate, START, weeks=weeks, depth=depth
    )


def sampled(condition: str, **settings):
    revision = playbook_of(f"enrol: {{if: {condition}}}\n{with_action(CALL)}")
    return sample(world(**settings), revision.playbook, START)


def told(found: Preview) -> list[tuple[str, str, str]]:
    """(when, what, about what) of every line of the calendar."""
    return [(when(one.at), one.kind, str(one.line[1])) for one in found.calendar.happenings]


def branch(found: Preview, name: str, state: str = "act") -> Branch:
    [place] = [one for one in found.places if one.state == state]
    return next(one for one in place.branches if one.told.name == name)


# --- the calendar ---------------------------------------------------------------------------------------------------


def test_a_call_that_nobody_takes_is_reminded_of_escalated_expires_and_leads_on():
    text = with_action(
        CALL + ", remind: [{after: 1bd}], escalate: [{after: 2bd, to: kim}], expires: 3bd",
        "{event: all_closed, to: other}",
    )
    assert told(previewed(text)) == [
        ("2026-03-02 09:00", "due", "ask"),
        ("2026-03-03 09:00", "remind", "ask"),
        ("2026-03-04 09:00", "escalate", "ask"),
        ("2026-03-05 09:00", "closed", "ask"),
        ("2026-03-05 09:00", "took", "main"),
    ]


def test_what_ends_by_itself_is_told_with_its_end_even_beyond_the_weeks_shown():
    text = with_action(CALL, "{after: 4w, end: first}")
    short, long = previewed(text, weeks=2).calendar, previewed(text, weeks=5).calendar
    assert (short.close, short.end, when(short.ends_at)) == ("goes on", "first", "2026-03-30 09:00")
    assert (long.close, long.end, long.happenings[-1].kind) == ("ends", "first", "ended")
    assert [one.kind for one in short.happenings] == ["due"]


def test_a_playbook_that_only_an_event_moves_waits():
    text = "initial: a\nends: {over: {}}\nstates: {a: {transitions: [{event: reply, end: over}]}}"
    assert previewed(text).calendar.close == "waits"


GIVING = """
initial: wait
ends: {enough: {}, never: {}}
states:
  wait: {transitions: [{after: 30d, to: give}]}
  give:
    actions: {note: {kind: email, title: Send something, assign: owner, expires: 5d}}
    transitions:
      - {event: all_closed, if: {visits: {at_least: LAPS}}, end: enough}
      - {event: all_closed, to: wait}
"""


def test_a_cycle_is_shown_once_with_its_length_and_how_often_it_comes_again():
    calendar = previewed(GIVING.replace("LAPS", "6")).calendar
    assert calendar.close == "repeats"
    assert (when(calendar.lap.begins), calendar.lap.seconds) == ("2026-04-01 09:00", 35 * 86_400)
    assert [one.kind for one in calendar.happenings] == ["took", "due", "closed", "took"]
    assert (calendar.lap.times, calendar.end) == (4, "enough")
    assert calendar.totals.actions == {"email": 6}  # counted up to the end of the weeks, shown or not


def test_a_cycle_without_an_end_is_said_to_go_on_for_ever():
    calendar = previewed(GIVING.replace("LAPS", "9000")).calendar
    assert calendar.lap.over_at is None
    assert (calendar.end, calendar.ends_at) == ("", None)


def test_two_tries_are_no_cycle():
    assert previewed(GIVING.replace("LAPS", "3")).calendar.lap is None


def test_totals_count_kinds_minutes_touches_and_the_shortest_gap():
    text = """
initial: a
ends: {over: {}}
states:
  a:
    actions:
      ring: {kind: call, title: Ring, assign: owner, minutes: 10}
      write: {kind: letter, title: Write, assign: owner, due: 3d, minutes: 20}
      again: {kind: call, title: Again, assign: owner, due: 10d}
      think: {kind: task, title: Think, assign: owner, minutes: 5}
    transitions: [{after: 20d, end: over}]
"""
    totals = previewed(text).calendar.totals
    assert totals.actions == {"call": 2, "letter": 1, "task": 1}
    assert (totals.minutes, totals.touches, totals.gap) == (35, 3, 3 * 86_400)


def test_titles_are_as_they_will_be_read():
    text = with_action("kind: task, title: 'Think of {{ deal.name }}', assign: owner")
    assert previewed(text).calendar.happenings[0].handed.title == "Think of Sample deal"


def test_a_playbook_that_never_lets_time_pass_is_refused_with_words():
    text = """
initial: a
ends: {over: {}}
states:
  a: {transitions: [{to: b}]}
  b: {transitions: [{if: {lost_reason: {is: price}}, end: over}, {to: a}]}
"""
    with pytest.raises(Stuck, match="transition"):
        previewed(text)


# --- the branches ---------------------------------------------------------------------------------------------------


def test_every_outcome_is_played_on_the_day_the_action_is_due():
    text = with_action(CALL + ", due: 2d", "{event: ask.yes_please, to: other}", "{event: ask.no_thanks, end: first}")
    found = previewed(text)
    yes, no = branch(found, "ask.yes_please"), branch(found, "ask.no_thanks")
    assert (when(yes.at), yes.states, yes.end) == ("2026-03-04 09:00", (("main", "other"),), "")
    assert (when(yes.then.at), yes.then.kind) == ("2027-03-03 09:00", "took")
    assert (no.states, no.end) == ((), "first")


def test_an_event_is_recorded_with_the_fields_that_its_guard_asks_for():
    text = with_action(
        CALL, "{event: reply, if: {event.seniority: {is: high}}, to: other}", "{event: reply, end: first}"
    )
    [place, *_] = previewed(text).places
    replies = {tuple(one.told.fields.items()): one for one in place.branches if one.told.name == "reply"}
    assert replies[("seniority", "high"),].states == (("main", "other"),)
    assert replies[()].end == "first"


def test_the_truth_of_a_branch_is_the_step_and_not_the_file():
    """The guard on the visits fails at the first call: the listed transition is not what happens."""
    text = with_action(
        CALL, "{event: ask.no_thanks, if: {visits: {at_least: 2}}, to: other}", "{event: all_closed, end: second}"
    )
    assert branch(previewed(text), "ask.no_thanks").end == "second"


def test_what_can_happen_in_every_state_is_told_once():
    text = "anywhere:\n  - {event: opted_out, from: contact, end: first}\n" + with_action(
        CALL, "{after: 1w, to: other}"
    )
    found = previewed(text)
    assert [(one.told.name, one.end) for one in found.general] == [("opted_out", "first")]
    assert all(one.told.name != "opted_out" for place in found.places for one in place.branches)


def test_a_pause_names_the_event_that_ends_it_and_how_long_it_lasts_at_most():
    text = "anywhere:\n  - {event: not_now, pause: {until: ready_again, at_most: 30d}}\n" + with_action(CALL)
    [paused] = previewed(text).general
    assert (paused.paused, paused.then.kind, paused.then.at - paused.at) == ("ready_again", "released", 30 * 86_400)


DEEP = """
initial: a
ends: {over: {}}
states:
  a: {transitions: [{event: reply, to: b}, {event: signal, to: b}, {after: 52w, end: over}]}
  b: {transitions: [{event: reply, to: c}, {after: 52w, end: over}]}
  c: {transitions: [{event: reply, to: a}, {after: 52w, end: over}]}
"""


def opened(places: tuple[Place, ...]) -> list[str]:
    return [
        name for place in places for name in [place.state, *(s for one in place.branches for s in opened(one.places))]
    ]


@pytest.mark.parametrize(
    ("depth", "states"), [(0, []), (1, ["a"]), (2, ["a", "b"]), (3, ["a", "b", "c"]), (6, ["a", "b", "c"])]
)
def test_depth_is_the_number_of_events_in_a_row_and_no_state_is_opened_twice(depth, states):
    assert opened(previewed(DEEP, depth=depth).places) == states


# --- the sample deal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "{status: {is: lost}, since.lost_at: {at_most: 90d}}",
        "{since.lost_at: {at_least: 60d}}",
        "{since.lost_at: {more_than: 3bd}}",
        "{amount: {at_least: 20000}}",
        "{amount: {more_than: 20000}}",
        "{status: {is: open}, lost_reason: {any_of: [timing, fit]}}",
        "{notified_by: {is_empty: false}, account.industry: {is: software}}",
        "{contact.closest_contact.name: {is_empty: false}}",
        "{not: {notified_by: {is_empty: true}}}",
        "{not: {any: [{amount: {less_than: 100}}, {amount: {is_empty: true}}]}}",
        "{any: [{count: {of: reply, within: 30d, at_least: 2}}, {status: {is: deleted}}]}",
        "{until.renewal_date: {at_least: 60d}}",
        "{renewal_date: {after: 2027-01-01}}",
        "{consent.email: {is: granted}}",
        "{consent.email: {is_not: refused}, lost_reason: {none_of: [price]}}",
        "{since.last.reply: {at_least: 14d}}",
    ],
)
def test_the_sample_deal_is_one_that_the_playbook_takes(condition):
    assert sampled(condition).refused == ""


def test_where_no_deal_can_be_made_the_first_try_is_played_and_it_says_why():
    made = sampled("{amount: {at_least: 5, at_most: 3}}")
    assert made.refused == "its enrol condition does not hold"
    assert made.account.deals[DEAL].status == "lost"


def test_the_sample_deal_belongs_to_the_first_person_and_has_somebody_in_each_role():
    people = {name: Person(id=name, team="west") for name in ("kim", "noor")}
    made = sampled("{contact.closest_contact.name: {is_empty: false}}", roster=Roster(people=people))
    deal = made.account.deals[DEAL]
    assert (deal.fields["owner"], deal.fields["team"], deal.fields["lost_at"]) == ("kim", "west", "2026-03-02")
    assert [role for _, role in deal.contacts] == ["decision_maker", "closest_contact"]
    assert all(one.fields["email"] for one in made.account.contacts.values())


def test_roles_are_named_once_and_in_the_order_of_the_file():
    text = "enrol: {if: {contact.sponsor.name: {is_empty: false}}}\n" + with_action(CALL)
    assert roles(playbook_of(text).playbook) == ("decision_maker", "sponsor")


# --- a deal as it stands --------------------------------------------------------------------------------------------


def running(text: str, until: str) -> tuple[Story, Preview]:
    story = Story(playbook_of(text), start="2026-03-02 09:00")
    story.deal()
    story.enrol()
    story.tick(until)
    enrolment = story.enrolment()
    return story, preview_of_running(story.world, story.revisions, story.account, enrolment.id, story.now)


def test_a_running_deal_goes_on_from_where_it_stands():
    _, found = running(with_action(CALL + ", expires: 10d", "{event: ask.yes_please, to: other}"), "2026-03-05 09:00")
    assert told(found)[0] == ("2026-03-12 09:00", "closed", "ask")
    assert branch(found, "ask.yes_please").at == instant("2026-03-05 09:00")


def test_what_is_in_hand_is_what_was_handed_out_and_is_not_closed():
    text = with_action(CALL + ", expires: 10d", "{event: ask.yes_please, to: other}")
    _, found = running(text, "2026-03-05 09:00")
    assert [(when(one.at), one.kind, one.handed.name, one.handed.minutes) for one in found.calendar.in_hand] == [
        ("2026-03-02 09:00", "due", "ask", 10)
    ]
    assert running(text, "2026-03-12 09:00")[1].calendar.in_hand == ()
    assert running(with_action(CALL + ", due: 10d"), "2026-03-05 09:00")[1].calendar.in_hand == (), "it is only planned"
    assert previewed(text).calendar.in_hand == ()


def test_a_paused_deal_says_so_and_what_would_release_it():
    text = "anywhere:\n  - {event: not_now, pause: {until: ready_again, at_most: 30d}}\n" + with_action(CALL)
    story = Story(playbook_of(text), start="2026-03-02 09:00")
    story.deal()
    story.enrol()
    story.record("not_now")
    story.tick()
    found = preview_of_running(story.world, story.revisions, story.account, story.enrolment().id, story.now)
    first = found.places[0]
    assert (first.state, first.paused) == ("act", "ready_again")
    released = next(one for one in first.branches if one.told.name == "ready_again")
    assert released.released and not released.states
    assert told(found)[0] == ("2026-04-01 09:00", "released", "the time given")


def test_nothing_of_the_account_is_changed():
    text = with_action(
        CALL, "{event: ask.yes_please, to: other, set: {deal.renewal_date: 2027-01-01}}", "{after: 1w, to: other}"
    )
    story = Story(playbook_of(text), start="2026-03-02 09:00")
    story.deal()
    story.enrol()
    before = repr(story.account)
    preview_of_running(story.world, story.revisions, story.account, story.enrolment().id, story.now)
    assert repr(story.account) == before


def test_what_is_recorded_and_not_handled_yet_comes_first():
    story = Story(playbook_of(with_action(CALL, "{event: reply, to: other}")), start="2026-03-02 09:00")
    story.deal()
    story.enrol()
    story.account.events.append(Event("reply", story.now, id=1, deal="D1"))
    found = preview_of_running(story.world, story.revisions, story.account, story.enrolment().id, story.now)
    assert ("2026-03-02 09:00", "took", "main") in told(found)


def test_the_calendar_is_what_ticks_then_do():
    """The preview of a deal and the same deal ticked day by day tell the same."""
    text = GIVING.replace("LAPS", "2")
    story = Story(playbook_of(text), start="2026-03-02 09:00")
    story.deal()
    story.enrol()
    found = preview_of_running(story.world, story.revisions, story.account, story.enrolment().id, story.now)
    for day in range(1, 80):
        story.tick(when(START + day * 86_400))
    lines = [
        (step.at, line)
        for step in story.steps[1:]
        for line in step.did
        if line[0] in ("took", "due", "closed", "ended")
    ]
    assert [(one.at, one.line) for one in found.calendar.happenings] == lines


def test_happenings_are_in_the_order_of_time():
    found: list[Happening] = list(previewed(GIVING.replace("LAPS", "4")).calendar.happenings)
    assert found == sorted(found, key=lambda one: one.at)


def test_the_same_beginning_gives_the_same_preview():
    assert repr(previewed(GIVING.replace("LAPS", "5"))) == repr(previewed(GIVING.replace("LAPS", "5")))


def test_a_sample_of_a_playbook_that_waits_for_an_event_is_as_if_it_had_come():
    revision = playbook_of("enrol: {event: signal, if: {status: {is: lost}}}\n" + with_action(CALL))
    made = sample(replace(world(), playbooks=("another",)), revision.playbook, START)
    assert made.refused == "" and isinstance(made.account, Account)
