import csv
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.calendars import (
    Calendar,
    CalendarError,
    Window,
    after_business_seconds,
    before_business_seconds,
    business_seconds,
    country_holidays,
    next_open,
    parse_hours,
)
from engine.core.zones import to_instant, to_local, zone

OFFICE = parse_hours({"mon-fri": "09:00-17:00"})
BERLIN, NEW_YORK = zone("Europe/Berlin"), zone("America/New_York")
REFERENCE = Path(__file__).parents[1] / "reference" / "business_days.csv"
DATES = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@st.composite
def calendars(draw):
    """Any pattern of open weekdays, spans with and without a lunch break, any holidays."""
    spans = st.sampled_from([[], [], ["09:00-17:00"], ["00:00-24:00"], ["08:00-12:00", "13:00-17:30"], ["10:00-10:01"]])
    hours = {day: draw(spans) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    if not any(hours.values()):
        hours["wed"] = ["09:00-17:00"]
    holidays = draw(st.frozensets(st.dates(date(2025, 12, 1), date(2026, 2, 28)), max_size=20))
    return Calendar(name="any", hours=parse_hours(hours), holidays=holidays)


def test_hours_are_read_by_day_range_and_list():
    hours = parse_hours({"mon-wed, fri": ["13:00-17:00", "09:00-12:00"], "sat": "10:00-24:00"})
    morning_and_afternoon = ((540, 720), (780, 1020))
    assert hours.days == (*[morning_and_afternoon] * 3, (), morning_and_afternoon, ((600, 1440),), ())


def test_a_range_of_days_may_run_over_the_weekend():
    assert [bool(spans) for spans in parse_hours({"fri-mon": "09:00-17:00"}).days] == [True, *[False] * 3, *[True] * 3]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"monday": "09:00-17:00"}, "not a day"),
        ({"mon-": "09:00-17:00"}, "not a day"),
        ({1: "09:00-17:00"}, "not a day"),
        ({"mon-fri": "9-5"}, "not a span"),
        ({"mon-fri": "9:00-17:00"}, "not a span"),
        ({"mon-fri": 540}, "not a span"),
        ({"mon-fri": [540]}, "not a span"),
        ({"mon": "09:00-24:01"}, "not a time of day"),
        ({"mon": "09:60-17:00"}, "not a time of day"),
        ({"mon": "22:00-06:00"}, "ends before it begins"),
        ({"mon": "09:00-09:00"}, "ends before it begins"),
        ({"mon": ["09:00-12:00", "11:00-17:00"]}, "overlap or touch"),
        ({"mon-fri": "09:00-17:00", "fri": "09:00-12:00"}, "fri is given twice"),
        ("09:00-17:00", "not hours"),
        (None, "not hours"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_hint(source, message):
    with pytest.raises(CalendarError, match=message) as refused:
        parse_hours(source)
    assert refused.value.hint


def test_a_calendar_that_is_never_open_is_refused():
    with pytest.raises(CalendarError, match="never open"):
        Calendar(name="none", hours=parse_hours({}))


def test_business_days_agree_with_the_reference():
    days = {"none": frozenset(), "US": country_holidays("US", None, range(2016, 2028))}
    found = {name: Calendar(name=name, hours=OFFICE, holidays=closed) for name, closed in days.items()}
    rows = list(csv.DictReader(REFERENCE.read_text().splitlines()))
    assert len(rows) == 616 and sum(row["tool"] == "numpy" for row in rows) == 8
    for row in rows:
        got = found[row["calendar"]].business_day(date.fromisoformat(row["start"]), int(row["n"]))
        assert got.isoformat() == row["expected"], row


@given(calendars(), DATES, st.integers(-80, 80))
def test_counting_business_days_agrees_with_walking_through_them(calendar, day, count):
    walked, left, step = day, abs(count), timedelta(days=1 if count > 0 else -1)
    while left:
        walked += step
        left -= calendar.is_business_day(walked)
    assert calendar.business_day(day, count) == walked


def test_public_holidays_are_those_of_the_country_and_its_part():
    england = country_holidays("GB", "ENG", [2026])
    assert {date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 28)} <= england
    assert date(2026, 11, 30) not in england  # St Andrew's Day is Scotland's
    assert date(2026, 11, 30) in country_holidays("GB", "SCT", [2026])
    assert date(2025, 10, 31) not in country_holidays("US", None, [2025])  # kept by many, public nowhere


@pytest.mark.parametrize(
    ("country", "part", "hint"), [("us", None, "write US"), ("XX", None, "two-letter"), ("US", "ENG", "its parts are")]
)
def test_an_unknown_country_or_part_is_refused_with_a_hint(country, part, hint):
    with pytest.raises(CalendarError) as refused:
        country_holidays(country, part, [2026])
    assert hint in refused.value.hint


