"""How reps and customers behave: how often something happens, and how long it takes. Values; the file's words become
these in `engine/simulation/building`.

A delay is log-normal, told by its median and by the time within which nine of ten come. A share may be a range of what
one believes: then each replicate draws its own, because what is not known matters more than chance.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from engine.core.durations import Instant
from engine.simulation.luck import Luck, generator

ANY = "any"  # what holds for every kind that has no entry of its own
SUCCESS = "success"  # every end that a playbook calls a success
BY_ITSELF = "by_itself"  # a win that nobody did anything for
_NINE_OF_TEN = NormalDist().inv_cdf(0.9)  # 1.2816: how many deviations above the median p90 lies
_BETWEEN = NormalDist().inv_cdf(0.95)  # a range holds the middle nine of ten
_NORMAL = NormalDist().inv_cdf
_EXACT = 1e-9  # a range that is narrower is a number
_GRID = 15 * 60  # seconds; a drawn delay ends on a quarter of an hour, as people's days do
_LEAST = 60  # seconds; nothing comes of anything in the same minute, or two of them could go in circles for ever


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """0 to 1. `low` is below `high` where it is not known exactly: nine times out of ten it lies between them."""

    low: float
    high: float

    @property
    def certain(self) -> bool:
        return self.low == self.high

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def draw(self, numbers: random.Random) -> float:
        """One share: from a Beta distribution with the range's middle as its mean and the range as its width."""
        if self.high - self.low < _EXACT:
            return self.low
        mean = self.middle
        deviation = (self.high - self.low) / (2 * _BETWEEN)
        both = mean * (1 - mean) / deviation**2 - 1
        return numbers.betavariate(mean * both, (1 - mean) * both)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chance:
    """Something that may happen: to which share, and after how long (`median` and `p90` in seconds)."""

    share: Share
    median: float = 0.0
    p90: float = 0.0

    def drawn(self, numbers: random.Random) -> Drawn:
        spread = math.log(self.p90 / self.median) / _NINE_OF_TEN if self.median and self.p90 > self.median else 0.0
        return Drawn(self.share.draw(numbers), self.median, spread)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chance in one replicate. `spread` is the deviation of the delay's logarithm; 0: it is always the median."""

    share: float
    median: float
    spread: float

    def delay(self, luck: Luck, purpose: str) -> float | None:
        """Seconds until it happens to this deal; None if it does not."""
        whether, when = luck.pair(purpose)
        if whether >= self.share:
            return None
        return self.median * math.exp(self.spread * _NORMAL(when)) if self.spread else self.median

    def instant(self, luck: Luck, purpose: str, after: Instant) -> Instant | None:
        """When it happens to this deal, a minute after `after` at the earliest; None if it does not."""
        delay = self.delay(luck, purpose)
        if delay is None:
            return None
        at = after + max(_LEAST, round(delay))
        return at if not self.spread else -(-at // _GRID) * _GRID


Chances = Mapping[str, Chance]
Weights = Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """What a behaviour file says.

    `reps`, `replies` and `opt_outs` go by the action's name, else by its kind, else by `any`. `wins` go by what
    precedes them: an event, an outcome, an end. `happens` are events that come to a deal by themselves.
    """

    name: str
    title: str = ""
    reps: Chances = field(default_factory=dict)
    outcomes: Mapping[str, Weights] = field(default_factory=dict)  # by action, or `any`: weights of its outcomes
    replies: Chances = field(default_factory=dict)
    opt_outs: Chances = field(default_factory=dict)
    wins: Chances = field(default_factory=dict)
    happens: Chances = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Mapping[Any, float]]] = field(default_factory=dict)  # event, field, value: weight
    within_hours: bool = True  # reps report within the hours of the workspace's calendar

    def drawn(self, seed: int, replicate: int) -> Believed:
        """What is taken for true in this replicate."""
        groups = {
            name: {key: chance.drawn(generator(seed, replicate, name, key)) for key, chance in chances.items()}
            for name, chances in self.chances()
        }
        return Believed(behaviour=self, **groups)

    def chances(self) -> Iterator[tuple[str, Chances]]:
        yield from (
            ("reps", self.reps), ("replies", self.replies), ("opt_outs", self.opt_outs), ("wins", self.wins),
            ("happens", self.happens),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Believed:
    """A behaviour in one replicate, with a number for every share."""

    behaviour: Behaviour
    reps: Mapping[str, Drawn]
    replies: Mapping[str, Drawn]
    opt_outs: Mapping[str, Drawn]
    wins: Mapping[str, Drawn]
    happens: Mapping[str, Drawn]

    def outcome(self, luck: Luck, purpose: str, name: str, declared: tuple[str, ...]) -> str:
        """How an action ends that is done. An outcome that the file does not weigh has the weight 1, unless the file
        has an entry for this very action: then 0, as long as that leaves any."""
        if len(declared) == 1:
            return declared[0]
        own, usual = self.behaviour.outcomes.get(name), self.behaviour.outcomes.get(ANY, {})
        weights = {outcome: (own or {}).get(outcome, 0.0) for outcome in declared}
        if not any(weights.values()):
            weights = {outcome: usual.get(outcome, 1.0) for outcome in declared}
        return luck.pick(purpose, weights if any(weights.values()) else dict.fromkeys(declared, 1.0))

    def with_fields(self, luck: Luck, purpose: str, event: str) -> dict[str, Any]:
        """What an event says of itself."""
        said = self.behaviour.fields.get(event)
        if not said:
            return {}
        picked = {name: luck.pick(f"{purpose} {name}", weights) for name, weights in said.items()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in picked.items()}


def chosen(table: Mapping[str, Drawn], name: str, kind: str) -> Drawn | None:
    """The entry of an action: its own, that of its kind, or the one for any; None if nothing happens."""
    return table.get(name) or table.get(kind) or table.get(ANY)


NOBODY = Behaviour(name="nobody", title="Nobody does anything")
