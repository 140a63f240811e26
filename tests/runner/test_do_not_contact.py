"""The CRM's own marks of whom nobody may contact, and an older export that is put right before the next tick."""

import csv
import json

import pytest

from tests.runner.shop import MAPPING, START, Shop, deal

HEADER = ("Id", "Account", "Owner", "Stage", "Lost", "Person", "Never", "Mailing", "Calls")
PLAIN = """
mapping: shop
deals:
  columns:
    Id: id
    Account: account_name
    Owner: owner
    Stage: status
    Lost: lost_at
    Person: contact.id
    Never: contact.do_not_contact
    Mailing: contact.do_not_email
    Calls: contact.do_not_call
  status: {lost: [Lost], won: [Won], open: [Open]}
contacts:
  columns: {Person: contact.id, Account: contact.account, Never: do_not_contact}
"""


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path / "shop")
    (shop.folder / "mapping.yaml").write_text(PLAIN.lstrip())
    return shop


def _row(number: str = "D1", **more: str) -> dict[str, str]:
    row = {key: value for key, value in deal(number).items() if key in HEADER}
    return {**row, "Person": "C1", **more}


def _bring(shop: Shop, *rows: dict[str, str], options: tuple[str, ...] = ()) -> set[str]:
    """Import the rows and tick; the kinds of finding about whom not to contact."""
    path = shop.write(list(rows), header=HEADER)
    code, out = shop.run("import", str(path), "--now", START, "--format", "json", *options)
    assert code == 0, (out, shop.said)
    shop.tick()
    told = json.loads(out)
    findings = [*told["findings"], *(one for side in told["sides"] for one in side["findings"])]
    return {one["kind"] for one in findings if one["kind"].startswith("do-not")}


def _in_force(shop: Shop) -> list[tuple[str, str, str, str]]:
    store = shop.store()
    try:
        found = [one for _, _, one in store.suppressions(1 << 40)]
        return sorted((one.contact, one.scope, one.channel, one.because) for one in found)
    finally:
        store.close()


def _person_says(shop: Shop, *arguments: str) -> None:
    code, out = shop.run("suppress", "C1", *arguments, "--because", "on the phone", "--by", "kim", "--now", START)
    assert code == 0, (out, shop.said)
    shop.tick()


@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize("word", ["yes", "TRUE", "1", "Ja, nie wieder"])
def test_a_yes_suppresses_with_the_import_as_its_proof_and_a_later_no_is_a_finding(shop, word, followed) -> None:
    if followed:
        _bring(shop, _row())
    assert "do-not-contact" in _bring(shop, _row(Never=word))
    number = 2 if followed else 1
    assert _in_force(shop) == [("C1", "contact", "", f"the CRM says so: shop (import {number})")]
    assert _bring(shop, _row(Never="no")) == {"do-not-over"}
    assert len(_in_force(shop)) == 1
    _person_says(shop, "--lift")
    assert _in_force(shop) == []


def test_a_yes_of_one_source_outlives_the_no_of_another(shop) -> None:
    _bring(shop, _row(Never="yes"), options=("--source", "one"))
    _bring(shop, _row(Never="yes", Owner="lee"), options=("--source", "two"))
    assert _bring(shop, _row(Never="no", Owner="lee"), options=("--source", "one")) == {"do-not-over"}
    assert [one[0] for one in _in_force(shop)] == ["C1"]


def test_a_yes_in_a_row_that_did_not_change_outlives_the_no_of_another_row(shop) -> None:
    _bring(shop, _row(Never="yes"), _row("D2", Never="yes"))
    _bring(shop, _row(Never="no"), _row("D2", Never="yes"))
    assert [one[0] for one in _in_force(shop)] == ["C1"]


def test_deals_that_say_yes_and_contacts_that_say_no_come_to_the_same_each_time(shop) -> None:
    people = shop.folder / "people.csv"
    people.write_text("Person,Account,Never\nC1,Acme,no\n")
    for _ in range(3):
        _bring(shop, _row(Never="yes"), options=("--contacts", str(people)))
        assert [one[0] for one in _in_force(shop)] == ["C1"]


def test_a_channel_of_its_own_is_closed_for_mail_and_for_calls(shop) -> None:
    _bring(shop, _row(Mailing="yes", Calls="no"), _row("D2", Account="Other", Person="C2", Calls="y"))
    assert [one[:3] for one in _in_force(shop)] == [("C1", "channel", "email"), ("C2", "channel", "call")]


