"""What conditions ask and what `set` writes."""

from dataclasses import replace

import pytest
import yaml

from engine.core.account import Contact
from engine.core.building import build_playbook
from engine.core.model import Revision
from engine.core.vocabulary import Field
from tests.core.story import VOCABULARY, Story, playbook_of, with_action


def told(text, **fields):
    story = Story(playbook_of(text))
    story.deal(**fields)
    return story


def asking(condition, before="", event="reply"):
    return f"""
initial: wait
ends: {{over: {{}}, holds: {{}}}}
states:
  wait:
    transitions:
      {before}
      - {{event: {event}, if: {{{condition}}}, end: holds}}
      - {{after: 52w, end: over}}
"""


def holds(condition, **fields):
    story = told(asking(condition), **fields)
    story.enrol()
    story.record("reply")
    story.tick()
    return story.state() == "end:holds"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lost_reason: {is: price}", True),
        ("lost_reason: {is: fit}", False),
        ("lost_reason: {is_not: fit}", True),
        ("lost_reason: {any_of: [fit, price]}", True),
        ("lost_reason: {none_of: [fit, price]}", False),
        ("amount: {at_least: 50}", True),
        ("amount: {more_than: 50}", False),
        ("amount: {at_most: 50}", True),
        ("amount: {less_than: 50}", False),
        ("name: {contains: aCm}", True),
        ("renewal_date: {before: 2026-06-02}", True),
        ("renewal_date: {after: 2026-06-01}", False),
        ("renewal_date: {is: 2026-06-01}", True),
        ("notified_by: {is_empty: true}", True),
        ("lost_reason: {is_empty: false}", True),
        ("lost_reason: {is: price}, amount: {at_least: 51}", False),
        ("any: [{lost_reason: {is: fit}}, {amount: {at_least: 50}}]", True),
        ("all: [{lost_reason: {is: fit}}, {amount: {at_least: 50}}]", False),
        ("not: {lost_reason: {is: fit}}", True),
        ("status: {is: lost}", True),
        ("weekday: {is: mon}", True),
        ("visits: {is: 1}", True),
        ("contact.name: {is: c1}", True),
        ("contact.decision_maker.name: {is: c1}", True),
        ("contact.champion.name: {is: c1}", False),
        ("event.name: {is: reply}", True),
    ],
)
def test_operators_are_words(condition, expected):
    fields = {"lost_reason": "price", "amount": [5000, "EUR"], "renewal_date": "2026-06-01", "name": "Acme renewal"}
    assert holds(condition, **fields) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lost_reason: {is: price}", False),
        ("lost_reason: {any_of: [price]}", False),
        ("lost_reason: {contains: price}", False),
        ("amount: {at_least: 0}", False),
        ("amount: {at_most: 9}", False),
        ("renewal_date: {before: 2030-01-01}", False),
        ("since.renewal_date: {at_most: 9d}", False),
        ("until.renewal_date: {at_least: 9d}", False),
        ("lost_reason: {is_not: price}", True),
        ("lost_reason: {none_of: [price]}", True),
        ("lost_reason: {is_empty: true}", True),
        ("lost_reason: {is_empty: false}", False),
        ("renewal_date: {is_not: 2026-06-01}", True),
    ],
)
def test_an_empty_field_fails_every_operator_but_three(condition, expected):
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("since.lost_at: {at_least: 2d}", True),
        ("since.lost_at: {more_than: 2d}", False),
        ("since.lost_at: {at_least: 3d}", False),
        ("since.lost_at: {at_least: 36h}", False),
        ("since.lost_at: {at_least: 35h}", True),
        ("since.lost_at: {at_most: 0bd}", False),
        ("since.lost_at: {at_most: 1bd}", True),
        ("until.renewal_date: {at_least: 8d}", True),
        ("until.renewal_date: {less_than: 8d}", False),
    ],
)
def test_since_and_until_are_durations_in_their_own_unit(condition, expected):
    # lost on Saturday at 23:00; asked on Monday at 10:00, 35 hours and two dates later
    assert holds(condition, lost_at="2026-02-28T23:00", renewal_date="2026-03-10") is expected


EUROS = Field(name="deal.amount", type="money", currency="EUR")


