"""The last day of an experiment has to come after its first.

Both are days on which deals are drawn; the results go on coming in until the time of the primary metric is over for
those that were drawn last.

    starts: 2027-01-04
    ends: 2027-06-30
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    if context.is_sound() and experiment.ends is not None and experiment.ends <= experiment.starts:
        yield Finding(
            path=("ends",),
            rule="ends-before-start",
            message=f"it ends on {experiment.ends}, and begins on {experiment.starts}",
            hint="write a later day: this is the last one on which deals are drawn",
        )
