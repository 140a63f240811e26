"""Playing one scenario with the code that ticks and commands run, on a clock of its own.

Before each step that is not mere time a tick runs if anything is due, so that it finds the deal as `expect` in its
place would. Between steps ticks run as the schedule says; one that would find nothing due is left out, because it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from engine.core import dates
from engine.core.account import Account, HistoryEntry
from engine.core.durations import Instant
from engine.core.enrolment import Enrolment
from engine.core.view import View
from engine.core.zones import local_date
from engine.runner.recording import Recording
from engine.runner.tick import Ticking
from engine.scenarios import opening, paces
from engine.scenarios.bench import Bench, store_in_memory
from engine.scenarios.exporting import Export
from engine.scenarios.model import Scenario, Unmet
from engine.store.base import ActionRow, Store

MOST_TICKS = 50_000  # of one play; more can only be a playbook that never comes to rest


@dataclass(kw_only=True, slots=True)
class Play:
    """One scenario under one tick schedule. `begin`, then `advance` and one step after the other.

    `enrolled_at` are the instants at which ticks enrolled the deal; a later play ticks at those of the first, `stops`,
    because an enrolment counts from its tick.
    """

    scenario: Scenario
    bench: Bench
    pace: str
    seed: int
    stops: Collection[Instant] = ()
    store: Store = field(default_factory=store_in_memory)
    start: Instant = 0
    now: Instant = 0
    export: Export = field(init=False)
    laid_out: bool = False  # the deal is in the store
    enrolled_at: list[Instant] = field(default_factory=list)
    _next: paces.Next = field(init=False)
    _ticks: int = 0

    def begin(self) -> None:
        """The deal is imported at the start, and the first tick runs."""
        self.start = self.now = opening.start_of(self.scenario, self.bench)
        self._next = paces.ticks(self.pace, self.start, self.bench.world.late_grace, self.seed)
        self.export = opening.lay_out(self.scenario, self.bench, self.store, self.now)
        self.laid_out = True
        if self.scenario.enrol == "by_person":
            self.enrol()
        self.catch_up()
        wanted = opening.must_enrol(self.scenario, self.bench)
        if wanted and self.enrolment is None:
            raise opening.not_enrolled(self)

    def enrol(self) -> None:
        """A person's order, as `playbook enrol` records it."""
        recording = self.recording("")
        name = self.bench.playbook.name
        recording.record([recording.enrol(self.store.deal(self.export.deal), name, {name: self.bench.playbook})])

    def recording(self, by: str) -> Recording:
        """Where people's words are checked and recorded."""
        owner = str(self.store.deal(self.export.deal).deal.fields.get("owner") or "")
        return Recording(
            store=self.store, world=self.bench.world, shelf=self.bench.shelf, now=self.now, by=by or owner or "somebody"
        )

    # --- time --------------------------------------------------------------------------------------------------------

    def advance(self, until: Instant) -> None:
        """Go on to `until`, with the ticks of the schedule before it and one at it."""
        while (wanted := self._coming()) is not None:
            at = self._next(max(wanted, self.now))
            at = min([at, *(stop for stop in self.stops if wanted <= stop)])
            if at >= until:
                break
            self._tick(at)
        self.now = until
        self.catch_up()

    def catch_up(self) -> None:
        """A tick now, if it would find anything due."""
        coming = self._coming()
        if coming is not None and coming <= self.now:
            self._tick(self.now)

    def _coming(self) -> Instant | None:
        """When something will be due or is to be examined next; None: never by itself."""
        if self.store.due_accounts(self.now, 1):
            return self.now
        instants = [self.store.next_due(), self.store.deal(self.export.deal).examine_at]
        return min((instant for instant in instants if instant is not None), default=None)

    def _tick(self, at: Instant) -> None:
        self._ticks += 1
        if self._ticks > MOST_TICKS:
            raise Unmet(f"after {MOST_TICKS:,} ticks the playbook has not come to rest")
        self.now = at
        ticking = Ticking(self.store, self.bench.world, self.bench.offers, at)
        ticking.shelf = self.bench.shelf
        report = ticking.run()
        if report.failed:
            raise Unmet(f"the tick could not advance the deal: {', '.join(report.failed.values())}")
        if report.enrolled:
            self.enrolled_at.append(at)

    # --- looking -----------------------------------------------------------------------------------------------------

    @property
    def enrolment(self) -> Enrolment | None:
        """The latest one of the deal; None while nothing has followed it."""
        found = self.enrolments()
        return found[-1] if found else None

    def enrolments(self) -> list[Enrolment]:
        return self.store.enrolments_of(self.export.deal)

    def histories(self) -> list[list[HistoryEntry]]:
        """What happened, enrolment by enrolment."""
        return [self.store.history(one.account, one.id) for one in self.enrolments()]

    def account(self) -> Account:
        """As it is now, the deal included."""
        key = (self.export.account, self.export.deal)
        return self.store.load_accounts([key[0]], self.now, {"touches", "log"}, [key])[0]

    def view(self) -> View:
        """How the playbook sees the deal now."""
        account = self.account()
        return View(self.bench.world, account, account.deals[self.export.deal], self.bench.playbook, self.now)

    def rows(self, name: str) -> list[ActionRow]:
        """The actions of that name, the one planned last at the end."""
        return [row for one in self.enrolments() for row in self.store.actions_of(one.id) if row.name == name]

    def day(self) -> int:
        """Days since the start, on the deal's wall."""
        where = self.view().zone_of()
        return (local_date(self.now, where) - local_date(self.start, where)).days

    def instant(self, text: str) -> Instant:
        """A date or time of the scenario, on the deal's wall."""
        view = self.view()
        return dates.moment(text, None, 1, view.zone_of(), view.calendar)

    def words(self, instant: Instant) -> str:
        """An instant on the workspace's wall."""
        return self.recording("").local(instant)
