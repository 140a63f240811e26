"""How often the comparison that an experiment plans would find the difference that a simulation shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.experiment import Experiment
from engine.experiments.statistics.samples import power
from engine.simulation.question import Question
from engine.simulation.summary import Spread, share_of
from engine.simulation.tally import Tally


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """Of an arm against the control: `found` is the chance, 0 to 1, that a difference is declared; its mean over the
    replicates is what one may count on. `deals` are those that are drawn into both arms together."""

    arm: str
    control: str
    deals: int
    found: Spread


def detections(question: Question, tallies: Sequence[Sequence[Tally]], experiment: Experiment) -> tuple[Detection, ...]:
    """For each arm but the first, the control. The first metric of the question is the primary one.

    Deals are those that the experiment expects, else as many as were played. A single test at the planned end is asked;
    weekly looks cost it a few points.
    """
    control, *others = question.ways
    whole = experiment.expected or question.deals
    weights = sum(way.weight for way in question.ways)
    alpha = experiment.alpha / max(1, len(others))
    found = []
    for place, way in enumerate(others, 1):
        sizes = (whole * control.weight / weights, whole * way.weight / weights)
        per_arm = 2 / (1 / sizes[0] + 1 / sizes[1])
        chances = [
            power(base=share_of(one[0], 0), other=share_of(one[place], 0), per_arm=per_arm, alpha=alpha)
            for one in tallies
        ]
        found.append(Detection(arm=way.name, control=control.name, deals=round(sum(sizes)), found=Spread.of(chances)))
    return tuple(found)
