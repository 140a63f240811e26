import csv
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.calendars import Calendar, parse_hours
from engine.core.time import CronError, Schedule, check_cron, next_match
from engine.core.zones import to_instant, to_local, zone

OFFICE = Calendar(
    name="office",
    hours=parse_hours({"mon-thu": "09:00-17:00", "fri": "08:00-15:00"}),
    holidays=frozenset({date(2026, 4, 6)}),
)
BERLIN, UTC_ZONE = zone("Europe/Berlin"), zone("UTC")
# around changes of the clock in those zones, and around the year
INSTANTS = st.one_of(
    st.integers(1_772_900_000, 1_774_800_000),
    st.integers(1_775_000_000, 1_775_500_000),
    st.integers(1_793_000_000, 1_794_000_000),
)


def at(text, place=BERLIN):
    """The instant of a wall time, or of a text with an offset."""
    written = datetime.fromisoformat(text)
    return int(written.timestamp()) if written.tzinfo else to_instant(written, place)


def wall(instant, place=BERLIN):
    return to_local(instant, place).isoformat(timespec="minutes")


def fires(lines, start, count, *, roll="none", place=BERLIN, key="deal", calendar=OFFICE):
    schedule = Schedule(name="some", lines=tuple(lines), roll=roll)
    found, instant = [], at(start, place)
    for _ in range(count):
        instant = next_match(schedule, instant, place, calendar, key)
        found.append(wall(instant, place))
    return found


def test_a_schedule_matches_strictly_after():
    assert fires(["0 9 * * mon-fri"], "2026-03-06T09:00", 2) == ["2026-03-09T09:00", "2026-03-10T09:00"]


def test_several_lines_are_one_schedule_without_doubles():
    lines = ["0 9 * * *", "0 9 1 * *", "30 8 1 * *"]
    assert fires(lines, "2026-02-28T10:00", 3) == ["2026-03-01T08:30", "2026-03-01T09:00", "2026-03-02T09:00"]


def test_a_match_on_a_closed_day_rolls_at_the_same_wall_time():
    assert fires(["0 11 7 3 *"], "2026-03-01T00:00", 1, roll="forward") == ["2026-03-09T11:00"]
    assert fires(["0 11 7 3 *"], "2026-03-08T23:00", 1, roll="forward") == ["2026-03-09T11:00"]
    assert fires(["0 11 7 3 *"], "2026-03-09T11:00", 1, roll="forward") == ["2027-03-08T11:00"]
    assert fires(["0 11 7 3 *"], "2026-03-01T00:00", 2, roll="back") == ["2026-03-06T11:00", "2027-03-05T11:00"]


def test_rolled_matches_are_not_doubled():
    week = ["2026-04-02T09:00", "2026-04-03T09:00", "2026-04-07T09:00", "2026-04-08T09:00"]
    assert fires(["0 9 * * *"], "2026-04-01T12:00", 4, roll="forward") == week
    assert fires(["0 9 * * *"], "2026-04-01T12:00", 4, roll="back") == week


