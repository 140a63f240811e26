"""Permission and its opposite from the command line: who, when, how and why; and what the next tick does."""

import json

import pytest

from engine.store.base import ImportedAccount
from tests.console.shop import START

NEXT = "2026-03-04T10:00"


class Talk:
    """One command gives (exit code, output, messages)."""

    def __init__(self, shop) -> None:
        self.store = shop.store
        self.folder = shop.folder
        self._shop = shop

    def run(self, *arguments: str) -> tuple[int, str, str]:
        answer = self._shop.run(*arguments)
        return answer.code, answer.out, answer.err

    def tick(self, now: str) -> None:
        answer = self._shop.run("tick", "--now", now)
        assert answer.code == 0, answer.err


@pytest.fixture
def shop(shop) -> Talk:
    return Talk(shop)


def _open(shop, number="D-2"):
    _, out, _ = shop.run("due", "--deal", number, "--format", "json")
    return json.loads(out)


def _first_contact(shop, number="D-2"):
    with shop.store() as store:
        return store.deal(number).deal.contacts[0][0]


def test_a_permission_is_recorded_with_its_proof_and_shown(shop):
    contact = _first_contact(shop)
    code, _, said = shop.run("consent", contact, "--granted", "--channel", "email", "--at", "2026-03-01",
                             "--because", "mail of 1 March")  # fmt: skip
    assert (code, "stay_in_touch granted; the next tick acts on it" in said) == (0, True)
    _, shown, _ = shop.run("consent", contact)
    assert "waits for the next tick: stay_in_touch granted, by kim" in shown
    shop.tick(NEXT)
    _, shown, _ = shop.run("consent", contact)
    assert "stay_in_touch: granted on 2026-03-01" in shown
    assert "recorded by kim, over email: mail of 1 March (event " in shown
    assert "waits" not in shown


def test_what_was_granted_needs_a_proof(shop):
    contact = _first_contact(shop)
    code, _, said = shop.run("consent", contact, "--granted")
    assert (code, "what proves it?" in said) == (2, True)
    code, _, said = shop.run("consent", contact, "--granted", "--proof", "99999")
    assert (code, "no event 99999 was recorded" in said) == (2, True)
    shop.run("record", "reply", "--deal", "D-2", "--contact", contact, "--note", "do write to me")
    with shop.store() as store:
        proof = store.pending_events("D-2")[-1].event.id
    assert shop.run("consent", contact, "--granted", "--proof", str(proof))[0] == 0
    shop.tick(NEXT)
    _, shown, _ = shop.run("consent", contact)
    assert f"event {proof}" in shown


def test_a_refusal_of_calls_suppresses_the_calls_that_come_due(shop):
    contact = _first_contact(shop)
    assert shop.run("consent", contact, "--kind", "call", "--refused")[0] == 0
    shop.tick(NEXT)
    with shop.store() as store:
        account = store.contacts_beginning(contact)[0]
    assert account.consent["call"]["value"] == "refused"


def test_a_contact_is_found_by_its_mail_address_or_not_at_all(shop):
    code, _, said = shop.run("consent", "nobody@nowhere.example", "--refused")
    assert (code, "no contact has the id" in said) == (2, True)


def test_a_kind_of_consent_that_nothing_asks_for_is_refused(shop):
    for kind, instead in (("emial", "did you mean email?"), ("newsletter", "consent.stay_in_touch")):
        code, _, said = shop.run("consent", _first_contact(shop), "--kind", kind, "--refused")
        assert (code, f"'{kind}' is no kind of consent" in said, instead in said) == (2, True, True)
    assert shop.run("consent", _first_contact(shop))[1].count("waits") == 0


def test_a_kind_that_a_playbook_names_is_known(shop):
    playbook = shop.folder / "playbooks" / "beside.yaml"
    playbook.write_text(playbook.read_text().replace("event: asked_for}", "event: asked_for, if: {consent.newsletter: "
                                                     "{is: granted}}}"))  # fmt: skip
    assert shop.run("consent", _first_contact(shop), "--kind", "newsletter", "--refused")[0] == 0


def test_details_without_a_yes_or_no_are_refused(shop):
    code, _, said = shop.run("consent", _first_contact(shop), "--because", "he said so")
    assert (code, "--granted or --refused" in said) == (2, True)


