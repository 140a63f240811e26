"""What is known of an experiment as of the instant asked for: the one place that leaves out what came later."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from engine.core.durations import Instant
from engine.core.experiment import Arm, Experiment, Phase
from engine.core.zones import local_date
from engine.core.zones import zone as zone_of
from engine.experiments.looks import Imports, Schedule, TakenLook, imports_by, schedule
from engine.experiments.records import Records, Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """`plan` is the experiment as it was begun: it says what is counted, when one looks and when it is over, whatever
    was changed since. `arms` are those of all phases. `units` are those drawn by then, each once; `doubled` names
    those that stand in the records twice. `apart`: teams with one arm only, whose units say nothing."""

    plan: Experiment
    changed: tuple[str, ...]  # what later phases say otherwise and is not followed
    phases: int
    arms: Mapping[str, Arm]
    came_with: Mapping[str, frozenset[str]]  # arm -> all arms of the phase in which it came, the earlier ones included
    zone: ZoneInfo
    asked: Instant
    imports: Imports
    looks: tuple[TakenLook, ...]  # at the primary metric
    units: tuple[Unit, ...]
    teams: tuple[str, ...]  # with units that could have been drawn into several arms, also where one alone is asked for
    doubled: tuple[str, ...]
    apart: Mapping[str, int]  # team -> units
    stopped_at: Instant | None
    adopted: str
    team: str

    @property
    def asked_on(self) -> date:
        return local_date(self.asked, self.zone)

    @property
    def as_of(self) -> Instant | None:
        """When the newest settled import was made."""
        return self.imports.newest(self.asked)

    @property
    def others(self) -> list[str]:
        """The arms that are compared with the control."""
        return [arm for arm in self.arms if arm != self.plan.control]

    def alpha(self, *arms: str) -> float:
        """Of these arms compared with each other. An arm that came in a later phase takes nothing from those that were
        there: what was decided between them stays decided."""
        return self.plan.alpha / max(len(self._known(*arms) - {self.plan.control}), 1)

    def _known(self, *arms: str) -> frozenset[str]:
        """All arms that there were when the last of these came."""
        found = (self.came_with[arm] for arm in arms if arm in self.came_with)
        return max(found, key=len, default=frozenset(self.arms))

    @property
    def late(self) -> list[str]:
        """The arms that came in a later phase."""
        return [arm for arm in self.others if arm not in self.plan.arms]

    @property
    def schedule(self) -> Schedule:
        return schedule(self.plan, self.plan.primary, self.zone)

    @property
    def over(self) -> bool:
        """Whether the last look of the plan was taken."""
        return bool(self.looks) and self.looks[-1].last

    def expected(self, *arms: str) -> int | None:
        """Without a planned end: the units of these arms at which a confidence sequence is sharpest."""
        if self.plan.ends is not None:
            return None
        weights = {name: (self.plan.arms.get(name) or self.arms[name]).weight for name in self._known(*arms)}
        part = sum(weights.get(arm, 0.0) for arm in arms) / (sum(weights.values()) or 1.0)
        return max(round((self.plan.expected or EXPECTED) * part), 1)


EXPECTED = 500  # units, where neither an end nor a number is declared


def standing(records: Records, asked: Instant, team: str = "") -> Standing | None:
    """None if the experiment had not been started by then. `team`: that team alone; its units, and its alpha."""
    phases = [phase for phase in records.phases if phase.began_at <= asked]
    if not phases:
        return None
    plan = phases[0].experiment
    drawn = [unit for unit in records.units if unit.drawn_at <= asked]
    once = {unit.id: unit for unit in reversed(drawn)}  # the first draw counts
    counts = Counter(unit.id for unit in drawn)
    together = {one.team for one in once.values() if len(one.weights) != 1}
    stopped = records.stopped_at is not None and records.stopped_at <= asked
    imports, zone = imports_by(records.settled, asked), zone_of(records.zone)
    return Standing(
        plan=plan,
        changed=tuple(_changes(plan, [phase.experiment for phase in phases[1:]])),
        phases=len(phases),
        arms={name: arm for phase in phases for name, arm in phase.experiment.arms.items()},
        came_with=_came_with(phases),
        zone=zone,
        asked=asked,
        imports=imports,
        looks=schedule(plan, plan.primary, zone).taken(imports, asked),
        units=tuple(
            unit
            for unit in sorted(once.values(), key=lambda unit: (unit.drawn_at, unit.id))
            if unit.team in together and team in ("", unit.team)
        ),
        teams=tuple(sorted(together)),
        doubled=tuple(sorted(name for name, count in counts.items() if count > 1)),
        apart={name: count for name, count in sorted(_by_team(once).items()) if name not in together},
        stopped_at=records.stopped_at if stopped else None,
        adopted=records.adopted if stopped else "",
        team=team,
    )


def _came_with(phases: Sequence[Phase]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    known: frozenset[str] = frozenset()
    for phase in phases:
        known |= phase.experiment.arms.keys()
        found = dict.fromkeys(phase.experiment.arms, known) | found
    return found


def sound_weights(unit: Unit) -> bool:
    """Whether the draw of a unit is on record as it must be: weights, and the probability that follows from them."""
    weights = unit.weights
    if unit.arm not in weights or unit.probability is None or not math.isfinite(unit.probability):
        return False
    if not all(math.isfinite(weight) and weight > 0 for weight in weights.values()):
        return False
    total = math.fsum(weights.values())
    return math.isfinite(total) and abs(unit.probability - weights[unit.arm] / total) < 1e-6


def _by_team(units: Mapping[str, Unit]) -> Counter[str]:
    return Counter(unit.team for unit in units.values())


_PLANNED = {
    "starts": "the first day",
    "ends": "the last day",
    "primary": "the primary metric",
    "control": "the control",
    "alpha": "alpha",
    "margin": "the margin",
    "unit": "the unit",
    "expected": "the expected number",
    "secondary": "the second metrics",
    "guardrails": "the guardrails",
}


def _changes(plan: Experiment, later: list[Experiment]) -> list[str]:
    return [
        words for name, words in _PLANNED.items() if any(getattr(one, name) != getattr(plan, name) for one in later)
    ]
