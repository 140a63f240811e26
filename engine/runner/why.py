"""`why`: what stands behind a date, why something is or is not due, and what comes next if nothing happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.account import Account, Deal, HistoryEntry, PastEnrolment
from engine.core.assigning import team_of
from engine.core.conditions import AllOf, Clause, Condition, Elapsed, describe
from engine.core.durations import Instant
from engine.core.enrolling import Verdict, examine
from engine.core.enrolment import Enrolment, OpenAction, Timer
from engine.core.experiment import Draw
from engine.core.foresee import Way, next_transitions, ways
from engine.core.looking import Looking
from engine.core.model import Playbook
from engine.core.step import Step
from engine.core.view import View
from engine.core.world import World
from engine.runner.drawing import Drawing, Trial
from engine.runner.shelf import Offer, RevisionShelf, playbooks_of
from engine.store.base import Store

HORIZON = 5 * 366 * 86400  # seconds; how far "if nothing happens" looks


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentWhy:
    """Where one enrolment stands and why. `coming` is its next transition if nothing happens; None: it waits.

    `handed_out`: by the id of an action that is due, the rule that made the instant.
    """

    enrolment: Enrolment
    playbook: Playbook
    ways: list[Way]
    coming: Step | None
    last: HistoryEntry | None
    handed_out: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Failing:
    """A part of an enrol condition that does not hold. `single`: one field decided it; None: it is empty."""

    words: str
    single: bool
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """The whole answer for one deal, as of `now` (events recorded and not handled yet are in `pending`).

    `failing`: by playbook, what in its enrol condition does not hold now, where nothing but another playbook keeps the
    deal out.
    `contacts` are names by id.
    """

    deal: Deal
    now: Instant
    enrolments: list[EnrolmentWhy] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    failing: dict[str, list[Failing]] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    contacts: dict[str, str] = field(default_factory=dict)


def why(
    store: Store, world: World, offers: Sequence[Offer], shelf: RevisionShelf, deal_id: str, now: Instant,
    trials: Sequence[Trial] = (),
) -> Why:  # fmt: skip
    """Explain the deal with this id (or unique beginning). Raises NotFound. Changes nothing."""
    deal = store.deal(deal_id).deal
    account = _load(store, deal, now)
    playbooks = playbooks_of(offers, team_of(world, deal))
    past = [one for one in store.past_enrolments([deal.account]) if one.deal == deal.id]
    here = account.deals[deal.id]
    draws = store.draws_of([deal.account])
    verdicts = examine(world, playbooks, account, here, past, now, draws=draws)
    around = [one for one in store.past_enrolments([deal.account]) if one.customer_facing and not one.end]
    asked, _ = Drawing(store, world, trials, shelf, now).ask(account, here, [*past, *around], draws)
    refusing = [playbooks[verdict.playbook] for verdict in verdicts if not verdict.takes]
    coming = next_transitions(world, shelf, _load(store, deal, now), now + HORIZON)
    return Why(
        deal=here,
        now=now,
        enrolments=[
            _explain(store, world, shelf, account, enrolment, coming.get(enrolment.id), now)
            for enrolment in account.enrolments.values()
            if enrolment.deal == deal.id
        ],
        verdicts=[*asked, *verdicts],
        draws=[draw for draw in draws if draw.concerns(deal.account, deal.id)],
        failing={one.name: _failing(world, one, account, here, past, now) for one in refusing},
        pending=[event.event.name for event in store.pending_events(deal.id)],
        contacts={identity: str(one.fields.get("name") or identity) for identity, one in account.contacts.items()},
    )


def _failing(
    world: World, playbook: Playbook, account: Account, deal: Deal, past: Sequence[PastEnrolment], now: Instant
) -> list[Failing]:
    """Each part of the enrol condition is asked as if it stood alone, by those who ask the whole; what another playbook
    that follows the deal has to do with it is left out: it does not tell why this one did not."""
    own = [one for one in past if one.playbook == playbook.name]

    def takes(condition: Condition | None) -> bool:
        alone = replace(playbook, enrol=replace(playbook.enrol, condition=condition))
        return examine(world, {playbook.name: alone}, account, deal, own, now)[0].takes

    condition = playbook.enrol.condition
    if condition is None or not takes(None):
        return []
    view = View(world, account, deal, playbook, now)
    listed = condition.parts if isinstance(condition, AllOf) else (condition,)
    return [_told(view, part) for part in listed if not takes(part)]


def _told(view: View, part: Condition) -> Failing:
    if not isinstance(part, (Clause, Elapsed)):
        return Failing(words=describe(part), single=False, value=None)
    return Failing(words=describe(part), single=True, value=Looking(view, view.playbook.scores).value(part.name))


def timers_of(enrolment: Enrolment, action: OpenAction) -> list[Timer]:
    """What still runs for one open action, soonest first."""
    return sorted((timer for timer in enrolment.timers if timer.action == action.id), key=lambda timer: timer.due)


def _load(store: Store, deal: Deal, now: Instant) -> Account:
    return store.load_accounts([deal.account], now, {"touches", "log"}, [(deal.account, deal.id)])[0]


def _explain(
    store: Store, world: World, shelf: RevisionShelf, account: Account, enrolment: Enrolment, coming: Step | None,
    now: Instant,
) -> EnrolmentWhy:  # fmt: skip
    compiled = shelf[enrolment.revision]
    history = store.history(enrolment.account, enrolment.id)
    return EnrolmentWhy(
        enrolment=enrolment,
        playbook=compiled.revision.playbook,
        ways=ways(world, compiled, account, enrolment, now),
        coming=coming,
        last=history[-1] if history else None,
        handed_out=_handed_out(history),
    )


def _handed_out(history: Sequence[HistoryEntry]) -> dict[str, str]:
    """What is due at once needs no timer of its own: it is handed out in the step that planned it."""
    return {line[2]: _rule(entry, line[2]) for entry in history for line in entry.did if line[0] == "due"}


def _rule(entry: HistoryEntry, action: str) -> str:
    timer = Timer.from_json(entry.trigger["timer"]) if "timer" in entry.trigger else None
    return timer.rule if timer is not None and timer.action == action else "at once"
