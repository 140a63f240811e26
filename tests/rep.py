"""A scripted rep, and a run of ticks until nothing is armed: what the long end-to-end checks are told in.

The rep answers what was handed out, by a plan that depends on the action's id alone: the same deals get the same
answers whenever and however often ticks run.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.core.world import World
from engine.runner.shelf import Offer
from engine.runner.tick import Ticking, TickReport
from engine.store.base import ActionRow, NewEvent, Store

DAY = 86400
HOUR = 3600


@dataclass
class Rep:
    """Answers actions some hours after they were handed out; now and then the customer does something by itself."""

    seed: str
    outcomes: dict[str, tuple[str, ...]]  # action -> its outcomes
    surprises: Sequence[tuple[str, dict[str, str]]] = ()  # events a customer may bring, with their fields
    busy: float = 0.15  # share of actions that nobody ever answers
    planned: list[NewEvent] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def look(self, rows: Iterable[ActionRow]) -> None:
        """Plan the answers to what is open."""
        for row in rows:
            if row.id not in self.seen:
                self.seen.add(row.id)
                self.planned += self._answers(row)

    def take(self, until: int) -> list[NewEvent]:
        """What is recorded up to `until`, in order."""
        now = sorted((event for event in self.planned if event.recorded_at <= until), key=_order)
        self.planned = [event for event in self.planned if event.recorded_at > until]
        return now

    def _answers(self, row: ActionRow) -> list[NewEvent]:
        chance = random.Random(hashlib.sha256(f"{self.seed}{row.id}".encode()).digest())
        at = (row.handed_at or 0) + chance.randrange(1, 96) * HOUR + chance.randrange(HOUR)
        found = []
        if chance.random() >= self.busy:
            outcome = chance.choice(self.outcomes[row.name])
            found.append(_event(row, f"{row.name}.{outcome}", at, action=row.id, enrolment=row.enrolment, by="rep"))
        if self.surprises and chance.random() < 0.12:
            name, fields = chance.choice(list(self.surprises))
            found.append(_event(row, name, at + chance.randrange(1, 40) * HOUR, fields=fields))
            if name == "not_now":
                found.append(_event(row, "ready_again", at + chance.randrange(41, 2000) * HOUR))
        return found


def _event(row: ActionRow, name: str, at: int, **more: object) -> NewEvent:
    deal = NewEvent(account=row.account, deal=row.deal, contact=row.contact, name=name, recorded_at=at, occurred_at=at)
    values = {slot: getattr(deal, slot) for slot in NewEvent.__slots__}
    return NewEvent(**{**values, **more})


def _order(event: NewEvent) -> tuple[int, str, str, str]:
    return event.recorded_at, event.account, event.deal, event.name


def outcomes_of(offers: Iterable[Offer]) -> dict[str, tuple[str, ...]]:
    return {action.name: action.outcomes for offer in offers for action in offer.playbook.actions()}


def tick_at(store: Store, world: World, offers: Sequence[Offer], at: int) -> TickReport:
    report = Ticking(store, world, offers, at).run()
    assert not report.failed, report.failed
    return report


def run_until_quiet(
    store: Store, world: World, offers: Sequence[Offer], start: int, rep: Rep | None = None, days: int = 1500
) -> int:
    """Daily ticks from `start` until no enrolment waits for time and nobody has anything to say. Returns the ticks."""
    at, ticks = start, 0
    while ticks < days:
        if rep is not None and (events := rep.take(at)):
            store.record(events)
        tick_at(store, world, offers, at)
        ticks += 1
        if rep is not None:
            rep.look(store.open_actions())
        if not armed(store) and not (rep and rep.planned):
            return ticks
        at += DAY
    raise AssertionError(f"after {days} days {store.counts().states} still wait")


def armed(store: Store) -> bool:
    """Whether anything will still happen by itself."""
    return bool(store.due_accounts(1 << 40, 1))
