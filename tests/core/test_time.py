from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.calendars import Calendar, parse_hours
from engine.core.durations import parse_duration
from engine.core.time import (
    DateError,
    add,
    flips,
    left,
    moment,
    parse_date_fact,
    parse_left,
    reached,
    resume,
    subtract,
)
from engine.core.zones import to_instant, to_local, zone

OFFICE = Calendar(
    name="office",
    hours=parse_hours({"mon-thu": "09:00-17:00", "fri": "08:00-15:00"}),
    holidays=frozenset({date(2026, 4, 6)}),
)
SHIFTS = Calendar(name="shifts", hours=parse_hours({"sun-wed": ["00:00-03:00", "12:00-24:00"]}))
LUNCH = Calendar(name="lunch", hours=parse_hours({"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": "10:00-12:00"}))
CALENDARS = st.sampled_from([OFFICE, SHIFTS, LUNCH])
BERLIN, NEW_YORK, LORD_HOWE = map(zone, ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))
ZONES = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, zone("America/Santiago")])
# around changes of the clock in those zones, and around the year
INSTANTS = st.one_of(
    st.integers(1_772_900_000, 1_774_800_000),
    st.integers(1_775_000_000, 1_775_500_000),
    st.integers(1_793_000_000, 1_794_000_000),
)
UNITS = st.sampled_from(["min", "h", "d", "w", "mo", "y", "bd", "bh"])


def at(text, place=BERLIN):
    """The instant of a wall time, or of a text with an offset."""
    written = datetime.fromisoformat(text)
    return int(written.timestamp()) if written.tzinfo else to_instant(written, place)


def wall(instant, place=BERLIN):
    return to_local(instant, place).isoformat(timespec="minutes")


# moving an instant


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-01-31T10:00", "1mo", "2026-02-28T10:00"),
        ("2024-02-29T10:00", "1y", "2025-02-28T10:00"),
        ("2026-12-31T10:00", "2mo", "2027-02-28T10:00"),
        ("2026-03-28T10:00", "1d", "2026-03-29T10:00"),  # over the night in which the clocks go forward
        ("2026-03-28T10:00", "24h", "2026-03-29T11:00"),
        ("2026-03-28T02:30", "1d", "2026-03-29T03:00"),  # a time that does not exist
        ("2026-03-07T10:00", "1w", "2026-03-14T10:00"),  # never rolls
        ("2026-03-02T10:00", "0d", "2026-03-02T10:00"),
        ("2026-03-06T10:00", "1bd", "2026-03-09T10:00"),
        ("2026-03-06T08:15", "1bd", "2026-03-09T09:00"),
        ("2026-03-05T16:30", "1bd", "2026-03-06T15:00"),
        ("2026-03-07T10:00", "1bd", "2026-03-09T17:00"),  # a Saturday is after Friday's evening
        ("2026-04-03T10:00", "1bd", "2026-04-07T10:00"),  # over a holiday
        ("2026-03-07T10:00", "0bd", "2026-03-07T10:00"),
        ("2026-03-02T13:00", "4bh", "2026-03-02T17:00"),
        ("2026-03-02T17:00", "1bh", "2026-03-03T10:00"),
        ("2026-03-06T14:00", "2bh", "2026-03-09T10:00"),
        ("2026-03-07T14:00", "2bh", "2026-03-09T11:00"),
        ("2026-03-07T14:00", "0bh", "2026-03-09T09:00"),
        ("2026-03-02T16:45", "30min", "2026-03-02T17:15"),
    ],
)
def test_a_duration_is_added(start, length, end):
    assert wall(add(at(start), parse_duration(length), BERLIN, OFFICE)) == end


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-31T10:00", "1mo", "2026-02-28T10:00"),
        ("2026-03-29T10:00", "1d", "2026-03-28T10:00"),
        ("2026-03-09T10:00", "1bd", "2026-03-06T10:00"),
        ("2026-03-09T16:00", "1bd", "2026-03-06T15:00"),
        ("2026-03-08T16:00", "1bd", "2026-03-06T08:00"),
        ("2026-03-09T10:00", "2bh", "2026-03-06T14:00"),
        ("2026-03-02T13:00", "4bh", "2026-03-02T09:00"),
        ("2026-03-07T13:00", "1bh", "2026-03-06T14:00"),
    ],
)
def test_a_duration_is_subtracted(start, length, end):
    assert wall(subtract(at(start), parse_duration(length), BERLIN, OFFICE)) == end


