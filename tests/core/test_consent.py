"""Whom an action goes to: contacts, fallbacks, consent, suppressions, and the opt-out."""

import pytest

from engine.core.account import Contact, Suppression
from tests.core.story import Story, instant, playbook_of, with_action, world


def asking(*transitions, actions="one: {kind: call}, two: {kind: email, due: 3d}, three: {kind: task}", name="test"):
    listed = "\n".join(f"      - {transition}" for transition in transitions)
    return playbook_of(f"""
playbook: {name}
initial: act
ends: {{over: {{}}, first: {{}}, second: {{}}}}
states:
  act:
    actions: {{{actions}}}
    transitions:
{listed}
      - {{after: 52w, end: over}}
  other:
    actions: {{four: {{kind: call}}}}
    transitions: [{{event: four.suppressed, end: first}}, {{after: 52w, end: over}}]
""")


def told(*revisions, setting=None):
    story = Story(*revisions, world=setting)
    story.deal()
    story.enrol()
    return story


def names(story):
    return sorted(line.split(" ", 2)[2] for line in story.closed())


def test_an_opt_out_closes_every_planned_or_open_customer_facing_action_to_that_contact():
    story = told(asking())
    story.record("opted_out", contact="c1")
    story.tick()
    assert names(story) == ["one suppressed", "two suppressed"]
    assert story.due() == ["three"]


def test_with_a_channel_an_opt_out_closes_only_that_one():
    story = told(asking())
    story.record("opted_out", contact="c1", channel="email")
    story.tick()
    assert names(story) == ["two suppressed"]


def test_an_opt_out_reaches_every_enrolment_of_the_account_and_raises_its_event_there():
    story = Story(asking("{event: one.suppressed, end: first}"))
    story.deal("D1")
    story.deal("D2")
    story.deal("D3", contacts=("c3",))
    for deal in ("D1", "D2", "D3"):
        story.enrol(deal=deal)
    story.record("opted_out", deal="D1", contact="c1")
    story.tick()
    assert [one.deal for one in story.account.enrolments.values()] == ["D3"]


def test_an_opt_out_closes_actions_after_the_transitions_that_take_it():
    story = told(asking("{event: opted_out, to: other}", "{event: one.suppressed, end: second}"))
    story.record("opted_out", contact="c1")
    story.tick()
    assert story.state() == "end:first"
    assert names(story)[0] == "four suppressed"


def test_no_playbook_can_undo_an_opt_out():
    story = told(asking("{event: opted_out, to: other, set: {consent.call: granted}}"))
    story.record("opted_out", contact="c1")
    story.tick()
    assert story.given()[-1].endswith("three")
    assert "four suppressed" in names(story)


def test_an_opt_out_of_one_contact_leaves_the_others():
    story = told(asking())
    story.record("opted_out", contact="c7")
    story.tick()
    assert names(story) == []


def test_an_opt_out_suppresses_what_is_planned_later():
    story = told(asking("{event: signal, to: other}"))
    story.record("opted_out", "2026-03-02 11:00", contact="c1")
    story.record("signal", "2026-03-02 12:00")
    story.live("2026-03-02 12:00")
    assert story.state() == "end:first"


def test_an_opt_out_closes_an_action_that_would_go_to_the_contact_because_nobody_is_in_its_role():
    story = told(asking("{event: one.suppressed, end: first}", actions="one: {kind: call, contact: champion, due: 3d}"))
    story.record("opted_out", contact="c1")
    story.tick()
    assert story.state() == "end:first"


def test_a_refused_consent_rules_an_action_out_when_it_is_due():
    story = told(asking("{event: reply, stay: true, set: {consent.email: refused}}"))
    story.record("reply", contact="c1")
    story.live("2026-03-05 10:00")
    assert names(story) == ["two suppressed"]


@pytest.mark.parametrize(("enough", "given"), [(True, True), (False, False)])
def test_the_workspace_says_whether_an_unknown_consent_is_enough(enough, given):
    story = told(asking(), setting=world(consent={"call": enough}))
    assert ("one" in story.due()) is given


def test_a_consent_is_kept_per_contact_with_who_when_channel_and_the_event_as_proof():
    story = told(asking("{event: reply, from: contact, stay: true, set: {consent.email: granted}}"))
    story.record("reply", "2026-03-02 11:00", contact="c1", by="kim", channel="phone")
    story.live("2026-03-02 12:00")
    assert story.account.contacts["c1"].consent["email"] == {
        "value": "granted", "at": instant("2026-03-02 11:00"), "by": "kim", "channel": "phone", "event": 1,
    }  # fmt: skip


