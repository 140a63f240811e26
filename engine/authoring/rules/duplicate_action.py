"""Two actions of a playbook have the same name.

Outcomes are called by the name of their action (`call.no_answer`), so each name may stand for one action only.

    actions:
      second_call: {kind: call, title: Call again}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import states
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for _, state in states(playbook):
        for action in state.actions:
            if action.name in first:
                yield Finding(
                    path=action.path,
                    rule="duplicate-action",
                    message=f"the state {first[action.name]!r} has an action {action.name!r} as well",
                    hint="give each action of a playbook a name of its own",
                    on="key",
                )
            first.setdefault(action.name, state.name)
