"""What is simulated: which deals, through which playbooks, with what behaviour, how often. Values that can be sent to
another machine."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.core.account import Account
from engine.core.durations import Instant
from engine.core.experiment import Metric
from engine.core.model import Revision
from engine.core.world import World
from engine.simulation.behaviour import Behaviour

_FORM = 2  # of the tallies and of the luck: what was begun by another is not gone on with
_LIVES = 1_000  # in one chunk of work: some seconds
DAY = 86_400
WEEK = 7 * DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A deal that enters at `at`. `takes`: the playbooks of the question that take it by their own conditions."""

    deal: str
    at: Instant
    team: str = ""
    number: int = 1  # how often the playbook will have followed it then


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """An account as it stands before the first of its deals enters. Nobody changes it: each life has its own copy."""

    account: Account
    starts: tuple[Start, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One of the playbooks that are played. `revisions` by team; "" is for every team without one of its own."""

    name: str
    playbook: str
    revisions: Mapping[str, Revision]
    weight: float = 1.0

    def revision(self, team: str) -> Revision:
        return self.revisions.get(team) or self.revisions[""]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """`weeks` is how long each deal is followed from its start. `seed` and `replicates` say which luck it has."""

    world: World
    ways: tuple[Way, ...]
    subjects: tuple[Subject, ...]
    behaviour: Behaviour
    seed: int = 1
    replicates: int = 1
    weeks: int = 52
    metrics: tuple[Metric, ...] = ()

    @property
    def deals(self) -> int:
        return sum(len(subject.starts) for subject in self.subjects)

    @property
    def lives(self) -> int:
        """Deals played, through every playbook and in every replicate."""
        return self.deals * len(self.ways) * self.replicates

    @property
    def lean(self) -> Simulation:
        """The same without texts: what is written to customers has no influence on what happens."""
        ways = tuple(
            replace(way, revisions={team: replace(one, templates={}) for team, one in way.revisions.items()})
            for way in self.ways
        )
        return replace(self, world=replace(self.world, content_rules=()), ways=ways)

    # --- cutting it up -----------------------------------------------------------------------------------------------

    @property
    def turns(self) -> int:
        """Every account in every replicate."""
        return len(self.subjects) * self.replicates

    @property
    def chunk(self) -> int:
        """Turns in one piece of work. It does not depend on who works: a simulation may be gone on with elsewhere."""
        per_turn = max(1, self.lives // max(1, self.turns))
        return max(1, _LIVES // per_turn)

    @property
    def chunks(self) -> int:
        return -(-self.turns // self.chunk)

    def turns_of(self, chunk: int) -> range:
        """The turns of one piece: turn n is account n modulo their number, in the replicate of the quotient."""
        return range(chunk * self.chunk, min((chunk + 1) * self.chunk, self.turns))

    # --- sending it --------------------------------------------------------------------------------------------------

    def fingerprint(self) -> str:
        """The same for the same question, whenever and wherever it is asked."""
        world = self.world
        live = [
            world.zone, world.calendar, world.late_grace, world.limits, sorted(world.consent.items()),
            world.calendars_text(), sorted(world.schedules.items()), world.roster, world.vocabulary.events,
            world.vocabulary.fields,
        ]  # fmt: skip
        ways = [(way.name, sorted((team, one.hash) for team, one in way.revisions.items())) for way in self.ways]
        parts = [_FORM, live, ways, self.behaviour, self.seed, self.replicates, self.weeks, self.metrics, self.chunk]
        hashed = hashlib.sha256(repr(parts).encode())
        for subject in self.subjects:
            hashed.update(repr(subject).encode())
        return hashed.hexdigest()[:16]

    def packed(self) -> bytes:
        """For another process; `unpacked` gives it back."""
        return pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(packed: bytes) -> Simulation:
    found = pickle.loads(packed)
    if not isinstance(found, Simulation):
        raise TypeError("this is no question of a simulation")
    return found
