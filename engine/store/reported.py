"""An account as reports read it: everything that ever was there, closed and ended things included.

All instants are whole seconds since 1970, UTC; dates inside `fields` are text as in the CRM. Tuples, because a report
makes one per row of a large table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from engine.core.account import Account
from engine.core.enrolment import Event, Instant
from engine.core.experiment import Draw


class ReportedAction(NamedTuple):
    """An action, planned, open or closed. `facing`: a customer sees it; 1 or 0, as all truths of rows here."""

    id: str
    deal: str
    enrolment: str
    playbook: str
    name: str
    kind: str
    facing: bool
    status: str
    due_at: Instant | None
    closed_at: Instant | None
    contact: str
    outcome: str


class ReportedEnrolment(NamedTuple):
    """`loss` is the deal's `lost_at` when it was enrolled; `facing`: its playbook approaches customers."""

    deal: str
    playbook: str
    facing: bool
    enrolled_at: Instant
    loss: str
    end: str
    ended_at: Instant | None


class ReportedActivity(NamedTuple):
    """What somebody did or received elsewhere. `direction` is inbound or outbound; `minutes` is the logged effort."""

    deal: str
    contact: str
    at: Instant
    direction: str
    channel: str
    who: str
    minutes: float | None


@dataclass(slots=True)
class ReportedAccount:
    """`account.log` holds every event that nobody took back, pending ones included, in the order of recording.

    Only what was asked for is filled; deals are always there (those of the statuses asked for).
    """

    account: Account
    actions: list[ReportedAction] = field(default_factory=list)
    enrolments: list[ReportedEnrolment] = field(default_factory=list)
    activities: list[ReportedActivity] = field(default_factory=list)


class HandedOut(NamedTuple):
    """An action that was put on somebody's list, the first time that it was."""

    deal: str
    at: Instant
    action: str  # its id
    assignee: str
    kind: str


class EnrolledDeal(NamedTuple):
    """`facing`: the playbook approaches customers; 1 or 0. `end` is "" while it is open."""

    deal: str
    playbook: str
    enrolled_at: Instant
    facing: bool
    end: str = ""
    ended_at: Instant | None = None


@dataclass(slots=True)
class DrawnAccount:
    """An account with units of an experiment: its draws, its events in the order of recording (those that a tick has
    handled: the others can still be taken back), and what was handed out for its drawn deals, the oldest first."""

    id: str
    draws: list[Draw] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    handed: list[HandedOut] = field(default_factory=list)
    handled_at: dict[int, Instant] = field(default_factory=dict)  # id of an event -> the now of the tick that took it
    enrolled: list[EnrolledDeal] = field(default_factory=list)  # the oldest first
