from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.crm.dates import UndeclaredError, UnreadableError, parse_format, read_date

READ = [
    ("DD.MM.YYYY", "02.03.2026", "2026-03-02"),
    ("dd.mm.yyyy", "2.3.2026", "2026-03-02"),
    ("MM/DD/YYYY", "3/2/2026", "2026-03-02"),
    ("MM-DD-YYYY", "03-02-2026", "2026-03-02"),
    ("MM/DD/YY", "02/03/24", "2024-02-03"),
    ("MM/DD/YY", "02/03/69", "1969-02-03"),
    ("MM/DD/YY hh:mm AM", "02/23/26 08:55 PM", "2026-02-23T20:55:00"),
    ("MM/DD/YY hh:mm AM", "02/23/26 12:05 am", "2026-02-23T00:05:00"),
    ("MM/DD/YY hh:mm AM", "02/23/26 12:05 PM", "2026-02-23T12:05:00"),
    ("MM/DD/YY hh:mm AM", "02/23/26", "2026-02-23"),
    ("M/D/YYYY HH:mm", "1/10/2026 21:52", "2026-01-10T21:52:00"),
    ("DD/MM/YYYY HH:mm", "01/10/2026 21:52:33", "2026-10-01T21:52:33"),
    ("DD MMM YYYY", "2 Mar 2026", "2026-03-02"),
    ("MMMM D, YYYY", "March 2, 2026", "2026-03-02"),
    ("YYYYMMDD", "20260302", "2026-03-02"),
    ("EXCEL", "45000", "2023-03-15"),
    ("EXCEL", "45000.5", "2023-03-15T12:00:00"),
    ("ISO", "2026-03-02", "2026-03-02"),
    ("ISO", "2026-03-02 21:52", "2026-03-02T21:52:00"),
    ("ISO", "2026-03-02T21:52:10.123+0000", "2026-03-02T21:52:10Z"),
    ("ISO", "2026-03-02T01:00:00+02:00", "2026-03-01T23:00:00Z"),
    ("ISO", "2026-03-02T01:00:00Z", "2026-03-02T01:00:00Z"),
]


@pytest.mark.parametrize(("form", "text", "wanted"), READ)
def test_a_date_is_read_in_its_declared_format(form: str, text: str, wanted: str) -> None:
    assert read_date(text, (parse_format(form),)) == wanted


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("DD.MM.YYYY", "2026-03-02"),
        ("DD.MM.YYYY", "31.02.2026"),
        ("DD.MM.YYYY", "12.31.2026"),
        ("DD.MM.YYYY", "02/03/2026"),
        ("DD.MM.YYYY", "02.03.26"),
        ("DD.MM.YYYY", "٠٢.٠٣.٢٠٢٦"),
        ("MM/DD/YY hh:mm AM", "02/23/26 13:05 PM"),
        ("DD MMM YYYY", "2 Mai 2026"),
        ("EXCEL", "59"),
        ("EXCEL", "2026-03-02"),
        ("ISO", "2024-10"),
        ("ISO", "2026-02-30"),
        ("ISO", "2026-03-02T25:00"),
        ("ISO", "TBD"),
    ],
)
def test_a_value_that_contradicts_the_declared_format_is_unreadable(form: str, text: str) -> None:
    with pytest.raises(UnreadableError):
        read_date(text, (parse_format(form),))


@pytest.mark.parametrize(
    "text", ["01/02/2026", "1.2.26", "2026/01/02", "20260102", "45000", "45000.25", "01-02-2026 10:00"]
)
def test_without_a_declared_format_nothing_but_iso_is_read(text: str) -> None:
    with pytest.raises(UndeclaredError):
        read_date(text, ())


@pytest.mark.parametrize("text", ["TBD", "2024-10", "soon", "2026"])
def test_junk_is_unreadable_and_does_not_ask_for_a_format(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_date(text, ())


def test_the_advice_names_both_orders_or_the_one_that_a_value_settles() -> None:
    with pytest.raises(UndeclaredError, match="DD/MM/YYYY or MM/DD/YYYY"):
        read_date("01/02/2026", ())
    with pytest.raises(UndeclaredError, match=r"date_format: DD/MM/YYYY$"):
        read_date("25/02/2026", ())
    with pytest.raises(UndeclaredError, match=r"date_format: MM/DD/YY hh:mm AM$"):
        read_date("02/25/26 08:55 PM", ())


def test_a_wall_time_in_a_declared_zone_becomes_utc_and_a_date_never_moves() -> None:
    for name in ("Pacific/Auckland", "America/Los_Angeles"):
        zone = ZoneInfo(name)
        assert read_date("2026-03-02", (), zone) == "2026-03-02"
    assert read_date("2026-03-02 01:00", (), ZoneInfo("Europe/Berlin")) == "2026-03-02T00:00:00Z"
    assert read_date("2026-03-02T01:00+02:00", (), ZoneInfo("Pacific/Auckland")) == "2026-03-01T23:00:00Z"


@pytest.mark.parametrize("text", ["DD.MM", "%d.%m.%Y", "YYYY-QQ-DD", "DD.DD.YYYY", ""])
def test_a_format_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no|written with %|no part|twice"):
        parse_format(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2068, 12, 31)))
def test_every_format_reads_what_python_writes_in_it(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form, pattern in (
        ("DD.MM.YYYY HH:mm:ss", "%d.%m.%Y %H:%M:%S"),
        ("MM/DD/YY hh:mm:ss AM", "%m/%d/%y %I:%M:%S %p"),
        ("YYYY-MM-DD HH:mm:ss", "%Y-%m-%d %H:%M:%S"),
        ("DD MMM YYYY HH:mm:ss", "%d %b %Y %H:%M:%S"),
    ):
        assert read_date(moment.strftime(pattern), (parse_format(form),)) == moment.isoformat()


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_away_as_python_does(moment: datetime, minutes: int) -> None:
    sign, ahead = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{ahead // 60:02d}:{ahead % 60:02d}"
    wanted = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)
    assert read_date(text, ()) == f"{wanted:%Y-%m-%dT%H:%M:%S}Z"


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for formats in ((), (parse_format("DD.MM.YYYY HH:mm"),), (parse_format("EXCEL"),), (parse_format("YYYYMMDD"),)):
        try:
            read_date(text, formats)
        except (UnreadableError, UndeclaredError):
            pass
