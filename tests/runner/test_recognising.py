"""Contacts for whom the CRM gives no id: who has said no under one address is not contacted under another."""

import json

import pytest

from tests.runner.shop import MAPPING, START, Shop, deal

HEADER = ("Id", "Account", "Owner", "Stage", "Lost", "Name", "Mail", "Number")
PLAIN = """
mapping: shop
deals:
  columns:
    Id: id
    Account: account_name
    Owner: owner
    Stage: status
    Lost: lost_at
    Name: contact.name
    Mail: contact.email
  status: {lost: [Lost], won: [Won], open: [Open]}
contacts:
  columns: {Mail: contact.email, Name: contact.name, Deal: contact.deal, Account: contact.account}
"""


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path / "shop")
    (shop.folder / "mapping.yaml").write_text(PLAIN.lstrip())
    return shop


def _row(number: str, name: str = "Otto Ohne", mail: str = "", **more: str) -> dict[str, str]:
    row = {key: value for key, value in deal(number).items() if key in HEADER}
    return {**row, "Name": name, "Mail": mail, **more}


def _bring(shop: Shop, *rows: dict[str, str], options: tuple[str, ...] = ()) -> dict[str, str]:
    """Import the rows; the findings about contacts: kind -> value and reason of the first."""
    path = shop.write(list(rows), header=HEADER)
    code, out = shop.run("import", str(path), "--now", START, "--format", "json", *options)
    assert code == 0, (out, shop.said)
    findings = json.loads(out)["findings"]
    return {
        one["kind"]: " ".join((one["examples"][0]["value"], one["examples"][0]["reason"])) if one["examples"] else ""
        for one in findings
        if one["kind"].startswith(("contact-", "do-not"))
    }


def _opted_out(shop: Shop, number: str = "D1", *, tick: bool = True) -> None:
    code, _ = shop.run("record", "opted_out", "--deal", number, "--now", START)
    assert code == 0, shop.said
    if tick:
        shop.tick()


def _says(shop: Shop, kind: str, value: str) -> None:
    told = ("consent", "a@acme.example", "--kind", kind, value, "--because", "on the phone", "--now", START)
    code, _ = shop.run(*told)
    assert code == 0, shop.said


def _people(shop: Shop, *deals: str, account: str = "Acme") -> list[list[str]]:
    found = shop.account(account, *deals)
    return [found.deals[number].people for number in deals]


def _suppressed(shop: Shop) -> set[str]:
    store = shop.store()
    try:
        return {one.contact for _, _, one in store.suppressions(1 << 40)}
    finally:
        store.close()


@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize(("before", "after"), [("", "otto@acme.example"), ("neo@acme.example", "neo.neu@acme.example")])
def test_an_opt_out_holds_when_the_crm_adds_or_corrects_the_address(shop, before, after, followed) -> None:
    _bring(shop, _row("D1", mail=before))
    if followed:
        shop.tick()
    _opted_out(shop)
    (known,) = _people(shop, "D1")
    told = _bring(shop, _row("D1", mail=after))
    assert told["contact-kept"] == f"{known[0]} is in the file as {after}"
    shop.tick()
    assert _people(shop, "D1") == [known]
    assert shop.account("Acme", "D1").contacts[known[0]].fields["email"] == after
    assert _suppressed(shop) == set(known)


def test_another_deal_of_the_person_stands_under_the_id_that_the_opt_out_has(shop) -> None:
    _bring(shop, _row("D1"))
    _opted_out(shop)
    _bring(shop, _row("D1"), _row("D2", "otto  OHNE", "otto@acme.example"))
    assert _people(shop, "D2") == [["Acme / Otto Ohne"]]
    _bring(shop, _row("D1"), _row("D2", "Otto Ohne", "otto@acme.example"), _row("D3", mail="otto@acme.example"))
    assert _people(shop, "D3") == [["Acme / Otto Ohne"]]


