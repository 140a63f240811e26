"""A questionnaire is attached to the call that brings the bad news (S4.5).

They want that call short and painless, and you are upset. Ask in it at most whether you may call again in a few days,
and attach the questions to that later call.

    bad_news_call:
      intent: bad_news
    learning_call:
      intent: learn
      due: 3bd
      questions: debrief_short
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for action in actions(playbook):
        if action.intent == "bad_news" and action.questions:
            yield Finding(
                path=(*action.path, "questions"),
                rule="questions-on-bad-news",
                message="questions do not belong into the call that brings the bad news (S4.5)",
                hint="attach them to a later action, such as a call three business days on",
                on="key",
            )
