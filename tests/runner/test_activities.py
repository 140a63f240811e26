"""Activities from a CRM: what reached us, what we sent, and what of it is news for a playbook."""

import itertools
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runner.shop import Shop, deal

HEADER = ("when", "direction", "channel", "deal", "contact", "account", "who", "minutes")
PLAYBOOK = """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}}
ends:
  kept: {}
  answered: {}
initial: wait
states:
  wait:
    actions:
      ask: {kind: call, title: Ask, assign: owner, contact: buyer, optional: true}
    transitions:
      - {event: reply, end: answered}
      - {after: 4w, end: kept}
"""
LATER = "2026-03-20T10:00"


@pytest.fixture
def shop(tmp_path) -> Shop:
    made = Shop(tmp_path / "shop")
    (made.folder / "playbooks" / "check-in.yaml").write_text(PLAYBOOK.lstrip())
    made.bring([deal("D1", Person="C1", Role="buyer"), deal("D2", Account="Other"), _won("D3")])
    return made


def _won(number: str):
    return deal(number, Account="Third", Stage="Won", Lost="")


def _row(when: str, direction: str = "inbound", channel: str = "call", **more: str) -> dict[str, str]:
    return {"when": when, "direction": direction, "channel": channel, **(more or {"deal": "D1"})}


def _bring(shop: Shop, rows, *options: str, now: str = LATER, code: int = 0, header=HEADER):
    path = shop.write(rows, "acts.csv", header)
    found, out = shop.run("import", "--activities", str(path), "--now", now, "--format", "json", *options)
    assert found == code, (found, out, shop.said)
    return json.loads(out)


def _activities(shop: Shop):
    store = shop.store()
    try:
        return store.activities(0, 1 << 40)
    finally:
        store.close()


def _touches(shop: Shop, account: str = "Acme"):
    store = shop.store()
    try:
        return store.load_accounts([account], 1_775_000_000, {"touches"})[0].touches if account else []
    finally:
        store.close()


def _ends(shop: Shop, number: str = "D1") -> list[str]:
    store = shop.store()
    try:
        return [one.end for one in store.enrolments_of(number)]
    finally:
        store.close()


def test_what_reached_us_is_a_reply_of_its_instant_and_moves_the_playbook(shop) -> None:
    shop.tick("2026-03-03T10:00")
    told = _bring(shop, [_row("2026-03-05T10:00", deal="D1", contact="C1", who="kim", minutes="7")])
    assert (told["recorded"], told["inbound"], told["history"], told["minutes"]) == (1, 1, 0, 7)
    event = shop.account("Acme").events[0]
    assert (event.name, event.contact, event.by) == ("reply", "C1", "")
    assert event.occurred_at < event.recorded_at
    shop.tick("2026-03-20T11:00")
    assert _ends(shop) == ["answered"]


def test_what_happened_before_the_enrolment_began_is_history_for_it(shop) -> None:
    shop.tick("2026-03-03T10:00")
    told = _bring(shop, [_row("2026-02-20T10:00"), _row("2026-03-01T18:00")])
    assert (told["recorded"], told["history"]) == (2, 2)
    shop.tick("2026-03-20T11:00")
    assert _ends(shop) == [""]
    assert [event.name for event in shop.account("Acme").log] == ["reply", "reply"], "but `last.reply` sees it"


def test_history_of_deals_that_nothing_follows_never_waits_for_a_tick(shop) -> None:
    shop.tick("2026-03-03T10:00")
    told = _bring(shop, [_row("2026-02-20T10:00", deal="D3"), _row("2026-03-10", "outbound", deal="D3")])
    assert (told["recorded"], told["history"], told["touches"]) == (2, 1, 1)
    account = shop.account("Third")
    assert account.events == []
    assert [event.name for event in account.log] == ["reply"]
    assert [touch.key for touch in _touches(shop, "Third")] == ["deal:D3"]


def test_the_same_file_twice_records_nothing_twice(shop) -> None:
    rows = [_row("2026-03-05T10:00"), _row("2026-03-06", "outbound", "email"), _row("2026-03-06", "outbound", "email")]
    assert _bring(shop, rows)["recorded"] == 2
    before = shop.contents()
    told = _bring(shop, rows)
    assert (told["recorded"], told["unchanged"]) == (0, 3)
    after = shop.contents()
    assert {name for name in before if before[name] != after[name]} <= {"imports"}


