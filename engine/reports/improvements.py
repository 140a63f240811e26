"""The improvement list: what people said they will start, stop or change, who sees to it, and until when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.plural import count
from engine.reports.answers import Change, changes_of
from engine.reports.model import Report, Table, columns, filled
from engine.reports.reading import accounts
from engine.reports.scope import Scope, team_of
from engine.reports.wording import nothing

if TYPE_CHECKING:
    from engine.store.base import Store

_KINDS = ("start", "stop", "change")


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    reviewed: int = 0  # lost deals for which a questionnaire was answered
    listed: list[tuple[str, Deal, Change]] = field(default_factory=list)  # sort key: the date, those without last


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster):
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if not scope.takes(deal):
                continue
            tally.reviewed += bool(deal.answers)
            for change in changes_of(deal, scope.questionnaires):
                by = scope.day(change.by)
                tally.listed.append((str(by or "9999"), deal, change))
    return _told(tally, scope)


def _told(tally: _Tally, scope: Scope) -> Report:
    name, title = "improvements", "Improvement list"
    kinds = Counter(change.kind for _, _, change in tally.listed)
    past = sum(_is_past(day, scope.today) for day, _, _ in tally.listed)
    unowned = sum(not change.owner for _, _, change in tally.listed)
    facts = {"improvements": kinds.total(), **{kind: kinds[kind] for kind in _KINDS}, "date_passed": past,
             "without_owner": unowned}  # fmt: skip
    if not tally.listed:
        told = "No answer names an improvement yet." if tally.reviewed else "No questionnaire has been answered yet."
        told = told if tally.losses or tally.reviewed else nothing(tally.losses)
        return Report(name=name, title=title, verdict=told, facts=facts)
    parts = " and ".join(f"{kinds[kind]:,} to {kind}" for kind in _KINDS if kinds[kind])
    remarks = tuple(
        text
        for number, text in (
            (past, f"The date of {past:,} has passed: close them in the next loss meeting or name a new one."),
            (unowned, f"{count(unowned, 'improvement')} without an owner of their own: the deal's owner stands there."),
        )
        if number
    )
    return Report(name=name, title=title, verdict=f"{count(kinds.total(), 'improvement')}: {parts}.", remarks=remarks,
                  tables=filled(_table(tally, scope)), facts=facts)  # fmt: skip


def _table(tally: _Tally, scope: Scope) -> Table:
    """Those with the earliest date first; without a date last."""
    listed = sorted(tally.listed, key=lambda one: (one[0], one[1].id, _KINDS.index(one[2].kind), one[2].what))
    rows = tuple(
        (change.kind, change.what, change.owner or str(deal.fields.get("owner") or ""), change.by,
         _is_past(day, scope.today), team_of(deal), deal.id, change.questionnaire)
        for day, deal, change in listed[: scope.limit]
    )  # fmt: skip
    heads = columns(kind="kind", what="what", owner="owner", by="by", date_passed="date passed", team="team",
                    deal="deal", questionnaire="from")  # fmt: skip
    return Table(name="improvements", title="What will be done otherwise, the earliest date first", columns=heads,
                 rows=rows, left_off=len(listed) - len(rows))  # fmt: skip


def _is_past(day: str, today: date) -> bool:
    return day < str(today)
