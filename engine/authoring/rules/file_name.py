"""The name in the file and the name of the file must be the same.

Deals, settings and reports call a playbook by its name. If the file is called otherwise, nobody finds it.

    playbooks/check-in.yaml:   playbook: check-in
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    stem = PurePosixPath(context.file).stem
    if playbook.name != stem:
        yield Finding(
            path=("playbook",),
            rule="file-name",
            message=f"this file is called {stem}.yaml and its playbook {playbook.name!r}",
            hint=f"write `playbook: {stem}`, or rename the file",
        )
