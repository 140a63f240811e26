"""Rows as people and imports see them. What the engine itself works on is in `engine.core`.

All instants are whole seconds since 1970, UTC; dates inside `fields` are text as in the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.core.account import Deal
from engine.core.enrolment import Event, Instant

EventState: TypeAlias = Literal["pending", "handled", "undone", "late"]


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
class KnownDeal:
    """What an import has to know of a deal that is already here; `enrolled`: an enrolment of it is open."""

    account: str
    fingerprint: str
    modified_at: str
    status: str
    owner: str
    enrolled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedAccount:
    """`fields` are laid over those already here: a field that the export does not have is kept, None empties one."""

    id: str
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedContact:
    """`fields` and `consent` are laid over those already here."""

    id: str
    account: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedDeal:
    """`fields` are laid over those already here; `contacts` replace them, unless None.

    `examine_at`: when to look whether it is to be enrolled; None leaves what was planned.
    """

    id: str
    account: str
    fields: Mapping[str, Any]
    contacts: list[tuple[str, str]] | None
    fingerprint: str
    modified_at: str = ""
    import_id: int = 0
    examine_at: Instant | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Misplaced:
    """An import put a deal or contact into `account`, but it belongs to `stays_with`: it was not written."""

    id: str
    account: str
    stays_with: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """One import: rows in = accepted + unchanged + rejected. `id` 0: not stored yet."""

    at: Instant
    source: str
    file: str
    hash: str
    id: int = 0
    newest_modified: str = ""
    rows: int = 0
    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    findings: list[Any] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionRow:
    """An action with what a call sheet shows beside it. `remarks` are lines such as "contact missing"."""

    account: str
    id: str
    enrolment: str
    deal: str
    playbook: str
    name: str
    track: str
    entry: int
    kind: str
    facing: bool
    status: str
    due_at: Instant | None
    handed_at: Instant | None
    deadline: Instant | None
    priority: float
    assignee: str
    contact: str
    touch_key: str
    touch_at: Instant | None
    title: str
    text: str
    remarks: tuple[Any, ...]
    closed_at: Instant | None
    outcome: str
    reason: str
    deal_name: str
    account_name: str
    owner: str
    team: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DealRow:
    """A deal as listed for people."""

    deal: Deal
    account_name: str
    modified_at: str
    examine_at: Instant | None
    import_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DealFilter:
    """Which deals to list, by id; None: any. `after` is the last id of the page before."""

    status: str | None = None
    owner: str | None = None
    team: str | None = None
    account: str | None = None
    after: str = ""
    limit: int = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """An account that could not be advanced. `waits`: it is set aside, no tick takes it until `retry_account`."""

    account: str
    name: str
    failures: int
    error: str
    waits: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many there are, for `status`."""

    deals: Mapping[str, int]  # by status
    enrolments: Mapping[str, int]  # open ones, by playbook
    states: Mapping[tuple[str, str, str], int]  # open ones, by (playbook, track, state)
    ends: Mapping[tuple[str, str], int]  # ended ones, by (playbook, end)
    actions: Mapping[str, int]  # due ones, by assignee
    pending_events: int
    to_examine: int
    late_events: int
