"""A state waits until its actions are closed, and has none that is required.

Optional actions do not count. Make one required, or leave the state by a delay.

    transitions:
      - {after: 1bd, to: ask_permission}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import required, states, waits_for_all_closed
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        for way in state.transitions:
            if waits_for_all_closed(way) and not required(state):
                yield Finding(
                    path=(*way.path, "event"),
                    rule="all-closed-without-action",
                    message=f"{state.name!r} has no required action whose closing it could wait for",
                    hint="take `optional` off an action, or write a delay such as `after: 1bd`",
                )
