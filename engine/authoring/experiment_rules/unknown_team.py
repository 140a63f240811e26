"""An experiment names a team that the roster does not have.

No deal is of that team, so nothing would come of it; the team that was meant draws from all arms, as if it had not been
named. Write it as in library/roster.yaml.

    teams:
      west: {arms: [four_weeks, ten_weeks]}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.authoring.naming_teams import teams_of, unknown_teams
from engine.core.building.findings import Finding, did_you_mean
from engine.core.experiment import Experiment


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    known = teams_of(context.world.roster)
    for team in experiment.teams if known else ():
        if team not in known:
            yield Finding(
                path=("teams", team),
                rule="unknown-team",
                message=f"the roster has no team {team!r}, so this holds for nobody",
                hint=did_you_mean(team, known),
                on="key",
                level="warning",
            )
    yield from unknown_teams(context.content, context.world)
