"""Answer latency: how long customers wait for us, after the notice of a loss and after everything they send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.core.account import Deal
from engine.core.calendars import business_seconds
from engine.core.durations import Instant
from engine.reports.approaches import INBOUND_NEEDS, OUTBOUND_NEEDS, inbound, outbound
from engine.reports.longest import Longest
from engine.reports.model import Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, owner_of, team_of
from engine.reports.scoring import view_of
from engine.reports.statistics import Spread, figure
from engine.reports.wording import count, figure_text, nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

HOURS = 4  # business hours: how soon a notice should be answered (S4.7)
_LONGEST = 10 * 86_400  # seconds; nobody answers within 4 business hours after ten days, so those are not counted out


@dataclass(slots=True)
class _Team:
    answered: Spread = field(default_factory=Spread)  # minutes, on the clock
    within: int = 0
    late: int = 0  # answered later, or still waiting after that time
    waiting: int = 0


@dataclass(slots=True)
class _Tally:
    longest: Longest
    losses: int = 0
    taken: int = 0
    teams: dict[str, _Team] = field(default_factory=dict)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(longest=Longest(scope.limit))
    for found in accounts(store, *INBOUND_NEEDS, *OUTBOUND_NEEDS, statuses=("lost",)):
        for deal in found.deals:
            tally.losses += 1
            if scope.takes(deal):
                tally.taken += 1
                _count(tally, found, deal, scope)
    return _told(tally)


def _count(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    came = inbound(found, deal, scope.world.vocabulary)
    where = view_of(scope.world, found.account, deal, scope.now).zone_of()  # as the deadline of an answer is counted
    notice = scope.instant(deal.fields.get("notified_at"), where)
    came |= {notice} if notice is not None else set()
    came = {at for at in came if at <= scope.now}
    if not came:
        return
    team = tally.teams.setdefault(team_of(deal), _Team())
    for asked, answered in waits(came, {at for at in outbound(found, deal) if at <= scope.now}):
        _count_wait(team, asked, answered, scope, where)
        if answered is None:
            row = (deal.id, team_of(deal), owner_of(deal), f"{scope.local_day(asked):%Y-%m-%d}",
                   (scope.today - scope.local_day(asked)).days)  # fmt: skip
            tally.longest.add(scope.now - asked, deal.id, row)


def waits(came: Iterable[Instant], went: Iterable[Instant]) -> Iterator[tuple[Instant, Instant | None]]:
    """(since when the customer waits, when we answered): from the first of what came in a row to what went next.

    The last is (instant, None) if we have not answered. What goes at the very instant answers what came at it.
    """
    waiting: Instant | None = None
    for at, ours in sorted([*((at, False) for at in came), *((at, True) for at in went)]):
        if not ours:
            waiting = at if waiting is None else waiting
        elif waiting is not None:
            yield waiting, at
            waiting = None
    if waiting is not None:
        yield waiting, None


def _count_wait(team: _Team, asked: Instant, answered: Instant | None, scope: Scope, where: ZoneInfo) -> None:
    until = scope.now if answered is None else answered
    soon = until - asked < _LONGEST and business_seconds(asked, until, scope.calendar, where) <= HOURS * 3600
    if answered is None:
        team.waiting += 1
        team.late += not soon  # one who waits for less may still be answered in time
        return
    team.answered.add((answered - asked) // 60)
    team.within += soon
    team.late += not soon


def _told(tally: _Tally) -> Report:
    name, title = "latency", "How long customers wait for an answer"
    everyone = _together(tally.teams.values())
    n, share = everyone.answered.n, Share(part=everyone.within, whole=everyone.within + everyone.late)
    median = figure(everyone.answered.median, n, "hours", 60)
    facts = {
        "answered": n, "waiting": everyone.waiting, "median_hours": median.value,
        "p90_hours": figure(everyone.answered.percentile(90), n, "hours", 60).value,
        "within": everyone.within, "judged": share.whole, "within_share": share.value, "business_hours": HOURS,
    }  # fmt: skip
    if not tally.taken:
        return Report(name=name, title=title, verdict=nothing(tally.losses), facts=facts)
    if not n and not everyone.waiting:
        verdict = f"{count(tally.taken, 'lost deal')}, and for none is it recorded that a customer wrote or called."
        remarks = ("Record replies, import activities, or fill notified_at: then the waits can be counted.",)
        return Report(name=name, title=title, verdict=verdict, remarks=remarks, facts=facts)
    verdict = f"Within {HOURS} business hours were answered {share_text(share)}; half of the answers took "
    verdict = f"{verdict}{figure_text(median)} or less (n {n:,})." if median.tells else _short(share)
    return Report(name=name, title=title, verdict=verdict, remarks=_remarks(everyone), facts=facts,
                  tables=filled(_team_table(tally), _waiting_table(tally)))  # fmt: skip


def _short(share: Share) -> str:
    return f"Within {HOURS} business hours were answered {share_text(share)}."


def _remarks(everyone: _Team) -> tuple[str, ...]:
    told = "Counted from what the customer sent (or the notice of the loss) to what we sent or did next."
    waiting = everyone.waiting
    return (told, f"{count(waiting, 'customer')} still waiting: listed below.") if waiting else (told,)


def _together(teams: Iterable[_Team]) -> _Team:
    together, counts = _Team(), Counter[int]()
    for team in teams:
        counts.update(team.answered.counts)
        together.within += team.within
        together.late += team.late
        together.waiting += team.waiting
    together.answered = Spread(counts)
    return together


def _team_table(tally: _Tally) -> Table:
    rows = tuple(
        (name, figure(team.answered.median, team.answered.n, "hours", 60),
         figure(team.answered.percentile(90), team.answered.n, "hours", 60), team.answered.n,
         Share(part=team.within, whole=team.within + team.late), team.waiting)
        for name, team in sorted(tally.teams.items())
    )  # fmt: skip
    heads = columns(team="team", median="median", p90="9 of 10 within", answered="answered",
                    within=f"within {HOURS} business hours", waiting="waiting")  # fmt: skip
    return Table(name="by_team", title="By team, in alphabetical order", columns=heads, rows=rows)


def _waiting_table(tally: _Tally) -> Table:
    heads = columns(deal="deal", team="team", owner="owner", since="waiting since", days="days")
    return Table(name="waiting", title="Waiting for longest", columns=heads, rows=tally.longest.rows(),
                 left_off=tally.longest.left_off)  # fmt: skip
