"""An arm names a playbook that the workspace does not have.

Its deals would have nothing to follow. An arm that does nothing is a playbook too, such as no-follow-up.

    arms:
      four_weeks: {playbook: four-week-check-in}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    known = context.playbooks
    for arm in experiment.arms.values():
        if arm.playbook not in known.usable and arm.playbook not in known.there:
            yield Finding(
                path=("arms", arm.name, "playbook"),
                rule="unknown-playbook",
                message=f"there is no playbook {arm.playbook!r}",
                hint=did_you_mean(arm.playbook, known.usable),
            )
