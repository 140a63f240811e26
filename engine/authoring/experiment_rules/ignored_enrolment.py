"""The playbook of an arm says when it starts, and an experiment does not ask that.

A deal that is drawn starts at once, in whatever arm. Were one arm to wait for a batch, a schedule or an event, its
deals would start later than those of the others, and the time to win them back would be shorter. (The event of a
holdout is there to keep deals out while no experiment runs, and is not told.)

    enrol:
      if: {status: {is: lost}}
      again: 180d
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment
from engine.core.model import Enrol


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    for name, playbook in context.arms.items():
        holdout = experiment.arms[name].holdout
        for key in _keys(playbook.enrol, holdout=holdout):
            yield Finding(
                path=("arms", name, "playbook"),
                rule="ignored-enrolment",
                message=f"`{key}` of {playbook.name} is not asked: what is drawn starts at once",
                hint=f"for a fair comparison take a variant of it without `{key}` under `enrol`",
                level="warning",
            )


def _keys(enrol: Enrol, *, holdout: bool) -> Iterator[str]:
    if enrol.event and not holdout:
        yield "event"
    if enrol.schedule:
        yield "schedule"
    if enrol.batch is not None:
        yield "batch"
