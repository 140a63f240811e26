"""An experiment without a planned end has to say how many deals it expects.

With `ends` you may look every week and still trust the result. Without it the result has to be protected against any
number of looks, and that needs a size at which it is to be sharpest.

    ends: 2027-06-30           or, where no end is planned:
    expect: {deals: 600}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    if experiment.ends is None and experiment.expected is None:
        yield Finding(
            path=("starts",),
            rule="never-ends",
            message="neither the last day nor the number of deals is planned",
            hint="add `ends: DATE`, which is the better one, or `expect: {deals: 600}`",
            on="key",
        )
