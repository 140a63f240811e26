"""The set-ups of the self-test: what is true in the made experiments, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

Asks: TypeAlias = Literal["false_winners", "power", "coverage"]

A, B = "control", "variant"
EVEN: Mapping[str, float] = MappingProxyType({A: 1.0, B: 1.0})


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A team: how many units are drawn in it, and the true share that is won back in each arm."""

    units: int
    shares: Mapping[str, float]
    weights: Mapping[str, float] = field(default_factory=lambda: EVEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """`speed`: how much sooner than evenly over the window wins come in each arm; 1 is evenly. `wanted`: the rate that
    is to come out, 0 to 1; for power it is the furthest that it may lie from that of a single test at the end."""

    name: str
    asks: Asks
    about: str
    groups: Mapping[str, Group]
    wanted: tuple[float, float]
    speed: Mapping[str, float] = field(default_factory=lambda: {A: 1.5, B: 1.5})
    days: int = 182  # of drawing: 26 weekly looks
    window: int = 28  # days


def _two_teams(units: int, a: float, b: float, weights: Mapping[str, float] = EVEN) -> dict[str, Group]:
    shares = {A: a, B: b}
    return {team: Group(units=units, shares=shares, weights=weights) for team in ("north", "south")}


SETUPS: Mapping[str, Setup] = MappingProxyType(
    {
        setup.name: setup
        for setup in (
            Setup(
                name="plain",
                asks="false_winners",
                about="250 deals an arm in two teams, 10 % won back in both arms, 26 weekly looks",
                groups=_two_teams(250, 0.10, 0.10),
                wanted=(0.03, 0.06),
            ),
            Setup(
                name="faster",
                asks="false_winners",
                about="as plain, but the wins of one arm come in much sooner",
                groups=_two_teams(250, 0.10, 0.10),
                speed={A: 1.5, B: 6.0},
                wanted=(0.0, 0.06),
            ),
            Setup(
                name="simpson",
                asks="false_winners",
                about="two teams that win back 2 % and 15 % in both arms, with shares of 20/80 and 80/20",
                groups={
                    "hard": Group(units=250, shares={A: 0.02, B: 0.02}, weights={A: 1.0, B: 4.0}),
                    "easy": Group(units=250, shares={A: 0.15, B: 0.15}, weights={A: 4.0, B: 1.0}),
                },
                wanted=(0.0, 0.06),
            ),
            Setup(
                name="power",
                asks="power",
                about="500 deals an arm in two teams, 5 % won back in one arm and 10 % in the other",
                groups=_two_teams(500, 0.05, 0.10),
                wanted=(-0.05, 0.05),
            ),
            Setup(
                name="coverage",
                asks="coverage",
                about="250 deals an arm in two teams, 5 % and 10 %: the range holds the truth at all looks at once",
                groups=_two_teams(250, 0.05, 0.10),
                wanted=(0.94, 0.97),
            ),
            Setup(
                name="uneven",
                asks="coverage",
                about="400 deals in one arm and 100 in the other, in two teams, 5 % and 10 %: as coverage",
                groups=_two_teams(250, 0.05, 0.10, weights={A: 1.0, B: 4.0}),
                wanted=(0.94, 0.97),
            ),
        )
    }
)
