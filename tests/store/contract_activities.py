"""What every store promises of activities, of permission, and of who may be contacted."""

import pytest

from engine.core.account import Changes, Suppression, Touch
from engine.store.base import Activity, ImportedContact, NotFound
from tests.store.samples import DAY, NOW, an_event, fill, imported, loaded


def _activity(key: str, **more) -> Activity:
    content = {"account": "A1", "deal": "D1", "contact": "K-A1", "at": NOW, "direction": "outbound", "channel": "call"}
    return Activity(key=key, **{**content, **more})


def _asked(contact: str = "K-A1", until: int | None = None, since: int = NOW) -> Suppression:
    return Suppression("contact", contact, "", since, until, "asked")


class ActivityContract:
    def test_an_activity_is_kept_once_and_comes_back_as_it_was(self, store):
        fill(store, "D1")
        first = _activity("crm 1", who="kim", minutes=12, subject="Quote “7”")
        store.put_activities([first, _activity("crm 0", at=NOW + 5, minutes=None)])
        store.put_activities([first._replace(channel="email")])
        assert store.activities(NOW, NOW + 6) == [first, _activity("crm 0", at=NOW + 5)]
        assert store.known_activities(["crm 1", "crm 9"]) == {"crm 1"}

    def test_activities_come_by_account_and_instant_within_the_span(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A0")
        store.put_activities([_activity(str(number), at=NOW + number) for number in (3, 2, 1)])
        store.put_activities([_activity("other", account="A0", at=NOW + 2)])
        assert [one.key for one in store.activities(NOW + 2, NOW + 3)] == ["other", "2"]

    def test_an_activity_of_no_account_is_refused(self, store):
        with pytest.raises(NotFound):
            store.put_activities([_activity("crm 1", account="A9")])

    def test_what_people_recorded_by_hand_is_among_the_activities(self, store):
        fill(store, "D1")
        said = {"channel": "email", "minutes": 5, "note": "sent the quote"}
        store.record([
            an_event("command.touch", by="kim", occurred_at=NOW - 9, contact="K-A1", fields=said),
            an_event("reply", by="kim"), an_event("reply", key="an import"), an_event("signal.funding", by="kim"),
        ])  # fmt: skip
        found = store.activities(0, NOW + 1)
        assert [(one.direction, one.channel, one.at) for one in found] == [
            ("outbound", "email", NOW - 9), ("inbound", "", NOW),
        ]  # fmt: skip
        assert (found[0].who, found[0].minutes, found[0].subject) == ("kim", 5, "sent the quote")
        store.withdraw_event(loaded(store).events[0].id)
        assert len(store.activities(0, NOW + 1)) == 1

    def test_an_activity_goes_with_its_deal_to_another_account(self, store):
        fill(store, "D1", account="deal:D1")
        store.put_activities([_activity("crm 1", account="deal:D1")])
        store.move_deals([("D1", "A2")])
        assert [(one.account, one.deal) for one in store.activities(0, NOW + 1)] == [("A2", "D1")]

    def test_history_is_recorded_as_handled(self, store):
        fill(store, "D1")
        store.record([an_event("reply", handled=True, occurred_at=NOW - DAY), an_event("reply")])
        account = loaded(store, needs={"log"}, deals=[("A1", "D1")])
        assert [event.occurred_at for event in account.log] == [NOW - DAY]
        assert [event.occurred_at for event in account.events] == [None]
        assert store.due_accounts(NOW - 1, 9) == []

    def test_contacts_are_found_by_id_before_mail_address(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A2")
        store.upsert_contacts([ImportedContact(id="a@example.org", account="A2", fields={"email": "B@example.org"})])
        asked = ["a@example.org", "b@EXAMPLE.org", "K-A1", "nobody", "no@example.org"]
        assert store.find_contacts(asked) == {
            "a@example.org": [("A2", "a@example.org")], "b@EXAMPLE.org": [("A2", "a@example.org")],
            "K-A1": [("A1", "K-A1")],
        }  # fmt: skip
        assert store.contact_names(9) == [
            "K-A1",
            "a@example.org",
            "K-A2",
            "a@example.org",
            "a@example.org",
            "B@example.org",
        ]

    def test_two_contacts_of_one_mail_address_are_both_found(self, store):
        fill(store, "D1")
        fill(store, "D2", account="A2")
        assert store.find_contacts(["A@example.org"]) == {"A@example.org": [("A1", "K-A1"), ("A2", "K-A2")]}

    def test_the_deals_of_an_account_and_of_a_contact(self, store):
        fill(store, "D2", "D1")
        store.upsert_deals([imported("D3", contacts=[])])
        assert store.deals_with("A1") == ["D1", "D2", "D3"]
        assert store.deals_with("A1", "K-A1") == ["D1", "D2"]
        assert store.deals_with("A1", "K9") == store.deals_with("A9") == []

    def test_only_suppressions_in_force_are_listed(self, store):
        fill(store)
        store.suppress([
            ("A1", _asked()), ("A1", _asked("K2", until=NOW + 9, since=NOW - 5)), ("A1", _asked("K3", until=NOW)),
            ("A1", _asked("K4", since=NOW + 1)),
        ])  # fmt: skip
        assert store.suppressions(NOW) == [("A1", "Acme", _asked()), ("A1", "Acme", _asked("K2", NOW + 9, NOW - 5))]
        assert [one.contact for _, _, one in store.suppressions(NOW + 9)] == ["K4", "K-A1"]

    def test_a_suppression_that_was_lifted_has_an_end(self, store):
        fill(store)
        store.suppress([("A1", _asked()), ("A1", _asked("K2"))])
        store.save([Changes("A1", lifted=[_asked(until=NOW + 5)])], {"A1": loaded(store)})
        assert loaded(store).suppressions == [_asked(until=NOW + 5), _asked("K2")]
        store.save([Changes("A1", lifted=[_asked(until=NOW + 9)])], {"A1": loaded(store)})
        assert loaded(store).suppressions[0].until == NOW + 5, "what is over does not begin again"

    def test_orders_that_wait_for_a_tick_are_found(self, store):
        fill(store, "D1")
        store.record([an_event("command.suppress", by="kim"), an_event("reply"), an_event("command.lift", by="kim")])
        found = store.pending_orders(["command.suppress", "command.lift"])
        assert [one.event.name for one in found] == ["command.suppress", "command.lift"]

    def test_touches_of_activities_count_once(self, store):
        fill(store, "D1")
        for _ in range(2):
            store.record_touches([("A1", Touch("K-A1", NOW, "call"))])
        assert len(loaded(store, needs={"touches"}).touches) == 1
