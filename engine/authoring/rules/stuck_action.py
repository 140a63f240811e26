"""A required action that may never be closed, in a state that waits for it.

A `notify` has nothing to answer, and an action whose due date may be empty is never handed out; only `expires`, a date
that is always filled, or `optional: true` lets the state go on.

    actions:
      heads_up: {kind: notify, title: A loss worth a debrief, assign: manager, optional: true}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import may_be_empty, required, states, waits_for_all_closed
from engine.core.building.findings import Finding
from engine.core.model import Action, Moment, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        if not any(waits_for_all_closed(way) for way in state.transitions):
            continue
        for action in required(state):
            why = _why(action, context)
            if why:
                yield Finding(
                    path=action.path,
                    rule="stuck-action",
                    message=f"{state.name!r} waits for {action.name!r}, {why}",
                    hint="add `optional: true`, or choose a due date that every deal has",
                    on="key",
                )


def _why(action: Action, context: Context) -> str:
    if action.kind == "notify" and action.expires is None:
        return "which has nothing to answer and no `expires`"
    if isinstance(action.due, Moment) and may_be_empty(action.due, context.vocabulary):
        return "which is never handed out to a deal without that date"
    return ""
