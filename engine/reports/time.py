"""Lost against won: how long deals run until they are lost or won, and how much effort was logged for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core.account import Deal
from engine.core.plural import count
from engine.reports.model import TOO_FEW, Cell, Report, Table, columns
from engine.reports.reading import accounts
from engine.reports.scope import Scope, team_of
from engine.reports.statistics import Spread, figure
from engine.reports.wording import NO_LOSSES, NONE_IN_SCOPE, TOO_FEW_TO_TELL, ahead, number_text

if TYPE_CHECKING:
    from engine.reports.reading import Dossier
    from engine.store.base import Store

ARTICLE = 1.5  # seed S1: half as long again is spent on deals that are lost as on those that are won
ARTICLE_SAYS = f"the article on following up lost deals says {ARTICLE}"
CLOSINGS = {"lost": "lost_at", "won": "won_at"}


@dataclass(slots=True)
class _Tally:
    closed: int = 0
    ahead: int = 0  # closed in the future
    undated: int = 0  # without both dates
    backwards: int = 0  # closed before they were created
    days: dict[tuple[str, str], Spread] = field(default_factory=dict)  # team ("": all), status
    minutes: dict[str, Spread] = field(default_factory=lambda: {"lost": Spread(), "won": Spread()})

    @property
    def left_out(self) -> int:
        return self.undated + self.backwards


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, "events", "activities", statuses=tuple(CLOSINGS)):
        for deal in found.deals:
            tally.closed += 1
            if scope.is_ahead(deal.fields.get(CLOSINGS[deal.status])):
                tally.ahead += scope.takes_person(deal)
            elif scope.takes(deal, CLOSINGS[deal.status]):
                _count(tally, found, deal, scope)
    return _told(tally)


def _count(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    created, closed = scope.day(deal.fields.get("created_at")), scope.day(deal.fields.get(CLOSINGS[deal.status]))
    if created is None or closed is None:
        tally.undated += 1
    elif closed < created:
        tally.backwards += 1
    else:
        for team in dict.fromkeys((None, team_of(deal))):
            key = ("" if team is None else f"={team}", deal.status)
            tally.days.setdefault(key, Spread()).add((closed - created).days)
    effort = sum(_minutes(found, deal)) or _number(deal.fields.get("cost_hours")) * 60
    if effort > 0:
        tally.minutes[deal.status].add(round(effort))


def _number(found: Any) -> float:
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else 0.0


def _minutes(found: Dossier, deal: Deal) -> Iterator[float]:
    """Logged effort: the minutes of the deal's activities, and of events that tell theirs.

    Where there are none, the hours that the CRM has for the deal count.
    """
    yield from (one.minutes for one in found.activities(deal) if one.minutes)
    for event in found.events(deal):
        yield _number(event.fields.get("minutes"))


def _told(tally: _Tally) -> Report:
    name, title = "time", "Time until lost, time until won"
    lost, won = (tally.days.get(("", status), Spread()) for status in CLOSINGS)
    ratio = _ratio(lost, won)
    facts = {
        "lost_days_mean": lost.mean, "lost_days_median": lost.median, "lost_n": lost.n,
        "won_days_mean": won.mean, "won_days_median": won.median, "won_n": won.n,
        "ratio": ratio, "article_ratio": ARTICLE, "left_out": tally.left_out,
        "closed_before_created": tally.backwards,
        "lost_minutes_mean": tally.minutes["lost"].mean, "won_minutes_mean": tally.minutes["won"].mean,
    }  # fmt: skip
    if not lost.n and not won.n:
        told = NO_LOSSES if not tally.closed else NONE_IN_SCOPE
        told = "No closed deal has usable dates of creation and of closing." if tally.left_out else told
        return Report(name=name, title=title, verdict=told, remarks=tuple(_left_out(tally)), facts=facts)
    remarks = [] if ratio is None else [_against_article(ratio)]
    remarks += [*_effort_remarks(tally), *_left_out(tally)]
    return Report(name=name, title=title, verdict=_verdict(lost, won, ratio), remarks=tuple(remarks),
                  tables=tuple(_tables(tally)), facts=facts)  # fmt: skip


def _ratio(lost: Spread, won: Spread) -> float | None:
    """Mean of the lost ones over mean of the won ones; None where there are too few, or won ones took no time."""
    if min(lost.n, won.n) < TOO_FEW or not won.mean or lost.mean is None:
        return None
    return lost.mean / won.mean


def _verdict(lost: Spread, won: Spread, ratio: float | None) -> str:
    if ratio is None:
        return f"{count(lost.n, 'lost deal')} and {count(won.n, 'won deal')} with both dates: {TOO_FEW_TO_TELL}."
    return (
        f"Lost deals took {_days(lost)}, won deals {_days(won)}: on average {ratio:.2f} times as long ({ARTICLE_SAYS})."
    )


def _days(spread: Spread) -> str:
    return f"{number_text(spread.mean or 0)} days on average (median {number_text(spread.median or 0)}, n {spread.n:,})"


def _against_article(ratio: float) -> str:
    """What the ratio says beside the article's."""
    if ratio < 0.95:
        return (
            "That is the opposite of the article: here lost deals are over sooner than won ones, "
            "so it is not the losses that take the time."
        )
    if ratio <= 1.05:
        return "Unlike in the article there is no difference here: both take about the same time."
    if ratio < 1.35:
        return "Lost deals take longer, as the article says, but by less than half as long again."
    if ratio <= 1.65:
        return "That agrees with the article: losing takes about half as long again as winning."
    return "Lost deals take longer still than the article says: qualify earlier, let go earlier."


