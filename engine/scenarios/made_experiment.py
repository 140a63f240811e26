"""A made experiment lived through in a real store: losses and wins come by imports, ticks draw, and it is read back.

What the self-test makes in memory has to come out of here the same: the arms, because the ticks draw them anew from the
same positions, and everything that a verdict is made of.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.core.building.experiment import build_experiment
from engine.core.building.revision import pinned, revision_from, revision_hash
from engine.core.durations import Instant
from engine.core.experiment import Experiment
from engine.core.world import World
from engine.core.zones import local_date, start_of_day, zone
from engine.experiments.ordered import ordered
from engine.experiments.orders import Orders
from engine.experiments.reading import records_of
from engine.experiments.records import Records, Unit
from engine.experiments.selftest.making import made as made_in_memory
from engine.experiments.selftest.running import verdict_of
from engine.experiments.selftest.setups import SETUPS
from engine.runner.drawing import Trial
from engine.runner.importing import Importing, Read
from engine.runner.incoming import Columns
from engine.runner.shelf import Offer
from engine.runner.tick import Ticking
from engine.scenarios.exporting import ExportRow, ExportRows
from engine.store.base import Store
from engine.store.sqlite import create

_SOURCE = "crm"
_COLUMNS = Columns(deal=frozenset({"status", "team", "lost_at", "won_at"}))
_MORNING = 8 * 3600  # seconds after midnight: before every import of wins


def agrees(setup: str, seed: int, number: int) -> bool:
    """Whether a made experiment comes to the same verdict out of a database file. Raises LibraryMissing."""
    records = made_in_memory(SETUPS[setup], seed, number)
    with TemporaryDirectory() as folder, closing(create(Path(folder) / "selftest.db")) as store:
        return verdict_of(lived_through(records, store)) == verdict_of(records)


def lived_through(made: Records, store: Store) -> Records:
    """The experiment `made`, of two arms, as it comes out of `store`, which is empty before."""
    world = World(zone=made.zone)
    plan = made.phases[0].experiment
    content = _content(plan)
    built, _ = build_experiment(content, world.vocabulary)
    known: Mapping[str, Any] = {}
    Orders(store=store, known=known, now=made.phases[0].began_at, by="selftest", local=str).start(plan.name, content)
    phase = ordered(store, world.vocabulary)[plan.name].phase
    # one arm is over after a day, the other goes on: what a playbook does must not matter for what is counted
    arms = enumerate(built.arms.values())
    offers = {(arm.name, ""): _offer(arm.playbook, f"{1 + 60 * place}d") for place, arm in arms}
    trial = Trial(phase=phase, offers=offers)
    crm = _Crm(store, world, trial)
    crm.live(made)
    return records_of(store, world, plan.name)


def _content(plan: Experiment) -> dict[str, Any]:
    """The experiment as a file has it."""
    return {
        "experiment": plan.name,
        "starts": plan.starts.isoformat(),
        "ends": plan.ends.isoformat() if plan.ends else "",
        "enrol": {"if": {"status": {"is": "lost"}}},
        "arms": {arm.name: {"playbook": arm.playbook} for arm in plan.arms.values()},
        "control": plan.control,
        "teams": {team: {"weights": dict(weights)} for team, weights in plan.teams.items()},
        "primary": {"event": plan.primary.event, "within": str(plan.primary.within)},
    }


def _offer(name: str, length: str) -> Offer:
    content = {
        "playbook": name,
        "title": name,
        "enrol": {"if": {"status": {"is": "lost"}}},
        "ends": {"over": {}},
        "initial": "wait",
        "states": {"wait": {"transitions": [{"after": length, "end": "over"}]}},
    }
    found = pinned(content, World().vocabulary, {})
    return Offer(revision=revision_from(found, revision_hash(found)), content=found)


class _Crm:
    """What the export says from day to day, and a tick after each import."""

    def __init__(self, store: Store, world: World, trial: Trial) -> None:
        self._store, self._world, self._trial = store, world, trial
        self._zone = zone(world.zone)
        self._lines = 0

    def live(self, made: Records) -> None:
        drawn: defaultdict[date, list[Unit]] = defaultdict(list)
        won: defaultdict[Instant, list[tuple[Unit, date]]] = defaultdict(list)
        for unit in made.units:
            drawn[unit.drawn_on].append(unit)
            for happened in unit.happened:
                won[happened.recorded_at].append((unit, happened.on))
        turns = {start_of_day(day, self._zone) + _MORNING: self._lost(units) for day, units in drawn.items()}
        imports = {one.imported_at: self._won(won[one.imported_at]) for one in made.settled}
        ticks = {one.imported_at: one.ticked_at for one in made.settled}
        for at, rows in sorted([*turns.items(), *imports.items()], key=lambda turn: turn[0]):
            self._import(at, rows)
            Ticking(self._store, self._world, (), ticks.get(at, at), trials=[self._trial]).run()

    def _lost(self, units: Iterable[Unit]) -> list[ExportRow]:
        return [self._row(unit, {"status": "lost", "team": unit.team, "lost_at": str(unit.drawn_on)}) for unit in units]

    def _won(self, units: Iterable[tuple[Unit, date]]) -> list[ExportRow]:
        return [self._row(unit, {"status": "won", "team": unit.team, "won_at": str(on)}) for unit, on in units]

    def _row(self, unit: Unit, fields: Mapping[str, Any]) -> ExportRow:
        """Ids in the order of the positions, in which the tick of one morning draws."""
        self._lines += 1
        identity = f"{unit.team}-{unit.position:06}"
        return ExportRow(
            line=self._lines, deal={"id": f"D-{identity}", **fields}, account={"id": f"A-{identity}"}, contacts=(),
            fingerprint=hashlib.sha256(str(self._lines).encode()).hexdigest(),
        )  # fmt: skip

    def _import(self, at: Instant, rows: list[ExportRow]) -> None:
        importing = Importing(self._store, self._world, at, _COLUMNS, source=_SOURCE, newest=str)
        with self._store.transaction():
            importing.begin(f"{local_date(at, self._zone)}.csv", str(self._lines))
            importing.take(ExportRows(rows))
            importing.finish(Read(rows=len(rows), repeated=0, rejected=0))
