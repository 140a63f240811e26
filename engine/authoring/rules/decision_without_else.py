"""A decision may find that none of its conditions holds, and then the deal is stuck.

A state whose transitions have no trigger decides at once; the last of them must have no `if`.

    transitions:
      - {if: {amount: {at_least: 5000}}, to: call}
      - {to: write}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import leaves, states
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        decisions = [way for way in state.transitions if way.cause is None]
        if decisions and not any(way.certain and leaves(way) for way in decisions):
            yield Finding(
                path=decisions[-1].path,
                rule="decision-without-else",
                message=f"what if none of these holds? {state.name!r} has no way out then",
                hint="add a last transition without `if`: {to: …}",
            )
