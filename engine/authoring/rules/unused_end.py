"""An end is declared and nothing leads to it.

Reports would show it with no deals for ever. Lead a transition there, or delete it.

    transitions:
      - {event: all_closed, end: kept_in_touch}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import transitions
from engine.core.building.findings import Finding
from engine.core.model import End, Finish, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    targets = [transition.target for transition in transitions(playbook)]
    reached = {target.end for target in targets if isinstance(target, (End, Finish))}
    for name in playbook.ends:
        if name not in reached:
            yield Finding(
                path=("ends", name),
                rule="unused-end",
                message=f"nothing leads to the end {name!r}",
                hint="lead a transition there, or delete it",
                level="warning",
                on="key",
            )
