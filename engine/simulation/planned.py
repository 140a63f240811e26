"""How often the comparison that an experiment plans would find the difference that a simulation shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

from engine.core.experiment import Experiment, Metric
from engine.core.zones import last_of_day, local_date, zone
from engine.experiments.statistics.samples import Sizes, power_of
from engine.simulation.question import WEEK, Simulation
from engine.simulation.summary import Spread
from engine.simulation.tally import Tally

ENOUGH = 10  # times the planned deals of an arm must be played: otherwise it is chance that differs, not the arms
_FEW = 5  # replicates below which their spread tells nothing
_RANGE = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """Of an arm against the control. `found` is the chance, 0 to 1, that a difference is declared, with the range that
    what was played leaves open; None: too little was played. `deals` are those that the plan draws into both arms
    together, `played` the lives of each. `base` and `other` are the shares over all replicates, `differing` the share
    of replicates in which they differ at all.
    """

    arm: str
    control: str
    deals: int
    played: int
    base: float
    other: float
    differing: float
    found: Spread | None


def detections(
    question: Simulation, tallies: Sequence[Sequence[Tally]], experiment: Experiment
) -> tuple[Detection, ...]:
    """For each arm but the first, the control. The first metric of the question is the primary one.

    Deals are those that the experiment expects, else as many as were played. A single test at the planned end is asked;
    weekly looks cost it a few points. Shares are those of all replicates together: the share of one replicate is mostly
    chance, and chance would pass for a difference.
    """
    control, *others = question.ways
    whole = experiment.expected or question.deals
    weights = sum(way.weight for way in question.ways)
    alpha = experiment.alpha / max(1, len(others))
    found = []
    for place, way in enumerate(others, 1):
        sizes = Sizes(base=whole * control.weight / weights, other=whole * way.weight / weights)
        pairs = [(one[0], one[place]) for one in tallies]
        found.append(_detection((control.name, way.name), sizes, alpha, pairs))
    return tuple(found)


def _detection(names: tuple[str, str], sizes: Sizes, alpha: float, pairs: Sequence[tuple[Tally, Tally]]) -> Detection:
    base, other = _pooled(one for one, _ in pairs), _pooled(one for _, one in pairs)
    played = sum(one.lives for one, _ in pairs)
    enough = played >= ENOUGH * 2 * sizes.weight
    return Detection(
        control=names[0], arm=names[1], deals=round(sizes.base + sizes.other), played=played, base=base, other=other,
        differing=sum(1 for one, two in pairs if one.metrics[0] != two.metrics[0]) / len(pairs),
        found=_chance(base, other, sizes, alpha, _error(pairs, base, other)) if enough else None,
    )  # fmt: skip


def _pooled(tallies: Iterable[Tally]) -> float:
    listed = list(tallies)
    lives = sum(one.lives for one in listed)
    return sum(one.metrics[0] for one in listed) / lives if lives else 0.0


def _error(pairs: Sequence[tuple[Tally, Tally]], base: float, other: float) -> float:
    """The standard error of the difference of the shares of all replicates together."""
    if len(pairs) < _FEW:
        lives = max(1, sum(one.lives for one, _ in pairs))
        return math.sqrt((base * (1 - base) + other * (1 - other)) / lives)
    apart = [_pooled([two]) - _pooled([one]) for one, two in pairs]
    middle = sum(apart) / len(apart)
    return math.sqrt(sum((one - middle) ** 2 for one in apart) / (len(apart) - 1) / len(apart))


def _chance(base: float, other: float, sizes: Sizes, alpha: float, error: float) -> Spread:
    """The power for the difference, and for the least and the largest one that nine in ten such simulations show."""

    def asked(share: float) -> float:
        return (
            power_of(base=base, other=min(1.0, max(0.0, share)), sizes=[sizes], alpha=alpha) if share != base else 0.0
        )

    if base == other:
        return Spread(low=0.0, middle=0.0, high=0.0, mean=0.0)
    ends = (other - _RANGE * error, other + _RANGE * error)
    low = 0.0 if ends[0] <= base <= ends[1] else min(asked(ends[0]), asked(ends[1]))
    middle = asked(other)
    high = max(middle, asked(ends[0]), asked(ends[1]))
    return Spread(low=min(low, middle), middle=middle, high=high, mean=middle)


# --- the horizon ----------------------------------------------------------------------------------------------------


def weeks_needed(question: Simulation) -> int:
    """How long each deal must be followed so that the windows of all metrics are over."""
    where = zone(question.world.zone)
    starts = {local_date(start.at, where): start.at for subject in question.subjects for start in subject.starts}
    return max(
        (
            -(-(last_of_day(one.last_day(day), where) - at) // WEEK)
            for one in question.metrics
            for day, at in starts.items()
        ),
        default=0,
    )


def longest(metrics: Sequence[Metric]) -> Metric:
    """The one whose window is over last."""
    return max(metrics, key=lambda one: one.last_day(date(2026, 1, 1)))
