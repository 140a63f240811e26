"""`why`: what stands behind a date, why something is or is not due, and what comes next if nothing happens."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.account import Account, Deal, HistoryEntry
from engine.core.durations import Instant
from engine.core.enrolling import Verdict, examine
from engine.core.enrolment import Enrolment, OpenAction, Timer
from engine.core.foresee import Way, next_transitions, ways
from engine.core.model import Playbook
from engine.core.step import Step
from engine.core.world import World
from engine.runner.shelf import Offer, Shelf
from engine.store.base import Store

HORIZON = 5 * 366 * 86400  # seconds; how far "if nothing happens" looks


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentWhy:
    """Where one enrolment stands and why. `coming` is its next transition if nothing happens; None: it waits."""

    enrolment: Enrolment
    playbook: Playbook
    ways: list[Way]
    coming: Step | None
    last: HistoryEntry | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """The whole answer for one deal, as of `now` (events recorded and not handled yet are in `pending`)."""

    deal: Deal
    now: Instant
    enrolments: list[EnrolmentWhy] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)


def why(store: Store, world: World, offers: dict[str, Offer], shelf: Shelf, deal_id: str, now: Instant) -> Why:
    """Explain the deal with this id (or unique beginning). Raises NotFound. Changes nothing."""
    deal = store.deal(deal_id).deal
    account = _load(store, deal, now)
    playbooks = {name: offer.playbook for name, offer in offers.items()}
    past = [one for one in store.past_enrolments([deal.account]) if one.deal == deal.id]
    verdicts = examine(world, playbooks, account, account.deals[deal.id], past, now)
    coming = next_transitions(world, shelf, _load(store, deal, now), now + HORIZON)
    return Why(
        deal=account.deals[deal.id],
        now=now,
        enrolments=[
            _explain(store, world, shelf, account, enrolment, coming.get(enrolment.id), now)
            for enrolment in account.enrolments.values()
            if enrolment.deal == deal.id
        ],
        verdicts=verdicts,
        pending=[event.event.name for event in store.pending_events(deal.id)],
    )


def timers_of(enrolment: Enrolment, action: OpenAction) -> list[Timer]:
    """What still runs for one open action, soonest first."""
    return sorted((timer for timer in enrolment.timers if timer.action == action.id), key=lambda timer: timer.due)


def _load(store: Store, deal: Deal, now: Instant) -> Account:
    return store.load_accounts([deal.account], now, {"touches", "log"}, [(deal.account, deal.id)])[0]


def _explain(
    store: Store, world: World, shelf: Shelf, account: Account, enrolment: Enrolment, coming: Step | None, now: Instant
) -> EnrolmentWhy:
    compiled = shelf[enrolment.revision]
    history = store.history(enrolment.account, enrolment.id)
    return EnrolmentWhy(
        enrolment=enrolment,
        playbook=compiled.revision.playbook,
        ways=ways(world, compiled, account, enrolment, now),
        coming=coming,
        last=history[-1] if history else None,
    )
