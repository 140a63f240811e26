"""Two experiments draw from the same deals on the same days.

A deal takes part in one of them: the one whose name comes first in the alphabet draws first, and the other gets what is
left, which may be nothing. Let one begin when the other is over, give each its own teams, or its own kind of deal.

    teams:
      east: {arms: []}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from engine.authoring.contradictions import contradiction
from engine.authoring.experiment_rules.context import Context
from engine.authoring.naming_teams import teams_of
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    if not context.is_sound():
        return
    own = PurePosixPath(context.file).stem
    for name, other in sorted(context.experiments.items()):
        if name < own and _same_days(experiment, other) and _same_deals(experiment, other, context):
            yield Finding(
                path=("starts",),
                rule="overlapping-experiments",
                message=f"{name} draws from the same deals on the same days, and it draws first",
                hint="other days, other teams (`arms: []` for those that take no part), or another `if`",
                level="warning",
            )


def _same_days(one: Experiment, other: Experiment) -> bool:
    return one.starts <= (other.ends or date.max) and other.starts <= (one.ends or date.max)


def _same_deals(one: Experiment, other: Experiment, context: Context) -> bool:
    teams = {*teams_of(context.world.roster), *one.teams, *other.teams} or {""}
    together = any(one.weights(team) and other.weights(team) for team in teams)
    return together and not contradiction([one.condition, other.condition])
