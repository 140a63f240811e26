"""Before an experiment begins: how large a difference it can find with the units that it will get, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.core.experiment import Experiment
from engine.core.plural import count
from engine.experiments.outlook import LOOKING, SEQUENCE_LOOKING
from engine.experiments.statistics.samples import detectable, needed_per_arm
from engine.experiments.wording import percent

POWER = 0.8  # a difference of that size is found four times out of five
_TIMES = (1.25, 1.5, 2.0, 3.0)  # the differences that are useful to know about, as parts of the expected share
RATE = 0.05  # of won back, where nothing is said: what lost deals do at most companies


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """To tell `base` from `share`, each of the two arms needs `per_arm` units whose window is over."""

    share: float
    per_arm: int
    enough: bool  # whether as many are expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """A team (or all, "") with the units it will get, and the smallest share that can be told from the base.

    `per_arm`: units of an even split with as much information. `detectable` None: not even if everything were won.
    """

    team: str
    units: float
    per_arm: float
    detectable: float | None
    randomised: bool = True
    arm: str = ""  # against the control; "": the one that can be told worst


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`base`: the expected share of the control. `alpha`: of one arm against the control, `team_alpha`: of it in one
    team. `looking`: how many times the units of a single test at the end the weekly looks take."""

    base: float
    alpha: float
    team_alpha: float
    looking: float
    units: float | None  # expected in all; None where it is not known
    needs: tuple[Need, ...]
    overall: Reach
    arms: tuple[Reach, ...]  # over all teams, each against the control
    teams: tuple[Reach, ...]
    words: tuple[str, ...]


def plan(experiment: Experiment, teams: Mapping[str, float], rate: float | None = None) -> Plan:
    """`teams`: units per week. `rate` (0 to 1) goes over the experiment's own, which goes over 5 %.

    Raises ValueError for a rate that is no share.
    """
    base = rate if rate is not None else experiment.rate if experiment.rate is not None else RATE
    if not 0 <= base <= 1:
        raise ValueError(f"a share lies between 0 and 1 (0.05), not {base}")
    alpha = experiment.alpha / max(len(experiment.others), 1)
    looking = SEQUENCE_LOOKING if experiment.ends is None else LOOKING
    units = _units(experiment, teams)
    drawn = [team for team in units if len(experiment.weights(team)) > 1]
    team_alpha = alpha / max(len(drawn), 1)
    reaches = tuple(_reach(experiment, base, team_alpha, looking, team, {team: units[team]}) for team in sorted(units))
    overall = _reach(experiment, base, alpha, looking, "", {team: units[team] for team in drawn})
    together = {team: units[team] for team in drawn}
    arms = tuple(_reach(experiment, base, alpha, looking, "", together, arm) for arm in experiment.others)
    needs = tuple(_needs(base, alpha, looking, overall.per_arm))
    found = Plan(
        base=base,
        alpha=alpha,
        team_alpha=team_alpha,
        looking=looking,
        units=sum(units.values()) if units else None,
        needs=needs,
        overall=overall,
        arms=arms,
        teams=reaches,
        words=(),
    )
    words = tuple(_sentences(experiment, found))
    return Plan(**{name: getattr(found, name) for name in found.__slots__ if name != "words"}, words=words)


def _units(experiment: Experiment, teams: Mapping[str, float]) -> dict[str, float]:
    """Expected units of each team that takes part: until `ends`, or its part of the declared number."""
    weekly = {team: max(number, 0.0) for team, number in teams.items() if experiment.weights(team)}
    total = math.fsum(weekly.values())
    if experiment.ends is not None:
        weeks = max((experiment.ends - experiment.starts).days + 1, 0) / 7
        return {team: number * weeks for team, number in weekly.items()}
    declared = float(experiment.expected or 0)
    return {team: declared * number / total for team, number in weekly.items()} if total else {}


