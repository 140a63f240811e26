"""A keyword is understood but nothing acts on it in this release: `questions` and `waive` wait for questionnaires and
content rules.

Nothing breaks. Until then write the questions into the template or `do`, where the rep sees them.

    do:
      - Ask what decided it for them
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for action in playbook.actions():
        for key, given in (("questions", action.questions), ("waive", action.waive)):
            if given:
                yield Finding(
                    path=(*action.path, key),
                    rule="not-in-force",
                    message=f"nothing acts on {key!r} in this release",
                    hint="write the questions into the template or into `do`" if key == "questions" else "",
                    level="warning",
                    on="key",
                )
