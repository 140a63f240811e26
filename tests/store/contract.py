"""What every store promises. A backend subclasses `StoreContract` and gives it a fixture `store`: new and empty."""

import pytest

from engine.core.account import Changes, PastEnrolment, Suppression, Touch
from engine.store.base import (
    Conflict,
    DealFilter,
    ImportedAccount,
    ImportedContact,
    ImportReport,
    NotFound,
    Revision,
    Source,
    StoreError,
)
from tests.store.samples import (
    DAY,
    NOW,
    action_columns,
    an_event,
    enrol,
    enrolled,
    enrolment,
    fill,
    full_enrolment,
    imported,
    loaded,
    moved,
)


class StoreContract:
    # -- transactions

    def test_an_exception_takes_the_whole_transaction_back(self, store):
        with pytest.raises(RuntimeError), store.transaction():
            store.put_meta("zone", "Europe/Berlin")
            raise RuntimeError
        assert store.meta("zone") is None

    def test_a_savepoint_takes_back_only_its_own_block(self, store):
        with store.transaction():
            store.put_meta("before", "1")
            with pytest.raises(RuntimeError), store.savepoint('account "7"'):
                store.put_meta("inside", "1")
                raise RuntimeError
            store.put_meta("after", "1")
        assert [store.meta(key) for key in ("before", "inside", "after")] == ["1", None, "1"]

    def test_a_transaction_inside_a_transaction_is_refused(self, store):
        with pytest.raises(RuntimeError), store.transaction(), store.transaction():
            pass

    # -- workspace

    def test_a_setting_is_the_one_put_last(self, store):
        store.put_meta("zone", "UTC")
        store.put_meta("zone", "Europe/Berlin")
        assert store.meta("zone") == "Europe/Berlin"

    def test_ticks_are_remembered_whether_or_not_they_finish(self, store):
        assert store.last_tick() is None
        first = store.begin_tick(NOW, NOW + 1)
        store.finish_tick(first, {"moved": 3}, NOW + 2)
        store.begin_tick(NOW + 60, NOW + 60)
        assert store.last_tick().now == NOW + 60
        assert store.last_tick().finished_at is None
        found = store.ticks_since(NOW)
        assert (found[0].now, found[0].started_at, found[0].finished_at) == (NOW, NOW + 1, NOW + 2)
        assert found[0].counts == {"moved": 3}
        assert len(store.ticks_since(NOW + 1)) == 1

    def test_a_broken_file_keeps_its_last_good_content(self, store):
        store.put_sources([Source(path="a.yaml", hash="1", content={"playbook": "ä"}, good=True)])
        broken = [Source(path=path, hash="2", content=None, good=False) for path in ("a.yaml", "b.yaml")]
        store.put_sources(broken)
        found = store.sources()
        assert (found["a.yaml"].hash, found["a.yaml"].content, found["a.yaml"].good) == ("2", {"playbook": "ä"}, False)
        assert found["b.yaml"].content is None
        store.forget_sources(["a.yaml"])
        assert list(store.sources()) == ["b.yaml"]

    def test_a_known_revision_stays_as_it_is(self, store):
        first = Revision(hash="h", playbook="p", content={"states": {}}, created_at=NOW, facing=False)
        store.put_revision(first)
        store.put_revision(Revision(hash="h", playbook="p", content={}, created_at=NOW + 9, facing=True))
        assert store.revision("h") == first
        assert store.revision("unknown") is None

    def test_revisions_in_use_are_those_of_open_enrolments(self, store):
        fill(store, "D1", "D2", "D3")
        for deal, end in (("D1", ""), ("D2", ""), ("D3", "won")):
            enrol(store, enrolment(deal=deal, end=end))
        assert store.revisions_in_use() == {"r1": 2}

    # -- what is due

    def test_an_account_is_due_by_a_timer_or_by_a_pending_event(self, store):
        for number, due in (("1", NOW), ("2", NOW + 1), ("3", None), ("4", NOW - DAY)):
            fill(store, f"D{number}", account=f"A{number}")
            enrol(store, enrolment(f"A{number}", f"D{number}", due))
        store.record([an_event(account="A3", deal="D3"), an_event(account="A2", deal="D2", recorded_at=NOW + 1)])
        assert store.due_accounts(NOW, 10) == ["A1", "A3", "A4"]
        assert store.due_accounts(NOW + 1, 10) == ["A1", "A2", "A3", "A4"]

    def test_pages_of_due_accounts_cover_each_account_once(self, store):
        names = [f"A{number:02}" for number in range(25)]
        for name in names:
            fill(store, f"D-{name}", account=name)
            enrol(store, enrolment(name, f"D-{name}"))
        assert list(_pages(store, 4)) == names

    def test_pages_go_on_after_a_page_was_taken_back(self, store):
        for name in "ABCD":
            fill(store, f"D-{name}", account=name)
            enrol(store, enrolment(name, f"D-{name}"))
        assert store.due_accounts(NOW, 1) == ["A"]
        with pytest.raises(RuntimeError), store.transaction():
            assert store.due_accounts(NOW, 1, "A") == ["B"]
            raise RuntimeError
        with store.transaction():
            assert store.due_accounts(NOW, 2, "A") == ["B", "C"]
        assert store.due_accounts(NOW, 2, "C") == ["D"]

    def test_what_was_recorded_while_pages_were_read_waits_for_the_next_tick(self, store):
        for name in "ABCD":
            fill(store, f"D-{name}", account=name)
        store.record([an_event(account="A", deal="D-A"), an_event(account="C", deal="D-C")])
        assert store.due_accounts(NOW, 1) == ["A"]
        assert store.due_accounts(NOW, 1, "A") == ["C"]
        store.record([an_event(account="D", deal="D-D")])
        assert store.due_accounts(NOW, 9, "A") == ["C"]

    def test_after_three_failures_an_account_waits_until_somebody_retries_it(self, store):
        fill(store, "D1")
        enrol(store, enrolment())
        assert [store.fail_account("A1", f"error {n}") for n in (1, 2)] == [1, 2]
        assert store.due_accounts(NOW, 9) == ["A1"]
        assert store.fail_account("A1", "error 3") == 3
        assert store.due_accounts(NOW, 9) == []
        assert [(one.account, one.name, one.error, one.waits) for one in store.set_aside()] == [
            ("A1", "Acme", "error 3", True)
        ]
        assert store.retry_account("A1")
        assert not store.retry_account("A1")
        assert store.due_accounts(NOW, 9) == ["A1"]

    def test_a_final_failure_sets_aside_at_once(self, store):
        fill(store, "D1")
        assert store.fail_account("A1", "a loop", final=True) == 3
        assert store.set_aside()[0].waits

    def test_a_save_forgets_earlier_failures(self, store):
        fill(store, "D1")
        one = enrol(store, enrolment())
        store.fail_account("A1", "once")
        account = loaded(store)
        assert account.failures == 1
        store.save([moved(one, NOW + DAY)], {"A1": account})
        assert store.set_aside() == []

    # -- loading

    def test_an_enrolment_comes_back_as_it_was_saved(self, store):
        fill(store, "D1")
        one = enrol(store, full_enrolment())
        assert loaded(store).enrolments == {one.id: one}
        assert store.enrolment(one.id) == one

    def test_only_deals_with_something_open_or_named_are_loaded(self, store):
        fill(store, "D1", "D2", "D3", "D4", "D5")
        enrol(store, enrolment(deal="D1"))
        enrol(store, enrolment(deal="D2", end="won", ended_at=NOW))
        store.record([an_event(deal="D3")])
        account = loaded(store, deals=[("A1", "D4")])
        assert sorted(account.deals) == ["D1", "D3", "D4"]
        assert list(account.enrolments) == ["e-D1"]
        assert account.deals["D1"].fields["amount"] == [500000, "EUR"]
        assert account.deals["D1"].contacts == [("K-A1", "decision_maker")]
        assert account.contacts["K-A1"].fields == {"email": "a@example.org"}
        assert (account.named, account.fields) == ("Acme", {"industry": "software"})

    def test_a_deal_of_another_account_is_not_mixed_in(self, store):
        fill(store, "D1", account="A1")
        fill(store, "D2", account="A2")
        assert loaded(store, "A1", deals=[("A2", "D2")]).deals == {}

    def test_unknown_accounts_are_left_out(self, store):
        fill(store, "D1")
        assert [account.id for account in store.load_accounts(["A0", "A1"], NOW, set())] == ["A1"]

    def test_pending_events_come_in_the_order_of_recording(self, store):
        fill(store, "D1")
        store.record([an_event("late", recorded_at=NOW), an_event("early", recorded_at=NOW - 1), an_event("last")])
        store.record([an_event("future", recorded_at=NOW + 1)])
        events = loaded(store).events
        assert [event.name for event in events] == ["early", "late", "last"]

    def test_an_event_comes_back_as_it_was_recorded(self, store):
        fill(store, "D1")
        content = {"contact": "K-A1", "enrolment": "e", "action": "a", "occurred_at": NOW - 9, "by": "kim"}
        (number,) = store.record([an_event("ask.done", **content, fields={"text": "naïve", "n": 1.5})])
        (event,) = loaded(store).events
        assert (event.id, event.name, event.recorded_at, event.deal) == (number, "ask.done", NOW, "D1")
        assert {name: getattr(event, name) for name in content} == content
        assert event.fields == {"text": "naïve", "n": 1.5}

    def test_the_log_holds_what_was_handled_or_late_but_not_what_was_taken_back(self, store):
        fill(store, "D1")
        handled, late, undone, _ = store.record([an_event(name) for name in ("a", "b", "c", "d")])
        store.withdraw_event(undone)
        store.save([Changes("A1", handled=[handled, late], late=[(late, "closed")])], {"A1": loaded(store)})
        account = loaded(store, needs={"log"})
        assert [event.name for event in account.log] == ["a", "b"]
        assert [event.name for event in account.events] == ["d"]
        assert loaded(store).log == []

    def test_touches_are_customer_facing_actions_open_or_done_and_activities_from_elsewhere(self, store):
        fill(store, "D1")
        one = enrolment()
        actions = {
            "a-due": action_columns(one, touch_at=NOW),
            "a-done": action_columns(one, status="done", touch_at=NOW - DAY),
            "a-skipped": action_columns(one, status="skipped"),
            "a-internal": action_columns(one, facing=False),
            "a-old": action_columns(one, touch_at=NOW - 401 * DAY),
        }
        enrol(store, one, actions)
        elsewhere = ("A1", Touch("K1", NOW - 2 * DAY, "email"))
        store.record_touches([elsewhere, ("A1", Touch("K1", NOW - 500 * DAY, "email"))])
        store.record_touches([elsewhere])
        assert loaded(store, needs={"touches"}).touches == [
            Touch("K1", NOW - 2 * DAY, "email", ""),
            Touch("K1", NOW - DAY, "call", "a-done"),
            Touch("K1", NOW, "call", "a-due"),
        ]
        assert loaded(store).touches == []

    def test_suppressions_always_come_along(self, store):
        fill(store, "D1")
        first = Suppression("contact", "K1", "", NOW, None, "opted_out")
        second = Suppression("channel", "K1", "email", NOW + 1, NOW + DAY, "asked")
        store.suppress([("A1", first)])
        store.save([Changes("A1", suppressions=[second])], {"A1": loaded(store)})
        assert loaded(store).suppressions == [first, second]

    # -- saving

    def test_a_step_is_written_with_its_history_and_actions(self, store):
        fill(store, "D1")
        one = enrol(store, enrolment(), {"a1": action_columns(enrolment())})
        change = moved(one, NOW + DAY, actions={"a1": {"status": "done", "outcome": "granted", "closed_at": NOW}})
        store.save([change], {"A1": loaded(store)})
        assert loaded(store).enrolments[one.id] == change.enrolments[one.id]
        assert [entry.number for entry in store.history("A1", one.id)] == [1, 2]
        assert store.history("A1", one.id)[1] == change.history[0]
        action = store.action("a1")
        assert (action.status, action.outcome, action.closed_at, action.title) == ("done", "granted", NOW, "Ask “them”")
        assert store.due_accounts(NOW, 9) == []

    def test_a_step_that_somebody_else_has_taken_is_a_conflict_and_leaves_nothing(self, store):
        fill(store, "D1")
        one = enrol(store, enrolment())
        account = loaded(store)
        store.save([moved(one, NOW + DAY)], {"A1": account})
        late = moved(one, NOW + 9 * DAY, suppressions=[Suppression("account", "", "", NOW, None, "x")])
        with pytest.raises(Conflict):
            store.save([late], {"A1": account})
        assert loaded(store).enrolments[one.id].next_at == NOW + DAY
        assert loaded(store).suppressions == []

    def test_a_change_without_history_expects_the_step_that_it_read(self, store):
        fill(store, "D1")
        one = enrol(store, enrolment())
        account = loaded(store)
        store.save([moved(one, NOW + DAY)], {"A1": account})
        with pytest.raises(Conflict, match="moved by somebody else"):
            store.save([Changes("A1", enrolments={one.id: one})], {"A1": account})

    def test_the_same_action_is_never_planned_twice(self, store):
        fill(store, "D1", "D2")
        enrol(store, enrolment(), {"a1": action_columns(enrolment())})
        with pytest.raises(Conflict):
            enrol(store, enrolment(deal="D2"), {"a1": action_columns(enrolment())})
        assert list(loaded(store).enrolments) == ["e-D1"]

    def test_the_same_enrolment_is_never_begun_twice(self, store):
        fill(store, "D1")
        enrol(store, enrolment())
        with pytest.raises(Conflict):
            enrol(store, enrolment())

    def test_an_event_that_was_taken_back_cannot_be_handled(self, store):
        fill(store, "D1")
        (number,) = store.record([an_event()])
        account = loaded(store)
        assert store.withdraw_event(number, "by kim")
        with pytest.raises(Conflict):
            store.save([Changes("A1", handled=[number])], {"A1": account})

    def test_an_action_without_a_row_cannot_change(self, store):
        fill(store, "D1")
        with pytest.raises(Conflict):
            store.save([Changes("A1", actions={"a9": {"status": "done"}})], {"A1": loaded(store)})

    def test_an_action_takes_only_columns_that_it_has(self, store):
        fill(store, "D1")
        with pytest.raises(ValueError, match="colour"):
            store.save([Changes("A1", actions={"a9": {"colour": "red"}})], {"A1": loaded(store)})

    def test_changed_facts_are_written_where_they_belong(self, store):
        fill(store, "D1")
        account = loaded(store, deals=[("A1", "D1")])
        account.fields["tier"] = "gold"
        deal = account.deals["D1"]
        deal.fields.update(status="won", owner="lee", team=None)
        deal.excused = "a test"
        deal.contacts.append(("K2", "champion"))
        account.contacts["K-A1"].consent["email"] = {"value": "granted", "at": NOW}
        change = Changes(
            "A1", changed_deals={"D1"}, changed_contacts={"K-A1"}, account_changed=True, examine={"D1"}
        )  # fmt: skip
        store.save([change], {"A1": account})
        again = loaded(store, deals=[("A1", "D1")])
        assert again == account
        assert [row.deal.id for row in store.deals(DealFilter(status="won", owner="lee", team=""))] == ["D1"]
        assert store.deals_to_examine(NOW, 9) == [("A1", "D1")]

    def test_a_new_enrolment_can_end_at_once(self, store):
        fill(store, "D1")
        enrol(store, enrolment(end="declined", ended_at=NOW))
        assert loaded(store).enrolments == {}
        assert store.enrolments_of("D1")[0].end == "declined"
        assert store.due_accounts(NOW, 9) == []

    # -- enrolment

    def test_deals_are_examined_when_their_instant_has_come(self, store):
        fill(store, "D1", "D2", "D3")
        store.set_examined([("A1", "D1", NOW), ("A1", "D2", NOW + 1), ("A1", "D3", NOW - 1)])
        assert store.deals_to_examine(NOW, 9) == [("A1", "D3"), ("A1", "D1")]
        assert store.deals_to_examine(NOW, 1) == [("A1", "D3")]
        store.set_examined([("A1", "D3", None)])
        assert store.deals_to_examine(NOW, 9) == [("A1", "D1")]

    def test_after_an_enrol_block_changed_all_deals_of_a_status_are_examined(self, store):
        fill(store, "D1", "D2")
        store.upsert_deals([imported("D3", fields={"status": "won"})])
        assert store.examine_all("lost") == 2
        assert store.deals_to_examine(NOW, 9) == [("A1", "D1"), ("A1", "D2")]
        assert store.examine_all(None) == 1

    def test_past_enrolments_tell_what_enrolment_has_to_know(self, store):
        fill(store, "D1")
        store.put_revision(Revision(hash="r2", playbook="inner", content={}, created_at=NOW, facing=False))
        enrol(store, enrolment(end="won", ended_at=NOW))
        enrol(store, enrolment(id="e2", playbook="inner", revision="r2"))
        assert store.past_enrolments(["A1", "A2"]) == [
            PastEnrolment("e-D1", "D1", "check-in", 1, NOW - DAY, "won", NOW, "2026-05-01", True),
            PastEnrolment("e2", "D1", "inner", 1, NOW - DAY, "", None, "2026-05-01", False),
        ]

    def test_enrolments_since_count_for_a_rolling_batch(self, store):
        fill(store, "D1", "D2")
        enrol(store, enrolment(enrolled_at=NOW - 9))
        enrol(store, enrolment(deal="D2", enrolled_at=NOW - 2))
        assert store.enrolments_since("check-in", NOW - 10) == [NOW - 9, NOW - 2]
        assert store.enrolments_since("check-in", NOW - 9) == [NOW - 2]
        assert store.enrolments_since("other", 0) == []

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

    # -- the whole

    def test_half_a_character_is_refused_in_words(self, store):
        with pytest.raises(StoreError, match="Unicode"):
            store.put_meta("name", "\ud800")

    def test_a_new_store_finds_nothing_wrong_with_itself(self, store):
        fill(store, "D1")
        assert store.check() == []

    def test_many_accounts_are_saved_in_one_go(self, store):
        ones = [enrolment(f"A{number}", f"D{number}", id=f"e{number}") for number in range(300)]
        for one in ones:
            fill(store, one.deal, account=one.account)
        accounts = {account.id: account for account in store.load_accounts([one.account for one in ones], NOW, set())}
        store.save([enrolled(one) for one in ones], accounts)
        assert len(store.due_accounts(NOW, 1000)) == 300
        store.save([moved(one, None) for one in ones], accounts)
        assert store.due_accounts(NOW, 1000) == []


def _pages(store, size):
    after = None
    while page := store.due_accounts(NOW, size, after):
        yield from page
        after = page[-1]


def _report(source):
    return ImportReport(at=NOW, source=source, file="d.csv", hash="h")
