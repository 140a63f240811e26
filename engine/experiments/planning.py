"""Before an experiment begins: how large a difference it can find with the units that it will get, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.experiment import Experiment
from engine.core.plural import count
from engine.core.shares import percent
from engine.experiments.outlook import LOOKING, SEQUENCE_LOOKING
from engine.experiments.statistics.samples import Sizes, detectable_of, times_needed

POWER = 0.8  # a difference of that size is found four times out of five
_TIMES = (1.25, 1.5, 2.0, 3.0)  # the differences that are useful to know about, as parts of the expected share
RATE = 0.05  # of won back, where nothing is said: what lost deals do at most companies


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """To tell `base` from `share`, the arm and the control need so many units whose window is over."""

    share: float
    arm: int
    control: int
    enough: bool  # whether as many are expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """A team (or all, "") with the units it will get, and the smallest share that can be told from the base.

    `sizes`: of `arm` and of the control it is compared with, team by team. `detectable` None: not even if everything
    were won.
    """

    team: str
    units: float
    arm: str
    sizes: tuple[Sizes, ...]
    detectable: float | None
    randomised: bool = True

    @property
    def arm_units(self) -> float:
        return math.fsum(one.other for one in self.sizes)

    @property
    def control_units(self) -> float:
        return math.fsum(one.base for one in self.sizes)


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
    overall: Reach  # of the arm that can be told worst, as those of `teams`
    arms: tuple[Reach, ...]  # over all teams, each against the control
    teams: tuple[Reach, ...]
    words: tuple[str, ...]


def plan(
    experiment: Experiment, teams: Mapping[str, float], rate: float | None = None, today: date | None = None
) -> Plan:
    """`teams`: units per week. `rate` (0 to 1) goes over the experiment's own, which goes over 5 %. `today`: only the
    days of drawing from then on are counted (None: all).

    Raises ValueError for a rate that is no share.
    """
    base = rate if rate is not None else experiment.rate if experiment.rate is not None else RATE
    if not 0 <= base <= 1:
        raise ValueError(f"a share lies between 0 and 1 (0.05), not {base}")
    alpha = experiment.alpha / max(len(experiment.others), 1)
    looking = SEQUENCE_LOOKING if experiment.ends is None else LOOKING
    units = _units(experiment, teams, today)
    drawn = [team for team in units if len(experiment.weights(team)) > 1]
    team_alpha = alpha / max(len(drawn), 1)
    reaches = tuple(
        _worst(experiment, _reaches(experiment, base, team_alpha, looking, team, {team: units[team]}))
        for team in sorted(units)
    )
    arms = tuple(_reaches(experiment, base, alpha, looking, "", {team: units[team] for team in drawn}))
    overall = _worst(experiment, arms)
    needs = tuple(_needs(experiment, base, alpha, looking, overall))
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


def weeks_to_come(experiment: Experiment, today: date | None = None) -> float:
    """From `today`, or its first day if that is later, to its last day; 0 without a last day or after it."""
    if experiment.ends is None:
        return 0.0
    begins = max(today, experiment.starts) if today is not None else experiment.starts
    return max((experiment.ends - begins).days + 1, 0) / 7


def _units(experiment: Experiment, teams: Mapping[str, float], today: date | None) -> dict[str, float]:
    """Expected units of each team that takes part: until `ends`, or its part of the declared number."""
    weekly = {team: max(number, 0.0) for team, number in teams.items() if experiment.weights(team)}
    total = math.fsum(weekly.values())
    if experiment.ends is not None:
        weeks = weeks_to_come(experiment, today)
        return {team: number * weeks for team, number in weekly.items()}
    declared = float(experiment.expected or 0)
    return {team: declared * number / total for team, number in weekly.items()} if total else {}


def _reaches(
    experiment: Experiment, base: float, alpha: float, looking: float, team: str, units: Mapping[str, float]
) -> list[Reach]:
    """Of each arm against the control, with those that the draw of each team will give them."""
    randomised = any(len(experiment.weights(one)) > 1 for one in units)
    found = []
    for arm in experiment.others:
        every = (_sizes(experiment, arm, one, number) for one, number in units.items())
        sizes = tuple(one for one in every if one.weight)  # of the teams that have both arms
        smallest = detectable_of(base=base, sizes=_parts(sizes, 1 / looking), power=POWER, alpha=alpha)
        total = math.fsum(units.values())
        found.append(
            Reach(team=team, units=total, arm=arm, sizes=sizes, detectable=smallest, randomised=randomised)
        )  # fmt: skip
    return found


def _worst(experiment: Experiment, reaches: Sequence[Reach]) -> Reach:
    """Of the arm that can be told worst; of several the one with the smallest weight."""
    return max(
        reaches,
        key=lambda one: (math.inf if one.detectable is None else one.detectable, -experiment.arms[one.arm].weight),
    )


def _sizes(experiment: Experiment, arm: str, team: str, units: float) -> Sizes:
    weights = experiment.weights(team)
    total = math.fsum(weights.values())
    other, base = (units * weights.get(name, 0.0) / total if total else 0.0 for name in (arm, experiment.control))
    return Sizes(other=other, base=base)


def _parts(sizes: Sequence[Sizes], times: float) -> tuple[Sizes, ...]:
    return tuple(Sizes(other=one.other * times, base=one.base * times) for one in sizes)


def _needs(experiment: Experiment, base: float, alpha: float, looking: float, reach: Reach) -> Iterator[Need]:
    """In the proportions in which the units come; by the weights of the arms where none are known."""
    known = bool(reach.sizes)
    other, control = (experiment.arms[name].weight for name in (reach.arm, experiment.control))
    sizes = reach.sizes or (Sizes(other=other, base=control),)
    for chances in _TIMES:
        share = base * chances
        if not base < share < 1:
            continue
        times = times_needed(base=base, other=share, sizes=sizes, power=POWER, alpha=alpha)
        if times is not None:
            taken = times * looking
            arm = math.ceil(taken * math.fsum(one.other for one in sizes))
            base_units = math.ceil(taken * math.fsum(one.base for one in sizes))
            yield Need(share=share, arm=arm, control=base_units, enough=known and taken <= 1)


def _sentences(experiment: Experiment, found: Plan) -> Iterator[str]:
    unit = experiment.unit
    until = f"until {experiment.ends}" if experiment.ends else "in all"
    if not found.units:
        yield f"It is not known how many {unit}s will be drawn: nothing can be said of what this can find."
    else:
        yield from (_overall(experiment, reach, found.base, until) for reach in found.arms)
    yield from (_need(experiment, found.overall.arm, one, found) for one in found.needs)
    if len(found.teams) > 1 or any(reach.team for reach in found.teams):
        yield from (_team(one, found.base, unit) for one in found.teams)
    yield from _because(experiment, found)


def _overall(experiment: Experiment, reach: Reach, base: float, until: str) -> str:
    told = count(round(reach.units), experiment.unit)
    arm = f" in {reach.arm}" if len(experiment.others) > 1 else ""
    if reach.detectable is None:
        return f"With {told} {until}, this cannot tell {percent(base)} from anything{arm}."
    split = _split(experiment, reach.arm, round(reach.arm_units), round(reach.control_units))
    return (
        f"With {told} {until} ({split}), this can tell {percent(base)} from "
        f"{percent(reach.detectable)}{arm}, four times out of five. A smaller difference will mostly stay undecided."
    )


def _split(experiment: Experiment, arm: str, arm_units: int, control_units: int) -> str:
    """How many units there are in the arm and in the control: told once where the arms are even."""
    if abs(arm_units - control_units) <= 1:
        return f"{count(min(arm_units, control_units), experiment.unit)} an arm"
    return f"{count(arm_units, experiment.unit)} in {arm}, {control_units:,} in {experiment.control}"


def _need(experiment: Experiment, arm: str, need: Need, found: Plan) -> str:
    enough = (": as many are expected" if need.enough else ": more than are expected") if found.units else ""
    begins = f"To tell {percent(found.base)} from {percent(need.share)}"
    if abs(need.arm - need.control) <= 1:
        return f"{begins}, each arm needs {count(need.arm, experiment.unit)}{enough}."
    return f"{begins} takes {_split(experiment, arm, need.arm, need.control)}{enough}."


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
