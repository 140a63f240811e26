"""Permission to stay in touch: how often it was asked for, and how often it was given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.reports.model import Cell, Report, Share, Table, columns, filled
from engine.reports.outcomes import NEEDS, outcomes
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of
from engine.reports.wording import nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

FAMILIES = ("ask", "ask_permission")  # actions that ask for it; others do if one of theirs was ever answered `granted`
GRANTED, DECLINED, SILENT = "granted", "declined", "no_answer"
_WORDS = {"granted": GRANTED, "refused": DECLINED, "declined": DECLINED}
_ANSWERS = (GRANTED, DECLINED, SILENT)
_Key = tuple[str, str, str]  # team, playbook, action


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    asks: Counter[tuple[_Key, str]] = field(default_factory=Counter)  # one per deal and action; the answer
    consents: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind, value


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, *NEEDS, "contacts"):
        people: set[str] = set()
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if scope.takes_loss(deal):
                tally.taken += 1
                people.update(deal.people)
                _count(tally, found, deal, scope.playbook)
        _count_consents(tally, found, people)
    return _told(tally)


def _count(tally: _Tally, found: Dossier, deal: Deal, playbook: str) -> None:
    """One ask per deal and action: a yes or a no stands, however often it was tried."""
    answers: dict[_Key, str] = {}
    for action, word, _ in outcomes(found, deal, playbook):
        if action.facing:
            key = (team_of(deal), action.playbook, action.name)
            answer = _WORDS.get(word, SILENT)
            if answer != SILENT or key not in answers:
                answers[key] = answer
    tally.asks.update(answers.items())


def _count_consents(tally: _Tally, found: Dossier, people: set[str]) -> None:
    for identity in people & found.account.contacts.keys():
        for kind, kept in found.account.contacts[identity].consent.items():
            value = kept.get("value") if isinstance(kept, dict) else kept
            tally.consents[(kind, str(value))] += 1


def _told(tally: _Tally) -> Report:
    name, title = "permission", "Permission to stay in touch"
    asks = _only_asks(tally.asks)
    totals = Counter[str]()
    for (_, answer), times in asks.items():
        totals[answer] += times
    asked = Share(part=totals[GRANTED], whole=totals.total())
    answered = Share(part=totals[GRANTED], whole=totals[GRANTED] + totals[DECLINED])
    facts = {
        "asked": asked.whole, "granted": totals[GRANTED], "declined": totals[DECLINED], "no_answer": totals[SILENT],
        "granted_of_asked": asked.value, "granted_of_answered": answered.value,
    }  # fmt: skip
    if not asked.whole and not tally.consents:
        told = nothing(tally.losses) if not tally.taken else "Nobody was asked for permission to stay in touch yet."
        return Report(name=name, title=title, verdict=told, facts=facts)
    verdict = "Nobody was asked by a playbook yet." if not asked.whole else f"Asked, {share_text(asked)} said yes."
    remarks = (f"Of those who answered, {share_text(answered)} said yes.",) if answered.whole else ()
    tables = filled(_table(asks, "by_team", 0), _table(asks, "by_playbook", 1), _consent_table(tally))
    return Report(name=name, title=title, verdict=verdict, remarks=remarks, tables=tables, facts=facts)


def _only_asks(asks: Counter[tuple[_Key, str]]) -> Counter[tuple[_Key, str]]:
    """Without the calls that asked for something else."""
    asking = {key[1:] for (key, answer) in asks if answer == GRANTED or key[2] in FAMILIES}
    return Counter({(key, answer): times for (key, answer), times in asks.items() if key[1:] in asking})


def _table(asks: Counter[tuple[_Key, str]], name: str, at: int) -> Table:
    what = ("team", "playbook")[at]
    counted: Counter[tuple[str, str]] = Counter()
    for (key, answer), times in asks.items():
        counted[(key[at], answer)] += times
    rows: list[tuple[Cell, ...]] = []
    for group in sorted({group for group, _ in counted}):
        asked = sum(counted[(group, answer)] for answer in _ANSWERS)
        rows.append((group, *(Share(part=counted[(group, answer)], whole=asked) for answer in _ANSWERS)))
    heads = columns(**{what: what}, granted="granted", declined="declined", no_answer="no answer")
    return Table(name=name, title=f"By {what}, in alphabetical order", columns=heads, rows=tuple(rows))


def _consent_table(tally: _Tally) -> Table:
    rows = tuple((kind, value, times) for (kind, value), times in sorted(tally.consents.items()))
    return Table(name="consents", title="What is kept at the contacts of these deals",
                 columns=columns(kind="permission for", value="answer", contacts="contacts"), rows=rows)  # fmt: skip
