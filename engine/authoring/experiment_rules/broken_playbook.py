"""An arm names a playbook that cannot be used, so that no deal can be drawn into it.

What is wrong with the playbook is told in its own file. An experiment with one arm missing compares nothing, so it
waits as a whole until the playbook is mended.

    playbooks/four-week-check-in.yaml:   mend what is told there
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    known = context.playbooks
    for arm in experiment.arms.values():
        if arm.playbook not in known.usable and arm.playbook in known.there:
            yield Finding(
                path=("arms", arm.name, "playbook"),
                rule="broken-playbook",
                message=f"{arm.playbook!r} cannot be used, so this arm cannot either",
                hint=f"mend playbooks/{arm.playbook}.yaml first: what is wrong is told there",
                level="warning",  # nothing is wrong here, and yet it cannot be used
            )
