"""One life: an account played through a playbook with the steps of the tick, on a clock of its own, while its reps and
customers do as the behaviour says.

Everything waits in one queue of instants: what somebody will do, and what will happen by itself. The step decides all
else: what is planned, withheld, moved, repeated, closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from engine.core.account import Deal
from engine.core.advance import Advancing, Watch, next_instant
from engine.core.enrolling import Candidate, begin, examine
from engine.core.enrolment import Enrolment, Event, Instant
from engine.core.model import CUSTOMER_KINDS, NOT_DONE
from engine.core.preview.playing import copied
from engine.core.step import Runaway, Step
from engine.core.templates import TemplateError
from engine.core.values import Literal, resolve
from engine.core.view import View
from engine.simulation.behaviour import BY_ITSELF, SUCCESS, Believed, Drawn, chosen
from engine.simulation.luck import Luck
from engine.simulation.question import DAY, Start, Subject, Way
from engine.simulation.stage import Stage
from engine.simulation.tally import STANDING, WON, Tally

_MOST = 2_000  # instants for each deal of an account: a playbook that does more than that is not played to its end
_GONE = (WON, "deleted")  # after these nobody does anything about the deal any more

_Waiting = tuple[Instant, int, Any]


@dataclass(kw_only=True, slots=True)
class _Followed:
    """One deal of the account on its way."""

    start: Start
    deal: Deal
    luck: Luck
    until: Instant
    entered: bool = False
    over: bool = False  # won back or deleted: nothing counts any more
    end: str = STANDING
    replies: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # how often each purpose was met
    touched: Counter[str] = field(default_factory=Counter)  # by contact
    opted_out: bool = False
    won_after: set[str] = field(default_factory=set)  # after which of these a win was drawn
    seen: set[int] = field(default_factory=set)  # metrics that happened

    def nth(self, purpose: str) -> str:
        """The purpose with its number, so that the second time has luck of its own."""
        self.counts[purpose] += 1
        return f"{purpose} {self.counts[purpose]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Report:
    """A rep will report the outcome of an action, if it is still open then."""

    deal: str
    enrolment: str
    action: str
    name: str
    outcome: str
    contact: str
    by: str


def _days(seconds: int) -> int:
    """Within how many days it was."""
    return -(-seconds // DAY)


class Life:
    """Made, run and thrown away. What it came to is added to `tally`; `watch` is told every step."""

    def __init__(
        self, stage: Stage, way: Way, subject: Subject, believed: Believed, replicate: int, tally: Tally,
        watch: Watch | None = None,
    ) -> None:  # fmt: skip
        self.stage = stage
        self.way = way
        self.believed = believed
        self.tally = tally
        self.watch = watch
        self.account = copied(subject.account)
        self._waiting: list[_Waiting] = []
        self._order = 0
        self._to_start = len(subject.starts)
        seed = stage.question.seed
        self._deals = {
            start.deal: _Followed(
                start=start, deal=self.account.deals[start.deal], luck=Luck(seed, replicate, start.deal),
                until=stage.until(start.at),
            )
            for start in subject.starts
        }  # fmt: skip
        self._until = max(one.until for one in self._deals.values())

    def run(self) -> None:
        """Play it to the horizon, or until nothing is left that could happen."""
        for followed in self._deals.values():
            self._wait(followed.start.at, followed.start)
            self._come_by_themselves(followed)
        try:
            self._play()
        except (Runaway, TemplateError):
            self._stuck()
        for followed in self._deals.values():
            self._count(followed)

    def _play(self) -> None:
        for _ in range(_MOST * len(self._deals)):
            now = self._next()
            if now is None:
                return
            self._advance(now)
        self._stuck()

    def _stuck(self) -> None:
        """It cannot be gone on with: of no deal that is not won or deleted is it known what would have come."""
        self.tally.stuck += sum(1 for followed in self._deals.values() if not followed.over)

    def _next(self) -> Instant | None:
        """The next instant at which something happens; None if there is none before the horizon."""
        coming = next_instant(self.account) if self.account.enrolments else None
        if self._waiting and (coming is None or self._waiting[0][0] < coming):
            coming = self._waiting[0][0]
        return coming if coming is not None and coming <= self._until else None

    # --- one instant -------------------------------------------------------------------------------------------------

    def _advance(self, now: Instant) -> None:
        starting: list[Enrolment] = []
        recorded: list[Event] = []
        while self._waiting and self._waiting[0][0] <= now:
            what = heappop(self._waiting)[2]
            if isinstance(what, Start):
                starting += self._begun(what, now)
            elif (event := self._event(what, now)) is not None:
                recorded.append(event)
        if self.account.enrolments or starting or self._to_start:
            self._step(now, starting, recorded)
        for event in recorded:
            self._recorded(event)

    def _step(self, now: Instant, starting: list[Enrolment], recorded: list[Event]) -> None:
        account = self.account
        account.events = recorded[:]
        steps: list[Step] = []
        advancing = Advancing(self.stage.world, self.stage.revisions, account, now, steps.append)
        if account.events:
            advancing.run()  # a tick handles what was recorded before it enrols
        advancing.starting = len(starting)
        for enrolment in starting:
            advancing.start(enrolment)
        advancing.run()
        self.tally.steps += len(steps)
        for step in steps:
            self._happened(step)
            if self.watch is not None:
                self.watch(step)

    def _begun(self, start: Start, now: Instant) -> list[Enrolment]:
        """The enrolment of a deal, as if a person had ordered it; none if what happened meanwhile forbids it."""
        self._to_start -= 1
        followed = self._deals[start.deal]
        if followed.over:
            return []
        revision = self.way.revision(start.team)
        name = revision.playbook.name
        if self.account.suppressions:
            verdicts = examine(
                self.stage.world, {name: revision.playbook}, self.account, followed.deal, [], now, asked_for=name
            )
            if not all(verdict.takes for verdict in verdicts):
                return []
        followed.entered = True
        loss = str(followed.deal.fields.get("lost_at") or "")
        candidate = Candidate(self.account.id, start.deal, name, start.number, loss, ())
        return [begin(candidate, revision.hash, now)]

    def _event(self, what: _Report | Event, now: Instant) -> Event | None:
        """What is recorded now; None if it came to nothing meanwhile."""
        followed = self._deals[what.deal]
        if followed.over or now > followed.until:
            return None
        if isinstance(what, Event):
            return what
        enrolment = self.account.enrolments.get(what.enrolment)
        if enrolment is None or not any(one.id == what.action and one.status == "due" for one in enrolment.actions):
            return None
        name = f"{what.name}.{what.outcome}"
        fields = self.believed.with_fields(followed.luck, name, name)
        return Event(
            name, now, deal=what.deal, contact=what.contact, enrolment=what.enrolment, action=what.action, by=what.by,
            fields=fields,
        )  # fmt: skip

    # --- what a step did ---------------------------------------------------------------------------------------------

    def _happened(self, step: Step) -> None:
        followed = self._deals[step.after.deal]
        for line in step.did:
            if line[0] == "due":
                self._handed_out(followed, step, line)
            elif line[0] == "closed" and line[3] not in NOT_DONE:
                self._done(followed, step, line)
            elif line[0] == "ended":
                self._ended(followed, step, line[1])

    def _handed_out(self, followed: _Followed, step: Step, line: tuple[Any, ...]) -> None:
        """Somebody has something to do. When will it be done, and how will it end?"""
        _, name, identity, person, contact, kind = line
        if step.at <= followed.until and not followed.over:
            self._count_action(step, name, person, contact, kind)
        chance = chosen(self.believed.reps, name, kind)
        purpose = followed.nth(f"rep {name}")
        at = chance.instant(followed.luck, purpose, step.at) if chance is not None else None
        if at is None or at > followed.until:  # nobody waits for that long; it may be thousands of years
            return
        at = self.stage.back(person, at)
        if self.believed.behaviour.within_hours:
            at = self.stage.at_work(person, at)
        declared = self.stage.revisions[step.after.revision].revision.playbook.action(name)
        outcome = self.believed.outcome(followed.luck, f"outcome {purpose}", name, declared.outcomes)
        self._wait(at, _Report(
            deal=step.after.deal, enrolment=step.after.id, action=identity, name=name, outcome=outcome, contact=contact,
            by=person,
        ))  # fmt: skip

    def _done(self, followed: _Followed, step: Step, line: tuple[Any, ...]) -> None:
        """An action was done. If a customer saw it, what comes of that?"""
        _, name, identity, _outcome, _ = line
        open_action = next((one for one in step.before.actions if one.id == identity), None)
        if open_action is None or open_action.kind not in CUSTOMER_KINDS:
            return
        kind, contact = open_action.kind, open_action.contact
        followed.touched[contact] += 1
        number = followed.nth(f"touch {kind}")
        for event, table in (("reply", self.believed.replies), ("opted_out", self.believed.opt_outs)):
            self._come(followed, chosen(table, name, kind), event, f"{event} {number}", step.at, contact)

    def _ended(self, followed: _Followed, step: Step, end: str) -> None:
        if step.at > followed.until or followed.end != STANDING:
            return
        followed.end = end
        self.tally.days_to_end[_days(step.at - followed.start.at)] += 1
        if end != WON:
            keys = [end, SUCCESS] if end in self.stage.successes[self.way.name] else [end]
            self._may_win(followed, keys, step.at)

    # --- what customers do -------------------------------------------------------------------------------------------

    def _come_by_themselves(self, followed: _Followed) -> None:
        contact = followed.deal.contacts[0][0] if followed.deal.contacts else ""
        for event, chance in self.believed.happens.items():
            self._come(followed, chance, event, f"happens {event}", followed.start.at, contact)
        self._may_win(followed, [BY_ITSELF], followed.start.at)

    def _may_win(self, followed: _Followed, keys: Iterable[str], after: Instant) -> None:
        """What comes of an event the first time that it happens."""
        for key in keys:
            chance = self.believed.wins.get(key)
            if chance is not None and key not in followed.won_after:
                followed.won_after.add(key)
                self._come(followed, chance, WON, f"win {key}", after, "")

    def _come(
        self, followed: _Followed, chance: Drawn | None, event: str, purpose: str, after: Instant, contact: str
    ) -> None:  # fmt: skip
        at = chance.instant(followed.luck, purpose, after) if chance is not None else None
        if at is not None and at <= followed.until:
            fields = self.believed.with_fields(followed.luck, purpose, event)
            self._wait(at, Event(event, at, deal=followed.deal.id, contact=contact, fields=fields))

    def _recorded(self, event: Event) -> None:
        """What was recorded counts whether or not a playbook was still listening."""
        followed = self._deals[event.deal]
        if self.stage.world.vocabulary.is_reply(event.name):
            followed.replies += 1
        self._measure(followed, event)
        if event.name == "opted_out":
            followed.opted_out = True
        if event.name == WON:
            self.tally.wins += 1
            self.tally.days_to_win[_days(event.recorded_at - followed.start.at)] += 1
        else:
            _, _, outcome = event.name.rpartition(".")
            self._may_win(followed, dict.fromkeys((event.name, outcome)), event.recorded_at)
        if event.name in _GONE:
            followed.over = True
            followed.end = followed.end or event.name

    def _measure(self, followed: _Followed, event: Event) -> None:
        for place, metric in enumerate(self.stage.question.metrics):
            if place in followed.seen or not self.stage.world.vocabulary.counts_as(event.name, metric.event):
                continue
            if event.recorded_at < self.stage.over(followed.start.at, metric):
                followed.seen.add(place)

    # --- counting ----------------------------------------------------------------------------------------------------

    def _count_action(self, step: Step, name: str, person: str, contact: str, kind: str) -> None:
        tally = self.tally
        tally.kinds[kind] += 1
        tally.names[name] += 1
        minutes = self.minutes(step, name, contact)
        place = f"{person}|{self.stage.week(step.at)}"
        tally.load[place] += 1
        tally.load_minutes[place] += minutes
        tally.minutes += minutes

    def minutes(self, step: Step, name: str, contact: str) -> int:
        """How long an action takes by the playbook's own word; 0 where it does not say."""
        playbook = self.stage.revisions[step.after.revision].revision.playbook
        declared = playbook.action(name).minutes
        if declared is None:
            return 0
        if isinstance(declared, Literal):
            minutes: int = round(declared.content)
            return minutes
        view = View(self.stage.world, self.account, self.account.deals[step.after.deal], playbook, step.at)

        def read(wanted: str) -> Any:
            root, _, rest = wanted.partition(".")
            return step.after.facts.get(rest) if root == "facts" else view.value(wanted, contact)

        found = resolve(declared, read)
        return round(found) if isinstance(found, (int, float)) else 0

    def _count(self, followed: _Followed) -> None:
        tally = self.tally
        tally.lives += 1
        tally.entered += followed.entered
        tally.replies += followed.replies
        tally.replied += followed.replies > 0
        tally.opted_out += followed.opted_out
        tally.ends[followed.end] += 1
        for times in followed.touched.values():
            tally.touches[times] += 1
        tally.metrics.update(followed.seen)

    def _wait(self, at: Instant, what: Start | Event | _Report) -> None:
        self._order += 1
        heappush(self._waiting, (at, self._order, what))