def test_a_no_takes_nothing_back_that_a_person_has_recorded(shop) -> None:
    _bring(shop, _row())
    _person_says(shop)
    assert _bring(shop, _row(Never="no")) == set()
    assert _in_force(shop) == [("C1", "contact", "", "on the phone (kim)")]
    _bring(shop, _row(Never="yes"))
    assert _bring(shop, _row(Never="no", Owner="lee")) == {"do-not-stays"}
    assert ("C1", "contact", "", "on the phone (kim)") in _in_force(shop)


def test_an_empty_cell_is_no_no(shop) -> None:
    _bring(shop, _row(Never="yes"))
    assert _bring(shop, _row(Never="")) == set()
    assert len(_in_force(shop)) == 1


def test_what_a_person_lifted_is_not_said_again_by_the_same_yes(shop) -> None:
    _bring(shop, _row(Never="yes"))
    _person_says(shop, "--lift")
    assert _bring(shop, _row(Never="yes", Owner="lee")) == set()
    assert _in_force(shop) == []
    _bring(shop, _row(Never="no"))
    assert _bring(shop, _row(Never="yes")) == {"do-not-contact"}
    assert len(_in_force(shop)) == 1


@pytest.mark.parametrize("words", [("yes", "no"), ("no", "yes")])
def test_of_two_rows_of_one_file_the_yes_holds(shop, words) -> None:
    _bring(shop, _row(Never="yes"))
    _bring(shop, _row(Never=words[0], Owner="lee"), _row("D2", Never=words[1]))
    assert [one[0] for one in _in_force(shop)] == ["C1"]


def test_a_contact_of_another_account_is_left_alone_too(shop) -> None:
    _bring(shop, _row())
    _bring(shop, _row(), _row("D2", Account="Other", Never="yes"))
    assert [one[:2] for one in _in_force(shop)] == [("C1", "contact"), ("Other / C1", "contact")]
    assert [one.contact for one in shop.account("Acme", "D1").suppressions] == ["C1"]


def test_the_deal_of_another_account_has_a_copy_of_whom_nobody_may_contact(shop) -> None:
    _bring(shop, _row())
    _person_says(shop)
    _bring(shop, _row(), _row("D2", Account="Other"))
    assert shop.account("Other", "D2").deals["D2"].people == ["Other / C1"]
    assert [one.contact for one in shop.account("Other", "D2").suppressions] == ["Other / C1"]
    _bring(shop, _row(), _row("D2", Account="Other", Owner="lee"))
    assert shop.account("Other", "D2").deals["D2"].people == ["Other / C1"]


def test_what_the_account_does_not_want_goes_along_to_its_new_name(shop) -> None:
    _bring(shop, _row(Stage="Open", Lost=""), _row("D9", Account="Z", Person="C9"))
    code, _ = shop.run("suppress", "--account", "Acme", "--because", "asked", "--now", START)
    assert code == 0, shop.said
    shop.tick()
    _bring(shop, _row(Account="Acme GmbH"), _row("D9", Account="Z", Person="C9"))
    assert {("", "account"), ("Acme GmbH / C1", "contact")} <= {one[:2] for one in _in_force(shop)}
    assert "account" in {one.scope for one in shop.account("Acme GmbH", "D1").suppressions}


@pytest.mark.parametrize("people", [("Otto Ohne",), ("Otto Ohne", "Berta Blau")])
def test_a_no_in_a_row_that_names_another_account_and_another_id_is_that_of_the_deals_contact(shop, people) -> None:
    text = PLAIN.lstrip().replace("Person: contact.id", "Person: contact.name", 1)
    (shop.folder / "mapping.yaml").write_text(text)
    _bring(shop, *(_row(f"D{place}", Person=name) for place, name in enumerate(people)))
    assert "do-not-meant" in _bring(shop, _row("D0", Account="Acme GmbH", Person="Ohne, Otto", Never="yes"))
    assert [one[0] for one in _in_force(shop)] == ["Acme / Otto Ohne"]


def test_a_file_of_contacts_can_say_it(shop) -> None:
    people = shop.folder / "people.csv"
    with people.open("w", newline="") as stream:
        csv.writer(stream).writerows([("Person", "Account", "Never"), ("C1", "Acme", "yes")])
    assert _bring(shop, _row(), options=("--contacts", str(people))) == {"do-not-contact"}
    assert [one[:2] for one in _in_force(shop)] == [("C1", "contact")]


