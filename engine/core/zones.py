"""Time zones: from names to zones, and between instants and the time on the wall.

Zones are read from the `tzdata` package, never from the machine, so that every machine agrees and the version can be
written to the history. A zone made here cannot be pickled; hand its name to other processes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.core.durations import Instant, TimeError

EPOCH = datetime(1970, 1, 1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# Names that the package carries and that say nothing about a place.
_REFUSED = frozenset({"Factory", "localtime", "posixrules"})
# What people write instead of a place, and the place most of them mean.
_ABBREVIATIONS = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles",
    "MT": "America/Denver", "MDT": "America/Denver", "CT": "America/Chicago", "CST": "America/Chicago",
    "CDT": "America/Chicago", "ET": "America/New_York", "EDT": "America/New_York", "BST": "Europe/London",
    "CEST": "Europe/Berlin", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney", "Z": "UTC",
}  # fmt: skip


class ZoneError(TimeError):
    """A name that is no zone."""


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as `Europe/Berlin`. Raises ZoneError with a suggestion for anything else."""
    if not isinstance(name, str) or name not in _names():
        raise ZoneError(f'"{name}" is not a time zone', _suggestion(str(name)))
    return _load(name)


@lru_cache(maxsize=1024)
def _load(name: str) -> ZoneInfo:
    from importlib import resources
    from io import BytesIO

    # the name is one of the package's own list, so it cannot lead out of the folder
    content = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    return ZoneInfo.from_file(BytesIO(content), key=name)


def tzdata_version() -> str:
    """Which release of the zone rules is used, such as `2026f`."""
    from importlib import import_module

    return str(import_module("tzdata").IANA_VERSION)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    from importlib import resources

    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return frozenset(listed) - _REFUSED


def _suggestion(name: str) -> str:
    from difflib import get_close_matches

    if name.upper() in _ABBREVIATIONS:
        return f"write the place: {_ABBREVIATIONS[name.upper()]}"
    plain = {known.lower(): known for known in sorted(_names())}
    wanted = name.strip().replace(" ", "_").lower()[:60]
    if wanted in plain:
        return f"did you mean {plain[wanted]}?"
    cities = {known.rsplit("/", 1)[-1]: known for known in plain if "/" in known}
    near = get_close_matches(wanted, plain, 1, 0.75) or [cities[c] for c in get_close_matches(wanted, cities, 1, 0.8)]
    return f"did you mean {plain[near[0]]}?" if near else "write a place, such as Europe/Berlin or America/New_York"


def to_local(instant: Instant, zone: ZoneInfo) -> datetime:
    """The wall time at an instant: naive, and the same for both passes of an hour that exists twice."""
    return datetime.fromtimestamp(instant, zone).replace(tzinfo=None, fold=0)


def wall_text(instant: Instant, zone: ZoneInfo) -> str:
    """What the wall shows at an instant, for people: `2026-03-02 10:00`."""
    return f"{to_local(instant, zone):%Y-%m-%d %H:%M}"


def zoned_text(instant: Instant, zone: ZoneInfo) -> str:
    """The same with the short name of the zone, which tells the two passes of an hour apart: `2026-03-02 10:00 EST`."""
    return f"{wall_text(instant, zone)} {datetime.fromtimestamp(instant, zone):%Z}"


def iso_text(instant: Instant, zone: ZoneInfo) -> str:
    """For programs, with the offset that holds there and then: `2026-03-02T10:00:00-05:00`."""
    return datetime.fromtimestamp(instant, zone).isoformat()


def date_text(instant: Instant) -> str:
    """An instant as a date fact: in UTC, with a Z."""
    return to_local(instant, zone("UTC")).isoformat() + "Z"


def to_instant(wall: datetime, zone: ZoneInfo) -> Instant:
    """The instant of a naive wall time. One that the clocks skip is the first that exists; of two, it is the first."""
    before, after = zone.utcoffset(wall), zone.utcoffset(wall.replace(fold=1))
    assert before is not None and after is not None
    late = _seconds(wall - EPOCH - before)
    if after <= before:
        return late
    return _end_of_gap(wall, _seconds(wall - EPOCH - after), late, zone)


def to_second_instant(wall: datetime, zone: ZoneInfo) -> Instant:
    """The later instant of a wall time that exists twice; otherwise the same as `to_instant`."""
    before, after = zone.utcoffset(wall), zone.utcoffset(wall.replace(fold=1))
    assert before is not None and after is not None
    return _seconds(wall - EPOCH - after) if after < before else to_instant(wall, zone)


def in_second_pass(instant: Instant, zone: ZoneInfo) -> bool:
    """Whether the clocks have gone back and the wall shows this time for the second time."""
    return datetime.fromtimestamp(instant, zone).fold == 1


def latest_wall(instant: Instant, zone: ZoneInfo) -> datetime:
    """The wall time, held still while the clocks repeat an hour: it never goes back, and stays on its date."""
    aware = datetime.fromtimestamp(instant, zone)
    wall = aware.replace(tzinfo=None, fold=0)
    if aware.fold == 0:
        return wall
    end = _first(instant, instant + 86_400, lambda moment: not in_second_pass(moment, zone))
    return min(to_local(end, zone) - _SECOND, datetime(wall.year, wall.month, wall.day, 23, 59, 59))


def local_date(instant: Instant, zone: ZoneInfo) -> date:
    """The date on the wall."""
    return datetime.fromtimestamp(instant, zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The first instant of a local date (01:00 where the clocks skip midnight)."""
    return to_instant(datetime(day.year, day.month, day.day), zone)


def last_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The instant at which a local date is over: the first of the next date."""
    return start_of_day(day + _DAY, zone)


def weekday(instant: Instant, zone: ZoneInfo) -> str:
    """`mon` to `sun` on the wall at that instant."""
    return WEEKDAYS[datetime.fromtimestamp(instant, zone).weekday()]


def _seconds(length: timedelta) -> int:
    return length.days * 86_400 + length.seconds


def _end_of_gap(wall: datetime, early: Instant, late: Instant, zone: ZoneInfo) -> Instant:
    return _first(early, late, lambda moment: to_local(moment, zone) >= wall)


def _first(low: Instant, high: Instant, holds: Callable[[Instant], bool]) -> Instant:
    """The first instant after `low`, `high` at the latest, for which `holds` is true (and stays true)."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
