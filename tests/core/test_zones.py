import csv
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.zones import (
    ZoneError,
    _load,
    _names,
    last_of_day,
    latest_wall,
    start_of_day,
    to_instant,
    to_local,
    to_second_instant,
    tzdata_version,
    weekday,
    zone,
)

NEW_YORK = zone("America/New_York")
BUSY = ["America/New_York", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Antarctica/Troll", "UTC"]
INSTANTS = st.integers(1_262_304_000, 2_208_988_800)  # 2010 to 2039


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("Amerca/Chicago", "America/Chicago"),
        ("PST", "America/Los_Angeles"),
        ("Europe", "such as"),
        ("localtime", "such as"),
        ("posixrules", "such as"),
        ("Factory", "such as"),
        ("", "such as"),
        ("../x", "such as"),
        ("/etc/passwd", "such as"),
        (None, "such as"),
        (["UTC"], "such as"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_name_that_was_meant(name, hint):
    with pytest.raises(ZoneError) as refused:
        zone(name)
    assert hint in refused.value.hint


def test_every_zone_of_the_package_can_be_read():
    assert len(_names()) > 500
    for name in _names():
        assert to_local(0, zone(name)).year in (1969, 1970)


def test_the_version_of_the_rules_is_known():
    assert tzdata_version()[:2] == "20"


def test_the_machine_s_own_rules_are_not_read(tmp_path):
    tmp_path.joinpath("Asia").mkdir()
    tmp_path.joinpath("Asia", "Tokyo").write_bytes(
        resources.files("tzdata").joinpath("zoneinfo", "UTC").read_bytes()  # a machine whose Tokyo is wrong
    )
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    try:
        _load.cache_clear()
        assert to_local(0, zone("Asia/Tokyo")) == datetime(1970, 1, 1, 9)
    finally:
        zoneinfo.reset_tzpath()


def test_a_wall_time_that_does_not_exist_is_the_first_that_does():
    skipped = to_instant(datetime(2026, 3, 8, 2, 30), NEW_YORK)
    assert skipped == utc("2026-03-08T07:00")
    assert to_local(skipped, NEW_YORK) == datetime(2026, 3, 8, 3)


def test_a_wall_time_that_exists_twice_is_the_first():
    wall = datetime(2026, 11, 1, 1, 30)
    assert to_instant(wall, NEW_YORK) == utc("2026-11-01T05:30")
    assert to_second_instant(wall, NEW_YORK) == utc("2026-11-01T06:30")
    assert to_local(utc("2026-11-01T06:30"), NEW_YORK) == wall


def test_a_day_begins_at_one_where_midnight_is_skipped():
    santiago = zone("America/Santiago")
    assert to_local(start_of_day(date(2024, 9, 8), santiago), santiago) == datetime(2024, 9, 8, 1)
    assert last_of_day(date(2024, 9, 7), santiago) == start_of_day(date(2024, 9, 8), santiago)


def test_the_weekday_is_the_one_on_the_wall():
    assert weekday(utc("2026-03-02T02:00"), NEW_YORK) == "sun"
    assert weekday(utc("2026-03-02T02:00"), zone("UTC")) == "mon"


@given(INSTANTS, st.sampled_from(BUSY))
def test_an_instant_comes_back_from_the_wall_in_the_first_or_the_second_pass(instant, name):
    wall = to_local(instant, zone(name))
    assert instant in (to_instant(wall, zone(name)), to_second_instant(wall, zone(name)))
    assert wall.fold == 0


@given(INSTANTS, st.integers(0, 90_000), st.sampled_from(BUSY))
def test_a_later_wall_time_is_never_an_earlier_instant(start, seconds, name):
    wall = to_local(start, zone(name))
    later = wall + timedelta(seconds=seconds)
    assert to_instant(wall, zone(name)) <= to_instant(later, zone(name))


def test_the_held_wall_time_never_goes_back():
    for name in BUSY:
        place, changes = zone(name), [utc("2026-11-01T04:00"), utc("2026-10-25T00:00"), utc("2026-04-04T13:00")]
        for change in changes:
            walls = [latest_wall(change + minute * 60, place) for minute in range(240)]
            assert walls == sorted(walls)


def test_offsets_agree_with_the_reference_at_each_change():
    rows = Path(__file__).parents[1].joinpath("reference/clock_changes.csv").read_text().splitlines()
    for row in csv.DictReader(rows):
        if row["utc"] >= "2026-10":  # later releases of the rules differ, see the reference's README
            continue
        change, place = utc(row["utc"].removesuffix("Z")), zone(row["zone"])
        assert to_local(change - 1, place) == datetime(1970, 1, 1) + timedelta(
            seconds=change - 1 + int(row["offset_before"])
        )
        assert to_local(change, place) == datetime(1970, 1, 1) + timedelta(seconds=change + int(row["offset_after"]))
