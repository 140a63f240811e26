"""What a comparison comes to: values that text, JSON, CSV and the page all show.

B is an arm, A the control. Shares are 0 to 1, differences are B minus A. What cannot be said is None or "", with a
reason beside it; no number is ever NaN or infinite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from engine.core.durations import Instant
from engine.experiments.statistics.results import Interval, Significance, Tally

State: TypeAlias = Literal[
    "invalid", "too_early", "winner", "loser", "no_difference", "inconclusive", "running", "not_evidence"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`words` are sentences for people. `needed`: further units that must mature, both arms together, by about `by`.

    `arms`: all winners, where several arms are better than the control; `arm` is then the best of them, or "" while
    that is open. `blocked_by`: the guardrail that keeps an arm which is ahead from being a winner.
    """

    state: State
    words: str
    arm: str = ""  # the winner, or the loser
    look: int | None = None  # the number of the look at which it was reached
    needed: int | None = None
    by: date | None = None
    arms: tuple[str, ...] = ()
    blocked_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmResult:
    """`drawn` units, of them `mature` (their window is over), of these `count.yes` did what the primary metric counts.

    `expected`: units by the recorded probabilities. `share`: with its Wilson interval. `drawn` and `overridden` are
    as of the day asked for, `mature`, `count`, `share` and `actions_per_unit` as of the last look, or of the newest
    import where none was taken.
    """

    arm: str
    playbook: str
    holdout: bool
    drawn: int
    mature: int
    overridden: int
    expected: float
    count: Tally
    share: Interval
    actions_per_unit: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LookResult:
    """One look. With a `reason` nothing is concluded at it: there is no `bound`, or there are too few wins. `as_of`:
    the import that it sees; None where there was none that it could."""

    number: int
    on: date
    as_of: Instant | None
    b: Tally
    a: Tally
    information: float
    fraction: float
    spent: float
    bound: float | None = None
    z: float | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamResult:
    """`verdict.state` too_early also where the team has too few wins to be judged alone. Not `randomised`: its units
    say nothing of B against A, and stand in no overall figure."""

    team: str
    randomised: bool
    alpha: float
    b: Tally
    a: Tally
    difference: Interval
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """One arm against the control, over all teams and phases."""

    arm: str
    control: str
    alpha: float
    method: str
    b: Tally  # as of the last look
    a: Tally
    difference: Interval  # repeated interval or confidence sequence, as of the last look
    verdict: Verdict
    looks: tuple[LookResult, ...] = ()
    teams: tuple[TeamResult, ...] = ()
    final: Interval | None = None  # fixed interval, in the row of the planned end only
    homogeneity: Significance | None = None
    teams_differ: bool = False
    crude: Interval | None = None  # all teams thrown together: for the eye, never for a verdict
    detectable: float | None = None  # the share of B that could be told from A's with what is mature now


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricResult:
    """A second metric of one contrast. `better`: whether more of it is better. For kind workload `b_mean` and `a_mean`
    are actions per unit."""

    kind: Literal["secondary", "guardrail", "workload"]
    metric: str
    arm: str
    control: str
    difference: Interval
    words: str
    b: Tally | None = None
    a: Tally | None = None
    b_mean: float | None = None
    a_mean: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    z: float | None = None
    bound: float | None = None
    crossed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Cumulative incidence in one arm: by `days[i]` after the draw, `shares[i]` had this end first."""

    arm: str
    cause: str
    days: tuple[int, ...]
    shares: tuple[float, ...]
    lows: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    at_risk: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekOfWork:
    """Actions handed out to one person in one week (`week` is its Monday) for the units of one arm."""

    arm: str
    week: date
    person: str
    actions: int
    facing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """Did the arms get the units that they were meant to get, overall (`team` "") or in one team."""

    team: str
    flagged: bool
    statistic: float | None = None
    p: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The answer of `playbook compare`. `as_of` is the import that it sees; `asked_on` the day that was asked for."""

    experiment: str
    question: str
    asked_on: date
    as_of: Instant | None
    as_of_on: date | None
    days_behind: int | None  # between the two
    unit: str
    primary: str
    control: str
    starts: date
    ends: date | None
    verdict: Verdict
    arms: tuple[ArmResult, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    metrics: tuple[MetricResult, ...] = ()
    curves: tuple[Curve, ...] = ()
    workload: tuple[WeekOfWork, ...] = ()
    remarks: tuple[str, ...] = ()
    not_randomised: Mapping[str, int] = field(default_factory=dict)  # team -> units
    phases: int = 1
    looks_planned: int | None = None
    next_look: date | None = None
    team: str = ""  # asked for alone; "" all
    observational: bool = False
    look_on: date | None = None  # the last look: what arms and verdicts are counted at
    look_as_of: Instant | None = None  # the import that it sees