def test_the_same_file_again_says_nothing_again(shop) -> None:
    _bring(shop, _row(Never="yes"))
    assert _bring(shop, _row(Never="yes")) == set()
    assert len(_in_force(shop)) == 1


# --- an older export --------------------------------------------------------------------------------------------------


def _undated(shop: Shop) -> None:
    text = MAPPING.lstrip().replace("    Changed: modified_at\n", "")
    (shop.folder / "mapping.yaml").write_text(text)


def _story(shop: Shop, number: str) -> list[str]:
    store = shop.store()
    try:
        deal_row = store.deal(number).deal
        return [one.event.name for one in store.events_of(deal_row.account, number) if one.state != "undone"]
    finally:
        store.close()


@pytest.mark.parametrize("followed", [True, False])
def test_many_lost_deals_that_are_open_again_are_said_and_the_newest_export_puts_them_back(shop, followed) -> None:
    _undated(shop)
    newest = [deal(f"D{number}", Account=f"A{number}") for number in range(4)]
    shop.bring([{**row, "Stage": "Open", "Lost": ""} for row in newest], code=1)
    shop.bring(newest)
    if followed:
        shop.tick()
    before = {number: _story(shop, number) for number in ("D0", "D3")}
    older = [{**row, "Stage": "Open", "Lost": ""} for row in newest[:3]] + newest[3:]
    code, said = shop.run("import", str(shop.write(older)), "--dry-run", "--now", START)
    assert code == 0
    assert "3 lost deals are open again in this file: if it is an older export, import the newest one before" in said
    shop.bring(older)
    shop.bring(newest)
    shop.tick()
    store = shop.store()
    deals = [store.deal(f"D{number}").deal for number in range(4)]
    followers = [store.enrolments_of(f"D{number}") for number in range(4)]
    store.close()
    assert [(one.status, one.fields["lost_at"]) for one in deals] == [("lost", "2026-03-01")] * 4
    assert [[one.end for one in each] for each in followers] == [[""]] * 4
    assert "reopened" not in _story(shop, "D0")
    assert _story(shop, "D3") == before["D3"]


def test_what_came_of_a_deal_after_the_older_export_is_taken_back_with_it(shop) -> None:
    _undated(shop)
    lost = deal("D1", Lost="2025-06-01")
    shop.bring([lost, deal("D2")])
    for stage in ("Open", "Won"):
        shop.bring([{**lost, "Stage": stage, "Lost": ""}, deal("D2")])
    shop.bring([lost, deal("D2")])
    shop.tick()
    assert {"reopened", "won"}.isdisjoint(_story(shop, "D1"))


def test_two_that_are_open_again_are_an_ordinary_week_and_a_dated_export_says_itself_that_it_is_old(shop) -> None:
    _undated(shop)
    rows = [deal(f"D{number}") for number in range(6)]
    shop.bring(rows)
    told = shop.bring([{**row, "Stage": "Open", "Lost": ""} for row in rows[:2]] + rows[2:])
    assert "reopened-many" not in {one["kind"] for one in told["findings"]}
    (shop.folder / "mapping.yaml").write_text(MAPPING.lstrip())
    told = shop.bring([{**row, "Stage": "Open", "Lost": "", "Changed": "2026-03-02"} for row in rows], code=1)
    assert told["events"] == {"reopened": 4}
    assert "reopened-many" not in {one["kind"] for one in told["findings"]}


# --- teams ------------------------------------------------------------------------------------------------------------

ROSTER = """
teams:
  north: {title: North}
people:
  kim: {name: Kim, team: north}
"""


def test_a_file_without_a_team_column_says_whose_team_counts(tmp_path) -> None:
    shop = Shop(tmp_path / "shop", ROSTER.lstrip())
    path = shop.write([deal("D1"), deal("D2")])
    line = "2 deals in a file with no team column: a deal's team is its owner's (roster)"
    assert line in shop.run("import", str(path), "--now", START, "--dry-run")[1]
    (shop.folder / "mapping.yaml").write_text(MAPPING.lstrip().replace("    Note: custom.note\n", "    Note: team\n"))
    path = shop.write([deal("D1", Note="north")])
    assert "no team column" not in shop.run("import", str(path), "--now", START, "--dry-run")[1]
