import itertools
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runner.shop import START, Shop, deal


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path / "shop")


def _pending(shop: Shop, account: str = "Acme") -> list[tuple[str, str]]:
    return [(event.name, event.deal) for event in shop.account(account).events]


def test_new_deals_go_in_with_their_account_contact_and_money(shop) -> None:
    told = shop.bring(
        [deal("D1", Value="12.50", Fee="3", Note="hello", Person="C1", Role="buyer", Phone="123"), deal("D2")]
    )
    assert (told["rows"], told["new"], told["changed"], told["unchanged"], told["rejected"]) == (2, 2, 0, 0, 0)
    account = shop.account("Acme", "D1", "D2")
    first = account.deals["D1"]
    assert (account.named, account.fields) == ("Acme", {"industry": "retail"})
    assert first.fields["amount"] == [1250, "EUR"]
    assert first.fields["fee"] == [300, "EUR"]
    assert first.fields["custom"] == {"note": "hello"}
    assert first.contacts == [("C1", "buyer")]
    assert account.contacts["C1"].fields == {"phone": "123"}
    assert account.deals["D2"].contacts == []


def test_the_same_file_twice_changes_nothing(shop) -> None:
    rows = [deal("D1", Person="C1"), deal("D2", Stage="Won", Lost=""), deal("D3", Account="")]
    shop.bring(rows)
    before = shop.contents()
    told = shop.bring(rows)
    assert (told["accepted"], told["unchanged"]) == (0, 3)
    assert shop.contents() == before


def test_a_deal_without_an_account_is_its_own(shop) -> None:
    shop.bring([deal("D1", Account="")])
    assert shop.account("deal:D1", "D1").deals["D1"].account == "deal:D1"


def test_a_cell_that_was_emptied_empties_the_field_and_a_missing_column_keeps_it(shop) -> None:
    shop.bring([deal("D1", Value="5", Note="old", Industry="retail", Person="C1", Phone="1")])
    shop.bring([deal("D1", Value="", Note="", Industry="", Person="C1", Phone="")])
    account = shop.account("Acme", "D1")
    assert "amount" not in account.deals["D1"].fields
    assert account.deals["D1"].fields.get("custom", {}) == {}
    assert (account.fields, account.contacts["C1"].fields) == ({}, {})


def test_a_followed_deal_changes_at_its_turn_only(shop) -> None:
    shop.bring([deal("D1", Person="C1", Phone="1")])
    shop.tick()
    told = shop.bring([deal("D1", Owner="lee", Industry="medical", Person="C1", Phone="2", Value="7")])
    assert (told["changed"], told["waiting"]) == (1, 1)
    account = shop.account("Acme", "D1")
    assert account.deals["D1"].fields["owner"] == "kim"
    assert (account.fields["industry"], account.contacts["C1"].fields["phone"]) == ("retail", "1")
    assert _pending(shop) == [("imported", ""), ("imported", "D1")]
    shop.tick()
    account = shop.account("Acme", "D1")
    assert (account.deals["D1"].fields["owner"], account.deals["D1"].fields["amount"]) == ("lee", [700, "EUR"])
    assert (account.fields["industry"], account.contacts["C1"].fields["phone"]) == ("medical", "2")
    store = shop.store()
    assert [row.assignee for row in store.open_actions()] == ["lee"]
    store.close()


def test_a_followed_deal_that_is_seen_again_unchanged_records_nothing(shop) -> None:
    shop.bring([deal("D1")])
    shop.tick()
    changed = [deal("D1", Owner="lee")]
    shop.bring(changed)
    assert shop.bring(changed)["unchanged"] == 1
    assert _pending(shop) == [("imported", "D1")]


def test_a_value_that_comes_back_is_news_again(shop) -> None:
    shop.bring([deal("D1")])
    shop.tick()
    for owner in ("lee", "kim", "lee"):
        shop.bring([deal("D1", Owner=owner)])
        shop.tick()
        assert shop.account("Acme", "D1").deals["D1"].fields["owner"] == owner


