"""An event names an outcome that its action does not have.

The outcomes of an action are those in its `outcomes` (default: done), and skipped, suppressed, expired, missed.

    actions:
      ask: {kind: call, title: Ask, outcomes: [granted, refused]}
    transitions:
      - {event: ask.granted, to: thank_you}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, transitions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import CLOSINGS, OnEvent, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    own = {action.name: action for action in actions(playbook)}
    for transition in transitions(playbook):
        if not isinstance(transition.cause, OnEvent):
            continue
        name, _, outcome = transition.cause.name.partition(".")
        if name not in own or not outcome or context.vocabulary.event(transition.cause.name) is not None:
            continue
        # whatever is sent by the engine itself is done, so that `done` is always possible
        known = {*own[name].outcomes, *CLOSINGS, "done"}
        if outcome not in known:
            yield Finding(
                path=(*transition.path, "event"),
                rule="unknown-outcome",
                message=f"{name} has no outcome {outcome!r}",
                hint=did_you_mean(outcome, known),
            )
