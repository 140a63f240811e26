"""Rows as people and imports see them. A tick has no use for them, and making these classes takes longer than a tick
with nothing due: they are imported where they are used.

All instants are whole seconds since 1970, UTC; dates inside `fields` are text as in the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.core.account import Deal
from engine.core.enrolment import Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDeal:
    """What an import has to know of a deal that is already here; `enrolled`: an enrolment of it is open."""

    account: str
    fingerprint: str
    modified_at: str
    status: str
    owner: str
    lost_at: str  # "" if it has none
    enrolled: bool
    contacts: tuple[str, ...] = ()  # in import order


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


class Activity(NamedTuple):
    """One exchange with a customer. `minutes` is the effort that somebody logged; None: nobody did.

    `key` is unique: where it came from, and its id there. A tuple, because an import makes one per row.
    """

    account: str
    key: str
    deal: str
    contact: str
    at: Instant
    direction: str  # inbound | outbound
    channel: str  # a customer-facing kind of action
    who: str = ""
    minutes: int | None = None
    subject: str = ""


class ImportedDeal(NamedTuple):
    """`fields` are laid over those already here; `contacts` replace them, unless None.

    `examine_at`: when to look whether it is to be enrolled; None leaves what was planned. A tuple, because an import
    makes one per row.
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
    """One import: rows in = accepted + unchanged + rejected. `id` 0: not stored yet. `whole`: the file had the present
    state of all deals of its source, so that what it does not tell has not happened."""

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
    whole: bool = True


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
    held: str  # the content rules that its text breaks; it does not leave by itself then
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
    """Which deals to list, by id; None: any. `members` are the people of the team: a deal without one is its owner's.
    `after` is the last id of the page before."""

    status: str | None = None
    owner: str | None = None
    team: str | None = None
    members: frozenset[str] = frozenset()
    account: str | None = None
    after: str = ""
    limit: int = 1000


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