@given(INSTANTS, st.integers(0, 300_000), st.integers(0, 9), st.sampled_from(["bd", "bh", "h"]), ZONES, CALENDARS)
def test_a_later_start_never_gives_an_earlier_result(start, wait, amount, unit, place, calendar):
    length = parse_duration(f"{amount}{unit}")
    assert add(start, length, place, calendar) <= add(start + wait, length, place, calendar)
    assert subtract(start, length, place, calendar) <= subtract(start + wait, length, place, calendar)


@given(INSTANTS, st.integers(1, 9), ZONES, CALENDARS)
def test_business_days_end_inside_the_hours_of_a_later_business_day(start, amount, place, calendar):
    end = to_local(add(start, parse_duration(f"{amount}bd"), place, calendar), place)
    assert calendar.rank(end.date()) == calendar.rank(to_local(start, place).date()) + amount
    minute = end.hour * 60 + end.minute + end.second / 60
    assert any(first <= minute <= last for first, last in calendar.spans(end.date()))


def test_business_days_from_a_repeated_hour_are_not_earlier_than_from_its_first_pass():
    first, second = at("2026-11-01T01:45-04:00"), at("2026-11-01T01:15-05:00")
    one = parse_duration("1bd")
    assert wall(add(first, one, NEW_YORK, SHIFTS), NEW_YORK) == "2026-11-02T01:45"
    assert wall(add(second, one, NEW_YORK, SHIFTS), NEW_YORK) == "2026-11-02T01:59"


def test_the_end_of_the_day_belongs_to_hours_that_close_then():
    midnight = at("2026-03-05T00:00")  # Wednesday's hours go to 24:00, Thursday is closed
    assert add(midnight, parse_duration("0bh"), BERLIN, SHIFTS) == midnight


# date facts


@pytest.mark.parametrize(
    ("fact", "length", "sign", "end"),
    [
        ("2026-03-02", None, 1, "2026-03-02T09:00"),
        ("2026-03-07", None, 1, "2026-03-07T08:00"),  # closed: the week's earliest opening, the same date
        ("2026-04-06", None, 1, "2026-04-06T08:00"),
        ("2026-03-06", "1d", 1, "2026-03-07T08:00"),
        ("2026-03-06", "3d", 1, "2026-03-09T09:00"),
        ("2026-03-07", "1bd", 1, "2026-03-09T09:00"),
        ("2026-03-07", "1bd", -1, "2026-03-06T08:00"),
        ("2026-03-02", "4h", 1, "2026-03-02T13:00"),
        ("2026-03-02", "1bh", -1, "2026-02-27T14:00"),
        ("2026-05-01", "60d", -1, "2026-03-02T09:00"),
        ("2026-03-31", "1mo", -1, "2026-02-28T08:00"),
        ("2026-03-02T10:30", "1d", 1, "2026-03-03T10:30"),
        ("2026-03-29T02:30", None, 1, "2026-03-29T03:00"),
        ("2026-03-29T02:30", "1d", 1, "2026-03-30T02:30"),
        ("2026-03-02T10:30:00Z", None, 1, "2026-03-02T11:30"),
        ("2026-03-02T10:30-05:00", "1d", 1, "2026-03-03T16:30"),
    ],
)
def test_a_date_fact_means_an_instant(fact, length, sign, end):
    assert wall(moment(fact, parse_duration(length) if length else None, sign, BERLIN, OFFICE)) == end


def test_the_three_forms_of_a_date_fact_are_told_apart():
    assert parse_date_fact("2026-03-02").day == date(2026, 3, 2)
    assert parse_date_fact("2026-03-02T10:00").wall == datetime(2026, 3, 2, 10)
    assert parse_date_fact("2026-03-02T10:00:30.9Z").instant == at("2026-03-02T10:00:30+00:00")


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-3-2", "2026-02-30", "2026-03-02T24:00", "2026-03-02 10:00", "2026-W10-1", "20260302",
     "1066-10-14", "9999-12-31", "2026-03-02T10:00+0100", "2026-03-02T10:00+99:00", "٢٠٢٦-03-02", "2026-03-02\n",
     None, 20260302],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_a_hint(text):
    with pytest.raises(DateError) as refused:
        moment(text, None, 1, BERLIN, OFFICE)
    assert refused.value.hint


# pauses


@given(INSTANTS, st.integers(0, 2_000_000), UNITS, ZONES, CALENDARS)
def test_what_is_left_and_resumed_at_once_ends_when_it_would_have(since, length, unit, place, calendar):
    frozen = left(since, since + length, unit, place, calendar)
    assert resume(frozen, since, place, calendar) == since + length
    assert parse_left(str(frozen)) == frozen