def test_a_suppressed_contact_is_taken_off_the_list_for_good(shop):
    contact = _first_contact(shop)
    before = _open(shop)
    assert [one["action"] for one in before] == ["ask"]
    code, _, said = shop.run("suppress", contact, "--because", "left the company")
    assert (code, f"nobody contacts {contact}; the next tick acts on it" in said) == (0, True)
    _, listed, _ = shop.run("suppress", "--list")
    assert "waits for the next tick" in listed
    shop.tick(NEXT)
    assert _open(shop) == []
    _, story, _ = shop.run("show", "D-2")
    assert "left the company (kim)" in story
    assert "opted out" not in story
    _, listed, _ = shop.run("suppress", "--list", "--format", "json")
    found = json.loads(listed)
    assert [(one["contact"], one["channel"], one["until"], one["pending"]) for one in found] == [
        (contact, "", "", False)
    ]
    assert found[0]["because"] == "left the company (kim)"


def test_a_suppression_with_an_end_leaves_open_lists_alone_and_says_so(shop):
    contact = _first_contact(shop)
    _, _, said = shop.run("suppress", contact, "--for", "30d", "--because", "on leave")
    assert _open(shop)[0]["id"] in said
    shop.tick(NEXT)
    assert [one["action"] for one in _open(shop)] == ["ask"]
    _, shown, _ = shop.run("consent", contact)
    assert f"no contact with {contact} until 2026-04-01" in shown


def test_an_account_is_suppressed_with_everybody_in_it(shop):
    with shop.store() as store:
        account = store.deal("D-2").deal.account
    assert shop.run("suppress", "--account", account, "--because", "their lawyer wrote")[0] == 0
    shop.tick(NEXT)
    assert _open(shop) == []
    code, _, said = shop.run("suppress", "--account", account, "--channel", "email", "--because", "x")
    assert (code, "for a contact, not for an account" in said) == (2, True)


def test_one_channel_may_be_closed_and_opened_again(shop):
    contact = _first_contact(shop)
    shop.run("suppress", contact, "--channel", "email", "--because", "no mail please")
    shop.tick(NEXT)
    assert [one["action"] for one in _open(shop)] == ["ask"], "a call is not a mail"
    code, _, said = shop.run("suppress", contact, "--lift", "--because", "x")
    assert (code, f"{contact} is not suppressed" in said, f"{contact} by email" in said) == (2, True, True)
    code, _, said = shop.run("suppress", contact, "--channel", "email", "--lift", "--because", "they subscribed again")
    assert (code, "may be contacted again" in said) == (0, True)
    shop.tick("2026-03-05T10:00")
    assert "nobody is suppressed" in shop.run("suppress", "--list")[2]
    assert "no contact with" not in shop.run("show", "D-2")[1]
    assert "order to allow contact again" in shop.run("show", "D-2")[1]


def test_taking_back_needs_a_reason_and_something_to_take_back(shop):
    contact = _first_contact(shop)
    code, _, said = shop.run("suppress", contact, "--lift")
    assert (code, "--because" in said) == (2, True)
    code, _, said = shop.run("suppress", contact, "--lift", "--because", "x")
    assert (code, "`playbook suppress --list`" in said) == (2, True)
    code, _, said = shop.run("suppress", "--because", "x")
    assert (code, "name a contact" in said) == (2, True)
    code, _, said = shop.run("suppress", contact, "--channel", "fax", "--because", "x")
    assert (code, "is no channel" in said) == (2, True)


def test_an_opt_out_is_taken_back_by_a_person_only(shop):
    contact = _first_contact(shop)
    shop.run("record", "opted_out", "--deal", "D-2", "--contact", contact)
    shop.tick(NEXT)
    assert "the contact opted out" in shop.run("suppress", "--list")[1]
    assert shop.run("suppress", contact, "--lift", "--because", "signed up again at the fair")[0] == 0
    shop.tick("2026-03-05T10:00")
    assert "nobody is suppressed" in shop.run("suppress", "--list")[2]
    with shop.store() as store:
        kept = [one.event.name for one in store.events_of(store.deal("D-2").deal.account, "D-2")]
    assert {"opted_out", "command.lift"} <= set(kept), "the proof of both stays"


def test_the_same_key_records_once(shop):
    contact = _first_contact(shop)
    for _ in range(2):
        code, _, said = shop.run("suppress", contact, "--because", "x", "--key", "form 7")
        assert code == 0
    assert "recorded before" in said
    shop.tick(NEXT)
    assert len(json.loads(shop.run("suppress", "--list", "--format", "json")[1])) == 1


def test_a_touch_by_hand_counts_for_the_limits(shop):
    contact = _first_contact(shop)
    code, _, said = shop.run(
        "record", "touch", "--deal", "D-2", "--channel", "email", "--minutes", "5", "--at", START[:10]
    )
    assert (code, "touch for D-2 recorded" in said) == (0, True)
    shop.tick(NEXT)
    with shop.store() as store:
        row = store.deal("D-2").deal
        account = store.load_accounts([row.account], 1_775_000_000, {"touches"})[0]
        activity = store.activities(0, 1 << 40)[0]
    assert ("email", contact) in [(touch.kind, touch.key) for touch in account.touches]
    assert (activity.direction, activity.channel, activity.minutes, activity.who) == ("outbound", "email", 5, "kim")