def test_a_row_without_the_address_does_not_take_it_from_somebody_whom_other_deals_have(shop) -> None:
    _bring(shop, _row("D1", mail="otto@acme.example"))
    _bring(shop, _row("D1", mail="otto@acme.example"), _row("D2"))
    account = shop.account("Acme", "D2")
    assert account.deals["D2"].people == ["otto@acme.example"]
    assert account.contacts["otto@acme.example"].fields["email"] == "otto@acme.example"


def test_an_address_that_is_gone_from_the_only_deal_is_gone(shop) -> None:
    _bring(shop, _row("D1", mail="otto@acme.example"))
    _bring(shop, _row("D1", mail=""))
    account = shop.account("Acme", "D1")
    assert account.deals["D1"].people == ["otto@acme.example"]
    assert "email" not in account.contacts["otto@acme.example"].fields


def test_two_people_of_one_name_with_two_addresses_stay_two(shop) -> None:
    rows = [_row("D1", mail="a@acme.example"), _row("D2", mail="b@acme.example")]
    assert set(_bring(shop, *rows)) == {"contact-id-unmapped"}
    assert _people(shop, "D1", "D2") == [["a@acme.example"], ["b@acme.example"]]
    shop.tick()
    _opted_out(shop)
    _bring(shop, rows[0], _row("D2", mail="b@acme.example", Owner="lee"))
    shop.tick()
    assert _suppressed(shop) == {"a@acme.example"}


@pytest.mark.parametrize("ticked", [True, False])
def test_where_it_cannot_be_told_the_no_holds_for_the_new_one_too_and_both_are_named(shop, ticked) -> None:
    _bring(shop, _row("D1", mail="a@acme.example"))
    _opted_out(shop, tick=ticked)
    told = _bring(shop, _row("D1", mail="a@acme.example"), _row("D2", mail="b@acme.example"))
    assert told["contact-unclear"] == "b@acme.example may be a@acme.example"
    shop.tick()
    assert _people(shop, "D1", "D2") == [["a@acme.example"], ["b@acme.example"]]
    assert _suppressed(shop) == {"a@acme.example", "b@acme.example"}
    code, out = shop.run("suppress", "b@acme.example", "--lift", "--because", "is another Otto", "--now", START)
    assert code == 0, (out, shop.said)
    shop.tick()
    assert _suppressed(shop) == {"a@acme.example"}


def test_a_refused_consent_is_carried_over_and_a_granted_one_is_not(shop) -> None:
    _bring(shop, _row("D1", mail="a@acme.example"))
    for kind, value in (("stay_in_touch", "--refused"), ("email", "--granted")):
        _says(shop, kind, value)
    shop.tick()
    _bring(shop, _row("D1", mail="a@acme.example"), _row("D2", mail="b@acme.example"))
    shop.tick()
    consent = shop.account("Acme", "D2").contacts["b@acme.example"].consent
    assert {kind: given["value"] for kind, given in consent.items()} == {"stay_in_touch": "refused"}


@pytest.mark.parametrize("at_once", [True, False])
def test_who_said_no_under_an_older_address_is_left_alone_in_another_account_too(shop, at_once) -> None:
    _bring(shop, _row("D1", mail="neo@acme.example"))
    _opted_out(shop)
    new, elsewhere = _row("D1", mail="neo.neu@acme.example"), _row("D2", mail="neo.neu@acme.example", Account="Other")
    if not at_once:
        _bring(shop, new)
        shop.tick()
    told = _bring(shop, new, elsewhere)
    if at_once:  # the two rows are of one batch: the address is the person's before anybody asks for it
        assert "contact-kept" in told
    assert told["contact-unclear"] == "neo.neu@acme.example may be neo@acme.example"
    shop.tick()
    assert _suppressed(shop) == {"neo@acme.example", "neo.neu@acme.example"}


def test_whoever_has_another_name_is_another_person(shop) -> None:
    _bring(shop, _row("D1", "Otto Ohne", "a@acme.example"))
    _opted_out(shop)
    told = _bring(shop, _row("D1", "Berta Blau", "b@acme.example"))
    shop.tick()
    assert "contact-unclear" not in told
    assert _suppressed(shop) == {"a@acme.example"}


