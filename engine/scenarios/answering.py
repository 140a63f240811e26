"""Whether the answers of a scenario fit their questions, before anything is played."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from engine.core.building.findings import did_you_mean
from engine.core.conditions import UNKNOWN
from engine.core.model import Playbook
from engine.core.world import World
from engine.runner.answering import Asked, Given, Wrong, WrongAnswers, checked_answers
from engine.scenarios.model import Step

if TYPE_CHECKING:
    from engine.store.base import ActionRow


def wrong_answers(step: Step, playbook: Playbook, world: World) -> Iterator[tuple[str, str, Wrong]]:
    """(question, rule, what is wrong) of each answer of `answer: ACTION` that `playbook answer` would refuse.

    Which answers are missing depends on what was answered before: playing tells that.
    """
    declared = playbook.action(str(step.said["answer"]))
    questionnaire = world.vocabulary.questionnaires.get(declared.questions or "")
    if questionnaire is None:
        return
    given = Given(answers=dict.fromkeys(questionnaire.questions, UNKNOWN))
    # nothing was handed out yet: of the row only the name is told
    row = cast("ActionRow", SimpleNamespace(id=declared.name))
    asked = Asked(row=row, declared=declared, questionnaire=questionnaire, given=given)
    try:
        checked_answers(asked, step.said["with"], world.roster)
    except WrongAnswers as error:
        for wrong in error.wrong:
            if wrong.question in questionnaire.questions:
                yield wrong.question, "wrong-value", wrong
            else:
                yield wrong.question, "unknown-question", _stranger(wrong.question, questionnaire.name, asked)


def _stranger(question: str, name: str, asked: Asked) -> Wrong:
    hint = did_you_mean(question, asked.questionnaire.questions)
    return Wrong(question=question, message=f"the questionnaire {name} has no question {question!r}", hint=hint)