def test_two_changes_before_one_tick_end_with_the_later_one(shop) -> None:
    shop.bring([deal("D1", Industry="retail")])
    shop.tick()
    shop.bring([deal("D1", Owner="lee", Industry="medical")])
    shop.bring([deal("D1", Owner="kim", Industry="retail")])
    shop.tick()
    account = shop.account("Acme", "D1")
    assert (account.deals["D1"].fields["owner"], account.fields["industry"]) == ("kim", "retail")


def test_a_win_ends_what_follows_the_deal(shop) -> None:
    shop.bring([deal("D1")])
    shop.tick()
    assert shop.bring([deal("D1", Stage="Won", Lost="")], code=1)["events"] == {"won": 1}
    shop.tick()
    store = shop.store()
    assert [one.end for one in store.enrolments_of("D1")] == ["won"]
    assert store.open_actions() == []
    store.close()


@pytest.mark.parametrize("mistake", ["Open", "Won"])
def test_a_loss_that_was_taken_back_by_mistake_is_listed_as_not_followed_when_it_comes_back(shop, mistake) -> None:
    for stage, lost in (("Lost", "2026-02-20"), (mistake, ""), ("Lost", "2026-02-20")):
        shop.bring([deal("D1", Stage=stage, Lost=lost)], code=int(stage != "Lost"))
        shop.tick()
    store = shop.store()
    assert [one.end for one in store.enrolments_of("D1")] == [{"Open": "reopened", "Won": "won"}[mistake]]
    assert store.not_followed()[0] == 1
    store.close()
    assert "D1" in shop.run("deals", "--not-followed")[1]
    assert "until the CRM said" in shop.run("why", "D1", "--now", START)[1]


def test_a_status_change_of_a_deal_that_nothing_follows_is_recorded_too(shop) -> None:
    shop.bring([deal("D1", Stage="Open", Lost=""), deal("D2", Account="Other")])
    shop.bring([deal("D1", Stage="Won", Lost=""), deal("D2", Account="Other")])
    account = shop.account("Acme", "D1")
    assert [event.name for event in account.events] == ["won"]
    assert account.deals["D1"].status == "won"


def test_a_change_of_status_says_on_which_day_the_crm_has_it(shop) -> None:
    other = deal("D2", Account="Other")
    shop.bring([deal("D1", Stage="Open", Lost=""), other])
    shop.bring([deal("D1", Lost="2026-02-27"), other])
    (event,) = shop.account("Acme", "D1").events
    assert (event.name, event.fields) == ("lost", {"status": "lost", "on": "2026-02-27"})


def test_the_day_of_a_loss_that_nobody_followed_is_kept_when_the_deal_comes_back(shop) -> None:
    other = deal("D2", Account="Other")
    shop.bring([deal("D1", Lost="2026-02-20"), other])
    shop.bring([deal("D1", Stage="Won", Lost=""), other])
    account = shop.account("Acme", "D1")
    assert account.events[0].fields == {"status": "won", "after_loss": "2026-02-20"}
    assert "lost_at" not in account.deals["D1"].fields


def test_a_deal_that_follows_a_lost_one_is_told_once_for_each_status_and_no_playbook_hears_of_it(shop) -> None:
    shop.bring([deal("D1")])
    shop.tick()
    for stage in ("Open", "Open", "Won", "Won"):
        shop.bring([deal("D1"), deal("D2", Stage=stage, Lost="", Follows="D1", Note=stage)])
    shop.bring([deal("D1"), deal("D2", Stage="Won", Lost="", Follows="D1", Note="again")])
    store = shop.store()
    told = [one for one in store.events_of("Acme", "D2") if one.event.name == "linked"]
    store.close()
    assert [(one.event.fields["status"], one.event.fields["follows_deal"], one.state) for one in told] == [
        ("open", "D1", "handled"), ("won", "D1", "handled")
    ]  # fmt: skip


def test_what_one_deal_says_of_its_account_waits_while_another_deal_is_followed(shop) -> None:
    shop.bring([deal("D1"), deal("D2", Stage="Open", Lost="")])
    shop.tick()
    shop.bring([deal("D1"), deal("D2", Stage="Open", Lost="", Industry="medical")])
    assert shop.account("Acme").fields["industry"] == "retail"
    shop.tick()
    assert shop.account("Acme").fields["industry"] == "medical"


