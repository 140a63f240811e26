"""The three strategies over all 2,473 lost deals of the real practice export. By hand: make check-maven DATA=folder."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import cli
from engine.authoring.workspace import load_workspace
from engine.core.world import World
from engine.store.sqlite import SqliteStore, open_store
from tests.rep import DAY, run_until_quiet, tick_at
from tests.whole.runs import (
    START,
    first_transitions_after,
    histories,
    opened,
    outlines,
    predictions,
    rep_for,
    strategies,
    touches,
    withdrawn_unseen,
    workspace,
)

DATA = os.environ.get("MAVEN_DATA", "")
MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"
ROSTER = """
people_from: {file: sales_teams.csv, person: sales_agent, team: regional_office, manager: manager}
teams:
  Central: {title: Central, zone: America/Chicago}
  East: {title: East, zone: America/New_York}
  West: {title: West, zone: America/Los_Angeles}
"""
LOST = 2_473
SHIPPED = workspace()
NAMES = strategies(SHIPPED)
SHORT = {"graceful-reply"}  # nine days after the loss it is over, and nothing is left to predict

pytestmark = pytest.mark.skipif(not DATA, reason="MAVEN_DATA does not name the folder of the practice export")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which `playbook import` took the export. Never changed: tests copy it."""
    folder = tmp_path_factory.mktemp("maven") / "sandbox"
    assert cli.run(["init", str(folder), "--sandbox"]) == 0
    shutil.copy(Path(DATA) / "sales_teams.csv", folder / "playbooks" / "library")
    (folder / "playbooks" / "library" / "roster.yaml").write_text(ROSTER, encoding="utf-8")
    assert cli.run(["--workspace", str(folder), "validate"]) == 0
    export = str(Path(DATA) / "sales_pipeline.csv")
    arguments = ["--workspace", str(folder), "import", export, "--mapping", str(MAPPING), "--now", "2018-01-01T05:00"]
    assert cli.run(arguments) == 0
    return folder / "playbook.db"


@pytest.fixture(scope="module")
def world(imported: Path) -> World:
    """What is live in that workspace: the teams of the export are its roster."""
    found = load_workspace(imported.parent, {}).world
    assert len(found.roster.people) >= 35
    return found


def copied(imported: Path, tmp_path: Path, name: str) -> SqliteStore:
    path = tmp_path / f"{name}.db"
    shutil.copy(imported, path)
    store = open_store(path)
    store.session.execute("PRAGMA synchronous = OFF")
    return store


@pytest.mark.parametrize("name", NAMES)
def test_the_strategy_takes_all_lost_deals_and_runs_until_nothing_is_armed(
    name: str, imported: Path, world: World, tmp_path: Path
) -> None:
    offer = opened(SHIPPED, name)
    states: set[tuple[str, str]] = set()
    ends: Counter[str] = Counter()
    for mode, rep in (("nobody", None), ("rep", rep_for(offer))):
        store = copied(imported, tmp_path, mode)
        ticks = run_until_quiet(store, world, [offer], START, rep)
        counts = store.counts()
        print(f"\n{name}, {mode}: {ticks} ticks, ended as {dict(counts.ends)}")
        assert sum(counts.ends.values()) == LOST
        assert counts.states == {}
        assert store.set_aside() == []
        for (did,) in store.session.connection.execute("SELECT did FROM history"):
            for line in json.loads(did):
                if line[0] == "entered":
                    states.add((line[1], line[2]))
                if line[0] in ("ended", "finished"):
                    ends[line[-1]] += 1
        store.close()
    assert states == {(track.name, state) for track in offer.playbook.tracks.values() for state in track.states}
    assert set(ends) >= set(offer.playbook.ends) - ({"declined"} if not any_contacts(imported) else set())


def any_contacts(imported: Path) -> bool:
    store = open_store(imported)
    found = store.session.connection.execute("SELECT count(*) FROM contacts").fetchone()[0]
    store.close()
    return bool(found)


@pytest.mark.parametrize("name", NAMES)
def test_why_predicts_what_the_ticks_then_do_for_every_deal(
    name: str, imported: Path, world: World, tmp_path: Path
) -> None:
    offer = opened(SHIPPED, name)
    store = copied(imported, tmp_path, "why")
    at = START
    for _ in range(1 if name in SHORT else 9):
        tick_at(store, world, [offer], at)
        at += DAY
    now = at - DAY
    expected = predictions(store, world, offer, now)
    assert len(expected) == LOST
    until = max(instant for _, instant, _ in expected.values())
    while at <= until + DAY:
        tick_at(store, world, [offer], at)
        at += DAY
    seen = first_transitions_after(store, now)
    wrong = [one for one, (number, instant, _) in expected.items() if seen[one] != (number, instant)]
    print(f"\n{name}: {LOST - len(wrong)} of {LOST} as predicted")
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_an_outage_shifts_the_plan_and_changes_nothing_else(
    name: str, imported: Path, world: World, tmp_path: Path
) -> None:
    offer = opened(SHIPPED, name)
    schedules = {
        "daily": range(START, START + 1150 * DAY, DAY),
        "nine": range(START, START + 3000 * DAY, 9 * DAY),
        "outage": [*range(START, START + 3 * DAY, DAY), *range(START + 153 * DAY, START + 1350 * DAY, DAY)],
    }
    found = {}
    for pace, schedule in schedules.items():
        store = copied(imported, tmp_path, pace)
        for at in schedule:
            tick_at(store, world, [offer], at)
        found[pace] = outlines(store)
        assert withdrawn_unseen(store) == 0, pace
        for contact, instants in touches(store).items():
            assert all(b - a >= DAY for a, b in pairwise(instants)), (pace, contact)
        store.close()
    assert found["nine"] == found["daily"]
    assert found["outage"] == found["daily"]
    assert len(found["daily"]) == LOST


def test_the_check_in_comes_after_three_weeks_for_software_and_four_for_the_rest(
    imported: Path, world: World, tmp_path: Path
) -> None:
    offer = opened(SHIPPED, "four-week-check-in")
    store = copied(imported, tmp_path, "industry")
    at = START
    while at < START + 40 * DAY:
        tick_at(store, world, [offer], at)
        at += DAY
    delays: Counter[str] = Counter()
    for entries in histories(store).values():
        for _number, _at, _trigger, reads, did in entries:
            if any(line[0] == "entered" and line[2] == "give_them_time" for line in json.loads(did)):
                delays[next(key.split()[1] for key in json.loads(reads) if key.startswith("after "))] += 1
    assert delays == {"3w": 254, "4w": 2_219}
