"""What a tick asks of every store: what is due, loading, saving, enrolment."""

import pytest

from engine.core.account import Changes, PastEnrolment, Suppression, Touch
from engine.store.base import (
    Conflict,
    DealFilter,
    Revision,
)
from tests.store.samples import (
    DAY,
    NOW,
    action_columns,
    an_event,
    enrol,
    enrolment,
    fill,
    full_enrolment,
    imported,
    loaded,
    moved,
)


class TickContract:
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
            PastEnrolment("e-D1", "D1", "check-in", 1, NOW - DAY, "won", NOW, "2026-05-01", True, "A1"),
            PastEnrolment("e2", "D1", "inner", 1, NOW - DAY, "", None, "2026-05-01", False, "A1"),
        ]

    def test_enrolments_since_count_for_a_rolling_batch(self, store):
        fill(store, "D1", "D2")
        enrol(store, enrolment(enrolled_at=NOW - 9))
        enrol(store, enrolment(deal="D2", enrolled_at=NOW - 2))
        assert store.enrolments_since("check-in", NOW - 10) == [NOW - 9, NOW - 2]
        assert store.enrolments_since("check-in", NOW - 9) == [NOW - 2]
        assert store.enrolments_since("other", 0) == []


def _pages(store, size):
    after = None
    while page := store.due_accounts(NOW, size, after):
        yield from page
        after = page[-1]