@given(
    INSTANTS,
    st.sampled_from(["none", "forward", "back"]),
    st.sampled_from(["0 9 * * *", "30 1 */3 * *", "15 14 l * *", "0 8,20 * * sat"]),
)
def test_the_next_match_does_not_depend_on_where_the_search_began(start, roll, line):
    schedule = Schedule(name="any", lines=(line,), roll=roll)
    found = next_match(schedule, start, BERLIN, OFFICE, "")
    assert found > start
    for between in (start + 1, (start + found) // 2, found - 1):
        if start <= between < found:
            assert next_match(schedule, between, BERLIN, OFFICE, "") == found


def test_h_spreads_deals_over_the_hours_and_stays_the_same_for_one():
    of_deals = {key: fires(["H H(9-16) * * mon-fri"], "2026-03-02T00:00", 1, key=key)[0] for key in map(str, range(50))}
    assert len(set(of_deals.values())) > 20
    assert all("T09:00" <= found[10:] < "T17:00" for found in of_deals.values())
    assert fires(["H H(9-16) * * mon-fri"], "2026-03-02T00:00", 1, key="7")[0] == of_deals["7"]


@pytest.mark.parametrize(
    "line", ["H H * * *", "H 9 H(1-28) * *", "0 9 l * *", "*/7 9-17/2 */3 feb-may *", "5 0 * 2 sun", "0 9 29 2 *"]
)
def test_matches_are_those_of_croniter_where_the_clocks_do_not_change(line):
    from croniter import croniter

    reference = croniter(line, datetime(2026, 1, 1, tzinfo=UTC), hash_id="deal")
    expected = [reference.get_next(datetime).isoformat(timespec="minutes")[:16] for _ in range(30)]
    assert fires([line], "2026-01-01T00:00", 30, place=UTC_ZONE) == expected


@pytest.mark.parametrize(
    "line",
    [
        "0 9 * * mon-fri",
        "H H(9-16) * * mon-fri",
        "0 9 29 2 *",
        "0 9 l * *",
        "0 9 * * mon#1",
        "0 9 * * fri-mon",
        "30 8,13 H(1-28) * *",
        "*/15 9-17 * jan-mar *",
        "0 9 * * 0-6",
    ],
)
def test_plain_lines_are_taken(line):
    check_cron(line)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("0 9 31 2 *", "is there such a day"),
        ("0 9 30 feb *", "is there such a day"),
        ("0 9 H 2 *", "H(1-28)"),
        ("0 9 31 H *", "is there such a day"),
        ("0 9 13 * fri", "leave the other *"),
        ("0 9 H * H", "leave the other *"),
        ("R 9 * * *", "write H"),
        ("0 R(9-16) * * *", "write H"),
        ("0 9 * *", "five fields"),
        ("0 9 * * * 30", "no seconds"),
        ("0 9 * * * 0 2027", "no years"),
        ("@daily", "write 0 9 * * *"),
        ("0 9 ? * mon", "write *"),
        ("59/15 * * * *", "write 59-59/15, or 59"),
        ("*/61 * * * *", "steps go from 1 to 59"),
        ("*/0 * * * *", "steps go from 1 to 59"),
        ("0 22-6 * * *", "write 22-23,0-6"),
        ("0 9 * jan-jan *", "write jan, or *"),
        ("0 9 * nov-feb *", "write 11-12,1-2"),
        ("60 9 * * *", "five fields"),
        ("0 9 32 * *", "five fields"),
        ("0 9 * * someday", "five fields"),
        ("0 9 * * mon#6", "five fields"),
        ("0 9 lw * *", "five fields"),
        ("0 9 * * *;", "five fields"),
        ("0 9 H(5-1) * *", "five fields"),
        ("0 9 1,,2 * *", "five fields"),
        (",".join(["1"] * 60) + " 9 * * *", "five fields"),
        ("9" * 90 + " 9 * *  *", "five fields"),
        ("", "five fields"),
        (None, "five fields"),
        (9, "five fields"),
    ],
)  # fmt: skip
def test_lines_that_never_match_or_are_misread_are_refused_with_a_hint(line, hint):
    with pytest.raises(CronError) as refused:
        check_cron(line)
    assert hint in refused.value.hint
    assert len(refused.value.message) < 300


@given(st.text(alphabet="0123456789*/,-#?lLwWhHrR() @adefimnotu", max_size=40))
def test_no_line_brings_anything_but_its_error(line):
    try:
        check_cron(line)
    except CronError as refused:
        assert refused.hint
    else:
        next_match(Schedule(name="any", lines=(line,)), at("2026-03-02T00:00"), BERLIN, OFFICE, "deal")


# changes of the clock: expected instants come from the reference's table alone

REFERENCE = Path(__file__).parents[1] / "reference" / "clock_changes.csv"
DISPUTED = {"America/Vancouver": "2026-11", "America/Havana": "2026-11", "Africa/Casablanca": "2027-02"}
START = datetime(1970, 1, 1)


def changes():
    """(zone, instant of the change, offsets before and after, {instant: wall time} for three days around it)."""
    for row in csv.DictReader(REFERENCE.read_text().splitlines()):
        if row["utc"] >= DISPUTED.get(row["zone"], "9"):
            continue
        change, before, after = at(row["utc"]), int(row["offset_before"]), int(row["offset_after"])
        minutes = range(change - 36 * 3_600, change + 36 * 3_600, 60)
        walls = {m: START + timedelta(seconds=m + (before if m < change else after)) for m in minutes}
        yield row["zone"], change, before, after, walls


def expected_fires(walls, days, rule):
    """Per local date the first instant that shows the time; if none does, the first that shows a later one."""
    wanted = [datetime.combine(day, rule) for day in days]
    return [next(instant for instant, shown in walls.items() if shown >= time) for time in wanted]


def test_a_daily_rule_fires_once_per_local_date_at_each_change_of_the_clock():
    checked = 0
    for name, change, before, after, walls in changes():
        days = sorted({shown.date() for shown in walls.values()})[1:-1]
        begin = next(instant for instant, shown in walls.items() if shown.date() == days[0])
        lowest, size = START + timedelta(seconds=change + min(before, after)), abs(after - before) // 60
        for offset in (0, size // 2, size - 1):
            rule = (lowest + timedelta(minutes=offset)).time()
            schedule = Schedule(name="daily", lines=(f"{rule.minute} {rule.hour} * * *",))
            fired = [begin - 1]
            for _ in days:
                fired.append(next_match(schedule, fired[-1], zone(name), OFFICE, ""))
            assert fired[1:] == expected_fires(walls, days, rule), (name, change, rule)
            checked += 1
    assert checked > 2_500


def test_a_rule_each_half_hour_never_shows_the_same_wall_time_twice():
    shown = fires(["*/30 * * * *"], "2026-10-25T00:00", 60)
    assert len(set(shown)) == 60 and all(earlier < later for earlier, later in pairwise(shown))
