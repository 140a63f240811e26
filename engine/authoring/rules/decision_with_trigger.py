"""A state decides at once and also waits, or has actions: it cannot do both.

A transition without a trigger is taken on entry, so nothing else in that state would ever happen. Put the decision into
a state of its own.

    what_next:
      transitions:
        - {if: {permission: {is: refused}}, end: declined}
        - {to: check_in}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import states
from engine.core.building.findings import Finding
from engine.core.model import Path, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        if not state.decides:
            continue
        if state.actions:
            yield _finding((*state.path, "actions"), f"{state.name!r} decides at once: its actions would never be done")
        for way in state.transitions:
            if way.cause is not None:
                yield _finding(way.path, f"{state.name!r} decides at once: it never waits for this")


def _finding(path: Path, message: str) -> Finding:
    hint = "give every transition here a trigger, or put the decision into a state of its own"
    return Finding(path=path, rule="decision-with-trigger", message=message, hint=hint, on="key")
