"""An action waives a content rule that none of its texts breaks.

The waiver would let pass what somebody writes there later, without anybody deciding on it. Delete it.

    waive: []        # and no `waive` at all where nothing is left
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.content_rule import broken_by
from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known = {rule.name for rule in context.world.content_rules}
    for action in actions(playbook):
        used = {broken.breach.rule for broken in broken_by(action, context)} if action.waive else set()
        for index, waiver in enumerate(action.waive):
            if waiver.rule in known - used:
                yield Finding(
                    path=(*action.path, "waive", index),
                    rule="idle-waiver",
                    message=f"no text of this action breaks {waiver.rule}, so there is nothing to waive",
                    hint="delete this waiver",
                    level="warning",
                )
