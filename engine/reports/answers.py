"""Answers as reports need them: the two reasons of a loss, and what is to be done otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.account import Deal
from engine.core.conditions import UNKNOWN
from engine.core.questionnaires import Questionnaire

REASON_FIELDS = {"self": "lost_reason", "customer": "customer_reason"}


def reason_of(deal: Deal, said_by: str, questionnaires: Mapping[str, Questionnaire]) -> str:
    """The main reason of the loss as we ("self") or the customer see it; "" where nobody knows.

    An answer to a question of type reason, else the field of the CRM. Of several questionnaires the one answered last
    for the first time decides.
    """
    found = ""
    for name, answers in deal.answers.items():
        asked = questionnaires.get(name)
        if asked is not None and asked.answered_by == said_by:
            found = next(_reasons(asked, answers), found)
    return found or _known(deal.fields.get(REASON_FIELDS[said_by]))


def _reasons(asked: Questionnaire, answers: Mapping[str, Any]) -> Iterator[str]:
    for question in asked.questions.values():
        answer = answers.get(question.name)
        if question.type == "reason" and isinstance(answer, Mapping) and _known(answer.get("primary")):
            yield str(answer["primary"])


def _known(found: Any) -> str:
    return "" if found in (None, UNKNOWN) else str(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What somebody will start, stop or change. `owner` is a person or "", `by` a date as text or ""."""

    kind: str
    what: str
    owner: str
    by: str
    questionnaire: str


def changes_of(deal: Deal, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Change]:
    """The improvements named in the deal's latest answers."""
    for name, answers in deal.answers.items():
        asked = questionnaires.get(name)
        for improvement in asked.improvements if asked is not None else ():
            what = _known(_text(answers.get(improvement.what)))
            if what.strip():
                yield Change(
                    kind=improvement.kind,
                    what=what.strip(),
                    owner=_known(answers.get(improvement.owner)) if improvement.owner else "",
                    by=_known(answers.get(improvement.by)) if improvement.by else "",
                    questionnaire=name,
                )


def _text(answer: Any) -> Any:
    """A list of choices as one text."""
    if isinstance(answer, Mapping):
        answer = [answer.get("primary"), *answer.get("also", ())]
    return "; ".join(str(one) for one in answer) if isinstance(answer, list) else answer