def test_a_newly_linked_contact_is_there_when_the_link_takes_effect(shop) -> None:
    shop.bring([deal("D1", Person="C1")])
    shop.tick()
    shop.bring([deal("D1", Person="C2", Phone="9")])
    assert set(shop.account("Acme", "D1").contacts) == {"C1", "C2"}  # the event brings it along
    shop.tick()
    account = shop.account("Acme", "D1")
    assert account.deals["D1"].contacts == [("C2", "")]
    assert account.contacts["C2"].fields == {"phone": "9"}


def test_an_older_row_does_not_overwrite_a_newer_one(shop) -> None:
    shop.bring([deal("D1", Owner="new", Changed="2026-03-02"), deal("D2", Changed="2026-03-01")])
    told = shop.bring([deal("D1", Owner="old", Changed="2026-02-27"), deal("D2", Owner="lee", Changed="2026-03-02")])
    assert (told["changed"], told["unchanged"]) == (1, 1)
    assert {finding["kind"]: finding["count"] for finding in told["findings"]}["older-than-known"] == 1
    account = shop.account("Acme", "D1", "D2")
    assert (account.deals["D1"].fields["owner"], account.deals["D2"].fields["owner"]) == ("new", "lee")


def test_rows_without_a_date_are_as_old_as_their_export(shop) -> None:
    shop.bring([deal("D1", Owner="new"), deal("D2", Changed="2026-03-02")])
    told = shop.bring([deal("D1", Owner="old"), deal("D2", Changed="2026-02-01")])
    assert told["unchanged"] == 2
    assert shop.account("Acme", "D1").deals["D1"].fields["owner"] == "new"
    told = shop.bring([deal("D1", Owner="newest"), deal("D2", Changed="2026-03-03")])
    assert told["changed"] == 2


def test_a_vanished_deal_is_listed_and_never_deleted(shop) -> None:
    shop.bring([deal("D1"), deal("D2")])
    told = shop.bring([deal("D1")])
    assert told["vanished"] == {"count": 1, "first": ["D2"]}
    assert shop.account("Acme", "D2").deals["D2"].status == "lost"
    assert shop.bring([deal("D1")], "--partial")["vanished"]["count"] == 0
    assert shop.bring([deal("D3")], "--source", "other")["vanished"]["count"] == 0


def test_a_deal_whose_row_could_not_be_read_has_not_vanished(shop) -> None:
    shop.bring([deal("D1"), deal("D2")])
    told = shop.bring([deal("D1"), deal("D2", Lost="yesterday")], code=1)
    assert (told["rejected"], told["vanished"]["count"]) == (1, 0)


def _about_accounts(told: dict) -> list[str]:
    return [finding["kind"] for finding in told["findings"] if finding["kind"].startswith("account-")]


def test_a_followed_deal_that_moves_to_another_account_stays_and_its_values_are_taken(shop) -> None:
    shop.bring([deal("D1", Person="C1")])
    shop.tick()
    told = shop.bring([deal("D1", Account="Bolt", Industry="mining", Person="C9", Owner="lee")])
    assert _about_accounts(told) == ["account-moved"]
    shop.tick()
    account = shop.account("Acme", "D1")
    assert (account.deals["D1"].fields["owner"], account.fields["industry"]) == ("lee", "retail")
    assert account.deals["D1"].contacts == [("C1", "")]


def test_a_deal_that_nothing_follows_goes_over_to_the_account_that_it_has_now(shop) -> None:
    shop.bring([deal("D1", Person="C1"), deal("D2")])
    told = shop.bring([deal("D1", Account="Bolt", Industry="mining", Person="C9", Stage="Won", Lost=""), deal("D2")])
    assert _about_accounts(told) == ["account-changed"]
    account = shop.account("Bolt", "D1")
    assert (account.deals["D1"].status, account.fields["industry"]) == ("won", "mining")
    assert account.deals["D1"].contacts == [("C9", "")]
    assert [event.name for event in account.events] == ["won"]
    assert shop.account("Acme", "D2").fields["industry"] == "retail"
    rows = [deal("D1", Account="Bolt", Industry="mining", Person="C9", Stage="Won", Lost=""), deal("D2")]
    assert shop.bring(rows)["unchanged"] == 2


