"""Answers to the questions of an action: read from what people write, checked all at once, compared with earlier ones.

Nothing is written here: `Recording.answers` makes the event (about_actions.py), the next tick lets it take effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from engine.core.answering import answers_event
from engine.core.building.findings import did_you_mean
from engine.core.conditions import UNKNOWN
from engine.core.model import Action
from engine.core.questionnaires import Question, Questionnaire, answers_schema, kept
from engine.core.roster import Roster
from engine.core.vocabulary import EventKind, Field, FieldType
from engine.runner.lookup import Lookup
from engine.runner.payload import NotRecordable, payload
from engine.store.base import ActionRow

_UNKNOWN_TOO = ("?", UNKNOWN)
_SURROGATE = re.compile("[\ud800-\udfff]")
_READ_AS: Mapping[str, FieldType] = MappingProxyType(
    {"scale": "number", "number": "number", "yes_no": "yes_no", "date": "date", "person": "person"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Answers as they are kept, by question; `checked`: the action's checklist was ticked with them."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    checked: bool = False

    def over(self, earlier: Given) -> Given:
        return Given(answers={**earlier.answers, **self.answers}, checked=self.checked or earlier.checked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The questionnaire of an action, as pinned with its enrolment, and what was answered for this action so far."""

    row: ActionRow
    declared: Action
    questionnaire: Questionnaire
    given: Given

    @property
    def missing(self) -> list[Question]:
        """The required questions that nobody has answered for this action."""
        return [
            one for one in self.questionnaire.questions.values() if one.required and one.name not in self.given.answers
        ]

    @property
    def unchecked(self) -> bool:
        """There is a checklist, and nobody has ticked it."""
        return bool(self.declared.checklist) and not self.given.checked


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """One answer that cannot be kept, and what can."""

    question: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.question}: {self.message}" + (f"; {self.hint}" if self.hint else "")


class WrongAnswers(NotRecordable):
    """What is wrong with answers, all of it at once."""

    def __init__(self, row: ActionRow, wrong: Sequence[Wrong]) -> None:
        head = "an answer" if len(wrong) == 1 else f"{len(wrong)} answers"
        listed = "".join(f"\n  - {one}" for one in wrong)
        hint = f"nothing was recorded; `playbook answer {row.id} --show` lists the questions"
        super().__init__(f"{head} cannot be recorded:{listed}", hint, f"answer.{wrong[0].question}")
        self.wrong = tuple(wrong)


def asked_of(lookup: Lookup, row: ActionRow) -> Asked | None:
    """What is asked in the action; None if nothing is."""
    enrolment = lookup.store.enrolment(row.enrolment)
    declared = lookup.playbook(enrolment).action(row.name)
    if declared.questions is None:
        return None
    found = lookup.shelf.revision(enrolment.revision).questionnaires.get(declared.questions)
    if found is None:
        return None
    return Asked(row=row, declared=declared, questionnaire=found, given=_given(lookup, row, found))


def _given(lookup: Lookup, row: ActionRow, questionnaire: Questionnaire) -> Given:
    """What was recorded for this action, whether or not a tick has handled it."""
    name, given = answers_event(questionnaire.name), Given()
    for recorded in lookup.store.events_of(row.account, row.deal):
        event = recorded.event
        if event.action == row.id and event.name == name and recorded.state != "undone":
            fields = event.fields
            given = Given(answers=fields.get("answers") or {}, checked=bool(fields.get("checked"))).over(given)
    return given


def checked_answers(asked: Asked, said: Mapping[str, Any], roster: Roster) -> dict[str, Any]:
    """`said` as it is kept. Texts as people write them and values as in a file are both read; empty ones are left out.

    Raises WrongAnswers with everything that is wrong, required questions without any answer included.
    """
    questions = asked.questionnaire.questions
    wrong: list[Wrong] = []
    read: dict[str, Any] = {}
    for name, item in said.items():
        if item is None:
            continue
        try:
            read[name] = _read(questions[name], item, roster) if name in questions else item
        except NotRecordable as error:
            wrong.append(Wrong(question=name, message=error.message, hint=error.hint))
    wrong += _misfits(asked, read, {one.question for one in wrong})
    if wrong:
        raise WrongAnswers(asked.row, wrong)
    return {name: kept(questions[name], item) for name, item in read.items()}


def checked_answer(asked: Asked, name: str, said: Any, roster: Roster) -> Any:
    """One answer as it is kept, whatever else is missing. Raises NotRecordable."""
    alone = replace(asked, given=Given(answers=dict.fromkeys(asked.questionnaire.questions, UNKNOWN)))
    try:
        return checked_answers(alone, {name: said}, roster)[name]
    except WrongAnswers as error:
        wrong = error.wrong[0]
        raise NotRecordable(wrong.message, wrong.hint, f"answer.{name}") from None


# --- reading --------------------------------------------------------------------------------------------------------


def _read(question: Question, item: Any, roster: Roster) -> Any:
    """What was written, in the type of the question. Whether it fits is for the schema to say."""
    if _as_text(item) in _UNKNOWN_TOO:
        return UNKNOWN
    if question.type in ("choice", "choices", "reason"):
        return _chosen(question, item)
    text = _as_text(item)
    if text is None:
        raise NotRecordable("several values stand where one is asked for", possible(question))
    if _SURROGATE.search(text):
        raise NotRecordable("the text cannot be read", "save the file as UTF-8")
    if question.type == "text" or not text:
        return text
    return _typed(question, text, roster)


