"""Criteria of strong opportunities: what the deals that we win have in common, and which ones not to pursue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core.account import Deal
from engine.core.plural import count
from engine.core.vocabulary import Field, Vocabulary
from engine.reports.model import Cell, Interval, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.reviews import reviews
from engine.reports.scope import Scope
from engine.reports.scoring import Criterion, criteria_of
from engine.reports.statistics import wilson
from engine.reports.time import CLOSINGS
from engine.reports.wording import NO_LOSSES, NONE_IN_SCOPE, ahead, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

STRONG, AVOID, EITHER, FEW = "strong", "do not pursue", "no difference shown", "too few to tell"
_ALSO = ("deal.source", "deal.product", "account.industry")  # free text in many CRMs, and criteria all the same
_MOST_VALUES = 100  # of one field; more are a text and no criterion
_MONTHS = 12
_BY_CHANCE = 20  # one in so many lies outside its 95 % interval

_Key = tuple[str, str]  # what is looked at, its value


@dataclass(slots=True)
class _Tally:
    closed: int = 0
    ahead: int = 0  # closed in the future
    statuses: Counter[str] = field(default_factory=Counter)
    values: Counter[tuple[_Key, str]] = field(default_factory=Counter)  # and status
    distinct: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    held: Counter[tuple[_Key, str]] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)  # by month
    losses: Counter[str] = field(default_factory=Counter)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    fields, criteria = fields_of(scope.world.vocabulary), criteria_of(scope.world)
    for found in accounts(store, scope.world.roster, "contacts", "actions", "events", statuses=tuple(CLOSINGS)):
        for deal in found.deals:
            tally.closed += 1
            if scope.is_ahead(deal.fields.get(CLOSINGS[deal.status])):
                tally.ahead += scope.takes_person(deal)
            elif scope.takes(deal, CLOSINGS[deal.status]):
                tally.statuses[deal.status] += 1
                _count_values(tally, found, deal, fields)
                _count_criteria(tally, found, deal, criteria, scope)
                _count_months(tally, found, deal, scope)
    return _told(tally)


def fields_of(vocabulary: Vocabulary) -> tuple[Field, ...]:
    """Fields that divide deals into kinds from the start: declared choices that no playbook writes, and a few texts."""
    return tuple(
        one
        for name, one in vocabulary.fields.items()
        if name in _ALSO or (one.type == "choice" and name.startswith("deal.") and not one.playbooks_may_write)
        if name != "deal.status"
    )


def _count_values(tally: _Tally, found: Dossier, deal: Deal, fields: Iterable[Field]) -> None:
    for one in fields:
        known = found.account.fields if one.name.startswith("account.") else deal.fields
        value = known.get(one.bare)
        if value in (None, ""):
            continue
        seen = tally.distinct[one.bare]
        if len(seen) <= _MOST_VALUES:
            seen.add(str(value))
            tally.values[((one.bare, str(value)), deal.status)] += 1


def _count_criteria(tally: _Tally, found: Dossier, deal: Deal, criteria: Iterable[Criterion], scope: Scope) -> None:
    """As the deal stood on the day it was closed."""
    closed = scope.instant(deal.fields.get(CLOSINGS[deal.status]))
    at = scope.now if closed is None else closed
    for one in criteria:
        answer = "yes" if one.holds(scope.world, found.account, deal, at) else "no"
        tally.held[((one.because, answer), deal.status)] += 1


def _count_months(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    lost = scope.day(deal.fields.get("lost_at")) if deal.status == "lost" else None
    if lost is not None:
        tally.losses[f"{lost:%Y-%m}"] += 1
    tally.reviews.update(f"{scope.local_day(at):%Y-%m}" for at in reviews(found, deal))


def _told(tally: _Tally) -> Report:
    name, title = "criteria", "Criteria of strong opportunities"
    overall = Share(part=tally.statuses["won"], whole=tally.statuses.total())
    values = list(_judged(_comparable(tally), overall))
    held = list(_judged(_dividing(tally.held), overall))
    avoid, strong = (
        [f"{key[0]}: {key[1]}" for key, _, judged in (*values, *held) if judged == one] for one in (AVOID, STRONG)
    )
    told = sum(judged != FEW for _, _, judged in (*values, *held))
    facts: dict[str, Any] = {"won": overall.part, "closed": overall.whole, "win_rate": overall.value,
                             "do_not_pursue": avoid, "strong": strong}  # fmt: skip
    if not overall.whole:
        empty = NONE_IN_SCOPE if tally.closed else NO_LOSSES
        return Report(name=name, title=title, verdict=empty, remarks=_ahead(tally), facts=facts)
    return Report(
        name=name, title=title, verdict=_verdict(overall, avoid, strong, told),
        remarks=(*_remarks(overall, told), *_ahead(tally)),
        tables=filled(_table("fields", "Win rate by field", values), _table("criteria", "Win rate by criterion", held),
                      _trend(tally)),
        facts=facts,
    )  # fmt: skip


def _ahead(tally: _Tally) -> tuple[str, ...]:
    return (ahead(tally.ahead),) if tally.ahead else ()


def _comparable(tally: _Tally) -> Counter[tuple[_Key, str]]:
    """Without fields that are filled on lost deals only (a competitor, a notice): they would all look weak."""
    both = {
        name
        for name, seen in tally.distinct.items()
        if len(seen) <= _MOST_VALUES and all(_filled(tally, name, status) for status in CLOSINGS)
    }
    return Counter({(key, status): times for (key, status), times in tally.values.items() if key[0] in both})


def _dividing(held: Counter[tuple[_Key, str]]) -> Counter[tuple[_Key, str]]:
    """Without criteria that hold for every deal or for none: they tell nothing."""
    answers = {key for key, _ in held}
    return Counter({(key, status): times for (key, status), times in held.items()
                    if {(key[0], "yes"), (key[0], "no")} <= answers})  # fmt: skip


def _filled(tally: _Tally, name: str, status: str) -> bool:
    return any(key[0] == name and found == status for key, found in tally.values)


def _judged(counted: Counter[tuple[_Key, str]], overall: Share) -> Iterator[tuple[_Key, Interval, str]]:
    """Each value with its win rate, and how that compares with all deals."""
    for key in sorted({key for key, _ in counted}):
        won = counted[(key, "won")]
        rate = wilson(won, won + counted[(key, "lost")])
        yield key, rate, _judgement(rate, overall.value or 0.0)


def _judgement(rate: Interval, overall: float) -> str:
    if not rate.share.tells:
        return FEW
    if rate.high < overall:
        return AVOID
    return STRONG if rate.low > overall else EITHER


def _verdict(overall: Share, avoid: list[str], strong: list[str], judged: int) -> str:
    """`judged`: lines with enough deals."""
    told = f"Of all closed deals {share_text(overall)} were won."
    if not overall.part:
        return f"{told} Import won deals too: without them no criterion can be told."
    parts = [f"{text} {', '.join(some)}." for text, some in (("Do not pursue:", avoid), ("Strong:", strong)) if some]
    if parts:
        return " ".join((told, *parts))
    if not judged:
        return f"{told} By criterion there are {FEW}."
    return f"{told} No criterion differs from that by more than chance."


def _remarks(overall: Share, judged: int) -> tuple[str, ...]:
    if not overall.part or not judged:
        return ()
    lines = count(judged, "line has enough deals", "lines have enough deals")
    by_chance = (
        f"{lines}; each of them would stand out by chance alone one time in twenty"
        if judged < _BY_CHANCE
        else f"{lines}; about {round(judged / _BY_CHANCE)} would stand out by chance alone"
    )
    return (
        "“Do not pursue” is said where even the upper end of the interval lies below the rate of all deals.",
        f"{by_chance}: look again next quarter.",
    )


def _table(name: str, title: str, judged: list[tuple[_Key, Interval, str]]) -> Table:
    rows: list[tuple[Cell, ...]] = [(what, value, rate.share, rate, verdict) for (what, value), rate, verdict in judged]
    heads = columns(criterion="criterion", value="value", won="won of closed", interval="95 % interval",
                    verdict="verdict")  # fmt: skip
    return Table(name=name, title=title, columns=heads, rows=tuple(rows))


def _trend(tally: _Tally) -> Table:
    """Whoever chases better deals needs fewer reviews."""
    months = sorted({*tally.reviews, *tally.losses})[-_MONTHS:]
    rows = tuple((month, tally.losses[month], tally.reviews[month]) for month in months)
    return Table(name="trend", title=f"Losses and reviews by month, the last {_MONTHS}",
                 columns=columns(month="month", lost="lost deals", reviews="reviews done"), rows=rows)  # fmt: skip
