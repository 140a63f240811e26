"""What is said about what follows a deal: pause, go on, end, begin, or that it needs no follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.durations import Instant
from engine.core.enrolling import examine, lock
from engine.core.enrolment import Enrolment
from engine.core.experiment import Draw
from engine.core.model import Playbook
from engine.runner.lookup import listed_names, nearest
from engine.runner.payload import NotRecordable
from engine.runner.said import About, Prepared, Saying
from engine.store.base import DealRow, NotFound


@dataclass(kw_only=True, slots=True)
class AboutDeals(Saying):
    """Each verb raises NotRecordable where it cannot be so."""

    def pause(self, target: str, playbook: str = "", until: Instant | None = None, because: str = "") -> list[Prepared]:
        """One event for each open enrolment meant by a deal's or an enrolment's id; without `until` until released."""
        meant = self._meant(target, playbook)
        running = [one for one in meant if one.paused is None or (until and one.paused.began == "command.pause")]
        if not running:
            hint = f"`playbook release {target}` goes on; with --until a pause gets another end"
            raise NotRecordable(f"everything of {target} is paused already", hint)
        said = {"until": until, "reason": because.strip()}
        fields = {name: item for name, item in said.items() if item}
        return [self._order(enrolment, "command.pause", fields) for enrolment in running]

    def release(self, target: str, playbook: str = "") -> list[Prepared]:
        """The enrolments that are paused, or that a pending order pauses, go on."""
        meant = self._meant(target, playbook)
        paused = [one for one in meant if one.paused is not None or self._pending(one, "command.pause")]
        if not paused:
            raise NotRecordable(f"nothing of {target} is paused", f"`playbook show {target}` shows where it stands")
        return [self._order(enrolment, "command.release") for enrolment in paused]

    def _pending(self, enrolment: Enrolment, order: str) -> bool:
        return any(
            pending.event.name == order and pending.event.enrolment == enrolment.id
            for pending in self.store.pending_events(enrolment.deal)
        )

    def _meant(self, target: str, playbook: str) -> list[Enrolment]:
        try:
            found = self.open_enrolments(self.store.deal(target).deal.id)
        except NotFound:
            try:
                found = [self.store.enrolment(target)]
            except NotFound:
                found = self.open_enrolments(self.deal(target).deal.id)  # raises, with the nearest deal
        meant = [one for one in found if one.open and playbook in ("", one.playbook)]
        if not meant:
            running = ", ".join(one.playbook for one in found if one.open)
            hint = f"running: {running}" if running else "`playbook enrol DEAL PLAYBOOK` starts one"
            raise NotRecordable(f"no {playbook or 'playbook'} runs for {target}", hint)
        return meant

    def _order(self, enrolment: Enrolment, name: str, fields: Mapping[str, Any] | None = None) -> Prepared:
        return Prepared(event=self._event(name, About.enrolled(enrolment), fields=fields))

    def end(self, target: str, reason: str, playbook: str = "") -> list[Prepared]:
        """One event for each open enrolment meant by a deal's or an enrolment's id; the reason is kept."""
        if not reason.strip():
            raise NotRecordable("ending a follow-up needs a reason", "write why: the team learns from it", "reason")
        meant = [one for one in self._meant(target, playbook) if not self._pending(one, "command.end")]
        if not meant:
            raise NotRecordable(f"the end of everything of {target} is ordered already; the next tick handles it")
        return [self._ending(one, reason.strip()) for one in meant]

    def _ending(self, enrolment: Enrolment, reason: str) -> Prepared:
        ordered = self._order(enrolment, "command.end", {"playbook": enrolment.playbook, "reason": reason})
        if not self.playbook(enrolment).customer_facing:
            return ordered
        draws = [one for one in self.store.draws_of([enrolment.account]) if enrolment.enrolled_at >= one.drawn_at]
        drawn = lock(draws, self.store.deal(enrolment.deal).deal, self.now)
        return replace(ordered, notices=(_overridden(drawn),)) if drawn is not None else ordered

    def enrol(self, row: DealRow, name: str, playbooks: Mapping[str, Playbook]) -> Prepared:
        """A person's order counts more than the enrol condition, but not more than the rules that keep order."""
        if name not in playbooks:
            raise NotRecordable(f"there is no playbook {name!r}", nearest(name, playbooks) or listed_names(playbooks))
        key = (row.deal.account, row.deal.id)
        account = self.store.load_accounts([key[0]], self.now, {"log", "touches"}, [key])[0]
        past = [one for one in self.store.past_enrolments([key[0]]) if one.deal == key[1]]
        every = examine(self.world, playbooks, account, row.deal, past, self.now, asked_for=name)
        verdict = next((one for one in every if one.playbook == name), None)
        if verdict is None or not verdict.takes:
            why = verdict.why if verdict else "it is not among `playbooks` in playbook.toml"
            raise NotRecordable(f"{name} cannot take {row.deal.id}: {why}", f"`playbook show {row.deal.id}` tells more")
        event = self._event("command.enrol", About(account=key[0], deal=key[1]), fields={"playbook": name})
        drawn = lock(self.store.draws_of([key[0]]), row.deal, self.now)
        return Prepared(event=event, examine=True, notices=(_overridden(drawn),) if drawn is not None else ())

    def excuse(self, row: DealRow, because: str) -> None:
        """Say why this loss needs no follow-up; written at once, nothing else changes."""
        if not because.strip():
            raise NotRecordable("an excuse needs a reason", "write why this loss needs no follow-up")
        if row.deal.status != "lost":
            raise NotRecordable(f"{row.deal.id} is {row.deal.status}, not lost", "only a loss can be excused")
        self.store.excuse(row.deal.id, f"{because.strip()} ({self.by}, {self.local(self.now)})")

    def take_back_excuse(self, row: DealRow) -> None:
        if not row.deal.excused:
            raise NotRecordable(f"{row.deal.id} is not excused")
        self.store.excuse(row.deal.id, "", self.now)


def _overridden(draw: Draw) -> str:
    return (
        f"the experiment {draw.experiment} has drawn it into the arm {draw.arm}, and there it is counted "
        "whatever you do; such exceptions make its result weaker"
    )
