"""An experiment as the engine sees it: which playbooks a lost deal may be drawn into, and what is counted of it.

The files of `playbooks/experiments` become these values in `core/building/experiment`. `Draw` is what is written when
a unit is drawn; it is never computed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from engine.core.conditions import Condition
from engine.core.delays import shift
from engine.core.durations import Duration, Instant
from engine.core.model import Playbook

Assign: TypeAlias = Literal["blocks", "hash"]
UnitKind: TypeAlias = Literal["deal", "account"]

ALPHA = 0.05  # the permitted chance of a false winner


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """`params` go over the playbook's own. `holdout`: its customers are left alone."""

    name: str
    playbook: str
    weight: float = 1.0
    params: Mapping[str, Any] = field(default_factory=dict)
    holdout: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """Whether an event happened to a unit by the end of the day `within` after the day on which it was drawn."""

    event: str
    within: Duration  # in days, weeks, months or years

    @property
    def name(self) -> str:
        """`won within 180d`"""
        return f"{self.event} within {self.within}"

    def last_day(self, drawn_on: date) -> date:
        """The last day on which it counts for a unit drawn on that day."""
        return shift(datetime(drawn_on.year, drawn_on.month, drawn_on.day), self.within, 1).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """`starts` and `ends` are the first and the last day on which units are drawn, in the workspace's zone. The last
    look is taken when the window of the primary metric is over for those drawn last. Without `ends` it may go on for
    ever; `expected` units then say at which size it is to be sharpest.

    `teams`: their own weights by arm, where they differ; no weights at all: the team takes no part.
    """

    name: str
    starts: date
    arms: Mapping[str, Arm]
    control: str  # the arm that the others are compared with
    primary: Metric
    question: str = ""
    ends: date | None = None
    expected: int | None = None  # units, all arms together
    rate: float | None = None  # the share of the control that is expected to do what the primary metric counts
    unit: UnitKind = "deal"
    assign: Assign = "blocks"
    condition: Condition | None = None
    teams: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    secondary: tuple[Metric, ...] = ()
    guardrails: tuple[Metric, ...] = ()
    margin: float | None = None  # a difference of shares that would not matter, 0 to 1
    alpha: float = ALPHA

    @property
    def others(self) -> list[str]:
        """The arms that are compared with the control."""
        return [arm for arm in self.arms if arm != self.control]

    def weights(self, team: str) -> Mapping[str, float]:
        """What is drawn from for a unit of `team`; empty if the team takes no part."""
        if team in self.teams:
            return self.teams[team]
        return {arm.name: arm.weight for arm in self.arms.values()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """A deal drawn into an arm: written in the transaction of its enrolment.

    `unit` is `deal:ID` or `account:ID`. Only the `first` deal of a unit is counted; a later deal of a drawn account
    gets its arm, and no position. `position` counts the units of the team in this phase; -1 for a hash.
    """

    experiment: str
    phase: int  # from 1
    unit: str
    account: str
    deal: str
    team: str
    arm: str
    probability: float  # of this arm
    weights: Mapping[str, float]
    drawn_at: Instant
    locked_until: Instant  # until then no other customer-facing playbook takes the unit
    revision: str
    playbook: str
    holdout: bool = False
    first: bool = True
    position: int = -1
    block: int = -1
    place: int = -1
    snapshot: Mapping[str, Any] = field(default_factory=dict)  # the deal's fields as they were
    contacts: tuple[str, ...] = ()  # the deal's, as they were
    rivals: tuple[str, ...] = ()  # the playbooks of all arms: none but its own takes the unit while it is locked

    def concerns(self, account: str, deal: str) -> bool:
        """Whether the deal is the one drawn, or another one of an account that was drawn as a whole."""
        return self.deal == deal or self.unit == unit_of("account", account, deal)


def unit_of(kind: UnitKind, account: str, deal: str) -> str:
    return f"account:{account}" if kind == "account" else f"deal:{deal}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """What is in force from `began_at` on: a change of arms or weights begins a new one."""

    number: int  # from 1
    began_at: Instant
    experiment: Experiment


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """An experiment as a tick meets it. `playbooks` by (arm, team), the team "" where it has no values of its own; an
    arm whose playbook cannot be used is missing. `adopted`: nothing is drawn any more, new deals get this arm."""

    phase: Phase
    playbooks: Mapping[tuple[str, str], Playbook]
    adopted: str = ""

    @property
    def experiment(self) -> Experiment:
        return self.phase.experiment

    def playbook(self, arm: str, team: str) -> Playbook | None:
        return self.playbooks.get((arm, team)) or self.playbooks.get((arm, ""))