def test_a_deal_that_stood_alone_and_gets_an_account_takes_its_contact_along(shop) -> None:
    shop.bring([deal("D1", Account="", Industry="", Person="C1", Phone="1"), deal("D2")])
    shop.bring([deal("D1", Person="C1", Phone=""), deal("D2")])
    account = shop.account("Acme", "D1", "D2")
    assert set(account.deals) == {"D1", "D2"}
    assert account.deals["D1"].contacts == [("C1", "")]
    assert account.contacts["C1"].fields == {}
    assert [row[0] for row in shop.contents()["accounts"]] == ["Acme"]


def test_a_followed_deal_that_gets_an_account_keeps_to_itself_with_the_values_of_the_account(shop) -> None:
    shop.bring([deal("D1", Account="", Industry=""), deal("D2")])
    shop.tick()
    told = shop.bring([deal("D1", Person="C1"), deal("D2")])
    assert _about_accounts(told) == ["account-added"]
    shop.tick()
    account = shop.account("deal:D1", "D1")
    assert (account.named, account.fields) == ("Acme", {"industry": "retail"})
    assert account.deals["D1"].contacts == [("C1", "")]


def test_a_contact_of_two_accounts_stays_with_the_first_and_is_listed(shop) -> None:
    told = shop.bring([deal("D1", Person="C1"), deal("D2", Account="Bolt", Person="C1")])
    (finding,) = [one for one in told["findings"] if one["kind"] == "contact-elsewhere"]
    assert "belongs to Acme" in finding["examples"][0]["reason"]
    assert shop.account("Bolt", "D2").deals["D2"].contacts == []


def test_unknown_owners_are_counted_with_what_was_probably_meant(tmp_path) -> None:
    roster = "people:\n  kim: {name: Kim Larsen, email: kim@x.example}\n  lee: {name: Lee Okafor}\n"
    shop = Shop(tmp_path / "shop", roster)
    told = shop.bring(
        [deal("D1", Owner="Kim Larson"), deal("D2", Owner="Kim Larson", Stage="Won", Lost=""), deal("D3")]
    )
    assert told["unknown"] == [
        {"what": "owner", "name": "Kim Larson", "rows": 2, "lost": 1, "did_you_mean": "kim"},
    ]


def test_a_person_that_the_roster_knows_later_is_matched_by_the_next_import(tmp_path) -> None:
    shop = Shop(tmp_path / "shop", "people:\n  kim: {}\n  lee: {name: Lee Okafor}\n")
    rows = [deal("D1", Owner="Kim Larsen"), deal("D2", Owner="Lee Okafor")]
    shop.bring(rows)
    assert shop.account("Acme", "D1").deals["D1"].fields["owner"] == "Kim Larsen"
    roster = shop.folder / "playbooks" / "library" / "roster.yaml"
    roster.write_text("people:\n  kim: {name: Kim Larsen}\n  lee: {name: Lee Okafor}\n")
    told = shop.bring(rows)
    assert (told["changed"], told["unchanged"], told["unknown"]) == (1, 1, [])
    assert shop.account("Acme", "D1").deals["D1"].fields["owner"] == "kim"
    assert {"field": "owner", "name": "Kim Larsen", "person": "kim"} in told["matched"]
    assert shop.bring(rows)["unchanged"] == 2


def test_a_name_of_two_people_is_told_as_such_and_not_as_unknown(tmp_path) -> None:
    shop = Shop(tmp_path / "shop", "people:\n  kim: {name: Kim Larsen}\n  kit: {name: Kim Larsen}\n")
    told = shop.bring([deal("D1", Owner="Kim Larsen")])
    assert told["unknown"] == []
    assert "person-ambiguous" in [finding["kind"] for finding in told["findings"]]