def test_without_the_holidays_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(CalendarError) as refused:
        country_holidays("US", None, [2026])
    assert 'pip install ".[holidays]"' in refused.value.hint


def test_the_closing_minute_is_still_open():
    window = Window(name="office", hours=OFFICE)
    assert next_open(utc("2026-03-02T16:00"), [window], BERLIN) == utc("2026-03-02T16:00")  # 17:00 on the wall
    assert next_open(utc("2026-03-02T16:01"), [window], BERLIN) == utc("2026-03-03T08:00")


def test_the_next_opening_is_one_that_all_windows_share():
    office = Calendar(name="office", hours=OFFICE, holidays=frozenset({date(2026, 3, 3)}))
    mornings = Window(name="mornings", hours=parse_hours({"tue-sun": ["08:00-09:30"]}))
    assert next_open(utc("2026-03-02T12:00"), [office, mornings], BERLIN) == utc("2026-03-04T08:00")


def test_there_is_no_next_opening_where_windows_never_meet():
    early = Window(name="early", hours=parse_hours({"mon": "06:00-08:00"}))
    late = Window(name="late", hours=parse_hours({"mon": "09:00-10:00"}))
    assert next_open(utc("2026-03-02T12:00"), [early, late], BERLIN) is None
    assert next_open(utc("2026-03-02T12:00"), [Window(name="shut", hours=parse_hours({}))], BERLIN) is None


def test_without_windows_every_instant_is_open():
    assert next_open(utc("2026-03-07T03:17"), [], BERLIN) == utc("2026-03-07T03:17")


def test_an_opening_that_the_clocks_skip_is_the_first_minute_after_it():
    night = Window(name="night", hours=parse_hours({"sun": "02:15-05:00"}))
    assert next_open(utc("2026-03-08T05:00"), [night], NEW_YORK) == utc("2026-03-08T07:00")
    skipped = Window(name="skipped", hours=parse_hours({"sun": "02:15-02:45"}))
    assert next_open(utc("2026-03-08T05:00"), [skipped], NEW_YORK) == utc("2026-03-15T06:15")


def test_an_opening_found_in_a_repeated_hour_is_not_before_the_start():
    night = Window(name="night", hours=parse_hours({"sun": "01:30-01:45"}))
    assert next_open(utc("2026-11-01T06:10"), [night], NEW_YORK) == utc("2026-11-01T06:30")
    assert next_open(utc("2026-11-01T06:40"), [night], NEW_YORK) == utc("2026-11-01T06:40")


@given(calendars(), st.integers(utc("2026-01-01"), utc("2026-02-20")))
def test_the_next_opening_agrees_with_looking_at_each_minute(calendar, start):
    start -= start % 60

    def is_open(instant):
        wall = to_local(instant, BERLIN)
        return any(first <= wall.hour * 60 + wall.minute <= last for first, last in calendar.spans(wall.date()))

    found = next_open(start, [calendar], BERLIN)
    looked = next((at for at in range(start, start + 14 * 86_400, 60) if is_open(at)), None)
    assert found == looked or (looked is None and (found is None or found >= start + 14 * 86_400))


KATA = Calendar(
    name="kata",
    hours=parse_hours({"mon-fri": "08:00-16:00"}),
    holidays=frozenset({date(2004, 5, 17), date(2004, 5, 27)}),
)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2004-05-24T18:05", -5.5, "2004-05-14T12:00"),
        ("2004-05-24T19:03", 44.723656, "2004-07-27T13:47"),
        ("2004-05-24T08:03", 12.782709, "2004-06-10T14:18"),
    ],
)
def test_business_hours_give_the_answers_of_the_workday_kata(start, days, expected):
    count = before_business_seconds if days < 0 else after_business_seconds
    found = count(utc(start), int(abs(days) * 8 * 3_600), KATA, zone("UTC"))
    assert found - found % 60 == utc(expected)


@given(calendars(), st.integers(utc("2026-01-01"), utc("2026-02-20")), st.integers(0, 400_000))
def test_business_seconds_passed_are_the_business_seconds_counted(calendar, start, seconds):
    end = after_business_seconds(start, seconds, calendar, BERLIN)
    assert end >= start
    assert business_seconds(start, end, calendar, BERLIN) == seconds
    back = before_business_seconds(end, seconds, calendar, BERLIN)
    assert business_seconds(back, end, calendar, BERLIN) == seconds


def test_business_time_counts_the_hour_that_the_clocks_repeat():
    always = Calendar(name="always", hours=parse_hours({"mon-sun": "00:00-24:00"}))
    midnight = to_instant(datetime(2026, 11, 1), NEW_YORK)
    assert business_seconds(midnight, to_instant(datetime(2026, 11, 2), NEW_YORK), always, NEW_YORK) == 25 * 3_600