def test_a_consent_can_be_asked_for():
    story = told(
        asking(
            "{event: reply, stay: true, set: {consent.email: granted}}",
            "{event: signal, if: {consent.email: {is: granted}}, end: first}",
        )
    )
    story.record("signal")
    story.tick()
    assert story.state() == "act"
    story.record("reply")
    story.record("signal")
    story.tick()
    assert story.state() == "end:first"


# --- suppress -------------------------------------------------------------------------------------------------------


def suppressing(keys, kind="call"):
    return asking(
        f"{{event: not_now, stay: true, suppress: {{{keys}}}}}",
        actions=f"one: {{kind: {kind}, due: 1d}}, two: {{kind: {kind}, due: 5d}}",
    )


def test_suppress_holds_for_a_duration():
    story = told(suppressing("scope: contact, for: 3d"))
    story.record("not_now")
    story.live("2026-03-09 10:00")
    assert names(story) == ["one suppressed"]
    assert story.given() == ["2026-03-09 09:00 two"]  # the seventh is a Saturday


def test_suppress_of_a_contact_leaves_other_contacts_of_the_account():
    story = Story(suppressing("scope: contact"))
    story.deal("D1", contacts=("c1",))
    story.deal("D2", contacts=("c2",))
    story.enrol(deal="D1")
    story.enrol(deal="D2")
    story.record("not_now", deal="D1")
    story.live("2026-03-03 10:00")
    assert story.due() == ["one"]


def test_suppress_of_an_account_holds_for_all_its_contacts():
    story = Story(suppressing("scope: account"))
    story.deal("D1", contacts=("c1",))
    story.deal("D2", contacts=("c2",))
    story.enrol(deal="D1")
    story.enrol(deal="D2")
    story.record("not_now", deal="D1")
    story.live("2026-03-03 10:00")
    assert story.due() == [] and len(names(story)) == 2


@pytest.mark.parametrize(("kind", "due"), [("email", []), ("call", ["one"])])
def test_suppress_of_a_channel_holds_only_for_that_channel(kind, due):
    story = told(suppressing("scope: channel, channel: email", kind=kind))
    story.record("not_now")
    story.live("2026-03-03 10:00")
    assert story.due() == due


def test_suppress_means_the_contact_of_the_event_else_the_first_of_the_deal():
    story = told(suppressing("scope: contact"))
    story.account.contacts["c2"] = Contact("c2", "acme", {})
    story.account.deals["D1"].contacts.append(("c2", "champion"))
    story.record("not_now", contact="c2")
    story.live("2026-03-03 10:00")
    assert story.due() == ["one"]


def test_suppress_does_not_hold_internal_actions():
    story = told(suppressing("scope: account", kind="task"))
    story.record("not_now")
    story.live("2026-03-03 10:00")
    assert story.due() == ["one"]


# --- contacts and fallback ------------------------------------------------------------------------------------------


def acting(text, contacts=("c1",)):
    story = Story(playbook_of(text))
    story.deal(contacts=contacts)
    story.enrol()
    return story


def test_without_fallback_nobody_in_the_role_means_the_first_contact():
    story = acting(with_action("kind: call, contact: champion"))
    assert story.action("ask").contact == "c1"
    assert story.action("ask").remarks == ()


def test_without_fallback_and_without_any_contact_it_is_handed_out_marked():
    story = acting(with_action("kind: call"), contacts=())
    assert story.due() == ["ask"]
    assert story.action("ask").remarks == ("contact missing",)


def test_without_fallback_and_without_an_address_it_is_handed_out_marked():
    story = Story(playbook_of(with_action("kind: email")))
    story.deal()
    story.account.contacts["c1"].fields["email"] = ""
    story.enrol()
    assert story.action("ask").remarks == ("contact missing",)
    assert story.action("ask").contact == "c1"


def test_the_first_contact_of_a_role_is_the_first_by_import_order():
    story = Story(playbook_of(with_action("kind: call, contact: champion")))
    story.deal(contacts=("c1", "c3", "c2")).contacts = [("c1", "buyer"), ("c3", "champion"), ("c2", "champion")]
    story.enrol()
    assert story.action("ask").contact == "c3"


FALLBACK = "kind: email, fallback: [sms, {kind: task, title: Ask kim}]"


