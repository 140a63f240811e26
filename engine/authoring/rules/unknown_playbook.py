"""`follows` names a playbook that this workspace does not have.

Write the name of its file without .yaml, and the ends after which this playbook may take the same loss.

    enrol:
      follows: {silent-prospect-letter: [answered_no]}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for name in playbook.enrol.follows:
        if name not in context.ends and name not in context.unread:
            yield Finding(
                path=("enrol", "follows", name),
                rule="unknown-playbook",
                message=f"there is no playbook {name!r}",
                hint=did_you_mean(name, context.ends),
                on="key",
            )
