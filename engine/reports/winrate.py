"""The win rate, as context: most deals are lost, and that is nobody's failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.reports.model import Cell, Money, Report, Share, Table, columns, filled
from engine.reports.reading import accounts
from engine.reports.scope import Scope, team_of
from engine.reports.time import CLOSINGS
from engine.reports.wording import NO_LOSSES, NONE_IN_SCOPE, ahead, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

_MONTHS = 12


@dataclass(slots=True)
class _Tally:
    closed: int = 0
    ahead: int = 0  # closed in the future
    by_team: Counter[tuple[str, str]] = field(default_factory=Counter)  # team, status
    by_month: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: Counter[tuple[str, str]] = field(default_factory=Counter)  # currency, status
    priced: Counter[tuple[str, str]] = field(default_factory=Counter)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, statuses=tuple(CLOSINGS)):
        for deal in found.deals:
            tally.closed += 1
            if scope.is_ahead(deal.fields.get(CLOSINGS[deal.status])):
                tally.ahead += scope.takes_person(deal)
                continue
            if not scope.takes(deal, CLOSINGS[deal.status]):
                continue
            tally.by_team[(team_of(deal), deal.status)] += 1
            day = scope.day(deal.fields.get(CLOSINGS[deal.status]))
            if day is not None:
                tally.by_month[(f"{day:%Y-%m}", deal.status)] += 1
            amount = deal.fields.get("amount")
            if isinstance(amount, list):
                tally.amounts[(amount[1], deal.status)] += amount[0]
                tally.priced[(amount[1], deal.status)] += 1
    return _told(tally)


def _told(tally: _Tally) -> Report:
    name, title = "winrate", "Win rate"
    won, lost = (sum(n for (_, status), n in tally.by_team.items() if status == one) for one in ("won", "lost"))
    share = Share(part=won, whole=won + lost)
    facts = {"won": won, "lost": lost, "win_rate": share.value}
    if not share.whole:
        told = NONE_IN_SCOPE if tally.closed else NO_LOSSES
        return Report(name=name, title=title, verdict=told, remarks=_ahead(tally), facts=facts)
    tables = (
        Table(name="by_team", title="By team, in alphabetical order", columns=columns(team="team", won="won of closed"),
              rows=_rows(tally.by_team)),
        Table(name="by_month", title=f"By month of closing, the last {_MONTHS}",
              columns=columns(month="month", won="won of closed"), rows=_rows(tally.by_month)[-_MONTHS:]),
        _amount_table(tally),
    )  # fmt: skip
    told = f"Won: {share_text(share)} closed deals."
    remarks = (_remark(won, lost), *_ahead(tally))
    return Report(name=name, title=title, verdict=told, remarks=remarks, tables=filled(*tables), facts=facts)


def _ahead(tally: _Tally) -> tuple[str, ...]:
    return (ahead(tally.ahead),) if tally.ahead else ()


def _remark(won: int, lost: int) -> str:
    if not won:
        return "No won deals are here: import them too, else there is nothing to compare the losses with."
    if lost > won:
        return "Losing more than you win is the normal case in selling. What counts is what each loss teaches."
    return "Losing is part of selling, also for those who win more than they lose."


def _rows(counted: Counter[tuple[str, str]]) -> tuple[tuple[Cell, ...], ...]:
    keys: Iterable[str] = sorted({key for key, _ in counted})
    return tuple(
        (key, Share(part=counted[(key, "won")], whole=counted[(key, "won")] + counted[(key, "lost")])) for key in keys
    )


def _amount_table(tally: _Tally) -> Table:
    """Currencies are never added together."""
    rows = tuple(
        (status, tally.priced[(currency, status)], Money(minor=minor, currency=currency))
        for (currency, status), minor in sorted(tally.amounts.items())
    )
    heads = columns(closed="closed as", deals="deals with an amount", amount="amount")
    return Table(name="amounts", title="Amounts, one row per currency", columns=heads, rows=rows)
