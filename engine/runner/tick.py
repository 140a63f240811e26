"""The tick: load what is due, let `advance` decide, commit; then enrol what may be enrolled; then say what happened.

Each batch of accounts is one transaction. One bad account never stops the others: nothing of it is kept, and after
three ticks it is set aside with its error.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from engine.core.account import Account, Changes
from engine.core.advance import Advancing
from engine.core.durations import Instant
from engine.core.needs import limits_read_log
from engine.core.world import World
from engine.runner.clock import note_tick
from engine.runner.drawing import Trial
from engine.runner.enrol import Enrolling, ask_again
from engine.runner.shelf import Offer, RevisionShelf
from engine.store.base import Conflict, Store, Unwritable

BATCH = 200  # accounts in one transaction
LISTED = 1000  # actions that a report names; more are counted

Progress = Callable[[int], None]  # told how many accounts are done


@dataclass(slots=True)
class TickReport:
    """What one tick did. `handed_out` are action ids, at most LISTED; `handed_out_count` counts all."""

    now: Instant
    accounts: int = 0
    enrolled: dict[str, int] = field(default_factory=dict)  # by playbook
    drawn: dict[str, int] = field(default_factory=dict)  # units, by experiment
    waiting: dict[str, int] = field(default_factory=dict)  # for a batch or a schedule, by playbook
    transitions: int = 0
    ended: int = 0
    handed_out: list[str] = field(default_factory=list)
    handed_out_count: int = 0
    failed: dict[str, str] = field(default_factory=dict)  # account -> error
    set_aside: int = 0  # all that are set aside now
    unfinished: bool = False  # --max-seconds ended it

    def counts(self) -> dict[str, int]:
        """For the tick's own row."""
        return {
            "accounts": self.accounts, "enrolled": sum(self.enrolled.values()), "transitions": self.transitions,
            "handed_out": self.handed_out_count, "failed": len(self.failed), "ended": self.ended,
            **({"unfinished": 1} if self.unfinished else {}),
        }  # fmt: skip

    def add(self, changes: Changes) -> None:
        self.transitions += changes.transitions
        self.ended += sum(1 for enrolment in changes.enrolments.values() if enrolment.end)
        self.handed_out_count += len(changes.handed_out)
        self.handed_out.extend(changes.handed_out[: LISTED - len(self.handed_out)])