def test_an_id_makes_two_equal_rows_two_activities(shop) -> None:
    rows = [{"id": number, **_row("2026-03-06", "outbound")} for number in ("7", "8", "7")]
    told = _bring(shop, rows, header=("id", *HEADER))
    assert (told["recorded"], told["unchanged"]) == (2, 1)
    assert [one.key for one in _activities(shop)] == ["activity activities 7", "activity activities 8"]


def test_what_we_sent_is_a_touch_at_its_own_instant(shop) -> None:
    shop.tick("2026-03-03T10:00")
    _bring(shop, [_row("2026-03-10T09:00", "sent", "E-Mail", deal="D1")])
    assert [touch.kind for touch in _touches(shop)] == ["call"], "a playbook follows: the touch comes at its turn"
    shop.tick("2026-03-20T11:00")
    found = sorted((touch.kind, touch.key) for touch in _touches(shop))
    assert found == [("call", "C1"), ("email", "C1")]
    email = next(touch for touch in _touches(shop) if touch.kind == "email")
    assert email.at == _activities(shop)[0].at


def test_a_call_that_a_playbook_handed_out_is_no_second_touch(shop) -> None:
    shop.tick("2026-03-03T10:00")
    told = _bring(shop, [_row("2026-03-03T15:00", "outbound", "call"), _row("2026-03-05T15:00", "outbound", "call")])
    assert (told["touches"], told["known_touches"]) == (1, 1)


def test_a_deal_without_a_contact_is_touched_itself_and_an_account_never(shop) -> None:
    rows = [_row("2026-03-05", "outbound", deal="D2"), _row("2026-03-05", "outbound", account="Other")]
    told = _bring(shop, rows)
    assert (told["recorded"], told["touches"]) == (2, 1)
    assert [touch.key for touch in _touches(shop, "Other")] == ["deal:D2"]


def test_unknown_names_are_counted_and_the_nearest_is_named(shop) -> None:
    rows = [_row("2026-03-05", deal="D-1"), _row("2026-03-06", deal="D-1"), _row("2026-03-05", contact="c 1"),
            _row("2026-03-05", account="Acmee")]  # fmt: skip
    told = _bring(shop, rows)
    assert (told["recorded"], told["passed_over"]) == (0, 4)
    listed = [(one["what"], one["name"], one["rows"], one["did_you_mean"]) for one in told["unknown"]]
    assert listed == [("deal", "D-1", 2, "D1"), ("account", "Acmee", 1, "Acme"), ("contact", "c 1", 1, "C1")]


def test_what_was_passed_over_comes_with_the_next_file(shop) -> None:
    rows = [_row("2026-03-05", deal="D9")]
    assert _bring(shop, rows)["passed_over"] == 1
    shop.bring([deal("D9", Account="Ninth")], "--partial", now=LATER)
    assert _bring(shop, rows)["recorded"] == 1


def test_an_unknown_contact_leaves_the_activity_with_its_deal(shop) -> None:
    told = _bring(shop, [_row("2026-03-05", deal="D1", contact="nobody@x.example")])
    assert told["recorded"] == 1
    assert [one["kind"] for one in told["findings"]] == ["contact-not-found"]
    assert _activities(shop)[0].contact == ""


def test_a_contact_of_another_account_is_told_as_that_and_not_as_unknown(shop) -> None:
    shop.bring([deal("D4", Account="Fourth", Person="C4")], "--partial", now=LATER)
    told = _bring(
        shop, [_row("2026-03-05", deal="D1", contact="C4"), _row("2026-03-05", account="Other", contact="C4")]
    )
    assert (told["recorded"], told["unknown"]) == (2, [])
    (finding,) = told["findings"]
    assert (finding["kind"], finding["count"]) == ("contact-of-another", 2)
    assert [one["reason"] for one in finding["examples"]] == [
        "is of Fourth, not of Acme", "is of Fourth, not of Other",
    ]  # fmt: skip
    assert [(one.account, one.deal, one.contact) for one in _activities(shop)] == [
        ("Acme", "D1", ""),
        ("Other", "", ""),
    ]


