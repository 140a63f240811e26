"""What reports ask of every store."""

import pytest

from engine.core.account import Changes, Suppression, Touch
from engine.core.enrolment import Event
from engine.store.base import ImportedAccount
from engine.store.listings import Activity
from engine.store.reported import ReportedAction, ReportedActivity, ReportedEnrolment
from tests.store.samples import NOW, action_columns, an_event, enrol, enrolment, fill, imported, loaded

EVERYTHING = ("contacts", "actions", "enrolments", "events", "activities", "touches")


class ReportsContract:
    def test_a_page_goes_on_behind_the_last_account(self, store):
        store.upsert_accounts([ImportedAccount(id=f"A{number}") for number in (3, 1, 2)])
        assert [one.account.id for one in store.report_page("", 2)] == ["A1", "A2"]
        assert [one.account.id for one in store.report_page("A2", 2)] == ["A3"]
        assert store.report_page("A3", 2) == []

    def test_an_account_has_its_deals_with_fields_contacts_excuse_and_answers(self, store):
        fill(store, "D1", "D2")
        store.excuse("D2", "duplicate")
        account = loaded(store, deals=[("A1", "D1")])
        account.deals["D1"].answers["review"] = {"why": "price"}
        store.save([Changes("A1", changed_deals={"D1"})], {"A1": account})
        (found,) = store.report_page("", 9)
        assert (found.account.named, found.account.fields) == ("Acme", {"industry": "software"})
        assert list(found.account.deals) == ["D1", "D2"]
        first, second = found.account.deals.values()
        assert (first.fields["owner"], first.contacts) == ("kim", [("K-A1", "decision_maker")])
        assert (first.answers, first.excused, second.excused) == ({"review": {"why": "price"}}, "", "duplicate")

    def test_only_deals_of_the_statuses_asked_for_are_there(self, store):
        fill(store, "D1")
        fields = {"name": "", "owner": "", "team": "", "lost_at": ""}
        store.upsert_deals([imported("D2", fields={**fields, "status": "won"}),
                            imported("D3", fields={**fields, "status": "open"})])  # fmt: skip
        found = [list(store.report_page("", 9, (), statuses)[0].account.deals) for statuses in ((), ("lost", "won"))]
        assert found == [["D1", "D2", "D3"], ["D1", "D2"]]

    def test_closed_actions_and_ended_enrolments_are_there_too(self, store):
        fill(store, "D1")
        closed = action_columns(enrolment(), status="done", closed_at=NOW + 9, outcome="granted")
        enrol(store, enrolment(end="won", ended_at=NOW + 10), {"a1": closed})
        (found,) = store.report_page("", 9, ("actions", "enrolments"))
        assert found.actions == [
            ReportedAction("a1", "D1", "e-D1", "check-in", "ask", "call", True, "done", NOW, NOW + 9, "K1", "granted")
        ]
        assert found.enrolments == [
            ReportedEnrolment("D1", "check-in", True, NOW - 86_400, "2026-05-01", "won", NOW + 10)
        ]

    def test_events_are_there_whether_or_not_a_tick_has_seen_them_but_not_what_was_taken_back(self, store):
        fill(store, "D1")
        first, _, third = store.record([an_event(), an_event("late"), an_event("undone")])
        store.save([Changes("A1", handled=[first])], {"A1": loaded(store)})
        store.withdraw_event(third)
        (found,) = store.report_page("", 9, ("events",))
        assert [event.name for event in found.account.log] == ["reply", "late"]
        assert all(isinstance(event, Event) for event in found.account.log)

    def test_contacts_activities_and_touches_belong_to_their_account(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A2")
        store.put_activities([Activity("A2", "k", "D2", "K-A2", NOW, "inbound", "email", "kim", 5)])
        store.record_touches([("A1", Touch("K-A1", NOW, "call"))])
        store.suppress([("A1", Suppression("account", "", "", NOW, None, ""))])
        first, second = store.report_page("", 9, EVERYTHING)
        assert (list(first.account.contacts), list(second.account.contacts)) == (["K-A1"], ["K-A2"])
        assert (first.activities, second.account.touches) == ([], [])
        assert second.activities == [ReportedActivity("D2", "K-A2", NOW, "inbound", "email", "kim", 5)]
        assert [(touch.key, touch.at) for touch in first.account.touches] == [("K-A1", NOW)]

    def test_a_report_changes_nothing(self, store):
        fill(store, "D1")
        with store.rehearsal():
            store.report_page("", 9, EVERYTHING)
        assert store.meta("anything") is None

    @pytest.mark.parametrize("limit", [1, 2, 7])
    def test_pages_of_any_size_hold_every_deal_once(self, store, limit):
        for number in range(7):
            fill(store, f"D{number}a", f"D{number}b", account=f"Ä{number}")
        seen, after = [], ""
        while page := store.report_page(after, limit):
            seen += [deal for one in page for deal in one.account.deals]
            after = page[-1].account.id
        assert seen == [f"D{number}{letter}" for number in range(7) for letter in "ab"]