def _reach(
    experiment: Experiment, base: float, alpha: float, looking: float, team: str, units: Mapping[str, float],
    arm: str = "",
) -> Reach:  # fmt: skip
    """Of this arm, else of the one that gets the fewest units."""
    per_arm = min(
        (2 * math.fsum(_information(experiment, other, one, number) for one, number in units.items()))
        for other in ([arm] if arm else experiment.others or [experiment.control])
    )
    smallest = detectable(base=base, per_arm=per_arm / looking, power=POWER, alpha=alpha) if per_arm else None
    randomised = any(len(experiment.weights(one)) > 1 for one in units)
    return Reach(
        team=team, units=math.fsum(units.values()), per_arm=per_arm, detectable=smallest, randomised=randomised,
        arm=arm,
    )  # fmt: skip


def _information(experiment: Experiment, arm: str, team: str, units: float) -> float:
    """n_A n_B / (n_A + n_B) for the arm and the control."""
    weights = experiment.weights(team)
    total = math.fsum(weights.values())
    b, a = (units * weights.get(name, 0.0) / total if total else 0.0 for name in (arm, experiment.control))
    return b * a / (a + b) if arm != experiment.control and b and a else 0.0


def _needs(base: float, alpha: float, looking: float, expected: float) -> Iterator[Need]:
    for times in _TIMES:
        share = base * times
        per_arm = needed_per_arm(base=base, other=share, power=POWER, alpha=alpha) if 0 < base < share < 1 else None
        if per_arm is not None:
            needed = math.ceil(per_arm * looking)
            yield Need(share=share, per_arm=needed, enough=expected >= needed)


def _sentences(experiment: Experiment, found: Plan) -> Iterator[str]:
    unit = experiment.unit
    until = f"until {experiment.ends}" if experiment.ends else "in all"
    if not found.units:
        yield f"It is not known how many {unit}s will be drawn: nothing can be said of what this can find."
    else:
        yield from (_overall(reach, found.base, unit, until, several=len(found.arms) > 1) for reach in found.arms)
    yield from (_need(one, found.base, unit, known=bool(found.units)) for one in found.needs)
    if len(found.teams) > 1 or any(reach.team for reach in found.teams):
        yield from (_team(one, found.base, unit) for one in found.teams)
    yield from _because(experiment, found)


def _overall(reach: Reach, base: float, unit: str, until: str, *, several: bool) -> str:
    """An uneven split is worth as much as an even one of fewer units: that number is told."""
    told, arm = count(round(reach.units), unit), f" in {reach.arm}" if several else ""
    if reach.detectable is None:
        return f"With {told} {until}, this cannot tell {percent(base)} from anything{arm}."
    return (
        f"With {told} {until} ({count(round(reach.per_arm), unit)} an arm), this can tell {percent(base)} from "
        f"{percent(reach.detectable)}{arm}, four times out of five. A smaller difference will mostly stay undecided."
    )


def _need(need: Need, base: float, unit: str, *, known: bool) -> str:
    enough = (": as many are expected" if need.enough else ": more than are expected") if known else ""
    return f"To tell {percent(base)} from {percent(need.share)}, each arm needs {count(need.per_arm, unit)}{enough}."


def _team(reach: Reach, base: float, unit: str) -> str:
    if not reach.randomised:
        return f"Team {reach.team or '(none)'} has nothing to compare: its {unit}s all get the same."
    if not reach.units:
        return f"No {unit}s are expected in team {reach.team or '(none)'}."
    told = f"With {count(round(reach.units), unit)}, team {reach.team or '(none)'} alone"
    if reach.detectable is None:
        return f"{told} cannot tell {percent(base)} from anything."
    return f"{told} can only tell {percent(base)} from {percent(reach.detectable)}."


def _because(experiment: Experiment, found: Plan) -> Iterator[str]:
    """What is in the numbers."""
    if experiment.ends is None:
        yield (
            "Without a planned end a comparison takes about twice as many: declare `ends` if you can say when you want "
            "to know."
        )
    else:
        more = percent(found.looking - 1)
        yield f"Looking every week takes about {more} more than one look at the end; that is in these numbers."
    others: Sequence[str] = experiment.others
    if len(others) > 1:
        yield f"With {count(len(others), 'arm')} against {experiment.control} each has to be clearer; that is too."
    if len(found.teams) > 1:
        yield "A team alone has to be clearer than all together, because several are asked; that is too."