def test_a_mail_address_finds_its_contact(shop) -> None:
    path = shop.folder / "mapping.yaml"
    path.write_text(
        path.read_text().replace("    Phone: contact.phone\n  status", "    Phone: contact.email\n  status")
    )
    shop.bring([deal("D5", Account="Fifth", Person="C5", Phone="Ann@Fifth.example")], "--partial", now=LATER)
    _bring(shop, [_row("2026-03-05", contact="ann@fifth.example")])
    assert [(one.account, one.deal, one.contact) for one in _activities(shop)] == [("Fifth", "", "C5")]


def test_what_is_still_to_come_is_passed_over(shop) -> None:
    told = _bring(shop, [_row("2026-03-21")], now="2026-03-20T10:00")
    assert (told["recorded"], told["passed_over"]) == (0, 1)
    assert [one["kind"] for one in told["findings"]] == ["activity-ahead"]


def test_rows_that_do_not_say_enough_are_rejected_with_the_reason(shop) -> None:
    rows = [_row(""), _row("2026-03-05", ""), _row("2026-03-05", "sideways"), _row("2026-03-05", channel="fax"),
            _row("5 March"), _row("2026-03-05")]  # fmt: skip
    told = _bring(shop, rows, code=1)
    assert (told["recorded"], told["rejected"]) == (1, 5)
    text = (shop.folder / "acts.rejects.csv").read_text()
    for reason in ("when is empty", "direction is empty", "is no direction", "is no channel", "is not a date"):
        assert reason in text


def test_strict_takes_all_rows_or_none_and_a_dry_run_none(shop) -> None:
    before = shop.contents()
    assert _bring(shop, [_row("2026-03-05"), _row("")], "--strict", code=1)["kept"] is False
    assert _bring(shop, [_row("2026-03-05")], "--dry-run")["recorded"] == 1
    assert shop.contents() == before


def test_the_order_of_a_column_s_dates_is_settled_by_all_of_it(shop) -> None:
    told = _bring(shop, [_row("3/5/2026"), _row("3/15/2026")])
    assert told["date_formats"] == {"when": "MM/DD/YYYY"}
    code, _ = shop.run(
        "import", "--activities", str(shop.write([_row("3/5/2026")], "acts.csv", HEADER)), "--now", LATER
    )
    assert code == 2
    assert "activities:\n      date_format" in shop.said


def test_the_workspace_s_mapping_may_say_how_activities_are_read(shop) -> None:
    with (shop.folder / "mapping.yaml").open("a") as stream:
        stream.write(
            "activities:\n  columns:\n    {Date: when, Type: [channel, direction],\n"
            "     Opp: deal, Seconds: seconds, Re: subject}\n"
            "  values:\n    channel: {Call received: call, Mail out: email}\n"
            "    direction: {Call received: inbound, Mail out: outbound}\n  keep: {Status: [Completed]}\n"
        )
    header = ("Date", "Type", "Opp", "Status", "Seconds", "Re")
    rows = [
        dict(zip(header, ("2026-03-05", "Call received", "D1", "Completed", "150", "Quote"), strict=True)),
        dict(zip(header, ("2026-03-06", "Mail out", "D1", "Completed", "", ""), strict=True)),
        dict(zip(header, ("2026-03-07", "Task", "D1", "Open", "", ""), strict=True)),
    ]
    told = _bring(shop, rows, header=header)
    assert (told["rows"], told["left_out"], told["recorded"], told["minutes"]) == (2, 1, 2, 2)
    assert [(one.direction, one.channel, one.minutes, one.subject) for one in _activities(shop)] == [
        ("inbound", "call", 2, "Quote"), ("outbound", "email", None, ""),
    ]  # fmt: skip


