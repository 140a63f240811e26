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
