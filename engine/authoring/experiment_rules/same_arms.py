"""Two arms are the same playbook with the same parameters: nothing is compared.

To find out how much comes about by chance alone this can be meant; say so in the question then.

    arms:
      four_weeks: {playbook: four-week-check-in}
      ten_weeks: {playbook: four-week-check-in, params: {check_in_after: 10w}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    seen: list[str] = []
    for name in context.wholes:
        twin = next((other for other in seen if context.wholes[other] == context.wholes[name]), None)
        if twin is not None:
            yield Finding(
                path=("arms", name),
                rule="same-arms",
                message=f"{name} does the same as {twin}",
                hint="give one of them other `params`, or another playbook",
                on="key",
                level="warning",
            )
        seen.append(name)