@pytest.mark.parametrize("operator", ["is: 50", pytest.param("is_not: 50"), "at_least: 1", "at_most: 99"])
def test_money_in_another_currency_is_false_and_counted(operator):
    words = replace(VOCABULARY, fields={**VOCABULARY.fields, EUROS.name: EUROS})
    content = yaml.safe_load(asking(f"amount: {{{operator}}}"))
    playbook, _ = build_playbook({"playbook": "test", **content}, words)
    story = Story(Revision(hash="test", playbook=playbook))
    story.deal(amount=[5000, "USD"])
    story.enrol()
    story.record("reply")
    story.tick()
    assert story.state() == "wait"
    assert story.lines("currency")


# --- whose contact --------------------------------------------------------------------------------------------------


def test_contact_means_the_contact_of_the_event_else_the_first_of_the_deal():
    story = told(asking("contact.permission: {is: granted}"))
    story.account.deals["D1"].contacts.append(("c2", "champion"))
    story.account.contacts["c2"] = Contact("c2", "acme", {"permission": "granted"})
    story.enrol()
    story.record("reply")
    story.record("reply", contact="c1")
    story.tick()
    assert story.state() == "wait"
    story.record("reply", contact="c2")
    story.tick()
    assert story.state() == "end:holds"


# --- set ------------------------------------------------------------------------------------------------------------


def test_set_writes_facts_of_the_enrolment():
    story = told(
        asking("seen: {is: true}", "- {event: signal, stay: true, set: {seen: true, topic: {field: lost_reason}}}"),
        lost_reason="fit",
    )
    story.enrol()
    story.record("signal")
    story.record("reply")
    story.tick()
    assert story.state() == "end:holds"
    assert story.enrolment().facts == {"seen": True, "topic": "fit"}


def test_set_takes_a_value_from_the_event():
    story = told(
        asking(
            "who: {is: senior}",
            "- {event: reply, if: {who: {is_empty: true}}, stay: true, set: {who: {field: event.seniority}}}",
        )
    )
    story.enrol()
    story.record("reply", seniority="senior")
    story.record("reply")
    story.tick()
    assert story.state() == "end:holds"


def test_set_of_a_field_writes_it_raises_changed_for_every_deal_it_concerns_and_has_them_examined():
    watching = playbook_of(
        "playbook: watching\n" + asking("event.field: {is: permission}, event.new: {is: granted}", event="changed")
    )
    story = Story(
        playbook_of(
            asking("amount: {at_least: 9}", "- {event: signal, stay: true, set: {contact.permission: granted}}")
        ),
        watching,
    )
    story.deal("D1")
    story.deal("D2")
    story.deal("D3", contacts=("c3",))
    story.enrol(deal="D1")
    concerned, other = story.enrol("watching", deal="D2"), story.enrol("watching", deal="D3")
    story.record("signal", "2026-03-02 11:00")
    story.now += 3600
    changes = story._advancing().run()
    assert story.account.contacts["c1"].fields["permission"] == "granted"
    assert changes.changed_contacts == {"c1"} and changes.examine >= {"D1", "D2"} and "D3" not in changes.examine
    assert concerned.id not in story.account.enrolments and other.id in story.account.enrolments


def test_set_of_a_value_that_is_there_already_raises_nothing():
    story = told(
        asking(
            "event.field: {is: permission}",
            "- {event: signal, stay: true, set: {contact.permission: granted}}",
            event="changed",
        )
    )
    story.account.contacts["c1"].fields["permission"] = "granted"
    story.enrol()
    story.record("signal")
    story.tick()
    assert story.state() == "wait"


def test_set_of_a_contact_field_means_the_contact_of_the_event():
    story = told(
        asking(
            "amount: {at_least: 9}", "- {event: signal, from: contact, stay: true, set: {contact.permission: refused}}"
        )
    )
    story.account.deals["D1"].contacts.append(("c2", "champion"))
    story.account.contacts["c2"] = Contact("c2", "acme", {})
    story.enrol()
    story.record("signal", contact="c2")
    story.tick()
    assert story.account.contacts["c2"].fields["permission"] == "refused"
    assert "permission" not in story.account.contacts["c1"].fields


# --- counting and last ----------------------------------------------------------------------------------------------


def counted(condition, *events, deals=("D1",)):
    story = Story(playbook_of(asking(condition, event="ready_again")))
    for deal in deals:
        story.deal(deal)
    story.enrol()
    for name, at, keys in events:
        story.record(name, at, **keys)
    story.record("ready_again", "2026-03-20 10:00")
    story.live("2026-03-20 10:00")
    return story.state() == "end:holds"