class Ticking:
    """One tick over one store. `run` does all of it; the parts stand in its order."""

    def __init__(
        self, store: Store, world: World, offers: Sequence[Offer], now: Instant, *,
        trials: Sequence[Trial] = (), max_seconds: float | None = None, progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self.world = world
        self.now = now
        self.offers = {(offer.playbook.name, offer.team): offer for offer in offers}
        self.trials = trials
        self.shelf = RevisionShelf(store, [*offers, *(offer for trial in trials for offer in trial.offers.values())])
        self.report = TickReport(now)
        self._ends_at = None if max_seconds is None else time.monotonic() + max_seconds
        self._progress = progress
        self._inviting = {offer.playbook.enrol.event for offer in offers if offer.playbook.enrol.event}
        logged = limits_read_log(world.limits) or self.shelf.reads_log(self.shelf)
        self._needs = {"touches", "log"} if logged else {"touches"}

    def run(self) -> TickReport:
        with _rare_collections():
            return self._run()

    def _run(self) -> TickReport:
        started = int(time.time())
        ask_again(self.store, self.offers, self.world)
        self.advance_due()
        if not self.report.unfinished:
            self.recount_if_calendars_changed()
            self.enrol()
        self.report.set_aside = sum(one.waits for one in self.store.set_aside())
        note_tick(self.store, self.now, started, int(time.time()), self.report.counts())
        return self.report

    def advance_due(self) -> None:
        """Everything recorded or due by now, account by account."""
        after: str | None = None
        while ids := self.store.due_accounts(self.now, BATCH, after):
            self.commit(ids)
            after = ids[-1]
            if self._out_of_time():
                self.report.unfinished = True
                return

    def recount_if_calendars_changed(self) -> None:
        """Once after each edit of calendars.yaml, for every open enrolment; repeated if the tick dies in it."""
        seen = hashlib.sha256(self.world.calendars_text().encode()).hexdigest()
        known = self.store.meta("calendars")
        if known == seen:
            return
        after = ""
        while known is not None and (ids := self.store.enrolled_accounts(BATCH, after)):
            self._one_by_one_if_need_be(ids, self._recount_page)
            after = ids[-1]
        self.store.put_meta("calendars", seen)

    def _recount_page(self, ids: Sequence[str]) -> None:
        with self.store.transaction():
            accounts = self._load(ids)
            done = [changes for one in accounts if (changes := self._advance(one, lambda going: going.recount()))]
            self._save(accounts, done)

    def enrol(self) -> None:
        """Deals that changed, or whose time to be looked at has come."""
        enrolling = Enrolling(
            self.store, self.world, self.offers, self.trials, self.shelf, self.now, self.report.failed, self._fail
        )
        enrolling.examine()
        self.report.waiting = enrolling.waiting
        for page in enrolling.pages(BATCH):
            self._one_by_one_if_need_be(page, partial(self._enrol_page, enrolling))
        enrolling.close_campaigns()

    def commit(self, ids: Sequence[str]) -> None:
        """One batch: load, decide, write, all in one transaction; if one account spoils it, one by one."""
        self._one_by_one_if_need_be(ids, self._advance_page)

    def _one_by_one_if_need_be(self, ids: Sequence[str], work: Callable[[Sequence[str]], None]) -> None:
        try:
            work(ids)
        except (Conflict, Unwritable) as error:
            if len(ids) == 1:
                with self.store.transaction():
                    self._fail(ids[0], error.message)
                return
            for identity in ids:
                self._one_by_one_if_need_be([identity], work)

    def _advance_page(self, ids: Sequence[str]) -> None:
        with self.store.transaction():
            accounts = self._load(ids)
            self._save(accounts, [changes for account in accounts if (changes := self._advance(account))])

    # --- the parts --------------------------------------------------------------------------------------------------

    def _load(self, ids: Sequence[str], deals: Iterable[tuple[str, str]] = ()) -> list[Account]:
        accounts = self.store.load_accounts(ids, self.now, self._needs, deals)
        revisions = {one.revision for account in accounts for one in account.enrolments.values()}
        if "log" not in self._needs and self.shelf.reads_log(revisions):
            self._needs.add("log")
            accounts = self.store.load_accounts(ids, self.now, self._needs, deals)
        return accounts

    def _advance(self, account: Account, start: Callable[[Advancing], None] | None = None) -> Changes | None:
        """What is to be written for `account`; None if it could not be advanced."""
        advancing = Advancing(self.world, self.shelf, account, self.now, inviting=self._inviting)
        try:
            if start is not None:
                start(advancing)
            return advancing.run()
        except Exception as error:
            self._fail(account.id, f"{type(error).__name__}: {error}")
            return None

    def _save(self, accounts: Sequence[Account], done: Sequence[Changes]) -> None:
        by_id = {account.id: account for account in accounts}
        self.store.save([changes for changes in done if not changes.empty], by_id)
        self.store.record_touches((changes.account, touch) for changes in done for touch in changes.touches)
        for changes in done:
            self.report.add(changes)
        self.report.accounts += len(accounts)
        if self._progress is not None:
            self._progress(self.report.accounts)

    def _fail(self, account: str, error: str, final: bool = False) -> None:
        self.report.failed[account] = error
        self.store.fail_account(account, error, final)

    def _enrol_page(self, enrolling: Enrolling, page: Sequence[str]) -> None:
        enrolled: Counter[str] = Counter()
        with self.store.transaction():
            accounts = self._load(page, enrolling.deals_of(page))
            drawn = enrolling.settle(accounts)
            done = []
            for account in accounts:
                changes = self._advance(account, lambda advancing: enrolling.start(advancing, enrolled))
                if changes is not None:
                    done.append(changes)
            enrolling.finish(page)
            self._save(accounts, done)
        for counts, found in ((self.report.enrolled, enrolled), (self.report.drawn, drawn)):
            for name, number in found.items():  # only now does it stand
                counts[name] = counts.get(name, 0) + number

    def _out_of_time(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at


@contextmanager
def _rare_collections() -> Iterator[None]:
    """A batch lives and dies as a whole: the cyclic collector would walk it again and again and find nothing."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
