"""Making one experiment whose truth is known: drawn as the engine draws, won at random, and imported once a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.core.drawing import draw_from_block
from engine.core.durations import Duration, Instant
from engine.core.experiment import Arm, Experiment, Metric, Phase
from engine.core.zones import start_of_day
from engine.core.zones import zone as zone_of
from engine.experiments.records import Happened, Records, Settled, Unit
from engine.experiments.selftest.setups import A, B, Group, Setup
from engine.experiments.statistics.recursion import LibraryMissing

if TYPE_CHECKING:
    from numpy.random import Generator

STARTS = date(2027, 1, 4)  # a Monday
_ZONE = "Europe/Berlin"  # with clocks that change meanwhile
_MORNING, _EVENING = 8 * 3600, 20 * 3600
_TICK = 300  # seconds after an import
_DAY = timedelta(days=1)


def made(setup: Setup, seed: int, number: int) -> Records:
    """Experiment `number` of this seed: the same on every machine, whatever else is made. Raises LibraryMissing."""
    experiment = _experiment(setup, f"{setup.name}-{seed}-{number}")
    random = _random(seed, number)
    settled = _imports(setup.days, setup.window)
    units = [unit for team, group in setup.groups.items() for unit in _drawn(setup, experiment, team, group, random)]
    return Records(
        phases=(Phase(number=1, began_at=_instant(0, 0), experiment=experiment),),
        units=tuple(sorted(units, key=lambda unit: (unit.drawn_at, unit.id))),
        settled=settled,
        zone=_ZONE,
        name=experiment.name,
    )


def asked_at(records: Records) -> Instant:
    """When all is over and known."""
    return records.settled[-1].ticked_at


def _random(seed: int, number: int) -> Generator:
    try:
        from numpy.random import PCG64, Generator, SeedSequence
    except ImportError:
        raise LibraryMissing from None
    return Generator(PCG64(SeedSequence(entropy=seed, spawn_key=(number,))))


def _experiment(setup: Setup, name: str) -> Experiment:
    return Experiment(
        name=name,
        starts=STARTS,
        ends=STARTS + timedelta(days=setup.days - 1),
        arms={A: Arm(name=A, playbook="old"), B: Arm(name=B, playbook="new")},
        control=A,
        primary=Metric(event="won", within=Duration(amount=setup.window, unit="d")),
        teams={team: group.weights for team, group in setup.groups.items()},
    )


def _drawn(setup: Setup, experiment: Experiment, team: str, group: Group, random: Generator) -> Iterator[Unit]:
    days = sorted(random.integers(0, setup.days, group.units).tolist())
    lucks, waits = random.random(group.units).tolist(), random.random(group.units).tolist()
    for position, (day, luck, wait) in enumerate(zip(days, lucks, waits, strict=True)):
        drawn = draw_from_block(experiment.name, 1, team, group.weights, position)
        won = _won(setup, drawn.arm, day, wait) if luck < group.shares[drawn.arm] else None
        name = f"{team}-{position}"
        yield Unit(
            id=name,
            account=name,
            deal=name,
            team=team,
            phase=1,
            arm=drawn.arm,
            probability=drawn.probability,
            weights=group.weights,
            drawn_at=_instant(day, _MORNING) + position,
            drawn_on=STARTS + day * _DAY,
            happened=(won,) if won else (),
            position=position,
        )


def _won(setup: Setup, arm: str, day: int, wait: float) -> Happened:
    """Within the window in any case, and known from the next import on."""
    on = day + int(setup.window * wait ** setup.speed[arm])
    return Happened(event="won", on=STARTS + on * _DAY, recorded_at=_instant(_import_day(on), _EVENING))


def _import_day(day: int) -> int:
    """The day, counted from the start, of the first import on that day or later: every Sunday."""
    return day + (6 - day) % 7


@lru_cache(maxsize=16)
def _imports(days: int, window: int) -> tuple[Settled, ...]:
    over = days + window  # the first import after everything is over is the last one
    found = [_instant(day, _EVENING) for day in range(6, _import_day(over) + 1, 7)]
    return tuple(Settled(imported_at=at, ticked_at=at + _TICK) for at in found)


@lru_cache(maxsize=4096)
def _instant(day: int, seconds: int) -> Instant:
    return start_of_day(STARTS + day * _DAY, zone_of(_ZONE)) + seconds


def rows_of(records: Records) -> dict[str, list[dict[str, Any]]]:
    """The experiment as plain rows, to be written into a real workspace: `experiment` (one row), `draws`, `events`,
    `imports`, `ticks`. Instants are whole seconds, days and weights as they are."""
    experiment = records.phases[0].experiment
    return {
        "experiment": [
            {
                "name": experiment.name,
                "starts": experiment.starts.isoformat(),
                "ends": experiment.ends.isoformat() if experiment.ends else "",
                "control": experiment.control,
                "arms": {arm.name: arm.playbook for arm in experiment.arms.values()},
                "teams": {team: dict(weights) for team, weights in experiment.teams.items()},
                "primary": {"event": experiment.primary.event, "within": str(experiment.primary.within)},
                "began_at": records.phases[0].began_at,
                "zone": records.zone,
            }
        ],
        "draws": [
            {
                "unit": unit.id,
                "account": unit.account,
                "deal": unit.deal,
                "team": unit.team,
                "phase": unit.phase,
                "arm": unit.arm,
                "probability": unit.probability,
                "weights": dict(unit.weights),
                "position": unit.position,
                "drawn_at": unit.drawn_at,
                "drawn_on": unit.drawn_on.isoformat(),
            }
            for unit in records.units
        ],
        "events": [
            {"deal": unit.deal, "event": one.event, "on": one.on.isoformat(), "recorded_at": one.recorded_at}
            for unit in records.units
            for one in unit.happened
        ],
        "imports": [{"at": one.imported_at} for one in records.settled],
        "ticks": [{"at": one.ticked_at} for one in records.settled],
    }