# --- side files -------------------------------------------------------------------------------------------------------


def _sides(shop: Shop, accounts: list[dict[str, str]], contacts: list[dict[str, str]]) -> list[str]:
    first = shop.write(accounts, "accounts.csv", ("Account", "Title", "Industry"))
    second = shop.write(contacts, "contacts.csv", ("Person", "Deal", "Account", "Role", "Phone"))
    return ["--accounts", str(first), "--contacts", str(second)]


def test_files_of_accounts_and_contacts_are_laid_over_and_linked(shop) -> None:
    options = _sides(
        shop,
        [{"Account": "Acme", "Title": "Acme Ltd", "Industry": "retail"}, {"Account": "Bolt", "Title": "Bolt"}],
        [
            {"Person": "C2", "Deal": "D1", "Role": "buyer", "Phone": "5"},
            {"Person": "C3", "Account": "Bolt"},
            {"Person": "C4", "Account": "Nobody"},
            {"Person": "C5"},
        ],
    )
    told = shop.bring([deal("D1", Person="C1")], *options)
    assert [{name: side[name] for name in ("taken", "unchanged", "passed over")} for side in told["sides"]] == [
        {"taken": 2, "unchanged": 0, "passed over": 0},
        {"taken": 2, "unchanged": 0, "passed over": 2},
    ]
    account = shop.account("Acme", "D1")
    assert account.named == "Acme Ltd"
    assert account.deals["D1"].contacts == [("C1", ""), ("C2", "buyer")]
    assert account.contacts["C2"].fields == {"phone": "5"}
    before = shop.contents()
    assert shop.bring([deal("D1", Person="C1")], *options)["sides"][0]["unchanged"] == 2
    assert shop.contents() == before


def test_side_files_change_followed_deals_at_their_turn_only(shop) -> None:
    rows = [deal("D1", Person="C1", Phone="1")]
    shop.bring(rows)
    shop.tick()
    options = _sides(
        shop,
        [{"Account": "Acme", "Title": "Acme", "Industry": "medical"}],
        [{"Person": "C1", "Deal": "D1", "Phone": "2"}, {"Person": "C2", "Deal": "D1"}, {"Person": "C3", "Deal": "D1"}],
    )
    shop.bring(rows, *options)
    account = shop.account("Acme", "D1")
    assert (account.fields["industry"], account.deals["D1"].contacts) == ("retail", [("C1", "")])
    assert account.contacts["C1"].fields["phone"] == "1"
    shop.tick()
    account = shop.account("Acme", "D1")
    assert (account.fields["industry"], account.contacts["C1"].fields["phone"]) == ("medical", "2")
    assert [contact for contact, _ in account.deals["D1"].contacts] == ["C1", "C2", "C3"]


# --- however it is cut ------------------------------------------------------------------------------------------------

_ROWS = [
    deal("D1", Person="C1", Phone="1", Value="5"),
    deal("D2", Person="C1", Phone="1", Note="x"),
    deal("D3", Account="Bolt", Industry="", Person="C2", Stage="Won", Lost=""),
    deal("D4", Account="", Industry=""),
    deal("D5", Account="Bolt", Industry="", Stage="Open", Lost="", Changed="2026-03-01"),
]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 4), max_size=2))
def test_any_split_order_and_repetition_of_the_same_rows_ends_in_the_same_store(tmp_path_factory, seed, cuts) -> None:
    whole = Shop(tmp_path_factory.mktemp("whole") / "shop")
    whole.bring(_ROWS)
    mixed = Shop(tmp_path_factory.mktemp("mixed") / "shop")
    rows = [*_ROWS, *random.Random(seed).sample(_ROWS, 3)]
    random.Random(seed).shuffle(rows)
    edges = sorted({0, *cuts, len(rows)})
    for start, end in itertools.pairwise(edges):
        lost = any(row["Stage"] == "Lost" for row in rows[start:end])
        mixed.bring(rows[start:end], "--partial", code=0 if lost else 1)
    assert json.dumps(mixed.contents()) == json.dumps(whole.contents())