@pytest.mark.parametrize(
    ("keys", "refused", "address", "kind"),
    [
        (FALLBACK, ("email",), "a@b.c", "sms"),
        (FALLBACK, ("email", "sms"), "a@b.c", "task"),
        (FALLBACK, (), "", "sms"),
        ("contact: champion, " + FALLBACK, (), "a@b.c", "task"),
    ],
)
def test_fallbacks_are_tried_in_order(keys, refused, address, kind):
    story = Story(playbook_of(with_action(keys)))
    story.deal()
    story.account.contacts["c1"].consent = {one: {"value": "refused"} for one in refused}
    story.account.contacts["c1"].fields["email"] = address
    story.enrol()
    assert story.action("ask").kind == kind
    assert story.columns("ask")["title"] == ("Ask kim" if kind == "task" else "Ask")


@pytest.mark.parametrize(("scope", "closed"), [("contact", True), ("account", True), ("channel", False)])
def test_another_way_stands_in_for_a_channel_that_is_closed_but_not_for_a_contact_that_is(scope, closed):
    suppress = f"{{scope: {scope}{', channel: email' if scope == 'channel' else ''}}}"
    story = acting(with_action(f"{FALLBACK}, due: 1d", f"{{event: not_now, stay: true, suppress: {suppress}}}"))
    story.record("not_now")
    story.live("2026-03-03 10:00")
    assert story.closed() == (["2026-03-03 10:00 ask suppressed"] if closed else [])
    assert closed or story.action("ask").kind == "sms"


def test_an_opt_out_closes_the_task_that_stands_in_for_a_touch():
    story = acting(with_action("kind: letter, fallback: [{kind: task}], contact: nobody"))
    story.tick()
    assert story.action("ask").kind == "task"
    story.record("opted_out", contact="c1")
    story.tick()
    assert names(story) == ["ask suppressed"]


ANSWERED = """
initial: wait
ends: {over: {}}
states:
  wait:
    transitions:
      - {event: reply, from: contact, to: act, set: {contact.permission: granted, consent.email: %s}}
      - {after: 52w, end: over}
  act:
    actions:
      call: {kind: call, contact: decision_maker, if: {%s: {is: granted}}}
      mail: {kind: email, contact: decision_maker, due: 1d}
    transitions: [{after: 52w, end: over}]
"""


@pytest.mark.parametrize("name", ["contact.permission", "consent.email"])
@pytest.mark.parametrize(("who", "planned"), [("c1", True), ("c2", False)])
def test_what_one_contact_granted_is_not_what_another_one_granted(name, who, planned):
    story = Story(playbook_of(ANSWERED % ("granted", name)))
    story.deal(contacts=("c1", "c2"))
    story.enrol()
    story.record("reply", contact=who)
    story.tick()
    assert ("call" in story.due()) is planned


def test_a_yes_after_a_no_counts_for_what_the_same_transition_plans():
    story = Story(playbook_of(ANSWERED % ("granted", "contact.permission")))
    story.deal()
    story.account.contacts["c1"].consent["email"] = {"value": "refused"}
    story.enrol()
    story.record("reply", contact="c1")
    story.live("2026-03-03 10:00")
    assert "mail" in story.due()


def test_a_no_counts_for_what_the_same_transition_plans():
    story = Story(playbook_of(ANSWERED % ("refused", "contact.permission")))
    story.deal()
    story.enrol()
    story.record("reply", contact="c1")
    story.tick()
    assert names(story) == ["mail suppressed"]


def test_a_suppression_that_may_be_over_when_a_date_is_known_closes_nothing():
    story = Story(playbook_of(with_action("kind: email, due: 60d before renewal_date")))
    story.deal()
    story.account.suppressions.append(Suppression("contact", "c1", "", story.now, story.now + 86400, "for a while"))
    story.enrol()
    assert story.closed() == []


def test_a_suppressed_account_is_left_alone_even_where_nobody_is_known():
    story = Story(playbook_of(with_action("kind: email, due: 3d")))
    story.deal(contacts=())
    story.enrol()
    story.account.suppressions.append(Suppression("account", "", "", story.now, None, "a law suit"))
    story.live("2026-03-06 10:00")
    assert names(story) == ["ask suppressed"]


def test_without_fallback_a_refused_consent_suppresses_the_action():
    story = Story(playbook_of(with_action("kind: email", "{event: ask.suppressed, end: first}")))
    story.deal()
    story.account.contacts["c1"].consent["email"] = {"value": "refused"}
    story.enrol()
    assert story.state() == "end:first"
