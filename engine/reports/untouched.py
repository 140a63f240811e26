"""Untouched losses: lost deals for which nothing was done since, so that nothing was learned from them either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.plural import count
from engine.reports.approaches import INBOUND_NEEDS, OUTBOUND_NEEDS, done_actions, inbound, outbound
from engine.reports.longest import Longest
from engine.reports.model import Cell, Money, Report, Share, Table, columns
from engine.reports.reading import accounts
from engine.reports.scope import Scope, owner_of, team_of, text_of
from engine.reports.wording import nothing, share_text

if TYPE_CHECKING:
    from engine.reports.reading import Dossier
    from engine.store.base import Store


@dataclass(slots=True)
class _Tally:
    longest: Longest
    losses: int = 0
    young: int = 0  # lost less than `days` ago
    undated: int = 0
    by_person: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # team, owner, what
    excuses: Counter[str] = field(default_factory=Counter)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(longest=Longest(scope.limit))
    for found in accounts(store, scope.world.roster, *INBOUND_NEEDS, *OUTBOUND_NEEDS, statuses=("lost",)):
        for deal in found.deals:
            tally.losses += 1
            if scope.takes(deal):
                _count(tally, found, deal, scope)
    return _told(tally, scope)


def _count(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    lost = scope.day(deal.fields.get("lost_at"))
    if lost is None:
        tally.undated += 1
        return
    waited = (scope.today - lost).days
    who = (team_of(deal), owner_of(deal))
    if deal.excused:
        tally.excuses[deal.excused] += 1
        tally.by_person[(*who, "excused")] += 1
    elif waited < scope.days:
        tally.young += 1
    else:
        first = min(_since(found, deal, scope), default=None)
        tally.by_person[(*who, "untouched" if first is None else "touched")] += 1
        if first is None:
            tally.longest.add(waited, deal.id, _row(found, deal, waited))


def _since(found: Dossier, deal: Deal, scope: Scope) -> Iterator[int]:
    """Every instant from the loss on at which something was done for the deal, or came from the customer."""
    loss = scope.first_instant(deal.fields.get("lost_at")) or 0
    happened = {at for _, at in done_actions(found, deal)}
    happened |= inbound(found, deal, scope.world.vocabulary) | outbound(found, deal)
    return (at for at in happened if loss <= at <= scope.now)


def _row(found: Dossier, deal: Deal, waited: int) -> tuple[Cell, ...]:
    amount = deal.fields.get("amount")
    return (
        deal.id, text_of(deal.fields.get("name")), found.account.named, team_of(deal), owner_of(deal),
        text_of(deal.fields.get("lost_at"))[:10], waited,
        Money(minor=amount[0], currency=amount[1]) if isinstance(amount, list) else None,
    )  # fmt: skip


def _told(tally: _Tally, scope: Scope) -> Report:
    untouched = sum(times for (_, _, what), times in tally.by_person.items() if what == "untouched")
    touched = sum(times for (_, _, what), times in tally.by_person.items() if what == "touched")
    share = Share(part=untouched, whole=untouched + touched)
    excused = tally.excuses.total()
    facts = {
        "days": scope.days, "untouched": untouched, "touched": touched, "excused": excused,
        "younger": tally.young, "without_date": tally.undated,
    }  # fmt: skip
    name, title = "untouched", "Untouched losses"
    if not (share.whole or excused or tally.young or tally.undated):
        return Report(name=name, title=title, verdict=nothing(tally.losses), facts=facts)
    tables = [_people_table(tally)] if share.whole or excused else []
    if excused:
        tables.append(_excuse_table(tally))
    if untouched:
        tables.append(_deal_table(tally))
    return Report(name=name, title=title, verdict=_verdict(share, scope.days), remarks=tuple(_remarks(tally, scope)),
                  tables=tuple(tables), facts=facts)  # fmt: skip


def _verdict(share: Share, days: int) -> str:
    if not share.whole:
        return f"No loss is {count(days, 'day')} old yet and unexcused."
    if not share.part:
        return f"Every loss of {count(days, 'day')} ago or more was followed up: {share.whole:,} in all."
    return (
        f"{share_text(share)} lost deals have seen no action and no contact since they were lost, "
        f"{count(days, 'day')} ago or more."
    )


def _remarks(tally: _Tally, scope: Scope) -> Iterator[str]:
    if tally.young:
        yield f"{count(tally.young, 'loss', 'losses')} younger than {count(scope.days, 'day')} not counted."
    if tally.excuses:
        yield f"{count(tally.excuses.total(), 'loss', 'losses')} excused by a person, with the reasons below."
    if tally.undated:
        yield f"{count(tally.undated, 'lost deal')} without a date of loss not counted."


def _people_table(tally: _Tally) -> Table:
    """Alphabetical, by team and owner: this is no ranking."""
    people = sorted({(team, owner) for team, owner, _ in tally.by_person})
    rows: list[tuple[Cell, ...]] = []
    for team, owner in people:
        part, touched, excused = (tally.by_person[(team, owner, what)] for what in ("untouched", "touched", "excused"))
        rows.append((team, owner, Share(part=part, whole=part + touched), excused))
    return Table(
        name="by_owner", title="By team and owner, in alphabetical order",
        columns=columns(team="team", owner="owner", untouched="untouched", excused="excused"), rows=tuple(rows),
    )  # fmt: skip


def _excuse_table(tally: _Tally) -> Table:
    rows = tuple(sorted(tally.excuses.items(), key=lambda one: (-one[1], one[0])))
    return Table(name="excused", title="Excused, and why", columns=columns(because="reason", deals="deals"), rows=rows)


def _deal_table(tally: _Tally) -> Table:
    heads = columns(
        deal="deal", name="name", account="account", team="team", owner="owner", lost="lost", days="days",
        amount="amount",
    )  # fmt: skip
    return Table(name="deals", title="Untouched for longest", columns=heads, rows=tally.longest.rows(),
                 left_off=tally.longest.left_off)  # fmt: skip
