"""How many units an experiment could draw: the losses of the last half year that it would have taken, team by team; and
the deals on record that its first tick would draw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from engine.core.account import Account, Deal, PastEnrolment
from engine.core.assigning import ask_experiment, team_of
from engine.core.dates import moment
from engine.core.durations import Instant, TimeError
from engine.core.experiment import Draw, Experiment, InForce, unit_of
from engine.core.world import World
from engine.core.zones import start_of_day, zone
from engine.store.base import Store

WEEKS = 26
_PAGE = 500  # accounts
_DAY = 86_400  # seconds
_WEEK = 7 * _DAY
_FIRST_ASKS = 20  # of a loss, at every instant at which the answer may change
_STEP = 9 * _DAY  # between later asks: a condition that asks for the weekday may change every day

_Owned = TypeVar("_Owned", PastEnrolment, Draw)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inflow:
    """`per_week`: units by team ("" for none), the most first; `weeks`: how long that was watched. `at_once`: units on
    record that the first tick would draw."""

    per_week: Mapping[str, float]
    weeks: float
    at_once: int = 0

    @property
    def total(self) -> float:
        return sum(self.per_week.values())


@dataclass(kw_only=True, slots=True)
class _Counting:
    """What was found so far. `earliest`: the first loss of the half year."""

    earliest: Instant
    losses: Counter[str] = field(default_factory=Counter)  # units by team
    seen: set[str] = field(default_factory=set)  # units of these
    at_once: set[str] = field(default_factory=set)  # units


def inflow(store: Store, world: World, one: InForce, now: Instant) -> Inflow:
    """Each lost deal is asked as it stands now: as if nothing had followed it, from the day of its loss on; and as it
    is, at the first instant at which the experiment may draw. A history of less than half a year counts as long as it
    is, four weeks at least."""
    since = now - WEEKS * _WEEK
    opens = max(now, start_of_day(one.experiment.starts, zone(world.zone)))
    always = _without_days(one)
    counting = _Counting(earliest=now)
    for account, deal, past, draws in _lost_deals(store, now):
        unit, lost = unit_of(one.experiment.unit, account.id, deal.id), _lost(world, deal)
        if ask_experiment(world, one, account, deal, past, draws, opens).takes:
            counting.at_once.add(unit)
        if lost is None or deal.excused or not since <= lost <= now:
            continue
        counting.earliest = min(counting.earliest, lost)
        if unit not in counting.seen and _is_taken(world, always, account, deal, lost):
            counting.seen.add(unit)
            counting.losses[team_of(world, deal)] += 1
    weeks = max((now - counting.earliest) / _WEEK, 4.0)
    units = {team: count / weeks for team, count in counting.losses.most_common()}
    return Inflow(per_week=units, weeks=weeks, at_once=len(counting.at_once))


def _without_days(one: InForce) -> InForce:
    """It is asked about days on which it did not draw."""
    return replace(one, phase=replace(one.phase, experiment=replace(one.experiment, starts=date.min, ends=None)))


def _lost_deals(store: Store, now: Instant) -> Iterator[tuple[Account, Deal, list[PastEnrolment], list[Draw]]]:
    """Every lost deal, with what a tick would ask about it: the enrolments of the deal, those of its account that
    approach customers now, and the draws of the account."""
    after = ""
    while page := store.report_page(after, _PAGE, (), ("lost",)):
        after = page[-1].account.id
        found = {one.account.id: list(one.account.deals) for one in page if one.account.deals}
        keys = [(account_id, deal_id) for account_id, deals in found.items() for deal_id in deals]
        past, draws = _by_account(store.past_enrolments(list(found))), _by_account(store.draws_of(list(found)))
        for account in store.load_accounts(list(found), now, {"log", "touches"}, keys):
            for deal_id in found[account.id]:
                deal = account.deals[deal_id]
                asked = [one for one in past.get(account.id, ()) if one.deal == deal_id or _approaches(one)]
                yield account, deal, asked, draws.get(account.id, [])


def _approaches(past: PastEnrolment) -> bool:
    return past.customer_facing and not past.end


def _by_account(found: Sequence[_Owned]) -> Mapping[str, list[_Owned]]:
    listed: defaultdict[str, list[_Owned]] = defaultdict(list)
    for one in found:
        listed[one.account].append(one)
    return listed


def _lost(world: World, deal: Deal) -> Instant | None:
    try:
        return moment(str(deal.fields.get("lost_at") or ""), None, 1, zone(world.zone), world.calendar_named(None))
    except TimeError:
        return None


def _is_taken(world: World, one: InForce, account: Account, deal: Deal, lost: Instant) -> bool:
    """Whether it takes the deal on some day of the half year after its loss, as if nothing else followed it."""
    at, asks = lost, 0
    while at <= lost + WEEKS * _WEEK:
        verdict = ask_experiment(world, one, _as_of(account, at), deal, (), (), at)
        if verdict.takes or verdict.again_at is None:
            return verdict.takes
        asks += 1
        at = verdict.again_at if asks < _FIRST_ASKS else max(verdict.again_at, at + _STEP)
    return False


def _as_of(account: Account, at: Instant) -> Account:
    """Without what happened later: a condition may count it, or ask for the last of it."""
    log = [event for event in account.log if event.happened_at <= at]
    touches = [touch for touch in account.touches if touch.at <= at]
    return replace(account, log=log, touches=touches) if account.log or account.touches else account


def expected(experiment: Experiment, per_week: Mapping[str, float]) -> Mapping[str, float]:
    """Units per week as the file declares them, in the proportions of `per_week`; without a declaration those."""
    if experiment.expected is None or experiment.ends is None:
        return per_week
    weeks = max((experiment.ends - experiment.starts).days + 1, 1) / 7
    total = sum(per_week.values())
    if not total:
        return {"": experiment.expected / weeks}
    return {team: experiment.expected / weeks * count / total for team, count in per_week.items()}
