"""Real losses to play: deals of a store that were lost in a period, as they stand, entering on the day of the loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from engine.core.account import Account, Deal
from engine.core.assigning import team_of
from engine.core.conditions import Condition, holds
from engine.core.durations import Instant
from engine.core.enrolling import examine
from engine.core.looking import looking_at
from engine.core.world import World
from engine.core.zones import local_date, zone
from engine.simulation.making import entry
from engine.simulation.question import Start, Subject, Way

if TYPE_CHECKING:
    from engine.store.base import Store

_PAGE = 500  # accounts
_NO_DATE = "the day of the loss is not known"
_NOT_ASKED = "the experiment does not take it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Which losses: of a team, from a day on, up to a day (both included); None: no bound."""

    team: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(kw_only=True, slots=True)
class Chosen:
    """The deals to be played, and how many losses of the period are not played, by the reason."""

    subjects: tuple[Subject, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)


def lost_deals(
    store: Store, world: World, ways: Sequence[Way], period: Period, now: Instant, condition: Condition | None = None
) -> Chosen:
    """Every loss of the period that one of the playbooks takes by its own conditions, or `condition` if it is given.

    A deal that was won back since was a loss once, and is played. What the playbooks did with it is forgotten; what is
    known of the deal is what is known today.
    """
    chosen = Chosen()
    subjects = [
        subject
        for account, deals in _lost(store, now)
        if (subject := _subject(world, ways, period, account, deals, chosen.left_out, condition)) is not None
    ]
    chosen.subjects = tuple(sorted(subjects, key=lambda one: (one.starts[0].at, one.account.id)))
    return chosen


def _lost(store: Store, now: Instant) -> Iterator[tuple[Account, list[str]]]:
    """Accounts with all that is known of them, and the ids of their deals that were lost once."""
    after = ""
    while page := store.report_page(after, _PAGE, (), ("lost", "won")):
        after = page[-1].account.id
        wanted = {
            one.account.id: [deal.id for deal in one.account.deals.values() if deal.fields.get("lost_at") or
                             deal.status == "lost"]
            for one in page
        }  # fmt: skip
        keys = [(account, deal) for account, deals in wanted.items() for deal in deals]
        ids = [account for account, deals in wanted.items() if deals]
        for account in store.load_accounts(ids, now, {"touches", "log"}, keys):
            yield account, wanted[account.id]


def _subject(
    world: World, ways: Sequence[Way], period: Period, account: Account, deals: Sequence[str],
    left_out: Counter[str], condition: Condition | None,
) -> Subject | None:  # fmt: skip
    starts = []
    for identity in deals:
        deal = account.deals[identity]
        at = _entry(world, deal)
        if at is None or not _wanted(world, deal, at, period):
            left_out.update([_NO_DATE] if at is None else [])
            continue
        here = _as_it_was(account, [deal], at)
        why = _refusal(world, ways, here, here.deals[identity], at, condition)
        if why:
            left_out[why] += 1
        else:
            starts.append(Start(deal=identity, at=at, team=team_of(world, deal)))
    if not starts:
        return None
    starts.sort(key=lambda start: (start.at, start.deal))
    chosen = [account.deals[start.deal] for start in starts]
    return Subject(account=_as_it_was(account, chosen, starts[0].at), starts=tuple(starts))


def _entry(world: World, deal: Deal) -> Instant | None:
    lost_at = deal.fields.get("lost_at")
    return entry(world, str(lost_at)) if lost_at else None


def _wanted(world: World, deal: Deal, at: Instant, period: Period) -> bool:
    day = local_date(at, zone(world.zone))
    if (period.since is not None and day < period.since) or (period.until is not None and day > period.until):
        return False
    return not period.team or team_of(world, deal) == period.team


def _as_it_was(account: Account, deals: Sequence[Deal], at: Instant) -> Account:
    """On the day of the loss: lost, followed by nobody, with what had happened by then."""
    return replace(
        account,
        deals={deal.id: replace(deal, fields={**deal.fields, "status": "lost"}, asked=[]) for deal in deals},
        enrolments={},
        events=[],
        log=[event for event in account.log if event.recorded_at < at],
        touches=[touch for touch in account.touches if touch.at < at],
        failures=0,
    )


def _refusal(
    world: World, ways: Sequence[Way], account: Account, deal: Deal, at: Instant, condition: Condition | None
) -> str:
    """Why the deal is not played; "" if it is."""
    if condition is not None:
        return "" if holds(condition, looking_at(world, account, deal, at)) else _NOT_ASKED
    whys = []
    for way in ways:
        playbook = way.revision(team_of(world, deal)).playbook
        told = frozenset({playbook.enrol.event} if playbook.enrol.event else ())
        alone = replace(world, playbooks=(playbook.name,))
        [verdict] = examine(alone, {playbook.name: playbook}, account, deal, [], at, told=told)
        if verdict.takes:
            return ""
        whys.append(verdict.why)
    return whys[0]
