"""What commands, imports and lists for people ask of every store."""

import pytest

from engine.core.account import Changes, Suppression, Touch
from engine.store.base import (
    DealFilter,
    ImportedAccount,
    ImportedContact,
    ImportReport,
    NotFound,
)
from tests.store.samples import (
    NOW,
    action_columns,
    an_event,
    enrol,
    enrolment,
    fill,
    imported,
    loaded,
)


class PeopleContract:
    # -- events

    def test_recording_the_same_key_again_does_nothing(self, store):
        fill(store, "D1")
        first = store.record([an_event(key="k1"), an_event(key="k2"), an_event(key="k1"), an_event()])
        assert [number is None for number in first] == [False, False, True, False]
        assert store.record([an_event(key="k2"), an_event(key="k3")])[0] is None
        assert len(store.pending_events("D1")) == 4

    def test_recording_nothing_is_nothing(self, store):
        assert store.record([]) == []

    def test_an_event_can_be_taken_back_once_and_recorded_again(self, store):
        fill(store, "D1")
        (number,) = store.record([an_event(key="k", by="kim")])
        assert store.withdraw_event(number, "by kim")
        assert not store.withdraw_event(number)
        assert store.pending_events("D1") == []
        assert store.record([an_event(key="k")]) != [None]

    def test_an_import_does_not_bring_back_what_was_taken_back(self, store):
        fill(store, "D1")
        (number,) = store.record([an_event(key="crm:7")])
        assert store.withdraw_event(number, "by kim")
        assert store.record([an_event(key="crm:7")]) == [None]

    def test_what_belongs_to_no_account_is_refused(self, store):
        for write in (
            lambda: store.record([an_event(account="A9")]),
            lambda: store.upsert_deals([imported("D1", "A9")]),
            lambda: store.upsert_contacts([ImportedContact(id="K", account="A9")]),
        ):
            with pytest.raises(NotFound, match="“A9”"):
                write()

    def test_the_last_command_is_the_last_thing_a_person_recorded(self, store):
        fill(store, "D1", "D2")
        assert store.last_command("D1") is None
        _, second, _ = store.record([an_event("a", by="kim"), an_event("b", by="lee"), an_event("changed")])
        assert store.last_command("D1").event.name == "b"
        assert store.last_command("D1").state == "pending"
        store.withdraw_event(second)
        assert store.last_command("D1").event.name == "a"
        assert store.last_command("D2") is None

    # -- imports

    def test_contacts_of_an_account_are_all_of_its_own_with_what_they_said(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A2")
        consent = {"call": {"value": "refused", "at": NOW, "by": "kim"}}
        store.upsert_contacts(
            [ImportedContact(id="K2", account="A2"), ImportedContact(id="K1", account="A1", consent=consent)]
        )
        found = {one.id: one for one in store.contacts_of(["A1"])}
        assert {one.account for one in found.values()} == {"A1"}
        assert found["K1"].consent == consent
        assert "K2" not in found and "K2" in [one.id for one in store.contacts_of(["A2", "A9"])]
        assert store.contacts_of([]) == []

    def test_a_contact_whose_address_is_not_its_id_is_found_by_it(self, store):
        fill(store, "D1")
        told = {"K1": "Ann@X.com", "b@x.com": "B@x.com", "c@x.com": "new@x.com", "K4": None}
        store.upsert_contacts(
            ImportedContact(id=number, account="A1", fields={"email": email} if email else {})
            for number, email in told.items()
        )
        found = [one for one in store.readdressed_contacts() if one[2] in told]
        assert sorted(found) == [("Ann@X.com", "A1", "K1"), ("new@x.com", "A1", "c@x.com")]

    def test_a_known_deal_says_who_its_contacts_are(self, store):
        fill(store, "D1")
        store.upsert_deals([imported("D1")._replace(contacts=[("K2", "buyer"), ("K1", "")])])
        assert store.known_deals(["D1"])["D1"].contacts == ("K2", "K1")

    def test_known_deals_tell_what_an_import_compares(self, store):
        fill(store, "D1", "D2")
        enrol(store, enrolment())
        enrol(store, enrolment(deal="D2", end="won"))
        known = store.known_deals(["D1", "D2", "D9"])
        assert sorted(known) == ["D1", "D2"]
        assert (known["D1"].account, known["D1"].fingerprint, known["D1"].status) == ("A1", "f1", "lost")
        assert (known["D1"].enrolled, known["D2"].enrolled) == (True, False)

    def test_an_import_is_laid_over_what_is_here(self, store):
        fill(store, "D1")
        account = loaded(store, deals=[("A1", "D1")])
        account.deals["D1"].fields["permission"] = "granted"
        store.save([Changes("A1", changed_deals={"D1"})], {"A1": account})
        newer = imported("D1", fields={"owner": "lee", "team": None}, contacts=None, fingerprint="f2", examine_at=NOW)
        store.upsert_deals([newer])
        deal = store.deal("D1").deal
        assert deal.fields["permission"] == "granted"
        assert deal.fields["owner"] == "lee"
        assert deal.fields.get("team") is None
        assert deal.contacts == [("K-A1", "decision_maker")]
        known = store.known_deals(["D1"])["D1"]
        assert (known.owner, known.status, known.fingerprint) == ("lee", "lost", "f2")
        store.upsert_deals([imported("D1", contacts=[])])
        assert store.deal("D1").deal.contacts == []
        assert store.deals_to_examine(NOW, 9) == [("A1", "D1")]

    def test_an_account_keeps_its_name_if_an_import_has_none(self, store):
        store.upsert_accounts([ImportedAccount(id="A1", name="Acme", fields={"a": 1, "b": 2})])
        store.upsert_accounts([ImportedAccount(id="A1", fields={"b": 3})])
        account = loaded(store)
        assert (account.named, account.fields) == ("Acme", {"a": 1, "b": 3})

    def test_a_contact_of_another_account_is_refused_and_named(self, store):
        fill(store, account="A1")
        fill(store, account="A2")
        contacts = [
            ImportedContact(id="K-A1", account="A2"),
            ImportedContact(id="K9", account="A2", consent={"email": {"value": "granted"}}),
            ImportedContact(id="K9", account="A1"),
        ]
        refused = store.upsert_contacts(contacts)
        assert [(one.id, one.account, one.stays_with) for one in refused] == [("K-A1", "A2", "A1"), ("K9", "A1", "A2")]

    def test_a_deal_does_not_change_its_account_by_itself(self, store):
        fill(store, "D1")
        fill(store, account="A2")
        (refused,) = store.upsert_deals([imported("D1", "A2"), imported("D2", "A2")])
        assert (refused.id, refused.stays_with) == ("D1", "A1")
        assert store.deal("D2").deal.account == "A2"

    def test_the_fingerprints_are_those_of_the_deals_that_are_here(self, store):
        fill(store, "D1", "D2")
        assert store.fingerprints(["D2", "D9"]) == {"D2": "f1"}

    def test_a_deal_that_stood_alone_goes_to_an_account_with_all_that_belongs_to_it(self, store):
        fill(store, account="A2")
        store.upsert_accounts([ImportedAccount(id="deal:D1")])
        store.upsert_contacts([ImportedContact(id="K1", account="deal:D1", fields={"phone": "1"})])
        store.upsert_deals([imported("D1", "deal:D1", contacts=[("K1", "buyer")], examine_at=0)])
        store.suppress([("deal:D1", Suppression("contact", "K1", "email", NOW, None, "opted out"))])
        store.record_touches([("deal:D1", Touch("call", NOW, "call"))])
        store.record([an_event("won", account="deal:D1", deal="D1"), an_event("reply", account="deal:D1", deal="")])
        assert store.move_deals([("D1", "A2")]) == ["D1"]
        account = loaded(store, "A2", needs={"touches"})
        assert [event.name for event in account.events] == ["won", "reply"]
        assert account.deals["D1"].contacts == [("K1", "buyer")]
        assert account.contacts["K1"].fields == {"phone": "1"}
        assert [(one.contact, one.because) for one in account.suppressions] == [("K1", "opted out")]
        assert [touch.kind for touch in account.touches] == ["call"]
        assert store.accounts_beginning("deal:D1") == []
        assert store.deals_to_examine(NOW, 9) == [("A2", "D1")]

    def test_a_deal_leaves_its_account_to_the_other_deals_and_loses_the_contacts_that_stay(self, store):
        fill(store, "D1", "D2")
        assert store.move_deals([("D1", "A2"), ("D9", "A9")]) == ["D1"]
        assert [account for account, _ in store.accounts_beginning("A")] == ["A1", "A2"]
        assert (store.deal("D1").deal.account, store.deal("D1").deal.contacts) == ("A2", [])
        assert store.deal("D2").deal.contacts == [("K-A1", "decision_maker")]
        assert store.move_deals([("D2", "A2")]) == ["D2"]
        assert loaded(store, "A1").named != ""  # a known account stays, though no deal is left in it

    def test_a_deal_that_was_ever_enrolled_stays_where_its_history_is(self, store):
        fill(store, "D1")
        enrol(store, enrolment(end="won"))
        assert store.move_deals([("D1", "A2"), ("D1", "A3")]) == []
        assert store.deal("D1").deal.account == "A1"
        assert store.accounts_beginning("A3") == []

    def test_a_deal_missing_from_an_export_is_found_by_its_source(self, store):
        fill(store)
        first = store.put_import(_report("deals"))
        other = store.put_import(_report("hubspot"))
        store.upsert_deals([imported(deal, import_id=first) for deal in ("D1", "D2", "D3")])
        store.upsert_deals([imported("D4", import_id=other)])
        second = store.put_import(_report("deals"))
        store.mark_seen(second, ["D1"])
        store.put_fingerprints(second, [("D2", "f9", "2026-06-01")])
        assert store.not_seen(second, "deals") == ["D3"]
        assert store.known_deals(["D2"])["D2"].fingerprint == "f9"

    def test_an_import_report_is_completed_and_found_again(self, store):
        assert store.last_import() is None
        number = store.put_import(_report("deals"))
        done = ImportReport(
            at=NOW, source="deals", file="d.csv", hash="h", id=number, rows=3, accepted=1, unchanged=1, rejected=1,
            newest_modified="2026-05-02", findings=[["line 3", "no id"]],
        )  # fmt: skip
        assert store.put_import(done) == number
        store.put_import(_report("hubspot"))
        assert store.last_import("deals") == done
        assert store.last_import().source == "hubspot"

    # -- reading for people

    def test_open_actions_come_by_priority_then_by_due_instant(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A2")
        one = enrolment()
        actions = {
            "a1": action_columns(one, due_at=NOW + 1),
            "a2": action_columns(one, due_at=NOW),
            "a3": action_columns(one, status="planned"),
        }
        enrol(store, one, actions)
        other = enrolment("A2", "D2")
        enrol(store, other, {"b1": action_columns(other, priority=5, assignee="lee", due_at=NOW + 9)})
        assert [row.id for row in store.open_actions()] == ["b1", "a2", "a1"]
        assert [row.id for row in store.open_actions(assignee="kim")] == ["a2", "a1"]
        assert [row.id for row in store.open_actions(deal="D2")] == ["b1"]
        assert store.open_actions(team="east") == []
        row = store.open_actions(team="west")[0]
        assert (row.deal_name, row.account_name, row.owner, row.team) == ("Deal D2", "Acme", "kim", "west")
        assert (row.remarks, row.facing, row.priority) == (("contact missing",), True, 5.0)

    def test_actions_due_between_two_instants_include_planned_ones(self, store):
        fill(store, "D1")
        one = enrolment()
        actions = {
            f"a{at}": action_columns(one, due_at=NOW + at, status=status)
            for at, status in ((0, "due"), (5, "planned"), (6, "done"), (10, "planned"))
        }
        enrol(store, one, actions)
        assert [row.id for row in store.due_between(NOW, NOW + 10)] == ["a0", "a5"]
        assert store.due_between(NOW, NOW + 10, "lee") == []
        assert [row.id for row in store.actions_of("e-D1")] == ["a0", "a10", "a5", "a6"]

    def test_ids_may_be_shortened_as_long_as_they_are_unique(self, store):
        fill(store, "D1", "D10", "D2")
        one = enrolment()
        closed = action_columns(one, status="done")
        enrol(store, one, {"abc1": action_columns(one), "abd2": closed, "abd3": closed, "100%_": closed})
        assert store.action("ab").id == "abc1"  # open ones first
        assert store.action("abd2").id == "abd2"
        assert store.action("100%").id == "100%_"
        assert store.deal("D1").deal.id == "D1"
        assert store.enrolment("e-").id == "e-D1"
        for wrong in ("abd", "x", ""):
            with pytest.raises(NotFound):
                store.action(wrong)
        with pytest.raises(NotFound, match="D1, D10, D2"):
            store.deal("D")

    def test_accounts_are_found_by_the_beginning_of_their_name(self, store):
        names = {"N1": "Acme", "N2": "acme North", "N3": "100% Öl_Gas", "N4": "1000 Things"}
        store.upsert_accounts([ImportedAccount(id=number, name=name) for number, name in names.items()])
        assert store.accounts_named("ACM") == [("N1", "Acme"), ("N2", "acme North")]
        assert store.accounts_named("100%") == [("N3", "100% Öl_Gas")]
        assert store.accounts_named("Acme_North") == store.accounts_named("") == store.accounts_named("!") == []

    def test_the_last_recorded_instant_is_that_of_any_event(self, store):
        assert store.last_recorded() is None
        fill(store, "D1")
        store.record([an_event(recorded_at=NOW + 9), an_event(recorded_at=NOW + 5)])
        assert store.last_recorded() == NOW + 9

    def test_deals_are_listed_by_page(self, store):
        fill(store, *[f"D{number}" for number in range(5)])
        first = store.deals(DealFilter(status="lost", team="west", limit=3))
        assert [row.deal.id for row in first] == ["D0", "D1", "D2"]
        assert [row.deal.id for row in store.deals(DealFilter(after="D2", account="A1"))] == ["D3", "D4"]
        assert (first[0].account_name, first[0].import_id, first[0].modified_at) == ("Acme", 1, "2026-05-02")

    def test_counts_say_how_many_there_are(self, store):
        fill(store, "D1", "D2")
        enrol(store, enrolment(), {"a1": action_columns(enrolment())})
        enrol(store, enrolment(deal="D2", end="won", ended_at=NOW))
        store.record([an_event()])
        store.examine_all("lost")
        counts = store.counts()
        assert counts.deals == {"lost": 2}
        assert counts.enrolments == {"check-in": 1}
        assert counts.states == {("check-in", "main", "cool_off"): 1}
        assert counts.ends == {("check-in", "won"): 1}
        assert counts.actions == {"kim": 1}
        assert (counts.pending_events, counts.to_examine, counts.late_events) == (1, 2, 0)


def _report(source):
    return ImportReport(at=NOW, source=source, file="d.csv", hash="h")
