"""An action is called like a declared event, so that nobody knows which of the two is meant.

Rename the action: its outcomes are events too (ACTION.OUTCOME).

    actions:
      read_signal: {kind: task, title: Read the news}     # not `signal`, which is an event of the library
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    families = {name.partition(".")[0] for name in context.vocabulary.events}
    for action in actions(playbook):
        if action.name in families:
            yield Finding(
                path=action.path,
                rule="ambiguous-event",
                message=f"{action.name!r} is also the name of an event",
                hint="rename the action: its outcomes are events too",
                on="key",
            )