def _effort_remarks(tally: _Tally) -> list[str]:
    lost, won = tally.minutes["lost"], tally.minutes["won"]
    if not lost.n and not won.n:
        return ["No effort in minutes is logged: import activities with minutes to compare that too."]
    ratio = _ratio(lost, won)
    if ratio is None:
        return [f"Effort is logged for {lost.n:,} lost and {won.n:,} won deals: {TOO_FEW_TO_TELL}."]
    told = (
        f"{number_text(lost.mean or 0)} minutes per lost deal (n {lost.n:,}), {number_text(won.mean or 0)} per won deal"
    )
    return [f"Logged effort: {told} (n {won.n:,}): {ratio:.2f} times as much ({ARTICLE_SAYS})."]


def _left_out(tally: _Tally) -> Iterator[str]:
    """How many deals are not counted, and why."""
    if tally.undated:
        yield f"Left out: {count(tally.undated, 'closed deal')} without a date of creation and one of closing."
    if tally.backwards:
        earlier = count(tally.backwards, "deal")
        yield f"Left out: {earlier} closed before the day of creation. Check created_at in the CRM."
    if tally.ahead:
        yield ahead(tally.ahead)


def _tables(tally: _Tally) -> Iterator[Table]:
    rows = tuple(_row((status,), tally.days[("", status)]) for status in CLOSINGS if ("", status) in tally.days)
    heads = columns(closed="closed as", mean="mean days", median="median days", p90="9 of 10 within", deals="deals")
    yield Table(name="days", title="Days from creation to closing", columns=heads, rows=rows)
    teams = sorted({team for team, _ in tally.days if team})
    by_team = tuple(
        _row((team[1:], status), tally.days[(team, status)])
        for team in teams
        for status in CLOSINGS
        if (team, status) in tally.days
    )
    heads = columns(
        team="team", closed="closed as", mean="mean days", median="median days", p90="9 of 10 within", deals="deals"
    )
    yield Table(name="by_team", title="By team, in alphabetical order", columns=heads, rows=by_team)
    effort = tuple(_row((status,), spread) for status, spread in tally.minutes.items() if spread.n)
    if effort:
        heads = columns(
            closed="closed as", mean="mean minutes", median="median minutes", p90="9 of 10 within", deals="deals"
        )
        yield Table(name="effort", title="Logged effort per deal", columns=heads, rows=effort)


def _row(start: tuple[str, ...], spread: Spread) -> tuple[Cell, ...]:
    n = spread.n
    return (*start, figure(spread.mean, n), figure(spread.median, n), figure(spread.percentile(90), n), n)
