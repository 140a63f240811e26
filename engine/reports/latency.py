"""Answer latency: how long customers wait for us, after the notice of a loss and after everything they send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.calendars import business_seconds
from engine.core.durations import Instant
from engine.core.looking import view_of
from engine.core.plural import count
from engine.core.zones import wall_text
from engine.reports.approaches import INBOUND_NEEDS, OUTBOUND_NEEDS
from engine.reports.longest import Longest
from engine.reports.model import Cell, Figure, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, owner_of, team_of, text_of
from engine.reports.statistics import Spread, figure
from engine.reports.waiting import Wait, waits
from engine.reports.wording import figure_text, nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

HOURS = 4  # business hours: how soon a notice should be answered (S4.7)
_LONGEST = 10 * 86_400  # seconds; nobody answers within 4 business hours after ten days, so those are not counted out
_NAMED = 5  # deals that a row names


@dataclass(slots=True)
class _Waits:
    answered: Spread = field(default_factory=Spread)  # minutes, on the clock
    within: int = 0
    late: int = 0  # answered later, or still waiting after that time
    waiting: int = 0

    def add(self, wait: Wait, until: Instant, soon: bool) -> None:
        if wait.answered is None:
            self.waiting += 1
            self.late += not soon  # one who waits for less may still be answered in time
            return
        self.answered.add((until - wait.asked) // 60)
        self.within += soon
        self.late += not soon


@dataclass(slots=True)
class _Tally:
    waiting: Longest
    answered: Longest
    losses: int = 0
    taken: int = 0
    everyone: _Waits = field(default_factory=_Waits)
    teams: dict[str, _Waits] = field(default_factory=dict)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(waiting=Longest(scope.limit), answered=Longest(scope.limit))
    for found in accounts(store, scope.world.roster, "contacts", *INBOUND_NEEDS, *OUTBOUND_NEEDS, statuses=("lost",)):
        taken = [deal for deal in found.deals if scope.takes(deal)]
        tally.losses += len(found.deals)
        tally.taken += len(taken)
        for wait in waits(found, taken, scope):
            _count(tally, found, wait, scope)
    return _told(tally)


def _count(tally: _Tally, found: Dossier, wait: Wait, scope: Scope) -> None:
    until = scope.now if wait.answered is None else wait.answered
    soon = _is_soon(found, wait, until, scope)
    tally.everyone.add(wait, until, soon)
    for team in dict.fromkeys(map(team_of, wait.deals)):
        tally.teams.setdefault(team, _Waits()).add(wait, until, soon)
    who = _who(found, wait)
    asked = _day_and_time(wait.asked, scope)
    if wait.answered is None:
        row: tuple[Cell, ...] = (*who, asked[:10], (scope.today - scope.local_day(wait.asked)).days)
        tally.waiting.add(until - wait.asked, wait.deals[0].id, row)
    else:
        row = (*who, asked, _day_and_time(until, scope), round((until - wait.asked) / 3600, 1), soon)
        tally.answered.add(until - wait.asked, f"{wait.deals[0].id} {asked}", row)


def _is_soon(found: Dossier, wait: Wait, until: Instant, scope: Scope) -> bool:
    """Whether at most so many business hours passed, counted as the deadline of an answer is."""
    where = view_of(scope.world, found.account, wait.deals[0], scope.now).zone_of()
    waited = until - wait.asked
    return waited < _LONGEST and business_seconds(wait.asked, until, scope.calendar, where) <= HOURS * 3600


def _who(found: Dossier, wait: Wait) -> tuple[str, str, str, str]:
    """customer, deals, team, owner; the two last of the first deal."""
    contact = found.account.contacts.get(wait.customer)
    name = text_of(contact.fields.get("name")) if contact else ""
    home = found.account.named or found.account.id
    named = [deal.id for deal in wait.deals[:_NAMED]]
    more = [f"{len(wait.deals) - _NAMED:,} more"] if len(wait.deals) > _NAMED else []
    first = wait.deals[0]
    return (f"{name or wait.customer}, {home}" if wait.customer else home, ", ".join(named + more), team_of(first),
            owner_of(first))  # fmt: skip


def _day_and_time(instant: Instant, scope: Scope) -> str:
    return wall_text(instant, scope.zone)


def _told(tally: _Tally) -> Report:
    name, title = "latency", "How long customers wait for an answer"
    everyone = tally.everyone
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
    verdict = f"Within {HOURS} business hours were answered {share_text(share)}{_half(median)}."
    return Report(name=name, title=title, verdict=verdict, remarks=_remarks(everyone), facts=facts,
                  tables=filled(_team_table(tally), _waiting_table(tally), _answered_table(tally)))  # fmt: skip


def _half(median: Figure) -> str:
    if not median.tells:
        return ""
    if not median.value:
        return f"; half of the answers went out at once (n {median.n:,})"
    return f"; half of the answers took {figure_text(median)} or less (n {median.n:,})"


def _remarks(everyone: _Waits) -> tuple[str, ...]:
    told = (
        "Counted from what a customer sent (or the notice of the loss) to what we sent or did next; "
        "a message that concerns several deals counts once."
    )
    waiting = everyone.waiting
    return (told, f"{count(waiting, 'customer')} still waiting: listed below.") if waiting else (told,)


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
    heads = columns(customer="customer", deals="deals", team="team", owner="owner", since="waiting since", days="days")
    return Table(name="waiting", title="Waiting for longest", columns=heads, rows=tally.waiting.rows(),
                 left_off=tally.waiting.left_off)  # fmt: skip


def _answered_table(tally: _Tally) -> Table:
    heads = columns(customer="customer", deals="deals", team="team", owner="owner", asked="they wrote or called",
                    answered="we answered", hours="hours", within=f"within {HOURS} business hours")  # fmt: skip
    return Table(name="answers", title="Answered, the longest wait first", columns=heads, rows=tally.answered.rows(),
                 left_off=tally.answered.left_off)  # fmt: skip