def test_a_touch_needs_a_channel_and_somebody(shop):
    for arguments, word in (
        (("--deal", "D-2"), "over which channel?"),
        (("--deal", "D-2", "--channel", "phone"), "'phone' is no channel"),
        (("--deal", "D-2", "--channel", "call", "--set", "direction=inbound"), "record reply"),
        (("--deal", "D-2", "--channel", "call", "--set", "mood=good"), "no field 'mood'"),
        (("--channel", "call"), "--deal"),
    ):
        code, _, said = shop.run("record", "touch", *arguments)
        assert (code, word in said) == (2, True), (arguments, said)


def test_a_touch_can_be_taken_back(shop):
    shop.run("record", "touch", "--deal", "D-2", "--channel", "call")
    assert "taken back: touch" in shop.run("undo", "D-2")[2]
    with shop.store() as store:
        assert store.activities(0, 1 << 40) == []


def test_a_channel_is_short_for_the_field_of_an_event(shop):
    assert shop.run("record", "reply", "--deal", "D-2", "--channel", "phone")[0] == 0
    with shop.store() as store:
        assert store.pending_events("D-2")[-1].event.fields == {"channel": "phone"}


def test_an_account_is_named_by_its_name_or_the_beginning_of_it(shop):
    code, _, said = shop.run("suppress", "--account", "ACM", "--because", "their lawyer wrote")
    assert (code, "nobody contacts the account A1" in said) == (0, True)
    _, listed, _ = shop.run("suppress", "--list", "--account", "acme")
    assert "A1 Acme" in listed
    code, _, said = shop.run("suppress", "--account", "Beta", "--because", "x")
    assert (code, "no account has the id or the name 'Beta'" in said) == (2, True)


def test_an_account_that_may_be_several_is_refused_with_all_their_ids(shop):
    with shop.store() as store, store.transaction():
        store.upsert_accounts(
            [ImportedAccount(id="B7", name="Acme North"), ImportedAccount(id="B8", name="Acme South")]
        )
    code, _, said = shop.run("suppress", "--account", "acme ", "--because", "x")
    assert (code, "the account A1" in said) == (0, True)  # the whole name of one
    code, _, said = shop.run("suppress", "--account", "Ac", "--because", "x")
    assert code == 2 and "A1  Acme\n" in said and "B7  Acme North" in said and "B8  Acme South" in said


def test_the_list_of_suppressions_names_accounts_and_contacts(shop):
    shop.run("suppress", "C1", "--because", "left")
    _, listed, _ = shop.run("suppress", "--list", "--format", "json")
    [found] = json.loads(listed)
    assert (found["account"], found["account_name"], found["contact"]) == ("A1", "Acme", "C1")
    assert "Bell" in found["contact_name"]
    assert "A1 Acme  C1 Ann Bell" in shop.run("suppress", "--list")[1]


def test_an_order_about_a_contact_or_an_account_is_taken_back(shop):
    shop.run("suppress", "--account", "A1", "--because", "a lawyer wrote")
    shop.run("consent", "C1", "--kind", "email", "--refused")
    shop.run("record", "reply", "--contact", "C1")
    for words in ("taken back: reply", "taken back: permission"):
        assert words in shop.run("undo", "--contact", "C1")[2]
    assert "taken back: order not to contact" in shop.run("undo", "--account", "Acme")[2]
    with shop.store() as store:
        assert [one.state for one in store.events_of("A1", "") if one.event.by] == ["undone"] * 3
    code, _, said = shop.run("undo", "--contact", "C1")
    assert (code, "nobody has recorded anything for C1" in said) == (2, True)


def test_an_order_that_a_tick_has_carried_out_is_not_taken_back(shop):
    shop.run("suppress", "C1", "--because", "left")
    shop.tick(NEXT)
    code, _, said = shop.run("undo", "--contact", "C1")
    assert (code, "it is in force" in said) == (2, True)


def test_undo_wants_one_of_deal_contact_and_account(shop):
    assert shop.run("undo")[0] == shop.run("undo", "D-1", "--contact", "C1")[0] == 2


def test_nobody_is_allowed_again_who_is_not_suppressed_or_will_not_be(shop):
    code, _, said = shop.run("suppress", "C1", "--lift", "--because", "x")
    assert (code, "C1 is not suppressed" in said) == (2, True)
    shop.run("suppress", "C1", "--because", "left")
    assert shop.run("suppress", "C1", "--lift", "--because", "came back")[0] == 0
    code, _, said = shop.run("suppress", "C1", "--lift", "--because", "came back")
    assert (code, "C1 is not suppressed" in said) == (2, True)