SIGNALS = (
    ("signal.funding", "2026-03-03 10:00", {"size": "big"}),
    ("signal.hiring", "2026-03-12 10:00", {"size": "small"}),
    ("signal", "2026-03-13 10:00", {"deal": "D2", "contact": "c9"}),
    ("signal", "2026-03-14 10:00", {"deal": "D2", "contact": "c1"}),
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("of: signal, at_least: 2", True),
        ("of: signal, at_least: 3", False),
        ("of: signal, from: contact, is: 3", True),
        ("of: signal, from: account, is: 4", True),
        ("of: signal, within: 10d, is: 1", True),
        ("of: signal.funding, is: 1", True),
        ("of: signal, where: {size: {is: big}}, is: 1", True),
        ("of: reply, at_most: 0", True),
    ],
)
def test_count_counts_events_of_a_family_within_a_duration_for_whom_and_where(condition, expected):
    assert counted(f"count: {{{condition}}}", *SIGNALS, deals=("D1", "D2")) is expected


def test_the_duration_of_a_count_may_be_a_parameter_that_is_a_lookup():
    text = "params: {window: {by: lost_reason, values: {fit: 5d}, otherwise: 30d}}\n" + asking(
        "count: {of: signal, within: window, at_least: 1}"
    )
    story = told(text)
    story.enrol()
    story.record("signal", "2026-03-03 10:00")
    story.record("reply", "2026-03-03 11:00")
    story.live("2026-03-03 12:00")
    assert story.state() == "end:holds"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("since.last.signal: {at_most: 7d}", True),
        ("since.last.signal: {at_most: 5d}", False),
        ("last.reply: {is_empty: true}", True),
    ],
)
def test_last_is_when_an_event_last_happened_and_empty_if_never(condition, expected):
    assert counted(condition, *SIGNALS) is expected


@pytest.mark.parametrize("condition", ["count: {of: reply, is: 1}", "since.last.reply: {at_most: 0h}"])
def test_an_event_sees_itself_as_having_happened(condition):
    assert holds(condition)


def test_the_closings_that_the_engine_raises_are_counted_too():
    story = told("""
initial: ask
ends: {over: {}, holds: {}}
states:
  ask:
    actions: {ask: {kind: task, expires: 1d}}
    transitions:
      - {after: 3d, if: {count: {of: ask.expired, at_least: 1}}, end: holds}
      - {after: 52w, end: over}
""")
    story.enrol()
    story.live("2026-03-05 10:00")
    assert story.state() == "end:holds"


def test_a_parameter_may_stand_in_a_condition():
    text = "params: {enough: 3}\n" + asking("visits: {at_least: {field: enough}}")
    story = told(text)
    story.enrol()
    story.record("reply")
    story.tick()
    assert story.state() == "wait"


def test_when_an_event_happened_can_be_kept():
    posted = "{event: ask.done, to: other, set: {posted: {field: event.at}}}"
    story = Story(playbook_of(with_action("kind: card", posted)))
    story.deal()
    story.enrol()
    story.record("ask.done", at="2026-03-05 10:00", occurred="2026-03-04 16:00")
    story.tick("2026-03-05 11:00")
    assert story.enrolment().facts == {"posted": "2026-03-04T16:00:00Z"}


def test_a_consent_keeps_the_channel_of_the_action_whose_outcome_it_is():
    story = Story(playbook_of(with_action("kind: call", "{event: ask.done, to: other, set: {consent.email: granted}}")))
    story.deal()
    story.enrol()
    story.record("ask.done", by="kim")
    story.tick()
    assert story.account.contacts["c1"].consent["email"]["channel"] == "call"


def test_a_date_after_the_last_touch_follows_what_we_do_and_what_is_recorded():
    text = with_action("kind: call", "{at: 5d after last.touch, to: other}")
    story = Story(playbook_of(text))
    story.deal()
    story.enrol()
    assert story.due() == ["ask"]
    story.record("ask.done", at="2026-03-04 12:00")
    story.tick("2026-03-04 13:00")
    story.live("2026-03-12 10:00")
    assert story.path()[-1] == "2026-03-09 12:00 other"


def test_a_touch_recorded_by_a_person_moves_a_date_that_counts_from_it():
    story = Story(playbook_of(with_action("kind: task, optional: true", "{at: 5d after last.touch, to: other}")))
    story.deal()
    story.enrol()
    story.record("command.touch", at="2026-03-04 12:00", contact="c1", channel="call")
    story.tick("2026-03-04 13:00")
    story.live("2026-03-12 10:00")
    assert story.path()[-1] == "2026-03-09 12:00 other"