@given(INSTANTS, st.integers(0, 900_000), UNITS, INSTANTS, st.integers(0, 300_000), ZONES, CALENDARS)
def test_a_delay_resumed_later_never_ends_earlier(since, length, unit, resumed, wait, place, calendar):
    frozen = left(since, since + length, unit, place, calendar)
    end = resume(frozen, resumed, place, calendar)
    assert resumed <= end <= resume(frozen, resumed + wait, place, calendar)


@pytest.mark.parametrize(
    ("unit", "since", "until", "resumed", "end"),
    [
        ("bd", "2026-03-02T11:00", "2026-03-05T10:00", "2026-03-09T16:00", "2026-03-12T10:00"),
        ("bd", "2026-03-02T11:00", "2026-03-02T13:00", "2026-03-09T16:00", "2026-03-09T18:00"),
        ("bh", "2026-03-02T16:00", "2026-03-03T10:00", "2026-03-09T16:30", "2026-03-10T10:30"),
        ("d", "2026-03-02T11:00", "2026-03-04T11:00", "2026-03-28T11:00", "2026-03-30T12:00"),
        ("d", "2026-03-02T11:00", "2026-03-02T10:00", "2026-03-09T16:00", "2026-03-09T16:00"),
    ],
)
def test_what_was_left_is_kept_in_its_unit(unit, since, until, resumed, end):
    frozen = left(at(since), at(until), unit, BERLIN, OFFICE)
    assert wall(resume(frozen, at(resumed), BERLIN, OFFICE)) == end


def test_an_end_in_the_second_pass_of_a_repeated_hour_is_kept():
    since, until = at("2026-10-30T12:00-04:00"), at("2026-11-01T01:30-05:00")
    frozen = left(since, until, "bd", NEW_YORK, SHIFTS)
    assert frozen.kind == "bd" and resume(frozen, since, NEW_YORK, SHIFTS) == until


# conditions on time


@pytest.mark.parametrize(
    ("fact", "length", "direction", "now", "answer"),
    [
        ("2026-01-01T15:00", "30d", "since", "2026-01-30T23:59", -1),
        ("2026-01-01T15:00", "30d", "since", "2026-01-31T00:00", 0),
        ("2026-01-01T15:00", "30d", "since", "2026-01-31T23:59", 0),
        ("2026-01-01T15:00", "30d", "since", "2026-02-01T00:00", 1),
        ("2026-06-01", "60d", "until", "2026-04-01T12:00", 1),
        ("2026-06-01", "60d", "until", "2026-04-02T12:00", 0),
        ("2026-06-01", "60d", "until", "2026-04-03T12:00", -1),
        ("2026-03-06", "1bd", "since", "2026-03-08T12:00", -1),
        ("2026-03-06", "1bd", "since", "2026-03-09T00:00", 0),
        ("2026-03-06", "1bd", "since", "2026-03-10T00:00", 1),
        ("2026-03-09", "1bd", "until", "2026-03-07T12:00", 0),
        ("2026-03-02T10:00", "2h", "since", "2026-03-02T11:59", -1),
        ("2026-03-02T10:00", "2h", "since", "2026-03-02T12:00", 0),
        ("2026-03-02T10:00", "2h", "since", "2026-03-02T12:01", 1),
        ("2026-03-06T14:00", "1bh", "since", "2026-03-07T12:00", 0),
    ],
)
def test_the_time_since_or_until_a_date_is_compared_with_a_duration(fact, length, direction, now, answer):
    assert reached(fact, parse_duration(length), at(now), BERLIN, OFFICE, direction) == answer


FACTS = st.one_of(
    st.dates(date(2026, 3, 1), date(2026, 4, 10)).map(date.isoformat),
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 10)).map(lambda when: when.isoformat(timespec="minutes")),
)


@given(
    FACTS,
    st.integers(0, 12),
    UNITS,
    st.sampled_from(["since", "until"]),
    ZONES,
    CALENDARS,
    st.integers(-9_000_000, 9_000_000),
)
def test_the_answer_changes_at_its_flips_and_nowhere_else(fact, amount, unit, direction, place, calendar, offset):
    length = parse_duration(f"{min(amount, 10)}{unit}")

    def answer(instant):
        return reached(fact, length, instant, place, calendar, direction)

    turns = flips(fact, length, place, calendar, direction)
    order = [-1, 0, 1] if direction == "since" else [1, 0, -1]
    assert [answer(turns[0] - 1), answer(turns[0]), answer(turns[-1] - 1), answer(turns[-1])] == [
        order[0], order[1], order[1], order[2],
    ]  # fmt: skip
    instant = turns[0] + offset
    assert answer(instant) == order[sum(turn <= instant for turn in turns)]
