"""An action names an intent that library/content-rules.yaml does not list.

The intent says which content rules hold for it; `purpose` is the place for free words.

    intent: bad_news
    purpose: Take the news well
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    if context.intents is None:
        return
    for action in actions(playbook):
        if action.intent and action.intent not in context.intents:
            hint = did_you_mean(action.intent, context.intents) or "intents stand in library/content-rules.yaml"
            yield Finding(
                path=(*action.path, "intent"),
                rule="unknown-intent",
                message=f"there is no intent {action.intent!r}",
                hint=hint,
            )