@pytest.mark.parametrize("order", [1, -1])
def test_an_address_that_others_have_now_does_not_give_them_the_id_of_whom_it_was(shop, order) -> None:
    quiet = {"Stage": "Open", "Lost": ""}
    _bring(shop, _row("D1", mail="info@acme.example", **quiet), _row("D9", "X", "x@z.example", Account="Z"))
    _opted_out(shop)
    rows = [_row("D1", mail="otto@acme.example", **quiet), _row("D2", "Berta Blau", "info@acme.example")]
    told = _bring(shop, *rows[::order], _row("D9", "X", "x@z.example", Account="Z"))
    assert told["contact-unclear"] == "Acme / Berta Blau may be info@acme.example"
    shop.tick()
    assert _people(shop, "D1", "D2") == [["info@acme.example"], ["Acme / Berta Blau"]]
    assert shop.account("Acme", "D1").contacts["info@acme.example"].fields["name"] == "Otto Ohne"
    assert _suppressed(shop) == {"info@acme.example", "Acme / Berta Blau"}
    _bring(shop, _row("D1", mail="otto@acme.example"), _row("D2", "Berta Blau", "info@acme.example", Owner="lee"))
    assert _people(shop, "D1", "D2") == [["info@acme.example"], ["Acme / Berta Blau"]]


def test_whoever_takes_the_place_of_a_namesake_who_said_no_is_left_alone_too(shop) -> None:
    other = _row("D2", mail="b@acme.example", Stage="Open", Lost="")
    _bring(shop, _row("D1", mail="a@acme.example"), other)
    _opted_out(shop)
    told = _bring(shop, _row("D1", mail="b@acme.example"), other)
    assert told["contact-unclear"] == "b@acme.example may be a@acme.example"
    shop.tick()
    assert _suppressed(shop) == {"a@acme.example", "b@acme.example"}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("known", ["neo.neu@acme.example", "x@other.example"])
def test_whoever_has_the_address_elsewhere_that_one_who_said_no_takes_is_left_alone_too(shop, order, known) -> None:
    name = "Otto Ohne" if known.startswith("neo") else "Xaver Xi"
    before = _row("D2", name, known, Account="Other", Stage="Open", Lost="")
    _bring(shop, _row("D1", mail="neo@acme.example"), before)
    _opted_out(shop)
    rows = [_row("D1", mail="neo.neu@acme.example"), _row("D2", mail="neo.neu@acme.example", Account="Other")]
    _bring(shop, *rows[::order])
    shop.tick()
    assert _suppressed(shop) == {"neo@acme.example", "neo.neu@acme.example"}


def test_whoever_takes_an_address_at_which_somebody_said_no_is_left_alone_too(shop) -> None:
    other = _row("D2", mail="neo.neu@acme.example", Account="Other")
    _bring(shop, _row("D1", mail="neo@acme.example"), other)
    _opted_out(shop, "D2")
    _bring(shop, _row("D1", mail="neo.neu@acme.example"), other)
    shop.tick()
    assert _suppressed(shop) == {"neo@acme.example", "neo.neu@acme.example"}


def test_a_name_is_the_same_in_another_order_of_its_words(shop) -> None:
    _bring(shop, _row("D1"))
    _opted_out(shop)
    _bring(shop, _row("D1", "Ohne,  Otto"))
    shop.tick()
    assert _people(shop, "D1") == [["Acme / Otto Ohne"]]


@pytest.mark.parametrize("order", ["suppress", "record"])
def test_a_no_holds_for_all_who_are_reached_at_the_address(shop, order) -> None:
    other = _row("D2", "Neu", "neo.neu@acme.example", Account="Other")
    _bring(shop, _row("D1", mail="neo@acme.example"), other)
    _bring(shop, _row("D1", mail="neo.neu@acme.example"), other)
    shop.tick()
    if order == "record":
        _opted_out(shop, "D2")
    else:
        code, _ = shop.run("suppress", "neo.neu@acme.example", "--because", "asked", "--now", START)
        assert (code, "left alone too: neo@acme.example" in shop.said) == (0, True)
        shop.tick()
    assert _suppressed(shop) == {"neo@acme.example", "neo.neu@acme.example"}


