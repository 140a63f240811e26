"""Questionnaires: what is asked, how an answer is kept, and the JSON Schema that answers must fit.

Answers are kept per deal, by questionnaire and question: text and dates as text, a choice by its name, choices as a
list, a number, true or false, a person's id. Where one of several is the main one (`primary: true`, and every reason):
`{"primary": name, "also": [names]}`, a reason with its `branch` too. `unknown` is an answer to everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from engine.core.conditions import UNKNOWN
from engine.core.vocabulary import Field, FieldType

QuestionType: TypeAlias = Literal[
    "text", "choice", "choices", "scale", "yes_no", "number", "reason", "date", "person"
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """`values` maps what may be chosen to what people read; `branches` a reason to the group it stands in."""

    name: str
    ask: str
    type: QuestionType
    required: bool = False
    help: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    primary: bool = False  # one of those chosen is the main one
    low: int = 1  # of a scale
    high: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Improvement:
    """Which answers say what will be done otherwise: `owner` and `by` name the questions for who and until when."""

    kind: Literal["start", "stop", "change"]
    what: str
    owner: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Questionnaire:
    """`answered_by`: whose words the answers are, the customer's or our own. `content` is what a revision pins."""

    name: str
    title: str
    answered_by: Literal["self", "customer"]
    questions: Mapping[str, Question]
    intro: str = ""
    improvements: tuple[Improvement, ...] = ()
    content: Mapping[str, Any] = field(repr=False, compare=False)


def read_questionnaire(content: Mapping[str, Any]) -> Questionnaire:
    """From content that fits schemas/questionnaire.schema.json, with the reasons put in (`with_reasons`)."""
    return Questionnaire(
        name=content["questionnaire"],
        title=content.get("title", content["questionnaire"]),
        answered_by=content.get("answered_by", "self"),
        intro=content.get("intro", ""),
        questions={name: _question(name, item) for name, item in content["questions"].items()},
        improvements=tuple(_improvement(item) for item in content.get("improvements", ())),
        content=content,
    )


def _improvement(item: Mapping[str, Any]) -> Improvement:
    return Improvement(kind=item["kind"], what=item["what"], owner=item.get("owner", ""), by=item.get("by", ""))


def _question(name: str, item: Mapping[str, Any]) -> Question:
    listed = item.get("values", {})
    values = dict(listed) if isinstance(listed, Mapping) else {str(value): str(value) for value in listed}
    return Question(
        name=name,
        ask=item["ask"],
        type=item["type"],
        required=bool(item.get("required", False)),
        help=item.get("help", ""),
        values=values,
        branches=item.get("branches", {}),
        primary=bool(item.get("primary", False)) or item["type"] == "reason",
        low=item.get("from", 1),
        high=item.get("to", 5),
    )


def with_reasons(content: Mapping[str, Any], reasons: Mapping[str, Any]) -> dict[str, Any]:
    """`content` with the loss reasons in its questions of type reason; `reasons` as in loss-reasons.yaml."""
    listed = [(group, name, title) for group, item in reasons.items() for name, title in _leaves(group, item)]
    branches = {name: group for group, name, _ in listed}
    more = {"values": {name: title for _, name, title in listed}, "branches": branches}
    filled = {
        name: {**item, **more} if item["type"] == "reason" else item for name, item in content["questions"].items()
    }
    return {**content, "questions": filled}


def _leaves(name: str, item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The reasons at the ends of one group, with their titles; a group without any is a reason itself."""
    inner = item.get("reasons") or {}
    if not inner:
        return [(name, item.get("title", name))]
    return [leaf for key, reason in inner.items() for leaf in _leaves(key, reason)]


# --- the names that conditions use ----------------------------------------------------------------------------------

_FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        "text": "text", "choice": "choice", "choices": "choices", "scale": "number", "yes_no": "yes_no",
        "number": "number", "reason": "choices", "date": "date", "person": "person",
    }
)  # fmt: skip


def answer_fields(questionnaire: Questionnaire) -> dict[str, Field]:
    """What `answers.` may have behind it for this questionnaire: QUESTIONNAIRE.QUESTION, with `.primary` or `.branch`
    where one of several is the main one."""
    found: dict[str, Field] = {}
    for question in questionnaire.questions.values():
        rest = f"{questionnaire.name}.{question.name}"
        found[rest] = _answer_field(rest, _FIELD_TYPES[question.type], question.values)
        if question.primary:
            found[f"{rest}.primary"] = _answer_field(f"{rest}.primary", "choice", question.values)
        if question.branches:
            found[f"{rest}.branch"] = _answer_field(f"{rest}.branch", "choice", question.branches.values())
    return found


def _answer_field(rest: str, kind: FieldType, values: Iterable[str]) -> Field:
    listed = tuple(dict.fromkeys(values))
    return Field(name=f"answers.{rest}", type=kind, values=(*listed, UNKNOWN) if listed else ())


def answer_in(answers: Mapping[str, Mapping[str, Any]], rest: str) -> Any:
    """The value of `answers.REST` among the answers of a deal; None where nothing was answered."""
    name, _, inner = rest.partition(".")
    inner, _, part = inner.partition(".")
    found = answers.get(name, {}).get(inner)
    if isinstance(found, Mapping):
        return found.get(part) if part else [found["primary"], *found.get("also", ())]
    return found if not part or found == UNKNOWN else None


# --- what answers must look like ------------------------------------------------------------------------------------


def answers_schema(questionnaire: Questionnaire) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a file of answers, which is what `--file` takes."""
    questions = questionnaire.questions
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": questionnaire.title,
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _answer_schema(question) for name, question in questions.items()},
        "required": [name for name, question in questions.items() if question.required],
    }


def _answer_schema(question: Question) -> dict[str, Any]:
    return {"description": question.ask, "anyOf": [_SCHEMAS[question.type](question), {"const": UNKNOWN}]}


def _text(_question: Question) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": 10_000}


def _choice(question: Question) -> dict[str, Any]:
    return {"enum": list(question.values)}


def _choices(question: Question) -> dict[str, Any]:
    listed = {"type": "array", "items": _choice(question), "uniqueItems": True}
    if not question.primary:
        return listed | {"minItems": 1}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"primary": _choice(question), "also": listed},
        "required": ["primary"],
    }


def _scale(question: Question) -> dict[str, Any]:
    return {"type": "integer", "minimum": question.low, "maximum": question.high}


def _of_type(name: str, **more: Any) -> Any:
    return lambda _question: {"type": name, **more}


_SCHEMAS: Mapping[str, Any] = MappingProxyType(
    {
        "text": _text,
        "choice": _choice,
        "choices": _choices,
        "scale": _scale,
        "yes_no": _of_type("boolean"),
        "number": _of_type("number"),
        "reason": _choices,
        "date": _of_type("string", pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$"),
        "person": _of_type("string", minLength=1),
    }
)


def kept(question: Question, answer: Any) -> Any:
    """A valid answer as it is kept: a reason with its branch, and its list without the main one."""
    if answer == UNKNOWN or not question.primary:
        return answer
    main = answer["primary"]
    found: dict[str, Any] = {"primary": main, "also": [one for one in answer.get("also", ()) if one != main]}
    return found | ({"branch": question.branches[main]} if question.branches else {})
