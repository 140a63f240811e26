"""What belongs to the running of the program: events as recorded, files, revisions, ticks.

All instants are whole seconds since 1970, UTC. What only people and imports see is in `listings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.core.enrolment import Event, Instant

EventState: TypeAlias = Literal["pending", "handled", "undone", "late"]
ExperimentStep: TypeAlias = Literal["start", "change", "stop"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """Something to be recorded. `key` makes recording idempotent: a known key is not recorded again.

    `by` is the person who said so; it is empty for what an import found.
    """

    account: str
    name: str
    recorded_at: Instant
    deal: str = ""
    contact: str = ""
    enrolment: str = ""
    action: str = ""
    occurred_at: Instant | None = None
    by: str = ""
    key: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    handled: bool = False  # history, which no playbook is asked about: it never becomes pending


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedEvent:
    """An event with what became of it; `note` says why nothing took it, or who took it back."""

    account: str
    event: Event
    state: EventState
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of the workspace: `hash` of the text last seen, `content` as last parsed without an error.

    `good` says whether the two belong together; a broken edit leaves `content` as it was (None: never good).
    """

    path: str
    hash: str
    content: Any
    good: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A playbook as it was when deals were enrolled in it; `facing`: it has customer-facing actions."""

    hash: str
    playbook: str
    content: Any
    created_at: Instant
    facing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """`now` is the instant that the tick worked for; `finished_at` is None if it was killed or still runs."""

    id: int
    started_at: Instant
    now: Instant
    finished_at: Instant | None
    counts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """An account that could not be advanced. `waits`: it is set aside, no tick takes it until `retry_account`."""

    account: str
    name: str
    failures: int
    error: str
    waits: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentOrder:
    """What a person ordered for an experiment. `content` is its file as it is in force from `at` on; `arm`, where it is
    stopped, what new deals get since then ("": nothing)."""

    experiment: str
    at: Instant
    what: ExperimentStep
    phase: int
    content: Mapping[str, Any]
    arm: str = ""
    by: str = ""
