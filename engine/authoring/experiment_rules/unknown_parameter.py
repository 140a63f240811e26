"""An arm sets a parameter that its playbook does not have.

Nothing would come of it, and two arms that should differ would do the same. Write it as under `params` of the playbook;
what no parameter says is changed by a variant of the playbook (`extends`).

    arms:
      ten_weeks: {playbook: four-week-check-in, params: {check_in_after: 10w}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    for arm in experiment.arms.values():
        if arm.playbook not in context.playbooks.contents:
            continue
        declared = context.playbooks.contents[arm.playbook].get("params", {})
        for name in arm.params:
            if name not in declared:
                yield Finding(
                    path=("arms", arm.name, "params", name),
                    rule="unknown-parameter",
                    message=f"{arm.playbook} has no parameter {name!r}",
                    hint=did_you_mean(name, declared),
                    on="key",
                )
