"""Response rate: of the customers asked for their reasons, how many answered, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.durations import Instant
from engine.core.plural import count
from engine.reports.model import Cell, Report, Share, Table, columns, filled
from engine.reports.outcomes import NEEDS, outcomes
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of
from engine.reports.wording import nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedAction

CALL, EMAIL, DECLINED, NO_REPLY = "call", "email_answers", "declined", "no_reply"
ANSWERS = (CALL, EMAIL, DECLINED, NO_REPLY)
PATIENCE = 14 * 86_400  # seconds after the last ask in which an answer may still come
_WORDS = {
    **dict.fromkeys(("call", "call_agreed", "agreed", "held", "held_ask_another", "talked", "wants_other_business",
                     "competitor_better_fit", "our_fault"), CALL),
    "email_answers": EMAIL,
    **dict.fromkeys(("declined", "refused", "rather_not"), DECLINED),
}  # fmt: skip
_ASKING = ("debrief", "letter", "winloss", "win_loss", "research", "learning", "mail")  # in the name of the action
_GIVING = ("thank", "card", "value", "useful")  # these ask for nothing
_NOT_DONE = ("expired", "skipped", "missed")
_SPOKEN = ("phone", "in_person", "call", "meeting", "video")  # channels of a reply that was a talk


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    waiting: int = 0
    answers: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # team, playbook, first kind, answer


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, *NEEDS):
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if scope.takes_loss(deal):
                tally.taken += 1
                _count(tally, found, deal, scope)
    return _told(tally)


def _count(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    """One answer per deal and playbook, however often and over however many channels it was asked for."""
    told: dict[str, list[tuple[ReportedAction, str, Instant]]] = {}
    for action, word, at in outcomes(found, deal, scope.playbook):
        told.setdefault(action.playbook, []).append((action, word, at))
    for playbook, closed in told.items():
        asks = [(action, at) for action, word, at in closed if asks_for_reasons(action) and word not in _NOT_DONE]
        if not asks:
            continue
        answer = _answer(found, deal, closed, asks[0][1])
        if answer == NO_REPLY and scope.now - asks[-1][1] < PATIENCE:
            tally.waiting += 1
        else:
            tally.answers[(team_of(deal), playbook, asks[0][0].kind, answer)] += 1


def asks_for_reasons(action: ReportedAction) -> bool:
    """A debrief, a letter, a win/loss call, a research meeting, or a mail that asks: told by its name and kind."""
    if not action.facing or any(word in action.name for word in _GIVING):
        return False
    return action.kind == "letter" or any(word in action.name for word in _ASKING)


def _answer(found: Dossier, deal: Deal, closed: list[tuple[ReportedAction, str, Instant]], first: Instant) -> str:
    """The best that came back: a talk, else something in writing, else a no, else nothing."""
    came = {_WORDS[word] for action, word, _ in closed if word in _WORDS and _tells(action)}
    came |= set(_replies(found, deal, first))
    return next(answer for answer in ANSWERS if answer in came or answer == NO_REPLY)


def _tells(action: ReportedAction) -> bool:
    """An ask, or an internal action at which the answer is noted."""
    return asks_for_reasons(action) or not action.facing


def _replies(found: Dossier, deal: Deal, first: Instant) -> Iterator[str]:
    for event in found.events_around(deal):
        if event.name == "reply" and event.happened_at >= first:
            yield CALL if event.fields.get("channel") in _SPOKEN else EMAIL


def _told(tally: _Tally) -> Report:
    name, title = "responses", "Response rate of debriefs, letters and mails"
    totals = {answer: sum(n for key, n in tally.answers.items() if key[3] == answer) for answer in ANSWERS}
    share = Share(part=totals[CALL] + totals[EMAIL], whole=sum(totals.values()))
    facts = {
        "asked": share.whole,
        "answered": share.part,
        "response_rate": share.value,
        "waiting": tally.waiting,
        **totals,
    }
    if not share.whole and not tally.waiting:
        told = "No customer was asked for their reasons yet." if tally.taken else nothing(tally.losses)
        return Report(name=name, title=title, verdict=told, facts=facts)
    verdict = f"Asked for their reasons, {share_text(share)} customers answered, in a talk or in writing."
    if not share.whole:
        verdict = f"{count(tally.waiting, 'customer')} asked lately; no answer is overdue yet."
    return Report(name=name, title=title, verdict=verdict, remarks=_remarks(tally, totals), facts=facts,
                  tables=filled(*(_table(tally, at) for at in range(3))))  # fmt: skip


def _remarks(tally: _Tally, totals: dict[str, int]) -> tuple[str, ...]:
    told = []
    if totals[DECLINED]:
        told.append(f"{count(totals[DECLINED], 'customer')} said no, politely asked and politely answered.")
    if tally.waiting:
        told.append(
            f"{count(tally.waiting, 'customer')} asked less than 14 days ago and without an answer not counted."
        )
    return tuple(told)


def _table(tally: _Tally, at: int) -> Table:
    what = ("team", "playbook", "kind")[at]
    counted: Counter[tuple[str, str]] = Counter()
    for key, times in tally.answers.items():
        counted[(key[at], key[3])] += times
    rows: list[tuple[Cell, ...]] = []
    for group in sorted({group for group, _ in counted}):
        times_of = {answer: counted[(group, answer)] for answer in ANSWERS}
        answered = Share(part=times_of[CALL] + times_of[EMAIL], whole=sum(times_of.values()))
        rows.append((group, answered, *times_of.values()))
    title = ("By team", "By playbook", "By the kind of the first ask")[at]
    heads = columns(**{what: what}, answered="answered", call="in a talk", email_answers="in writing",
                    declined="declined", no_reply="no reply")  # fmt: skip
    return Table(name=f"by_{what}", title=f"{title}, in alphabetical order", columns=heads, rows=tuple(rows))
