"""What people say beside any playbook, at its turn: permission, suppression, taking it back, touches; and history."""

import itertools

import pytest

from engine.core.enrolment import Event
from tests.core.story import Story, instant, playbook_of, when

TEXT = """
playbook: test
initial: act
ends: {over: {}, answered: {}}
states:
  act:
    actions: {one: {kind: call}, two: {kind: email, due: 3d}, three: {kind: task}}
    transitions:
      - {event: reply, from: contact, end: answered}
      - {after: 52w, end: over}
"""


def told(text: str = TEXT, contacts: tuple[str, ...] = ("c1",)) -> Story:
    story = Story(playbook_of(text))
    story.deal(contacts=contacts)
    story.enrol()
    return story


def closed(story: Story) -> list[str]:
    return sorted(line.split(" ", 2)[2] for line in story.closed())


def put(story: Story, name: str, at: str, *, by: str = "kim", contact: str = "c1", deal: str = "",
        occurred: str = "", **fields) -> None:  # fmt: skip
    """Into the queue as the store would load it."""
    number = 1_000 + len(story.account.events)
    happened = instant(occurred) if occurred else None
    story.account.events.append(
        Event(name, instant(at), number, deal, contact, occurred_at=happened, by=by, fields=fields)
    )


def test_an_order_without_an_end_closes_what_is_planned_or_open():
    story = told()
    put(story, "command.suppress", "2026-03-03 10:00", scope="contact", because="left")
    story.tick("2026-03-10 10:00")
    assert closed(story) == ["one suppressed", "two suppressed"]
    assert story.columns("one")["reason"] == "left (kim)"
    assert [(one.scope, one.contact, one.until) for one in story.account.suppressions] == [("contact", "c1", None)]


def test_an_order_with_an_end_holds_back_what_becomes_due_meanwhile():
    story = told()
    until = instant("2026-03-20 10:00")
    put(story, "command.suppress", "2026-03-03 10:00", scope="contact", because="on leave", until=until)
    story.tick("2026-03-10 10:00")
    assert closed(story) == ["two suppressed"], "the call was on the list before"


@pytest.mark.parametrize("contacts", [("c1", "c2"), ()])
def test_an_account_is_suppressed_with_everybody_whom_we_approach(contacts):
    story = told(contacts=contacts)
    put(story, "command.suppress", "2026-03-03 10:00", contact="", scope="account", because="a lawyer wrote")
    story.tick("2026-03-10 10:00")
    assert closed(story) == ["one suppressed", "two suppressed"]


def test_what_was_taken_back_holds_no_longer():
    story = told()
    put(story, "command.suppress", "2026-03-03 10:00", scope="channel", channel="email", because="x")
    put(story, "command.lift", "2026-03-04 10:00", scope="channel", channel="email", because="again")
    story.tick("2026-03-04 12:00")
    assert [one.until for one in story.account.suppressions] == [instant("2026-03-04 10:00")]
    put(story, "command.lift", "2026-03-05 10:00", scope="contact", because="other words lift nothing")
    story.tick("2026-03-05 12:00")
    assert [one.until for one in story.account.suppressions] == [instant("2026-03-04 10:00")]


def test_a_permission_is_kept_with_who_when_channel_and_the_event():
    story = told()
    put(story, "command.consent", "2026-03-03 10:00", kind="email", value="refused", channel="call",
        occurred="2026-03-02 15:00")  # fmt: skip
    story.tick("2026-03-10 10:00")
    assert story.account.contacts["c1"].consent["email"] == {
        "value": "refused", "at": instant("2026-03-02 15:00"), "by": "kim", "channel": "call", "event": 1_000,
    }  # fmt: skip
    assert closed(story) == ["two suppressed"]


def test_a_touch_counts_from_its_turn_on_at_the_instant_it_happened():
    story = told(TEXT.replace("states:", "limits: [{gap: 4d}]\nstates:"))
    put(story, "command.touch", "2026-03-04 10:00", channel="call", deal="D1", contact="", occurred="2026-03-04 09:00")
    story.tick("2026-03-05 12:00")
    assert ("c1", instant("2026-03-04 09:00"), "call") in [(one.key, one.at, one.kind) for one in story.account.touches]
    assert "two" not in story.due(), "its third day is too near to the touch"
    story.tick("2026-03-12 12:00")
    assert "two" in story.due()


def test_what_an_import_tells_of_the_time_before_moves_nothing():
    story = told()
    put(story, "reply", "2026-03-04 10:00", by="", occurred="2026-03-01 10:00", deal="D1")
    story.tick("2026-03-05 12:00")
    assert story.state() == "act"
    put(story, "reply", "2026-03-06 10:00", by="", occurred="2026-03-05 10:00", deal="D1")
    story.tick("2026-03-07 12:00")
    assert story.enrolment().end == "answered"


def test_what_a_person_records_counts_whenever_it_happened():
    story = told()
    put(story, "reply", "2026-03-04 10:00", by="kim", occurred="2026-03-01 10:00", deal="D1")
    story.tick("2026-03-05 12:00")
    assert story.enrolment().end == "answered"


def test_how_often_the_tick_runs_does_not_matter_to_touches_and_orders():
    """Recorded between what falls due: the same, whether ticks come hourly or every other day."""
    found = []
    for hours in (1, 5, 24, 47):
        story = told(TEXT.replace("states:", "limits: [{gap: 2d}]\nstates:"))
        put(story, "command.touch", "2026-03-05 09:00", channel="email", occurred="2026-03-04 20:00")
        put(story, "command.suppress", "2026-03-06 09:00", scope="channel", channel="sms", because="x")
        put(story, "command.lift", "2026-03-06 09:30", scope="channel", channel="sms", because="y")
        start = instant("2026-03-02 10:00")
        for number in itertools.count(1):
            if hours * number > 24 * 9:
                break
            at = start + 3600 * hours * number
            story.tick(when(at))
        story.tick("2026-03-12 10:00")
        found.append((story.path(), story.due(), sorted((one.at, one.kind) for one in story.account.touches)))
    assert all(one == found[0] for one in found)