def test_a_file_that_lacks_what_is_needed_is_refused_with_all_of_it(shop) -> None:
    path = shop.write([{"Datum": "2026-03-05"}], "acts.csv", ("Datum",))
    code, _ = shop.run("import", "--activities", str(path), "--now", LATER)
    assert code == 2
    for part in ("when", "direction", "channel", "deal or contact or account"):
        assert f"no column for {part}" in shop.said


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_parts_of_a_file_in_any_order_come_to_the_whole(tmp_path_factory, seed) -> None:
    """Activities arrive by week or all at once, some twice: what is kept is the same."""
    dice = random.Random(seed)
    rows = [
        _row(f"2026-03-{day:02}T{dice.randrange(24):02}:00", dice.choice(["in", "out"]), dice.choice(["call", "email"]))
        for day in range(2, 12)
    ]
    kept = []
    for parts in ([rows], [rows[5:], rows[:7], rows]):
        made = Shop(tmp_path_factory.mktemp("shop") / "shop")
        made.bring([deal("D1", Person="C1")])
        for part in parts:
            _bring(made, part)
        touches = sorted((touch.at, touch.kind) for touch in _touches(made))
        kept.append((_activities(made), touches, sorted(event.occurred_at for event in made.account("Acme").events)))
    assert kept[0] == kept[1]
    assert all(one.at <= other.at for one, other in itertools.pairwise(kept[0][0]))


# --- when the ticks run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ticks", [(), ("2026-03-05T17:00",), ("2026-03-03T11:00", "2026-03-04T10:00"), ("2026-03-05T18:30",)]
)
def test_whether_an_activity_is_an_action_of_ours_does_not_depend_on_ticks(shop, ticks) -> None:
    """The call is handed out on the 3rd; the CRM tells on the 5th of a call on that day; it is reported on the 6th."""
    shop.tick("2026-03-03T10:00")
    before = [at for at in ticks if at < "2026-03-05T18:00"]
    for at in before:
        shop.tick(at)
    _bring(shop, [_row("2026-03-05T11:00", "outbound", "call")], now="2026-03-05T18:00")
    for at in ticks[len(before) :]:
        shop.tick(at)
    code, _ = shop.run("done", _call(shop), "--by", "kim", "--now", "2026-03-06T09:00")
    assert code == 0, shop.said
    shop.tick("2026-03-06T12:00")
    assert [(touch.kind, touch.at) for touch in _touches(shop)] == [("call", 1_772_787_600)], "once, when it was done"


def test_the_touch_of_an_open_action_moves_to_the_call_that_the_crm_tells_of_and_stays_there(shop) -> None:
    shop.tick("2026-03-03T10:00")
    _bring(shop, [_row("2026-03-05T11:00", "outbound", "call")], now="2026-03-05T18:00")
    for at in ("2026-03-05T18:05", "2026-03-06T10:00"):
        shop.tick(at)
        assert [(touch.kind, touch.at) for touch in _touches(shop)] == [("call", 1_772_708_400)]


def _call(shop: Shop) -> str:
    store = shop.store()
    try:
        return store.open_actions(deal="D1")[0].id
    finally:
        store.close()


COUNTING = """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}, count: {of: reply, from: account, within: 60d, at_least: 1}}
ends:
  kept: {}
initial: wait
states:
  wait:
    transitions:
      - {after: 4w, end: kept}
"""
_COUNT = "count: {of: reply, from: account, within: 60d, at_least: 1}"
TOUCHED = COUNTING.replace(_COUNT, "last.touch: {is_empty: false}")


def _shop_that_waits(tmp_path, playbook: str) -> Shop:
    made = Shop(tmp_path / "waiting")
    (made.folder / "playbooks" / "check-in.yaml").write_text(playbook.lstrip())
    made.bring([deal("D1", Person="C1", Role="buyer"), deal("D2")])
    made.tick("2026-03-03T10:00")
    assert _ends(made) == _ends(made, "D2") == []
    return made


def test_history_that_arrives_has_every_deal_of_the_account_examined_at_the_next_tick(tmp_path) -> None:
    made = _shop_that_waits(tmp_path, COUNTING)
    _bring(made, [_row("2026-02-20T10:00")], now="2026-03-03T11:00")
    made.tick("2026-03-03T11:05")
    assert _ends(made) == _ends(made, "D2") == [""], "not a day late"


