"""The name in the file and the name of the file must be the same.

The commands and the records call an experiment by its name. If the file is called otherwise, nobody finds it.

    playbooks/experiments/check-in-timing.yaml:   experiment: check-in-timing
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    stem = PurePosixPath(context.file).stem
    if experiment.name != stem:
        yield Finding(
            path=("experiment",),
            rule="file-name",
            message=f"this file is called {stem}.yaml and its experiment {experiment.name!r}",
            hint=f"write `experiment: {stem}`, or rename the file",
        )
