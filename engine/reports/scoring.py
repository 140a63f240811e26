"""The lines of a score as criteria: whether each held for a deal on the day it was closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.core.account import Account, Deal
from engine.core.building.scores import score
from engine.core.building.words import Words
from engine.core.conditions import Condition, holds
from engine.core.durations import Instant
from engine.core.looking import looking_at
from engine.core.needs import reads_log
from engine.core.world import World

STRENGTH = "strength"  # the score that tells strong deals from weak ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """`because` names it; `counts` says that it looks at events."""

    because: str
    condition: Condition
    counts: bool

    def holds(self, world: World, account: Account, deal: Deal, at: Instant) -> bool:
        """Whether it held at `at`: what happened later is not seen."""
        if self.counts:
            account = replace(account, log=[event for event in account.log if event.recorded_at <= at])
        return holds(self.condition, looking_at(world, account, deal, at))


def criteria_of(world: World) -> tuple[Criterion, ...]:
    """The lines with a condition of the score `strength`; where there is none, of every score but the due list's."""
    known = world.vocabulary.scores
    chosen = [STRENGTH] if STRENGTH in known else [name for name in known if name != world.due_list]
    found: list[Criterion] = []
    for name in chosen:
        built = score(Words(vocabulary=world.vocabulary), name, known[name], ())
        for line, written in zip(built.lines, known[name], strict=True):
            if line.condition is not None:
                counts = bool(reads_log({name: [written]}))
                found.append(Criterion(because=line.because, condition=line.condition, counts=counts))
    return tuple(found)
