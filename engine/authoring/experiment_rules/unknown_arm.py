"""An arm is named that the experiment does not have, or a weight is given to an arm that the team does not draw from.

The control, a team's `arms` and its `weights` name arms as they stand under `arms:`. A team that draws from some of
them has weights for these alone.

    control: four_weeks
    teams:
      west: {arms: [four_weeks, ten_weeks], weights: {ten_weeks: 2}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.experiment import Experiment
from engine.core.model import Path


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    for path, arm, on in _named(experiment, context):
        if arm not in experiment.arms:
            hint = did_you_mean(arm, experiment.arms)
            yield Finding(path=path, rule="unknown-arm", message=f"there is no arm {arm!r}", hint=hint, on=on)
    for team, own in context.content.get("teams", {}).items():
        for arm in own.get("weights", {}):
            if arm in experiment.arms and arm not in own.get("arms", experiment.arms):
                yield Finding(
                    path=("teams", team, "weights", arm),
                    rule="unknown-arm",
                    message=f"{team} does not draw from {arm!r}",
                    hint="add it to `arms`, or delete its weight",
                    on="key",
                )


def _named(experiment: Experiment, context: Context) -> Iterator[tuple[Path, str, Literal["key", "value"]]]:
    yield ("control",), experiment.control, "value"
    for team, own in context.content.get("teams", {}).items():
        for index, arm in enumerate(own.get("arms", ())):
            yield ("teams", team, "arms", index), arm, "value"
        for arm in own.get("weights", {}):
            yield ("teams", team, "weights", arm), arm, "key"