def test_a_touch_that_an_import_tells_has_its_deal_examined(tmp_path) -> None:
    made = _shop_that_waits(tmp_path, TOUCHED)
    _bring(made, [_row("2026-02-20T10:00", "outbound", "email")], now="2026-03-03T11:00")
    made.tick("2026-03-03T11:05")
    assert _ends(made) == [""]


@pytest.mark.parametrize("whose", [("--deal", "D1"), ("--contact", "C1")])
def test_a_touch_that_a_person_records_has_the_deals_examined(tmp_path, whose) -> None:
    made = _shop_that_waits(tmp_path, TOUCHED)
    said = ("record", "touch", *whose, "--channel", "call", "--by", "kim", "--now", "2026-03-03T11:00")
    code, _ = made.run(*said)
    assert code == 0, made.said
    made.tick("2026-03-03T11:05")
    assert _ends(made) == [""]


def test_a_reply_that_a_person_records_for_a_contact_has_the_contact_s_deals_examined(tmp_path) -> None:
    made = _shop_that_waits(tmp_path, COUNTING)
    code, _ = made.run("record", "reply", "--contact", "C1", "--by", "kim", "--now", "2026-03-03T11:00")
    assert code == 0, made.said
    made.tick("2026-03-03T11:05")
    assert _ends(made) == [""]


# --- the presets of CRMs --------------------------------------------------------------------------------------------


def _preset_for(shop: Shop, preset: str, more: str = "") -> None:
    path = shop.folder / "crm.yaml"
    path.write_text(f"mapping: crm\npreset: {preset}\n{more}", encoding="utf-8")
    settings_file = shop.folder / "playbook.toml"
    settings_file.write_text(settings_file.read_text().replace('"mapping.yaml"', '"crm.yaml"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("preset", "more", "row", "expected"),
    [
        ("pipedrive", "  constants: {direction: outbound}\n  keep: {Activity - Type: [Call, Email]}\n",
         {"Activity - ID": "7", "Activity - Subject": "x", "Activity - Type": "Call",
          "Activity - Due date": "2026-03-05", "Activity - Assigned to user": "kim", "Deal - ID": "D1"},
         ("D1", "C1", "outbound", "call", "kim")),
        ("hubspot", "  constants: {direction: inbound, channel: email}\n",
         {"Record ID": "7", "Body preview": "x", "Activity date": "2026-03-05 21:52",
          "Associated Contact": "Ann (a@x.example)", "Associated Contact IDs": "C1;C2"},
         ("", "C1", "inbound", "email", "")),
        ("salesforce-export", "  id_characters: 0\n",
         {"Id": "00T6", "WhoId": "C1", "WhatId": "D1", "Subject": "x", "ActivityDate": "2026-03-05", "OwnerId": "kim",
          "Type": "Call", "CallType": "Outbound", "CallDurationInSeconds": "120"},
         ("D1", "C1", "outbound", "call", "kim")),
    ],
)  # fmt: skip
def test_the_known_headings_of_a_crm_are_read_by_its_preset(shop, preset, more, row, expected) -> None:
    _preset_for(shop, preset, f"activities:\n{more}")
    told = _bring(shop, [row], header=tuple(row))
    assert (told["recorded"], told["findings"]) == (1, [])
    (one,) = _activities(shop)
    assert (one.deal, one.contact or "C1", one.direction, one.channel, one.who) == expected


def test_a_preset_that_cannot_know_who_turned_to_whom_asks_for_it(shop) -> None:
    row = {"Activity - ID": "7", "Activity - Type": "Call", "Activity - Due date": "2026-03-05", "Deal - ID": "D1"}
    path = shop.write([row], "acts.csv", tuple(row))
    code, _ = shop.run("import", "--activities", str(path), "--preset", "pipedrive", "--now", LATER)
    assert code == 2
    assert "no column for direction" in shop.said
    assert "constants: {direction: …}" in shop.said


def test_a_plain_list_is_read_as_one_also_where_the_mapping_s_preset_has_activities_of_its_own(shop) -> None:
    _preset_for(shop, "pipedrive")
    told = _bring(shop, [_row("2026-03-05T10:00")])
    assert told["recorded"] == 1
