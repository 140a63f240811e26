"""The seam: what the rest of the program may ask of a store, in the words of the trade.

Two rules hold for every verb. A verb that writes joins the transaction in force, or is one of its own. Lists go in and
lists come out: no verb is meant to be called once per deal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.core.account import Account, Changes, Contact, HistoryEntry, PastEnrolment, Suppression, Touch
from engine.core.enrolment import Enrolment, Instant
from engine.core.experiment import Draw
from engine.store.errors import Busy, Conflict, NotFound, NotOurs, ReadOnly, StorageFull, StoreError, TooNew, Unwritable
from engine.store.records import (
    ExperimentOrder,
    ExperimentStep,
    NewEvent,
    RecordedEvent,
    Revision,
    SetAside,
    Source,
    Tick,
)

if TYPE_CHECKING:
    from engine.store.listings import (
        ActionRow,
        Activity,
        Counts,
        DealFilter,
        DealRow,
        ImportedAccount,
        ImportedContact,
        ImportedDeal,
        ImportReport,
        KnownDeal,
        Misplaced,
    )
    from engine.store.reported import DrawnAccount, ReportedAccount

__all__ = [
    "ActionRow", "Activity", "Busy", "Conflict", "Counts", "DealFilter", "DealRow", "ExperimentOrder",
    "ExperimentStep", "ImportReport", "ImportedAccount", "ImportedContact", "ImportedDeal", "KnownDeal",
    "Misplaced", "NewEvent", "NotFound", "NotOurs", "ReadOnly", "RecordedEvent", "Revision", "SetAside", "Source",
    "StorageFull", "Store", "StoreError", "Tick", "TooNew", "Unwritable",
]  # fmt: skip

DealKey = tuple[str, str]  # (account id, deal id)


def __getattr__(name: str) -> Any:
    """The rows for people, loaded when one is asked for: a tick does not pay for them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from engine.store import listings

    return getattr(listings, name)


