"""An action asks a questionnaire that is not in library/questionnaires/, or for an outcome that it does not have.

The name is that of the file without its ending. If the file was deleted, its last version goes on for now. The event
`answered.NAME` tells that the questionnaire NAME was answered.

    questions: debrief_short                          # library/questionnaires/debrief_short.yaml
    questions: {ask: debrief_short, for: [held]}      # only the outcome held needs the answers
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, transitions
from engine.core.answering import is_answers
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Action, OnEvent, Path, Playbook

RULE = "unknown-questionnaire"


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for action in actions(playbook):
        if action.questions is not None:
            yield from _named(action.questions, (*action.path, "questions"), context)
            yield from _outcomes(action)
    for transition in transitions(playbook):
        name = transition.cause.name if isinstance(transition.cause, OnEvent) else ""
        if is_answers(name):
            yield from _named(name.partition(".")[2], (*transition.path, "event"), context)


def _named(name: str, path: Path, context: Context) -> Iterator[Finding]:
    known = context.vocabulary.questionnaires
    if name in context.missing_questionnaires:
        message = f"the questionnaire {name!r} is gone; its last version is still used"
        hint = "restore the file in library/questionnaires/"
        yield Finding(path=path, rule=RULE, message=message, hint=hint, level="warning")
    elif name not in known:
        hint = did_you_mean(name, known) or "write it in library/questionnaires/"
        yield Finding(path=path, rule=RULE, message=f"there is no questionnaire {name!r}", hint=hint)


def _outcomes(action: Action) -> Iterator[Finding]:
    known = (*action.outcomes, "done")
    for outcome in action.answers_for:
        if outcome not in known:
            message = f"{action.name} has no outcome {outcome!r}"
            hint = did_you_mean(outcome, known)
            yield Finding(path=(*action.path, "questions"), rule="unknown-outcome", message=message, hint=hint)
