"""`library/calendars.yaml` as calendars, windows and schedules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.calendars import Calendar, CalendarError, Hours, Window, country_holidays, parse_hours
from engine.core.model import Path
from engine.core.time import CronError, Schedule, check_cron

YEARS = range(2015, 2041)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendars:
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


def with_dates(content: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The content with the holidays of countries written out, so that a tick need not load the library for them."""
    expanded = dict(content)
    expanded["calendars"] = {
        name: {**item, "holidays": list(_dates(item, ("calendars", name, "holidays"), findings))}
        for name, item in content["calendars"].items()
    }
    return expanded


def _dates(item: Mapping[str, Any], path: Path, findings: Findings) -> Iterator[str]:
    for index, holiday in enumerate(item.get("holidays", ())):
        where = (*path, index)
        if isinstance(holiday, Mapping) and "country" in holiday:
            try:
                days = country_holidays(holiday["country"], holiday.get("subdivision"), YEARS)
                yield from (day.isoformat() for day in sorted(days))
            except CalendarError as error:
                findings.add(where, "unknown-holidays", error.message, error.hint)
            continue
        text = holiday["date"] if isinstance(holiday, Mapping) else holiday
        try:
            yield date.fromisoformat(text).isoformat()
        except ValueError:
            findings.add(where, "bad-date", f"{text} is no date: its month has not that many days")


def read_calendars(content: Mapping[str, Any], findings: Findings) -> Calendars:
    """What stands in the file, from content that `with_dates` wrote out. What cannot be used is left out."""
    calendars: dict[str, Calendar] = {}
    for name, item in content["calendars"].items():
        hours = _hours(item, ("calendars", name), findings)
        if hours is not None:
            holidays = frozenset(date.fromisoformat(day) for day in item["holidays"])
            calendars[name] = Calendar(name=name, hours=hours, holidays=holidays)
    windows: dict[str, Window] = {}
    for name, item in (content.get("windows") or {}).items():
        hours = _hours(item, ("windows", name), findings)
        if hours is not None:
            holidays = _holidays_of(item, calendars, ("windows", name, "holidays"), findings)
            windows[name] = Window(name=name, hours=hours, holidays=holidays)
    return Calendars(calendars=calendars, windows=windows, schedules=dict(_schedules(content)))


def _hours(item: Mapping[str, Any], path: Path, findings: Findings) -> Hours | None:
    try:
        return parse_hours(item["hours"])
    except CalendarError as error:
        findings.add((*path, "hours"), "bad-hours", error.message, error.hint)
        return None


def _holidays_of(
    item: Mapping[str, Any], calendars: Mapping[str, Calendar], path: Path, findings: Findings
) -> frozenset[date]:
    name = item.get("holidays")
    if name is None:
        return frozenset()
    if name not in calendars:
        findings.add(path, "unknown-calendar", f"there is no calendar {name!r}", did_you_mean(name, calendars))
        return frozenset()
    return calendars[name].holidays


def _schedules(content: Mapping[str, Any]) -> Iterator[tuple[str, Schedule]]:
    for name, item in (content.get("schedules") or {}).items():
        lines = item["cron"] if isinstance(item["cron"], list) else [item["cron"]]
        yield name, Schedule(name=name, lines=tuple(lines), roll=item.get("roll", "none"))


def check_schedules(content: Mapping[str, Any], findings: Findings) -> None:
    """Every cron line must be one, and match within eight years."""
    for name, item in (content.get("schedules") or {}).items():
        path: Path = ("schedules", name, "cron")
        several = isinstance(item["cron"], list)
        for index, line in enumerate(item["cron"] if several else [item["cron"]]):
            try:
                check_cron(line)
            except CronError as error:
                findings.add((*path, index) if several else path, "bad-schedule", error.message, error.hint)
