"""An edit of the calendars counts for delays that run already, once, and only for what a calendar counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.authoring.workspace import load_workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from engine.core.calendars import Calendar
from engine.core.world import OFFICE, World
from engine.runner.shelf import Offer
from engine.store.sqlite import SqliteStore
from tests.rep import DAY, tick_at
from tests.whole.runs import ROOT, START, histories, store_with

PLAYBOOK = {
    "playbook": "patient", "title": "Wait", "enrol": {"if": {"status": {"is": "lost"}}},
    "params": {"patience": "3bd"}, "calendar": "office", "ends": {"over": {}}, "initial": "wait",
    "states": {"wait": {"transitions": [{"after": "patience", "to": "rest"}]},
               "rest": {"transitions": [{"after": "2d", "end": "over"}]}},
}  # fmt: skip
CLOSED = Calendar(name="office", hours=OFFICE.hours, holidays=frozenset({date(2018, 1, 3)}))


@pytest.fixture
def offer() -> Offer:
    pinned = {**revision_content(load_workspace(ROOT, {}), "four-week-check-in"), "playbook": PLAYBOOK}
    return Offer(revision=revision_from(pinned, revision_hash(pinned)), content=pinned)


def world(calendar: Calendar) -> World:
    return replace(load_workspace(ROOT, {}).world, playbooks=(), calendars={"office": calendar})


def ended(store: SqliteStore) -> set[int]:
    rows = store.session.connection.execute("SELECT (ended_at - ?) / 86400 FROM enrolments", (START,)).fetchall()
    return {days for (days,) in rows}


def run(path: Path, offer: Offer, *worlds: World) -> SqliteStore:
    """Daily ticks; the last of `worlds` stays in force."""
    store = store_with(path, 6)
    for day in range(12):
        tick_at(store, worlds[min(day, len(worlds) - 1)], [offer], START + day * DAY)
    return store


def test_a_new_holiday_moves_the_business_days_that_are_running(offer: Offer, tmp_path: Path) -> None:
    before = run(tmp_path / "before.db", offer, world(OFFICE))
    after = run(tmp_path / "after.db", offer, world(OFFICE), world(CLOSED))
    always = run(tmp_path / "always.db", offer, world(CLOSED))
    assert ended(before) == {5}
    assert ended(after) == ended(always) == {6}


def test_the_history_says_so_once(offer: Offer, tmp_path: Path) -> None:
    store = run(tmp_path / "after.db", offer, world(OFFICE), world(CLOSED))
    told = [entry for entries in histories(store).values() for entry in entries if "recounted" in entry[-1]]
    assert len(told) == 6
    assert all('["recounted","patience (3bd)"' in entry[-1] for entry in told)


def test_the_same_calendar_counts_nothing_again(offer: Offer, tmp_path: Path) -> None:
    store = run(tmp_path / "same.db", offer, world(OFFICE), world(replace(OFFICE)))
    assert not any("recounted" in entry[-1] for entries in histories(store).values() for entry in entries)
