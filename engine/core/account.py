"""One account with everything that its enrolments may look at: the unit of claim, of order and of commit.

A worker loads an account, `advance` moves it, the worker writes the `Changes` that came out. Facts here change only in
the queue of instants, so that everybody who asks sees the account as it was at that instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.enrolment import Enrolment, Event, Instant


@dataclass(slots=True)
class Deal:
    """`fields` holds built-in and declared fields by bare name (`name, status, owner, team, lost_at, amount, …`).

    Money is `[minor units, currency]`; dates are text as in docs/semantics.md 12. `contacts` are (contact id, role) in
    import order.
    """

    id: str
    account: str
    fields: dict[str, Any] = field(default_factory=dict)
    contacts: list[tuple[str, str]] = field(default_factory=list)
    excused: str = ""  # why this loss needs no follow-up; "" if it does
    asked: list[str] = field(default_factory=list)  # events and orders that may enrol it, since it was examined last
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # questionnaire -> question -> the latest answer

    @property
    def status(self) -> str:
        return str(self.fields.get("status", "open"))

    @property
    def people(self) -> list[str]:
        """Its contacts, each once however many roles it has, in import order."""
        return list(dict.fromkeys(identity for identity, _ in self.contacts))

    def has_contact(self, contact: str) -> bool:
        return any(identity == contact for identity, _ in self.contacts)


@dataclass(slots=True)
class Contact:
    """`consent` maps a kind to {"value": granted|refused, "at", "by", "channel", "event"}."""

    id: str
    account: str
    fields: dict[str, Any] = field(default_factory=dict)
    consent: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """As people know it; its id where nobody has named it."""
        return str(self.fields.get("name") or self.id)


@dataclass(slots=True, frozen=True)
class Suppression:
    """Nobody is contacted: the whole account, one contact, or one contact over one channel, until `until`."""

    scope: str  # contact | account | channel
    contact: str
    channel: str
    since: Instant
    until: Instant | None
    because: str


_SUPPRESSED = "suppressed: "


def suppressed_by(because: str) -> str:
    """The refusal of one whom nobody is to contact, for people and in the history."""
    return f"{_SUPPRESSED}{because}"


def is_suppressed(refusal: str) -> bool:
    """Whether it is that refusal, and not another: no consent to one kind, or no address, leaves other ways open."""
    return refusal.startswith(_SUPPRESSED)


def covers(scope: str, whom: str, channel: str, contact: str, kind: str) -> bool:
    """Whether a suppression of that scope, contact and channel keeps `contact` from being approached by `kind`."""
    if scope == "account":
        return True
    return whom == contact and (scope == "contact" or channel == kind)


@dataclass(slots=True)
class Touch:
    """A contact was (or is being) approached. `key` is the contact, or `deal:ID` for a deal without contacts."""

    key: str
    at: Instant
    kind: str
    action: str = ""

    @staticmethod
    def key_of(contact: str, deal: str) -> str:
        return contact or f"deal:{deal}"


@dataclass(slots=True, frozen=True)
class PastEnrolment:
    """What enrolment has to know about earlier and running ones of a deal."""

    id: str
    deal: str
    playbook: str
    number: int
    enrolled_at: Instant
    end: str
    ended_at: Instant | None
    loss: str  # the deal's lost_at when it was enrolled
    customer_facing: bool
    account: str = ""


@dataclass(slots=True)
class Account:
    """`events` are pending, by (recorded_at, id); `log` holds handled ones where a revision counts or dates events."""

    id: str
    fields: dict[str, Any] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)  # the open ones
    events: list[Event] = field(default_factory=list)
    log: list[Event] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    failures: int = 0  # ticks in a row in which this account could not be advanced
    named: str = ""  # the account's name in the CRM; "" for a deal that stands alone

    @property
    def names(self) -> dict[str, str]:
        """What its contacts are called, by id."""
        return {identity: contact.called for identity, contact in self.contacts.items()}

    def deals_of(self, contact: str) -> list[str]:
        """The ids of the deals in which the contact has a role, in their order."""
        return sorted(deal.id for deal in self.deals.values() if deal.has_contact(contact))


@dataclass(slots=True, frozen=True)
class HistoryEntry:
    """One step as it happened: `trigger`, `at` and `reads` are what a replay needs, `did` is what people read."""

    account: str
    enrolment: str
    number: int
    at: Instant
    trigger: Mapping[str, Any]
    reads: Mapping[str, Any]
    did: tuple[tuple[Any, ...], ...]


@dataclass(slots=True)
class Changes:
    """All that advancing one account wants written, in one transaction with its claim.

    `actions` maps an action id to the columns that changed; `new_actions` are those without a row yet (their columns
    are complete). `changed_deals`… are ids whose `fields`, `contacts` or `consent` differ now. `now` is the tick's.
    """

    account: str
    now: Instant = 0
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    new_enrolments: set[str] = field(default_factory=set)
    history: list[HistoryEntry] = field(default_factory=list)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    new_actions: set[str] = field(default_factory=set)
    handled: list[int] = field(default_factory=list)  # ids of events that are no longer pending
    late: list[tuple[int, str]] = field(default_factory=list)  # events that nothing took, and why
    changed_deals: set[str] = field(default_factory=set)
    changed_contacts: set[str] = field(default_factory=set)
    account_changed: bool = False
    suppressions: list[Suppression] = field(default_factory=list)
    lifted: list[Suppression] = field(default_factory=list)  # with the end that a person gave them
    examine: set[str] = field(default_factory=set)  # deals to be examined for enrolment
    touches: list[Touch] = field(default_factory=list)  # of outcomes that came late
    transitions: int = 0
    handed_out: list[str] = field(default_factory=list)  # action ids

    @property
    def empty(self) -> bool:
        return not (self.enrolments or self.history or self.actions or self.handled or self.suppressions)
