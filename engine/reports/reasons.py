"""Loss reasons: which, in which team, against whom, at which stage; and where the customer sees it differently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Account, Deal
from engine.core.plural import count
from engine.reports.amounts import Amounts
from engine.reports.answers import reason_of
from engine.reports.longest import Longest
from engine.reports.model import Cell, Column, Name, Report, Share, Table, columns, filled
from engine.reports.reading import accounts
from engine.reports.scope import Scope, team_of, text_of
from engine.reports.wording import nothing, share_text, words

if TYPE_CHECKING:
    from engine.store.base import Store

_Counted = Counter[tuple[str, str]]


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    teams: _Counted = field(default_factory=Counter)  # team, reason
    stages: _Counted = field(default_factory=Counter)  # stage, reason
    competitors: _Counted = field(default_factory=Counter)  # competitor, reason
    industries: _Counted = field(default_factory=Counter)  # competitor, industry
    amounts: Amounts = field(default_factory=Amounts)
    team_amounts: Amounts = field(default_factory=Amounts)
    competitor_amounts: Amounts = field(default_factory=Amounts)
    pairs: _Counted = field(default_factory=Counter)  # our reason, the customer's
    told: Longest = field(default_factory=lambda: Longest(20))  # what customers found better about a competitor


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(told=Longest(scope.limit))
    for found in accounts(store, scope.world.roster, statuses=("lost",)):
        for deal in found.deals:
            tally.losses += 1
            if scope.takes(deal):
                _count(tally, found.account, deal, scope)
    return _told(tally)


def _count(tally: _Tally, account: Account, deal: Deal, scope: Scope) -> None:
    ours, theirs = (reason_of(deal, said_by, scope.questionnaires) for said_by in ("self", "customer"))
    reason = theirs or ours  # S1.6: settled on the customer's input where there is any
    tally.taken += 1
    tally.reasons[reason] += 1
    tally.teams[(team_of(deal), reason)] += 1
    tally.amounts.add(deal, reason)
    tally.team_amounts.add(deal, reason, team_of(deal))
    tally.stages[(text_of(deal.fields.get("stage_where_lost")), reason)] += 1
    competitor = text_of(deal.fields.get("competitor")).strip()
    if competitor:
        tally.competitors[(competitor, reason)] += 1
        tally.competitor_amounts.add(deal, reason, competitor)
        tally.industries[(competitor, text_of(account.fields.get("industry")))] += 1
    advantages, kind = (text_of(deal.fields.get(name)) for name in ("competitor_advantages", "customer_type"))
    if advantages or kind:
        lost = scope.day(deal.fields.get("lost_at"))
        row = (competitor, advantages, kind, deal.id, text_of(lost))
        tally.told.add(lost.toordinal() if lost else 0, deal.id, row)
    if ours or theirs:
        tally.pairs[(ours, theirs)] += 1


def _told(tally: _Tally) -> Report:
    name, title = "reasons", "Loss reasons"
    known = tally.taken - tally.reasons[""]
    both = Counter({pair: n for pair, n in tally.pairs.items() if all(pair)})
    differ = Share(part=sum(n for (ours, theirs), n in both.items() if ours != theirs), whole=both.total())
    facts = {
        "lost": tally.taken, "with_reason": known, "both_reasons": differ.whole, "disagree": differ.part,
        "disagree_share": differ.value,
    }  # fmt: skip
    if not tally.taken:
        return Report(name=name, title=title, verdict=nothing(tally.losses), facts=facts)
    return Report(
        name=name, title=title, verdict=_verdict(tally, known), remarks=_remarks(tally, known, differ),
        tables=_tables(tally),
        facts=facts,
    )  # fmt: skip


def _tables(tally: _Tally) -> tuple[Table, ...]:
    return filled(
        _reason_table(tally),
        tally.amounts.table("amounts", "Amounts by reason, one row per currency"),
        _two_way("by_team", "By team, in alphabetical order", "team", tally.teams),
        _competitor_table(tally),
        _advantage_table(tally),
        _two_way("by_stage", "By stage where lost", "stage", _named(tally.stages)),
        _cross_table(tally.pairs),
        tally.team_amounts.table("amounts_by_team", "Amounts by team and reason", "team"),
        tally.competitor_amounts.table("amounts_by_competitor", "Amounts by competitor and reason", "competitor"),
    )


def _verdict(tally: _Tally, known: int) -> str:
    if not known:
        return f"None of {count(tally.taken, 'lost deal')} has a reason yet."
    reasons = Counter({reason: n for reason, n in tally.reasons.items() if reason})
    most = max(reasons.values())
    first = [f"“{words(reason)}”" for reason, times in _by_frequency(reasons) if times == most]
    share = share_text(Share(part=most, whole=known))
    if len(first) == 1:
        return f"The most frequent reason is {first[0]}: {share} with a reason."
    return f"The most frequent reasons are {', '.join(first[:-1])} and {first[-1]}: {share} with a reason each."


def _remarks(tally: _Tally, known: int, differ: Share) -> tuple[str, ...]:
    if not known:
        return ()
    told = [] if known == tally.taken else [f"{count(tally.taken - known, 'lost deal')} without a reason."]
    told.append("A deal counts under the customer's reason where it is known, else under ours.")
    if differ.whole:
        told.append(f"We and the customer name different reasons for {share_text(differ)} deals where both are known.")
    else:
        told.append("For no deal are both reasons known, ours and the customer's: hold debriefs to compare them.")
    return tuple(told)


def _reason_table(tally: _Tally) -> Table:
    rows = tuple(
        (Name(name=reason), Share(part=times, whole=tally.taken)) for reason, times in _by_frequency(tally.reasons)
    )
    return Table(name="reasons", title="Reasons", columns=columns(reason="reason", deals="deals"), rows=rows)


def _two_way(name: str, title: str, key: str, counted: _Counted) -> Table:
    """One row per pair, the groups in alphabetical order, each with its most frequent reason first."""
    totals = _totals(counted)
    rows = tuple(
        (group, Name(name=reason), Share(part=times, whole=totals[group]))
        for (group, reason), times in sorted(counted.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    )
    return Table(name=name, title=title, columns=columns(**{key: key, "reason": "reason", "deals": "deals"}), rows=rows)


def _competitor_table(tally: _Tally) -> Table:
    """What each competitor wins by, and with which kind of customer."""
    rows: list[tuple[Cell, ...]] = []
    for competitor, losses in sorted(_totals(tally.competitors).items()):
        reason, times = _most(_of(tally.competitors, competitor))
        industry, there = _most(_of(tally.industries, competitor))
        rows.append((competitor, losses, Name(name=reason), Share(part=times, whole=losses), industry,
                     Share(part=there, whole=losses)))  # fmt: skip
    heads = columns(
        competitor="competitor", deals="lost to them", reason="main reason", reason_deals="deals",
        industry="main industry", industry_deals="deals there",
    )  # fmt: skip
    return Table(name="by_competitor", title="By competitor, in alphabetical order", columns=heads, rows=tuple(rows))


def _advantage_table(tally: _Tally) -> Table:
    heads = columns(competitor="competitor", advantages="found better about them", kind="kind of customer", deal="deal",
                    lost="lost")  # fmt: skip
    return Table(name="advantages", title="What customers found better, the latest losses first", columns=heads,
                 rows=tally.told.rows(), left_off=tally.told.left_off)  # fmt: skip


def _cross_table(pairs: _Counted) -> Table:
    """Our reasons down, the customer's across under the same numbers: agreement stands on the diagonal."""
    names = sorted({reason for pair in pairs for reason in pair if reason})
    across = [*names, ""]
    heads = (
        Column(key="ours", title="we say"),
        *(Column(key=name or "not_known", title=str(at) if name else "?") for at, name in enumerate(across, 1)),
        Column(key="all", title="all"),
    )
    rows: list[tuple[Cell, ...]] = []
    for at, ours in enumerate(across, 1):
        times = [pairs[(ours, theirs)] for theirs in across]
        rows.append((Name(name=f"{at} {ours}" if ours else "? not known"), *times, sum(times)))
    note = "Down: our reason. Across: the customer's, under the same numbers. The diagonal is where both agree."
    return Table(name="ours_versus_customer", title="Our reason against the customer's", columns=heads,
                 rows=tuple(rows) if names else (), note=note)  # fmt: skip


def _totals(counted: _Counted) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (group, _), times in counted.items():
        totals[group] += times
    return totals


def _of(counted: _Counted, group: str) -> Counter[str]:
    return Counter({inner: times for (outer, inner), times in counted.items() if outer == group})


def _named(counted: _Counted) -> _Counted:
    return Counter({pair: times for pair, times in counted.items() if pair[0]})


def _by_frequency(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _most(counted: Counter[str]) -> tuple[str, int]:
    """The most frequent; of equals the first in the alphabet, and a known one before an empty one."""
    known = {name: times for name, times in counted.items() if name} or dict(counted)
    return min(known.items(), key=lambda one: (-one[1], one[0]))