class Store(Protocol):
    """Everything that lasts. Every verb may raise a `StoreError`."""

    path: Path

    # -- the whole

    def close(self) -> None: ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: commits at the end of the block, takes everything back on any exception. Not nested."""

    def rehearsal(self) -> AbstractContextManager[None]:
        """A block in which everything can be done, transactions included, and of which nothing stays (a dry run)."""

    def savepoint(self, name: str) -> AbstractContextManager[None]:
        """Inside a transaction: an exception takes back this block only, and is raised on."""

    def tick_lock(self) -> AbstractContextManager[None]:
        """Held by one process at a time, given back by the system when that dies. Raises `Busy` at once."""

    def backup(self, path: Path) -> None:
        """A complete, consistent copy in a new file, while others may write."""

    def check(self) -> list[str]:
        """What the database finds wrong with itself; [] if nothing. Reads everything."""

    # -- the workspace: settings, ticks, files, revisions

    def meta(self, key: str) -> str | None: ...

    def put_meta(self, key: str, value: str) -> None: ...

    def last_tick(self) -> Tick | None:
        """The one begun last, whether or not it finished."""

    def ticks_since(self, instant: Instant) -> list[Tick]:
        """Those whose `now` is `instant` or later, oldest first."""

    def begin_tick(self, now: Instant, started_at: Instant) -> int:
        """Returns the id for `finish_tick`. `started_at` is the real clock, `now` what the tick works for."""

    def finish_tick(self, tick: int, counts: Mapping[str, Any], finished_at: Instant) -> None: ...

    def sources(self) -> dict[str, Source]: ...

    def put_sources(self, sources: Iterable[Source]) -> None:
        """With `good` False the content given is ignored: the last good one stays."""

    def forget_sources(self, paths: Iterable[str]) -> None: ...

    def revision(self, hash: str) -> Revision | None: ...  # noqa: A002

    def put_revision(self, revision: Revision) -> None:
        """One that is known already stays as it is."""

    def revisions_in_use(self) -> dict[str, int]:
        """How many enrolments are open in each, by hash. Reads all enrolments: not for a tick."""

    # -- the tick

    def due_accounts(self, now: Instant, limit: int, after: str | None = None) -> list[str]:
        """Accounts with something due or recorded by `now`, by id; `after` is the last id of the page before.

        What becomes due while pages are read may wait for the next pass. Costs O(due), however many are enrolled.
        """

    def enrolled_accounts(self, limit: int, after: str) -> list[str]:
        """Accounts with an open enrolment, by id, beginning behind `after`. Reads all of them: not for every tick."""

    def load_accounts(
        self, ids: Sequence[str], now: Instant, needs: set[str], deals: Iterable[DealKey] = ()
    ) -> list[Account]:
        """The accounts, by id. Of their deals: those with an open enrolment or a pending event, and those in `deals`.

        Contacts: those of these deals and events. Events: pending, recorded by `now`. `needs` may hold "log" (handled
        events) and "touches" (of the last 400 days). Unknown ids are left out.
        """

    def save(self, changes: Sequence[Changes], accounts: Mapping[str, Account]) -> None:
        """Write what advancing came to, all of it or nothing.

        `accounts` hold the new values of what `changes` call changed. `Conflict` if an enrolment's step in the store is
        not the one that its history goes on from, an action or history entry exists, an event is no longer pending.
        """

    def fail_account(self, account: str, error: str, final: bool = False) -> int:
        """Count a tick in which it could not be advanced; after the third, or `final`, it is set aside.

        Returns the count. A `save` of the account forgets its failures.
        """

    def retry_account(self, account: str) -> bool:
        """Forget failures; False if there was nothing to forget."""

    def set_aside(self) -> list[SetAside]:
        """Accounts that are set aside or failed when they were advanced last, by id."""

    # -- enrolment

    def deals_to_examine(self, now: Instant, limit: int) -> list[DealKey]:
        """The longest waiting first. They come again until `set_examined`."""

    def set_examined(self, examined: Iterable[tuple[str, str, Instant | None]]) -> None:
        """(account, deal, when to examine it again; None: when it changes)."""

    def forget_asked(self, deals: Iterable[DealKey]) -> None:
        """What asked to enrol these deals was examined and refused."""

    def examine_all(self, status: str | None) -> int:
        """After an enrol block changed: have every deal of this status (None: all) examined. Returns how many."""

    def past_enrolments(self, accounts: Sequence[str]) -> list[PastEnrolment]:
        """Earlier and running ones, by account, deal, number."""

    def enrolments_since(self, playbook: str, instant: Instant) -> list[Instant]:
        """When deals were enrolled in it after `instant`, oldest first."""

    # -- events

    def record(self, events: Sequence[NewEvent]) -> list[int | None]:
        """Ids in the same order; None where the key was known already. Their accounts must exist, else `NotFound`."""

    def withdraw_event(self, event: int, because: str = "") -> bool:
        """Take it back; False if it is not pending any more. A person can record the same key again then."""

    def last_command(self, deal: str) -> RecordedEvent | None:
        """What a person recorded last for this deal and did not take back."""

    def pending_events(self, deal: str) -> list[RecordedEvent]:
        """Of this deal, in the order in which they will be handled."""

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Those under which something was recorded already."""

    def events_of(self, account: str, deal: str) -> list[RecordedEvent]:
        """Everything recorded for the deal, for its account, or for one of the account's contacts, oldest first."""

    def excuse(self, deal: str, because: str, examine_at: Instant | None = None) -> bool:
        """Why this loss needs no follow-up ("" takes that back); False if there is no such deal."""

    # -- imports

    def fingerprints(self, ids: Iterable[str]) -> dict[str, str]:
        """Of those deals that are here."""

    def known_deals(self, ids: Iterable[str]) -> dict[str, KnownDeal]: ...

    def contacts_of(self, accounts: Iterable[str]) -> list[Contact]:
        """All contacts of these accounts, by account and id."""

    def readdressed_contacts(self) -> list[tuple[str, str, str]]:
        """(mail address, account, contact) of all whose address is not their id. Reads all contacts."""

    def upsert_accounts(self, accounts: Iterable[ImportedAccount]) -> None: ...

    def upsert_contacts(self, contacts: Iterable[ImportedContact]) -> list[Misplaced]:
        """Their accounts must exist, else `NotFound`. One that belongs to another account is returned, not written."""

    def upsert_deals(self, deals: Iterable[ImportedDeal]) -> list[Misplaced]:
        """As `upsert_contacts`. The values of a deal with an open enrolment go into an event instead."""

    def move_deals(self, moves: Iterable[tuple[str, str]]) -> list[str]:
        """(deal, account to go to, which is made if it is not there); returns the deals that went, with their events.

        A deal that was ever enrolled stays. An account without name and fields that is left without a deal gives its
        contacts, suppressions and touches along and is gone; of another one's contacts the deal is unlinked.
        """

    def put_fingerprints(self, import_id: int, deals: Iterable[tuple[str, str, str]]) -> None:
        """(deal, fingerprint, modified_at) of changed deals whose values wait in an event; they count as seen."""

    def mark_seen(self, import_id: int, ids: Iterable[str]) -> None: ...

    def not_seen(self, import_id: int, source: str) -> list[str]:
        """Deals that an earlier import of this source contained and this one did not."""

    def put_import(self, report: ImportReport) -> int:
        """Store it (`id` 0) or complete it; returns its id."""

    def last_import(self, source: str | None = None) -> ImportReport | None: ...

    def record_touches(self, touches: Iterable[tuple[str, Touch]]) -> None:
        """(account, outbound activity that happened elsewhere). One that is known is not counted twice."""

    def suppress(self, suppressions: Iterable[tuple[str, Suppression]]) -> None:
        """(account, suppression)."""

    # -- experiments

    def experiment_orders(self) -> list[ExperimentOrder]:
        """All that people ordered, in that order."""

    def put_experiment_order(self, order: ExperimentOrder) -> None: ...

    def next_position(self, experiment: str, phase: int, team: str) -> int:
        """The next free position (from 0) of the team in this phase, which is taken with this call."""

    def put_draws(self, draws: Iterable[Draw]) -> None:
        """Raises `Conflict` if a unit or a position was drawn already."""

    def draws_of(self, accounts: Sequence[str]) -> list[Draw]:
        """Of these accounts, the oldest first."""

    def drawn_accounts(self, experiment: str, after: str, limit: int) -> list[DrawnAccount]:
        """At most `limit` accounts with units of the experiment by id, beginning behind `after`, with what is on
        record of them."""

    def count_draws(self) -> list[tuple[str, int, str, str, int]]:
        """(experiment, phase, team, arm, units). Reads all draws."""

    def settled_imports(self) -> list[tuple[Instant, Instant, str]]:
        """(instant of a whole import of deals, of the first tick since that finished, its source), in order; without a
        tick left out."""

    # -- activities, permission

    def known_activities(self, keys: Iterable[str]) -> set[str]: ...

    def put_activities(self, activities: Iterable[Activity]) -> None:
        """Their accounts must exist, else `NotFound`. One whose key is known stays as it is."""

    def activities(self, start: Instant, end: Instant, replies: Sequence[str] = ("reply",)) -> list[Activity]:
        """Those at `start` or later and before `end`, by account, instant and key. Reads all of them.

        What people recorded by hand is among them: touches, and the events named in `replies`.
        """

    def find_contacts(self, texts: Iterable[str], *, everyone: bool = False) -> dict[str, list[tuple[str, str]]]:
        """(account, contact) of those with this id, else of those with this mail address; none: left out.

        `everyone`: also of those with the address where there is one with the id.
        """

    def contact_names(self, limit: int) -> list[str]:
        """Ids and mail addresses of contacts, at most `limit` contacts."""

    def deals_with(self, account: str, contact: str = "") -> list[str]:
        """Deals of the account, or those that the contact is linked to."""

    def suppressions(self, at: Instant) -> list[tuple[str, str, Suppression]]:
        """(account, its name, suppression) of those in force at `at` in the whole workspace, the newest first."""

    def pending_orders(self, names: Sequence[str]) -> list[RecordedEvent]:
        """Pending events of these names in the whole workspace, in the order in which they will be handled."""

    # -- reading for people

    def open_actions(
        self, assignee: str | None = None, team: str | None = None, deal: str | None = None
    ) -> list[ActionRow]:
        """Handed out and not closed: highest priority first, then the one due first."""

    def due_between(self, start: Instant, end: Instant, assignee: str | None = None) -> list[ActionRow]:
        """Planned or open actions due at `start` or later and before `end`, in order. Reads all actions."""

    def actions_of(self, enrolment: str) -> list[ActionRow]:
        """All actions of one enrolment, by entry and name. Takes the full id or a unique beginning."""

    def action(self, prefix: str) -> ActionRow:
        """By id or a beginning of it; open ones are looked at first. `NotFound` if none or several."""

    def enrolment(self, prefix: str) -> Enrolment:
        """By id or a unique beginning of it."""

    def enrolments_of(self, deal: str) -> list[Enrolment]:
        """Of this deal (its full id), oldest first."""

    def history(self, account: str, enrolment: str) -> list[HistoryEntry]: ...

    def deal(self, prefix: str) -> DealRow:
        """By id, else by a unique beginning of it."""

    def deals(self, chosen: DealFilter) -> list[DealRow]: ...

    def contacts_beginning(self, prefix: str) -> list[Contact]:
        """Contacts whose id begins so, at most five."""

    def accounts_beginning(self, prefix: str) -> list[tuple[str, str]]:
        """(id, name) of accounts whose id begins so, at most five."""

    def accounts_named(self, beginning: str) -> list[tuple[str, str]]:
        """(id, name) of accounts whose name is so or begins so, capitals aside, the shortest first, at most six."""

    def last_recorded(self) -> Instant | None:
        """When anything was recorded last. Reads all events: for sandboxes."""

    def counts(self) -> Counts: ...

    def not_followed(self) -> tuple[int, int]:
        """Lost deals that nothing followed and nobody excused, and how many of them are examined again. Reads all."""

    def due_by_person(self, now: Instant) -> dict[str, tuple[int, int]]:
        """(due, past their deadline) by assignee."""

    def next_due(self) -> Instant | None:
        """When something will happen by itself, in any account that is not set aside."""

    # -- reports

    def report_page(
        self, after: str, limit: int, needs: Collection[str] = (), statuses: Collection[str] = ()
    ) -> list[ReportedAccount]:
        """At most `limit` accounts by id, beginning behind `after`, closed and ended things included.

        With their deals of these statuses (none given: all), and what `needs` names: contacts, actions, enrolments,
        events (those that nobody took back), activities, touches.
        """