def test_without_a_name_somebody_new_in_the_same_deal_may_be_the_one_who_said_no(shop) -> None:
    _bring(shop, _row("D1", "", "a@acme.example"))
    _opted_out(shop)
    assert _bring(shop, _row("D1", "", "b@acme.example"))["contact-unclear"] == "b@acme.example may be a@acme.example"


def test_an_id_of_the_crm_that_is_mapped_later_brings_along_what_was_agreed_and_refused(shop) -> None:
    _bring(shop, _row("D1", mail="a@acme.example"))
    _says(shop, "email", "--granted")
    _opted_out(shop)
    (shop.folder / "mapping.yaml").write_text(PLAIN.lstrip().replace("Id: id", "Id: id\n    Number: contact.id", 1))
    told = _bring(shop, _row("D1", mail="a@acme.example", Number="4711"), _row("D2", mail="c@b.example", Number="4712"))
    assert told["contact-has-id"] == "4711 is a@acme.example"
    assert "contact-id-unmapped" not in told
    shop.tick()
    account = shop.account("Acme", "D1", "D2")
    assert (account.deals["D1"].people, account.deals["D2"].people) == (["4711"], ["4712"])
    assert account.contacts["4711"].consent["email"]["value"] == "granted"
    assert account.contacts["4712"].consent == {}
    assert _suppressed(shop) >= {"a@acme.example", "4711"}


def test_two_ids_of_the_crm_are_two_people_whatever_they_are_called(shop) -> None:
    (shop.folder / "mapping.yaml").write_text(PLAIN.lstrip().replace("Id: id", "Id: id\n    Number: contact.id", 1))
    _bring(shop, _row("D1", mail="a@acme.example", Number="4711"))
    _opted_out(shop)
    told = _bring(shop, _row("D1", mail="a@acme.example", Number="4711"), _row("D2", mail="a@acme.example", Number="5"))
    shop.tick()
    assert told == {}
    assert _suppressed(shop) == {"4711"}


def test_a_file_of_contacts_keeps_the_id_of_whom_the_deals_have_named(shop) -> None:
    _bring(shop, _row("D1"))
    _opted_out(shop)
    people = shop.folder / "people.csv"
    people.write_text("Mail,Name,Deal,Account\notto@acme.example,Otto Ohne,D1,Acme\n")
    _bring(shop, _row("D1"), options=("--contacts", str(people)))
    shop.tick()
    account = shop.account("Acme", "D1")
    assert account.deals["D1"].people == ["Acme / Otto Ohne"]
    assert account.contacts["Acme / Otto Ohne"].fields["email"] == "otto@acme.example"


def test_a_deal_that_goes_over_to_a_renamed_account_takes_the_no_along(shop) -> None:
    _bring(shop, _row("D1"), _row("D9", Account="Other", Name="Else"))
    _opted_out(shop)
    other = _row("D9", Account="Other", Name="Else")
    told = _bring(shop, _row("D1", Account="Acme GmbH"), other)
    shop.tick()
    if told.get("contact-unclear"):
        assert told["contact-unclear"] == "Acme GmbH / Otto Ohne may be Acme / Otto Ohne"
        assert "Acme GmbH / Otto Ohne" in _suppressed(shop)
    else:  # something follows the deal: it stays with its account and its contact
        assert _people(shop, "D1") == [["Acme / Otto Ohne"]]


def test_the_findings_say_once_that_no_column_has_the_contacts_id(shop) -> None:
    path = shop.write([_row("D1"), _row("D2", "Berta Blau")], header=HEADER)
    code, out = shop.run("import", str(path), "--now", START, "--dry-run")
    assert code == 0
    (said,) = [line for line in out.splitlines() if "map contact.id" in line]
    assert said.startswith("2 contacts without an id of the CRM")
    (shop.folder / "mapping.yaml").write_text(MAPPING.lstrip())
    assert "contact-id-unmapped" not in {one["kind"] for one in shop.bring([deal("D1", Person="C1")])["findings"]}
