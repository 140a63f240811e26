"""Scenarios as values: what a file says, and what came of playing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.authoring.places import Source
from engine.core.account import HistoryEntry
from engine.core.durations import Instant
from engine.core.model import Path
from engine.core.problem import Location, Problem
from engine.runner.story import Story
from engine.runner.why import Why


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One entry of `steps`. `kind` is its keyword (`expect`, `event`, `wait`, …), `said` the whole entry."""

    kind: str
    said: Mapping[str, Any]
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One deal and what happens to it. `deal`, `account`, `contacts` are as written, with what the file says of all.

    `contacts` are linked to the deal, `colleagues` only belong to its account. `start` "": at the deal's `lost_at`.
    `said` is what stands in the scenario itself.
    """

    name: str
    playbook: str
    path: Path
    deal: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    contacts: tuple[Mapping[str, Any], ...] = ()
    colleagues: tuple[Mapping[str, Any], ...] = ()
    start: str = ""
    enrol: Literal["", "at_start", "by_person", "later"] = ""
    steps: tuple[Step, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expects(self) -> bool:
        """Whether it can fail by what it expects: else it only plays."""
        return any(step.kind == "expect" for step in self.steps)

    def path_of(self, *keys: str | int) -> Path:
        """Where something is written: in the scenario, or beside the list, for all of the file."""
        place: Any = self.said
        for key in keys:
            inside = key in place if isinstance(place, Mapping) else isinstance(place, Sequence)
            if not inside:
                return keys
            place = place[key]
        return (*self.path, *keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioFile:
    """One file as it was read. `refused` are scenarios that cannot be played; `problems` say why."""

    path: str
    source: Source | None = None
    scenarios: tuple[Scenario, ...] = ()
    refused: tuple[Scenario, ...] = ()
    problems: tuple[Problem, ...] = ()

    def where(self, path: Path) -> Location:
        """The line of the entry at `path`."""
        return self.source.where_key(path) if self.source else Location(file=self.path, line=1, column=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What an expectation did not find. `expected` and `seen` are in words; `more` are lines that help."""

    about: str
    expected: str
    seen: str
    more: tuple[str, ...] = ()


class Unmet(Exception):
    """A step that cannot be done, or an expectation that does not hold. `path` None: where the step stands."""

    def __init__(
        self, message: str, hint: str = "", differences: Sequence[Difference] = (), path: Path | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.differences, self.path = message, hint, tuple(differences), path


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a scenario does not hold. `at` is its virtual instant; `pace` the tick schedule it was played with.

    `story` and `why` tell where the deal stood then; None before it was there.
    """

    location: Location
    at: Instant
    day: int  # days since the scenario began, on the deal's wall
    pace: str
    message: str
    hint: str = ""
    differences: tuple[Difference, ...] = ()
    story: Story | None = None
    why: Why | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What came of one scenario. `histories` are those of its enrolments, as coverage reads them."""

    file: ScenarioFile
    scenario: Scenario
    seconds: float  # of real time
    failure: Failure | None = None
    histories: Sequence[Sequence[HistoryEntry]] = ()
