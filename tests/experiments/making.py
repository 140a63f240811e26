"""Experiments written by hand: units by the day they were drawn and what became of them, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.core.durations import Duration
from engine.core.experiment import Arm, Experiment, Metric, Phase
from engine.experiments.records import Handed, Happened, Records, Settled, Unit

STARTS = date(2027, 1, 4)
HOUR = 3600


def days(number: int) -> Duration:
    return Duration(amount=number, unit="d")


def won(window: int = 28) -> Metric:
    return Metric(event="won", within=days(window))


def at(day: date | int, hour: int = 0) -> int:
    """An instant: the hour of a day, or of that many days after the start."""
    on = STARTS + timedelta(days=day) if isinstance(day, int) else day
    return int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()) + hour * HOUR


def experiment(*arms: str, **changes: Any) -> Experiment:
    names = arms or ("old", "new")
    found = Experiment(
        name="timing",
        starts=STARTS,
        ends=STARTS + timedelta(days=181),
        arms={name: Arm(name=name, playbook=f"{name}-playbook") for name in names},
        control=names[0],
        primary=won(),
    )
    return replace(found, **changes)


def unit(
    name: str,
    arm: str,
    day: int,
    *,
    team: str = "west",
    phase: int = 1,
    weights: Mapping[str, float] | None = None,
    happened: Iterable[tuple[str, int]] = (),
    **changes: Any,
) -> Unit:
    """Drawn at 9 on a day after the start; `happened`: (event, days after the draw), each recorded that evening."""
    shares = weights if weights is not None else {"old": 1.0, "new": 1.0}
    found = Unit(
        id=name,
        account=name,
        deal=name,
        team=team,
        phase=phase,
        arm=arm,
        probability=shares[arm] / sum(shares.values()) if arm in shares else None,
        weights=shares,
        drawn_at=at(day, 9),
        drawn_on=STARTS + timedelta(days=day),
        happened=tuple(
            Happened(event=event, on=STARTS + timedelta(days=day + later), recorded_at=at(day + later, 19))
            for event, later in happened
        ),
    )
    return replace(found, **changes)


def handed(day: int, person: str = "ann", *, facing: bool = True) -> Handed:
    return Handed(action=f"a{day}", at=at(day, 10), on=STARTS + timedelta(days=day), assignee=person, facing=facing)


def weekly(last: int = 230) -> tuple[Settled, ...]:
    """An import every Sunday at 20, a tick an hour later."""
    return tuple(Settled(imported_at=at(day, 20), ticked_at=at(day, 21)) for day in range(6, last, 7))


def records(
    units: Sequence[Unit],
    plan: Experiment | None = None,
    *,
    settled: Sequence[Settled] | None = None,
    later: Sequence[Phase] = (),
    **changes: Any,
) -> Records:
    found = Records(
        phases=(Phase(number=1, began_at=at(0) - HOUR, experiment=plan or experiment()), *later),
        units=tuple(sorted(units, key=lambda one: (one.drawn_at, one.id))),
        settled=tuple(weekly() if settled is None else settled),
        zone="UTC",
        name="timing",
    )
    return replace(found, **changes)


def counted(
    tallies: Mapping[tuple[str, str], tuple[int, int]], *, first: int = 0, over: int = 180, event: str = "won"
) -> list[Unit]:
    """(team, arm) -> (units that did it, units): drawn evenly over the days, alternating as blocks would, each with its
    event five days later."""
    arms = sorted({arm for _, arm in tallies})
    weights = dict.fromkeys(arms, 1.0)
    found = []
    for (team, arm), (yes, of) in tallies.items():
        done = 0
        for index in range(of):
            due = (index + 1) * yes // of
            happened = [(event, 5)] if due > done else []
            done = due
            day = first + index * over // of
            found.append(unit(f"{team}-{arm}-{index}", arm, day, team=team, weights=weights, happened=happened))
    return found
