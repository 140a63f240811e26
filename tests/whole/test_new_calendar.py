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
    return offer_of(PLAYBOOK)


def offer_of(playbook: dict[str, object]) -> Offer:
    pinned = {**revision_content(load_workspace(ROOT, {}), "four-week-check-in"), "playbook": playbook}
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


LOOK = {"kind": "task", "title": "Look", "assign": "kim", "outcomes": ["done"]}


@pytest.mark.parametrize(
    ("timing", "column"),
    [({"due": "patience"}, "due_at"), ({"due": "3bd"}, "due_at"), ({"expires": "patience"}, "closed_at")],
    ids=["due by a parameter", "due by a duration", "expires by a parameter"],
)
def test_it_moves_what_an_action_counts_too(offer: Offer, tmp_path: Path, timing: dict[str, str], column: str) -> None:
    states = {"wait": {"actions": {"look": LOOK | timing}, "transitions": [{"after": "9w", "end": "over"}]}}
    pinned = {**offer.content, "playbook": PLAYBOOK | {"states": states}}
    looking = Offer(revision=revision_from(pinned, revision_hash(pinned)), content=pinned)

    def instants(name: str, *worlds: World) -> set[int]:
        store = run(tmp_path / name, looking, *worlds)
        return {at for (at,) in store.session.connection.execute(f"SELECT {column} FROM actions")}

    never = instants("never.db", world(OFFICE))
    edited = instants("edited.db", world(OFFICE), world(CLOSED))
    assert edited == instants("always.db", world(CLOSED)) == {at + DAY for at in never}


def test_what_stood_still_in_an_outage_is_not_counted_anew(offer: Offer, tmp_path: Path) -> None:
    """A note is missed in the outage, so the end that is due later moves on; the holiday is entered after that."""
    states = {
        "wait": {"transitions": [{"after": "1d", "stay": True}, {"after": "8bd", "end": "over"}]},
    }
    pinned = {**offer.content, "playbook": PLAYBOOK | {"states": states}}
    slow = Offer(revision=revision_from(pinned, revision_hash(pinned)), content=pinned)
    after_outage = [0, 6, *range(7, 20)]
    holiday = Calendar(name="office", hours=OFFICE.hours, holidays=frozenset({date(2018, 1, 9)}))

    def last_day(name: str, later: World) -> set[int]:
        store = store_with(tmp_path / name, 6)
        for day in after_outage:
            tick_at(store, world(OFFICE) if day < 7 else later, [slow], START + day * DAY)
        return ended(store)

    assert last_day("plain.db", world(OFFICE)) == last_day("edited.db", world(holiday))


def test_a_delay_that_would_be_over_already_happens_now_and_is_not_late(tmp_path: Path) -> None:
    """Holidays are taken back on the ninth day: the third business day is long past then. Nothing was out of order, so
    the delay beside it goes on as it was."""
    taken_back = replace(CLOSED, holidays=frozenset(date(2018, 1, day) for day in (2, 3, 4, 5, 8, 9, 10)))
    both = {**PLAYBOOK, "anywhere": [{"after": "9d", "end": "over"}]}
    store = run(tmp_path / "shorter.db", offer_of(both), *[world(taken_back)] * 8, world(OFFICE))
    told = [entry[-1] for entries in histories(store).values() for entry in entries]
    assert sum('["recounted","patience (3bd)"' in did and f"{START + 8 * DAY}]" in did for did in told) == 6
    assert not any('"late"' in did for did in told)
    assert ended(store) == {9}
