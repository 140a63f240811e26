"""What was answered: every question of every questionnaire, counted where it can be counted, else listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.core.account import Deal
from engine.core.answering import FAMILY
from engine.core.conditions import UNKNOWN
from engine.core.durations import Instant
from engine.core.plural import count
from engine.core.questionnaires import Question, Questionnaire
from engine.reports.longest import Longest
from engine.reports.model import Cell, Name, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of
from engine.reports.statistics import Spread, figure
from engine.reports.wording import nothing

if TYPE_CHECKING:
    from engine.store.base import Store

_LISTED = ("text", "date")  # every answer is another one
_PER = 1000  # numbers are spread as thousandths

_Asked = tuple[str, str]  # questionnaire, question
_Team: TypeAlias = str | None  # None: all of them


@dataclass(slots=True)
class _Tally:
    texts: Longest
    losses: int = 0
    taken: int = 0
    deals: Counter[str] = field(default_factory=Counter)  # by questionnaire: that have any answer to it
    known: Counter[tuple[_Asked, _Team]] = field(default_factory=Counter)  # deals with an answer, unknown apart
    unknown: Counter[_Asked] = field(default_factory=Counter)
    chosen: Counter[tuple[_Asked, _Team, str]] = field(default_factory=Counter)  # the main one, where there is one
    also: Counter[tuple[_Asked, _Team, str]] = field(default_factory=Counter)  # named beside the main one
    numbers: dict[tuple[_Asked, _Team], Spread] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # questionnaires that are not in the library any more


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(texts=Longest(scope.limit))
    for found in accounts(store, scope.world.roster, "events"):
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if (deal.status == "lost" or deal.fields.get("lost_at")) and scope.takes(deal):
                tally.taken += 1
                _count(tally, found, deal, scope)
    return _told(tally, scope)


def _count(tally: _Tally, found: Dossier, deal: Deal, scope: Scope) -> None:
    answers, when = _latest(found, deal)
    for name, given in answers.items():
        asked = scope.questionnaires.get(name)
        if scope.questionnaire not in ("", name) or not given:
            continue
        if asked is None:
            tally.gone.add(name)
            continue
        tally.deals[name] += 1
        for question in asked.questions.values():
            if question.name in given:
                at = when.get((name, question.name))
                _count_answer(tally, deal, (name, question.name), question, given[question.name], at, scope)


def _latest(found: Dossier, deal: Deal) -> tuple[dict[str, dict[str, Any]], dict[_Asked, Instant]]:
    """The latest answer to every question, also those that wait for the next tick, and when it was given."""
    answers = {name: dict(given) for name, given in deal.answers.items()}
    when: dict[_Asked, Instant] = {}
    for event in found.events(deal):
        family, _, name = event.name.partition(".")
        given = event.fields.get("answers") if family == FAMILY else None
        if isinstance(given, Mapping):
            answers.setdefault(name, {}).update(given)
            when.update(dict.fromkeys(((name, question) for question in given), event.happened_at))
    return answers, when


def _count_answer(
    tally: _Tally, deal: Deal, asked: _Asked, question: Question, answer: Any, at: Instant | None, scope: Scope
) -> None:
    teams = (None, team_of(deal))
    if UNKNOWN in (answer, _main(answer)):
        tally.unknown[asked] += 1
        tally.also.update((asked, team, one) for team in teams for one in _choices(answer)[1])
        return
    for team in teams:
        tally.known[(asked, team)] += 1
    if question.type in _LISTED:
        row = (*map(_named, asked), str(answer), deal.id, team_of(deal), f"{scope.local_day(at)}" if at else None)
        tally.texts.add(at or 0, f"{deal.id} {asked}", row)
    elif question.type == "number":
        for team in teams:
            tally.numbers.setdefault((asked, team), Spread()).add(round(float(answer) * _PER))
    else:
        main, also = _choices(answer)
        for team in teams:
            tally.chosen.update((asked, team, one) for one in main)
            tally.also.update((asked, team, one) for one in also)


def _main(answer: Any) -> Any:
    """The main one of several; None where there is none."""
    return answer.get("primary") if isinstance(answer, Mapping) else None


def _named(name: str) -> Name:
    return Name(name=name)


def _choices(answer: Any) -> tuple[list[str], list[str]]:
    """(what was chosen, what was named beside a main one)"""
    if isinstance(answer, Mapping):
        return [str(answer.get("primary", ""))], [str(one) for one in answer.get("also", ())]
    if isinstance(answer, bool):
        return ["yes" if answer else "no"], []
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)], []


# --- what is told ---------------------------------------------------------------------------------------------------


def _told(tally: _Tally, scope: Scope) -> Report:
    name, title = "answers", "What was answered"
    given = sum(times for (_, team), times in tally.known.items() if team is None)
    facts = {"lost": tally.taken, "questionnaires": len(tally.deals), "answers": given,
             "unknown": tally.unknown.total()}  # fmt: skip
    if not tally.taken:
        return Report(name=name, title=title, verdict=nothing(tally.losses), facts=facts)
    if not tally.deals:
        what = f"the questionnaire {scope.questionnaire}" if scope.questionnaire else "a questionnaire"
        told = f"Of {count(tally.taken, 'lost deal')} none has an answer to {what} yet."
        return Report(name=name, title=title, verdict=told, remarks=_remarks(tally), facts=facts)
    verdict = (
        f"{count(given, 'answer')} to {count(len(tally.deals), 'questionnaire')}; "
        f"“unknown” was answered {count(tally.unknown.total(), 'time')}."
    )
    return Report(name=name, title=title, verdict=verdict, remarks=_remarks(tally), facts=facts,
                  tables=filled(*_tables(tally, scope)))  # fmt: skip


def _remarks(tally: _Tally) -> tuple[str, ...]:
    told = ["Of a deal the latest answer to each question counts."] if tally.deals else []
    if tally.gone:
        gone = ", ".join(sorted(tally.gone))
        told.append(f"Not counted are answers to questionnaires that are not in the library any more: {gone}.")
    return tuple(told)


def _tables(tally: _Tally, scope: Scope) -> Iterator[Table]:
    asked = [one for name in sorted(tally.deals) for one in _questions(scope.questionnaires[name])]
    yield _question_table(tally, asked, scope)
    for team, name, title in ((False, "choices", "Choices, the most frequent first"),
                              (True, "choices_by_team", "Choices by team, in alphabetical order")):  # fmt: skip
        yield _choice_table(tally, asked, name, title, by_team=team)
    yield _number_table(tally, asked)
    heads = columns(questionnaire="questionnaire", question="question", answer="answer", deal="deal", team="team",
                    day="day")  # fmt: skip
    yield Table(name="texts", title="In their words, the latest first", columns=heads, rows=tally.texts.rows(),
                left_off=tally.texts.left_off)  # fmt: skip


def _questions(questionnaire: Questionnaire) -> Iterator[_Asked]:
    return ((questionnaire.name, question) for question in questionnaire.questions)


def _question_table(tally: _Tally, asked: list[_Asked], scope: Scope) -> Table:
    rows = tuple(
        (Name(name=name), Name(name=question),
         Share(part=tally.known[((name, question), None)], whole=tally.deals[name]),
         tally.unknown[(name, question)], scope.questionnaires[name].questions[question].ask)
        for name, question in asked
    )  # fmt: skip
    heads = columns(questionnaire="questionnaire", question="question", answered="deals with an answer",
                    unknown="unknown", ask="in words")  # fmt: skip
    return Table(name="questions", title="Questions", columns=heads, rows=rows)


def _choice_table(tally: _Tally, asked: list[_Asked], name: str, title: str, *, by_team: bool) -> Table:
    place = {one: at for at, one in enumerate(asked)}
    keys = sorted(
        (key for key in tally.chosen.keys() | tally.also.keys() if (key[1] is not None) == by_team),
        key=lambda key: (place[key[0]], key[1] or "", -tally.chosen[key], key[2]),
    )
    rows: list[tuple[Cell, ...]] = []
    for key in keys:
        one, team, answer = key
        start = (*map(_named, one), *((team or "",) if by_team else ()))
        rows.append((*start, Name(name=answer), Share(part=tally.chosen[key], whole=tally.known[(one, team)]),
                     tally.also[key] or None))  # fmt: skip
    whose = {"team": "team"} if by_team else {}
    heads = columns(questionnaire="questionnaire", question="question", **whose, answer="answer", deals="deals",
                    also="named besides")  # fmt: skip
    note = "Where one of several is the main one it is counted under deals, the others are named besides."
    return Table(name=name, title=title, columns=heads, rows=tuple(rows), note=note if tally.also else "")


def _number_table(tally: _Tally, asked: list[_Asked]) -> Table:
    place = {one: at for at, one in enumerate(asked)}
    order = sorted(tally.numbers, key=lambda key: (place[key[0]], key[1] is not None, key[1] or ""))
    rows: list[tuple[Cell, ...]] = []
    for one, team in order:
        spread = tally.numbers[(one, team)]
        rows.append((*map(_named, one), "all teams" if team is None else team, figure(spread.mean, spread.n, per=_PER),
                     figure(spread.median, spread.n, per=_PER), spread.n))  # fmt: skip
    heads = columns(questionnaire="questionnaire", question="question", team="team", mean="mean", median="median",
                    deals="deals")  # fmt: skip
    return Table(name="numbers", title="Numbers", columns=heads, rows=tuple(rows))
