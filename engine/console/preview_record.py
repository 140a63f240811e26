"""A preview as JSON: the same as the text, with every instant and its offset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.console.telling import Telling
from engine.core.durations import Instant
from engine.core.preview.model import Branch, Calendar, Happening, Place, Preview

Iso = Callable[[Instant | None], str | None]


def preview_record(preview: Preview, telling: Telling, iso: Iso) -> dict[str, Any]:
    """`calendar`, `totals`, `in_every_state` and `branches`, ready for JSON."""
    totals = preview.calendar.totals
    return {
        "calendar": _calendar(preview.calendar, telling, iso),
        "totals": {
            "actions": dict(totals.actions), "minutes": totals.minutes, "touches": totals.touches,
            "shortest_gap_seconds": totals.gap,
        },
        "in_every_state": [_branch(one, telling, iso) for one in preview.general],
        "states": [_place(one, telling, iso) for one in preview.places],
    }  # fmt: skip


def _calendar(calendar: Calendar, telling: Telling, iso: Iso) -> dict[str, Any]:
    lap = calendar.lap
    return {
        "start": iso(calendar.start), "until": iso(calendar.until), "close": calendar.close, "end": calendar.end,
        "ends_at": iso(calendar.ends_at),
        "repeats": None if lap is None else {
            "from": iso(lap.begins), "first_lap_ends": iso(lap.first_ends), "every_seconds": lap.seconds,
            "more_times": lap.times, "until": iso(lap.over_at),
        },
        "in_hand": [_happening(one, telling, iso) for one in calendar.in_hand],
        "happenings": [_happening(one, telling, iso) for one in calendar.happenings],
    }  # fmt: skip


def _happening(one: Happening, telling: Telling, iso: Iso) -> dict[str, Any]:
    found: dict[str, Any] = {"at": iso(one.at), "what": one.kind, "words": telling.line(one.line)}
    if one.handed is not None:
        handed = one.handed
        found["action"] = {
            "name": handed.name, "kind": handed.kind, "title": handed.title, "contact": handed.contact,
            "assignee": handed.assignee, "minutes": handed.minutes, "customer_facing": handed.facing,
        }  # fmt: skip
    return found


def _place(place: Place, telling: Telling, iso: Iso) -> dict[str, Any]:
    return {
        "track": place.track, "state": place.state, "at": iso(place.at), "paused_until": place.paused,
        "branches": [_branch(one, telling, iso) for one in place.branches],
    }  # fmt: skip


def _branch(branch: Branch, telling: Telling, iso: Iso) -> dict[str, Any]:
    return {
        "event": branch.told.name, "fields": dict(branch.told.fields), "at": iso(branch.at), "end": branch.end,
        "enters": [{"track": track, "state": state} for track, state in branch.states],
        "finishes": [{"track": track, "end": end} for track, end in branch.finished],
        "pauses_until": branch.paused, "releases": branch.released, "taken": branch.taken,
        "then": None if branch.then is None else _happening(branch.then, telling, iso),
        "states": [_place(one, telling, iso) for one in branch.places],
    }  # fmt: skip