def _as_text(item: Any) -> str | None:
    """A single value as it is written; None for lists and mappings."""
    if isinstance(item, bool):
        return "yes" if item else "no"
    return str(item).strip() if isinstance(item, (str, int, float)) else None


def _typed(question: Question, text: str, roster: Roster) -> Any:
    kind = EventKind(name="", fields={"it": Field(name="it", type=_READ_AS[question.type])})
    try:
        return payload(kind, {"it": text}, roster)["it"]
    except NotRecordable as error:
        hint = error.hint if question.type == "person" else possible(question)
        raise NotRecordable(error.message.removeprefix("it: "), hint) from None


def _chosen(question: Question, item: Any) -> Any:
    """A choice by its name or its words; of several the first is the main one, where there is a main one."""
    if question.type == "choice":
        text = _as_text(item)
        return item if text is None else _choice(question, text)
    if isinstance(item, Mapping):
        return {name: _named(question, one) for name, one in item.items() if name != "branch" or not question.branches}
    named = _named(question, _split(question, item) if isinstance(item, str) else item)
    listed = named if isinstance(named, list) else [named]
    if not question.primary:
        return listed
    return {"primary": listed[0], "also": listed[1:]} if listed else {}


def _named(question: Question, item: Any) -> Any:
    if isinstance(item, (list, tuple)):
        return [_named(question, one) for one in item]
    text = _as_text(item)
    return item if text is None else _choice(question, text)


def _split(question: Question, text: str) -> list[str]:
    """`priced_out, wrong_level`; the words of one choice may have a comma in them."""
    if _choice(question, text) in question.values:
        return [text]
    return [part.strip() for part in re.split("[,;]", text) if part.strip()]


def _choice(question: Question, text: str) -> str:
    """The name of the choice with this name, or with these words, whatever their case."""
    folded = text.strip().casefold()
    words = {title.casefold(): name for name, title in question.values.items()}
    words |= {name.casefold(): name for name in question.values}
    return text if text in question.values else words.get(folded, text.strip())


# --- checking -------------------------------------------------------------------------------------------------------


def _misfits(asked: Asked, answers: Mapping[str, Any], known: set[str]) -> Iterator[Wrong]:
    """What the JSON Schema of the questionnaire refuses, in words. `known` are those of which it is said already."""
    from jsonschema import Draft202012Validator

    schema = answers_schema(asked.questionnaire)
    errors = list(Draft202012Validator(schema).iter_errors(dict(answers)))
    questions = asked.questionnaire.questions
    for name in dict.fromkeys(str(error.absolute_path[0]) for error in errors if error.absolute_path):
        yield _wrong(questions[name], answers[name])
    for name in answers.keys() - questions.keys():
        yield Wrong(question=name, message="there is no such question", hint=did_you_mean(name, questions))
    if any(error.validator == "required" for error in errors):
        for question in asked.missing:
            if question.name not in answers and question.name not in known:
                yield Wrong(question=question.name, message=f"no answer to {question.ask!r}", hint=possible(question))


def _wrong(question: Question, answer: Any) -> Wrong:
    message = _said(question, answer) if answer not in ("", [], {}) else "the answer is empty"
    return Wrong(question=question.name, message=message, hint=_hint(question, answer))


def _said(question: Question, answer: Any) -> str:
    strangers = _strangers(question, answer)
    if strangers:
        return f"{', '.join(map(repr, strangers))} is not one of the choices"
    if isinstance(answer, str) and question.type == "text":
        return f"the answer has {len(answer):,} characters"
    if question.type == "choice" and isinstance(answer, (Mapping, list)):
        return "one choice is asked for"
    if isinstance(answer, Mapping) and not question.primary:
        return "a list of choices is asked for"
    if isinstance(answer, Mapping):
        return (
            "the main one is missing" if "primary" not in answer else "a choice stands there twice, or a key too many"
        )
    return "a choice stands there twice" if isinstance(answer, list) else f"{answer!r} does not fit"


def _strangers(question: Question, answer: Any) -> list[str]:
    """What was chosen and is no choice."""
    if not question.values:
        return []
    listed = _flat(answer)
    return [str(one) for one in dict.fromkeys(map(str, listed)) if one not in question.values]


def _flat(answer: Any) -> list[Any]:
    if isinstance(answer, Mapping):
        return [one for name in ("primary", "also") if name in answer for one in _flat(answer[name])]
    return [one for item in answer for one in _flat(item)] if isinstance(answer, list) else [answer]


def _hint(question: Question, answer: Any) -> str:
    strangers = _strangers(question, answer)
    near = did_you_mean(strangers[0], question.values) if len(strangers) == 1 else ""
    return near if near.startswith("did you mean") else possible(question)


_POSSIBLE: Mapping[str, Callable[[Question], str]] = MappingProxyType(
    {
        "text": lambda question: "write at most 10,000 characters",
        "choice": lambda question: f"write one of {', '.join(question.values)}",
        "choices": lambda question: f"write some of {', '.join(question.values)}{_main(question)}",
        "reason": lambda question: f"write some of {', '.join(question.values)}{_main(question)}",
        "scale": lambda question: f"write a whole number from {question.low} to {question.high}",
        "yes_no": lambda question: "write yes or no",
        "number": lambda question: "write a number such as 12 or 12.5",
        "date": lambda question: "write a date such as 2026-03-02",
        "person": lambda question: "write the id of a person in roster.yaml",
    }
)


def _main(question: Question) -> str:
    return ", the main one first" if question.primary else ""


def possible(question: Question) -> str:
    """What may be answered: `write yes or no, or unknown`."""
    return f"{_POSSIBLE[question.type](question)}, or {UNKNOWN}"
