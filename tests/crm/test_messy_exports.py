"""The messes seen in real exports: each is read rightly, rejected by its row, or refuses the file; never guessed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.crm.errors import ImportRefused
from tests.crm.reading import Field, mapping_of, read

COLUMNS = {
    "Id": "id",
    "Stage": "status",
    "Closed": ["lost_at", "won_at"],
    "Created": "created_at",
    "Value": "amount",
    "Account": "account_name",
    "Rep": "owner",
}
HEADER = "Id,Stage,Closed,Created,Value,Account,Rep\n"


def _mapping(**options):
    return mapping_of(COLUMNS, **{"currency": "USD", **options})


def _reasons(outcome) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.kind) for each in outcome.rejections]


def test_the_same_deals_in_iso_and_in_american_dates_are_identical_to_the_fingerprint(tmp_path) -> None:
    iso = read(tmp_path, HEADER + "1,Lost,2026-03-02,2026-01-09,10,A,R\n", _mapping())
    american = read(tmp_path, HEADER + "1,Lost,3/2/2026,1/9/2026,10.00,A,R\n", _mapping(date_format="M/D/YYYY"))
    turned = read(
        tmp_path, "Rep;Account;Value;Created;Closed;Stage;Id\nR;A;10;2026-01-09;2026-03-02;LOST;1\n", _mapping()
    )
    assert iso.records[0][1:] == american.records[0][1:] == turned.records[0][1:]


@pytest.mark.parametrize("change", ["2", "Open", "2026-03-03", "2026-01-08", "11", "B", "S"])
def test_any_changed_value_changes_the_fingerprint(tmp_path, change) -> None:
    cells = ["1", "Lost", "2026-03-02", "2026-01-09", "10", "A", "R"]
    other = list(cells)
    other[["2", "Open", "2026-03-03", "2026-01-08", "11", "B", "S"].index(change)] = change
    first, second = (read(tmp_path, HEADER + ",".join(row), _mapping()).records[0] for row in (cells, other))
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (["9/1/2026", "11/15/2026"], ["2026-09-01", "2026-11-15"]),
        (["9/1/2026", "15/11/2026"], ["2026-01-09", "2026-11-15"]),
        (["9.1.26", "2026-03-01", "31.1.26"], ["2026-01-09", "2026-03-01", "2026-01-31"]),
        (["9/1/2026", "11/15/2026 08:55 PM"], ["2026-09-01", "2026-11-15T20:55:00"]),
    ],
)
@pytest.mark.parametrize("between", [0, 1200])
def test_one_day_above_the_twelfth_settles_its_whole_column(tmp_path, written, read_as, between) -> None:
    dates = [written[0], *[written[0]] * between, *written[1:]]
    rows = "".join(f"{number},Lost,{text},2020-01-01,1,A,R\n" for number, text in enumerate(dates))
    outcome = read(tmp_path, HEADER + rows, _mapping())
    found = [deal["lost_at"] for deal in outcome.deals]
    assert [found[0], *found[between + 1 :]] == read_as
    assert set(found[: between + 1]) == {read_as[0]}
    assert [heading for heading, _ in outcome.summary.settled] == ["Closed"]


def test_a_settled_column_rejects_a_day_that_does_not_exist(tmp_path) -> None:
    rows = "1,Lost,9/1/2026,,1,A,R\n2,Lost,11/15/2026,,1,A,R\n3,Lost,31/31/2026,,1,A,R\n"
    assert _reasons(read(tmp_path, HEADER + rows, _mapping())) == [(4, "Closed", "date-unreadable")]


@pytest.mark.parametrize("other", ["9/2/2026", "15/11/2026", "2026/11/15", "45000", "9.1.2026"])
def test_a_column_that_settles_nothing_or_both_orders_is_refused(tmp_path, other) -> None:
    rows = f"1,Lost,9/1/2026,,1,A,R\n2,Lost,{other},,1,A,R\n"
    both = "3,Lost,11/15/2026,,1,A,R\n" if other != "9/2/2026" else ""
    with pytest.raises(ImportRefused, match="date_format"):
        read(tmp_path, HEADER + rows + both, _mapping())


def test_one_column_does_not_settle_another(tmp_path) -> None:
    with pytest.raises(ImportRefused, match="“Created”"):
        read(tmp_path, HEADER + "1,Lost,11/15/2026,9/1/2026,1,A,R\n", _mapping())


def test_a_date_column_without_declared_format_refuses_the_import_and_shows_two_values(tmp_path) -> None:
    rows = (
        "1,Lost,03/04/2026,2026-01-01,1,A,R\n2,Lost,25/12/2025,2026-01-01,1,A,R\n3,Lost,12/25/2025,2026-01-01,1,A,R\n"
    )
    with pytest.raises(ImportRefused) as caught:
        read(tmp_path, HEADER + rows, _mapping())
    assert "“Closed”" in caught.value.message
    assert "03/04/2026" in caught.value.message
    assert "25/12/2025" in caught.value.message
    assert caught.value.hint == "Write date_format: DD/MM/YYYY"


def test_a_row_that_contradicts_the_declared_format_is_rejected_and_the_others_go_on(tmp_path) -> None:
    rows = (
        "1,Lost,03/04/2026,2026-01-01,1,A,R\n2,Lost,25/12/2025,2026-01-01,1,A,R\n3,Lost,2026-01-02,2026-01-01,1,A,R\n"
    )
    mapping = _mapping(date_formats={"closed": "MM/DD/YYYY"}, date_format="ISO")
    outcome = read(tmp_path, HEADER + rows, mapping)
    assert [deal["lost_at"] for deal in outcome.deals] == ["2026-03-04"]
    assert _reasons(outcome) == [(3, "Closed", "date-unreadable"), (4, "Closed", "date-unreadable")]
    assert outcome.rejections[0].value == "25/12/2025"
    assert outcome.rejections[0].id == "2"


@pytest.mark.parametrize("value", ["TBD", "2024-10", "2026-02-30", "45000"])
def test_an_unreadable_date_rejects_its_row_with_line_column_and_value(tmp_path, value) -> None:
    outcome = read(tmp_path, HEADER + f"1,Lost,{value},2026-01-01,1,A,R\n", _mapping(date_format="ISO"))
    (rejection,) = outcome.rejections
    assert (rejection.line, rejection.column, rejection.value) == (2, "Closed", value)


def test_a_lost_deal_without_a_date_is_accepted_found_and_never_dated_today(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + "1,Lost,,2026-01-01,1,A,R\n", _mapping(), today="2026-11-21")
    assert "lost_at" not in outcome.deals[0]
    assert outcome.deals[0]["status"] == "lost"
    assert outcome.findings() == {"lost-date-missing": 1}


def test_the_planned_close_date_of_an_open_deal_is_no_loss_date(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + "1,Open,2026-12-31,,1,A,R\n2,Won,2026-12-31,,1,A,R\n", _mapping())
    assert [sorted({"lost_at", "won_at"} & set(deal)) for deal in outcome.deals] == [[], ["won_at"]]


def test_losses_to_come_and_losses_before_the_beginning_are_findings(tmp_path) -> None:
    rows = "1,Lost,2031-01-01,2026-01-01,1,A,R\n2,Lost,2025-12-31,2026-01-01,1,A,R\n3,Lost,1996-01-01,,1,A,R\n"
    outcome = read(tmp_path, HEADER + rows, _mapping(), today="2026-11-21")
    assert outcome.findings() == {"lost-date-future": 1, "lost-before-created": 1}
    assert len(outcome.deals) == 3


def test_a_file_without_a_lost_deal_says_so(tmp_path) -> None:
    assert read(tmp_path, HEADER + "1,Open,,,1,A,R\n", _mapping()).findings() == {"no-lost-deals": 1}


@pytest.mark.parametrize(
    "written", ["Lost", "lost", "LOST", " Closed Lost ", "Closed/Lost", "closed  lost", "Loss", "Out-Sold"]
)
def test_lost_in_any_listed_spelling_is_lost(tmp_path, written) -> None:
    status = {"lost": ["Lost", "Loss", "Closed Lost", "Closed/Lost", "Canceled", "Out-Sold"], "open": ["Open"]}
    outcome = read(tmp_path, HEADER + f"1,{written},2026-01-02,,1,A,R\n", _mapping(status=status))
    assert outcome.summary.lost == 1


def test_a_state_that_nobody_listed_rejects_its_row_with_a_suggestion(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + "1,Losst,2026-01-02,,1,A,R\n2,,,,1,A,R\n", _mapping())
    assert _reasons(outcome) == [(2, "Stage", "status-unknown"), (3, "Stage", "status-missing")]
    assert "Did you mean “lost”" in outcome.rejections[0].reason


def test_a_flag_that_is_not_won_does_not_mean_lost(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status"}, flags={"won": "Is won", "lost": "Lost on"})
    text = "Id,Stage,Is won,Lost on\n1,Open,FALSE,\n2,Open,TRUE,\n3,Open,false,2026-01-02\n4,Open,true,2026-01-02\n"
    outcome = read(tmp_path, text, content)
    assert [deal["status"] for deal in outcome.deals] == ["open", "won", "lost"]
    assert "lost and won at once" in outcome.rejections[0].reason


def test_a_deleted_deal_is_deleted_whatever_else_its_flags_say(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status"}, flags={"won": "Is won", "lost": "Is lost", "deleted": "Gone"})
    outcome = read(tmp_path, "Id,Stage,Is won,Is lost,Gone\n1,Won,yes,yes,yes\n2,Lost,no,yes,yes\n", content)
    assert [deal["status"] for deal in outcome.deals] == ["deleted", "deleted"]


def test_ids_stay_text_and_differ_by_case(tmp_path) -> None:
    ids = ["007", "7", "195000000001", "006bm00000LKJNN", "006bm00000LKJnN", "1E5", "zcrm_1", "+49"]
    outcome = read(tmp_path, HEADER + "".join(f"{each},Open,,,1,A,R\n" for each in ids), _mapping())
    assert [deal["id"] for deal in outcome.deals] == ids


def test_an_id_that_a_spreadsheet_has_rounded_is_rejected(tmp_path) -> None:
    outcome = read(tmp_path, HEADER + '1.95E+11,Open,,,1,A,R\n"1,95E+11",Open,,,1,A,R\n,Open,,,1,A,R\n', _mapping())
    assert _reasons(outcome) == [(2, "Id", "id-damaged"), (3, "Id", "id-damaged"), (4, "Id", "id-missing")]


def test_an_exact_duplicate_is_counted_and_other_content_under_one_id_is_rejected(tmp_path) -> None:
    rows = "1,Open,,,1,A,R\n1,Open,,,1,A,R\n1,Open,,,2,A,R\n"
    outcome = read(tmp_path, HEADER + rows, _mapping())
    assert (outcome.summary.accepted, outcome.summary.duplicates, outcome.summary.rejected) == (1, 1, 1)
    assert outcome.rejections[0].line == 4
    assert "line 2" in outcome.rejections[0].reason


def test_a_deal_without_an_id_column_gets_a_key_that_stays_the_same(tmp_path) -> None:
    columns = {key: value for key, value in COLUMNS.items() if key != "Id"}
    content = mapping_of(columns, currency="USD", id_from=["Account", "Created"])
    iso = read(tmp_path, HEADER + "x,Lost,2026-03-02,2026-01-09,10,A,R\ny,Open,,,10,,R\n", content)
    content["deals"]["date_format"] = "M/D/YYYY"
    american = read(tmp_path, HEADER + "z,Lost,3/4/2026,1/9/2026,99,A,R\n", content)
    assert iso.deals[0]["id"] == american.deals[0]["id"] == "A | 2026-01-09"
    assert _reasons(iso) == [(3, "Account | Created", "id-missing")]


@pytest.mark.parametrize(
    ("written", "minor"),
    [("45300", 4_530_000), ("$45,300", 4_530_000), ("0.0", 0), ("", None), ("-12.50", -1_250), ("USD 3", 300)],
)
def test_amounts_are_read_as_declared(tmp_path, written, minor) -> None:
    outcome = read(tmp_path, HEADER + f'1,Open,,,"{written}",A,R\n', _mapping(decimal=".", thousands=","))
    assert outcome.deals[0].get("amount") == minor


@pytest.mark.parametrize("written", ["45.3k", "(500)", "12_000", "NaN", "1e400", "٣٤", "about 5", "1.234,56"])
def test_an_unreadable_amount_rejects_its_row(tmp_path, written) -> None:
    outcome = read(
        tmp_path, HEADER + f'1,Open,,,"{written}",A,R\n2,Open,,,5,A,R\n', _mapping(decimal=".", thousands=",")
    )
    assert _reasons(outcome) == [(2, "Value", "amount-unreadable")]


@pytest.mark.parametrize("written", ["1,234", "1.234", "1'234.50"])
def test_an_amount_with_two_meanings_refuses_the_import_until_it_is_declared(tmp_path, written) -> None:
    with pytest.raises(ImportRefused, match="decimal"):
        read(tmp_path, HEADER + f'1,Open,,,"{written}",A,R\n', _mapping())


def test_several_currencies_in_one_file_keep_their_own(tmp_path) -> None:
    content = mapping_of(
        {"Id": "id", "Stage": "status", "Value": "amount", "Money": "currency"},
        values={"currency": {"US Dollar": "USD"}},
    )
    text = "Id,Stage,Value,Money\n1,Open,5,JPY\n2,Open,5,us dollar\n3,Open,5,\n4,Open,5,Euros\n5,Open,€5,\n"
    outcome = read(tmp_path, text, content)
    assert [(deal.get("amount"), deal.get("currency")) for deal in outcome.deals] == [
        (5, "JPY"), (500, "USD"), (None, None), (None, None), (500, "EUR"),
    ]  # fmt: skip
    found = outcome.findings()
    assert (found["currency-missing"], found["currency-unknown"]) == (2, 1)


def test_an_amount_without_any_currency_refuses_the_import(tmp_path) -> None:
    content = mapping_of(COLUMNS)
    with pytest.raises(ImportRefused, match="currency"):
        read(tmp_path, HEADER + "1,Open,,,5,A,R\n", content)
    assert read(tmp_path, HEADER + "1,Open,,,5,A,R\n", content, currency="EUR").deals[0]["amount"] == 500


def test_a_real_competitor_called_none_stays_unless_the_mapping_says_it_is_empty(tmp_path) -> None:
    text = "Id,Stage,Competitor\n1,Open,None\n2,Open,NA\n3,Open,   \n4,Open,nan\n"
    columns = {"Id": "id", "Stage": "status", "Competitor": "competitor"}
    assert [deal.get("competitor") for deal in read(tmp_path, text, mapping_of(columns)).deals] == [
        "None",
        "NA",
        None,
        "nan",
    ]
    emptied = mapping_of(columns, empty=["None", "nan", "(not set)"])
    assert [deal.get("competitor") for deal in read(tmp_path, text, emptied).deals] == [None, "NA", None, None]


def test_declared_fields_are_read_by_type_and_what_does_not_fit_is_dropped_and_counted(tmp_path) -> None:
    fields = {
        "lost_reason": Field(type="choice", values=("price", "no_decision")),
        "seats": Field(type="number"),
        "renewal": Field(type="date"),
        "strategic": Field(type="yes_no"),
        "cycle": Field(type="duration"),
    }
    names = {
        "Reason": "lost_reason",
        "Seats": "seats",
        "Renewal": "renewal",
        "Big": "strategic",
        "Cycle": "cycle",
        "Zone": "zone",
    }
    content = mapping_of({"Id": "id", "Stage": "status"} | names, values={"lost_reason": {"Too expensive": "price"}})
    text = (
        "Id,Stage,Reason,Seats,Renewal,Big,Cycle,Zone\n"
        "1,Won,No decision,12,2027-01-01,TRUE,3w,Europe/Berlin\n"
        "2,Won,too expensive,1.5,,no,,\n"
        "3,Won,Prize,many,,perhaps,3 m,Mars/Base\n"
    )
    outcome = read(tmp_path, text, content, fields=fields)
    first, second, third = outcome.deals
    assert first == {
        "id": "1", "name": "Deal 1", "status": "won", "lost_reason": "no_decision", "seats": 12,
        "renewal": "2027-01-01", "strategic": True, "cycle": "3w", "zone": "Europe/Berlin",
    }  # fmt: skip
    assert (second["lost_reason"], second["seats"], second["strategic"]) == ("price", 1.5, False)
    assert third == {"id": "3", "name": "Deal 3", "status": "won"}
    found = outcome.findings()
    for kind in ("choice-unknown", "number-unreadable", "yes-no-unreadable", "duration-unreadable", "zone-unknown"):
        assert found[kind] == 1
    assert found["reason-on-won"] == 2


def test_a_zone_is_judged_by_whoever_calls(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status", "Zone": "account.zone", "A": "account"})
    outcome = read(tmp_path, "Id,Stage,Zone,A\n1,Open,Here,C\n", content, zone_ok=lambda zone: zone == "Here")
    assert outcome.records[0].account == {"id": "C", "zone": "Here"}


def test_one_of_two_pipelines_is_kept_and_the_other_is_counted(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status"}, keep={"pipeline": ["Sales", "Renewals"]})
    outcome = read(tmp_path, "Id,Stage,Pipeline\n1,Open,sales \n2,Nonsense,Hiring\n3,Lost,Renewals\n", content)
    assert [deal["id"] for deal in outcome.deals] == ["1", "3"]
    assert outcome.summary.left_out == 1


def test_no_value_is_lost_between_the_file_and_the_record(tmp_path) -> None:
    text = 'Id,Stage,"Name, of deal",Note\n1,Open,"Acme, ""Best"" GmbH & Co. <b>KG</b>","=1+1\nsecond"\n'
    outcome = read(tmp_path, text, mapping_of({"Id": "id", "Stage": "status", "Name, of deal": "name"}))
    assert outcome.deals[0]["name"] == 'Acme, "Best" GmbH & Co. <b>KG</b>'
    assert outcome.deals[0]["custom"] == {"note": "=1+1\nsecond"}


def test_the_order_of_records_and_rejections_is_the_files(tmp_path) -> None:
    from engine.crm.load import load_mapping
    from engine.crm.read import read_deals

    path = tmp_path / "deals.csv"
    path.write_text(HEADER + "".join(f"{n},{'Open' if n % 3 else 'Odd'},,,1,A,R\n" for n in range(2, 2_000)))
    reading = read_deals(path, load_mapping(_mapping()), tmp_path)
    assert [each.line for each in reading] == list(range(2, 2_000))
    assert [each.line for each in reading] == list(range(2, 2_000)), "a second pass gives the same"


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(CELL, st.sampled_from(["Lost", "Won", "Open", "?", ""]), CELL, CELL), max_size=12),
    st.binary(max_size=40),
)
def test_whatever_stands_in_a_file_every_row_is_accepted_duplicate_or_rejected(tmp_path, rows, junk) -> None:
    import csv
    import io

    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([["Id", "Stage", "Closed", "Value"], *rows])
    columns = {"Id": "id", "Stage": "status", "Closed": "lost_at", "Value": "amount"}
    content = mapping_of(
        columns, date_format="DD.MM.YYYY", currency="EUR", decimal=",", thousands=".", encoding="utf-8"
    )
    outcome = read(tmp_path, stream.getvalue().encode() + junk, content)
    if not junk:
        blank = sum(not any(cell.strip() for cell in row) for row in rows)
        assert outcome.summary.rows + outcome.summary.blank_lines >= len(rows) - blank
        assert outcome.summary.rows <= len(rows)
