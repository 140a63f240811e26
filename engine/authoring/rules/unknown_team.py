"""A playbook names a team that the roster does not have, or a team's value for a parameter that it does not have.

No deal is of that team, so the values would never be used, and the condition would never hold. Write the team as in
library/roster.yaml, and a parameter of `params`. `none` is no team.

    if: {team: {is: west}}
    …
    teams:
      west: {params: {check_in_after: 6w}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.naming_teams import teams_of, unknown_teams
from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known = teams_of(context.world.roster)
    for team, params in playbook.team_params.items():
        if team not in known:
            yield _finding(("teams", team), f"there is no team {team!r}", did_you_mean(team, known))
        for name in params:
            if name not in playbook.params:
                path = ("teams", team, "params", name)
                yield _finding(path, f"there is no parameter {name!r}", did_you_mean(name, playbook.params))
    yield from unknown_teams(context.content, context.world)


def _finding(path: tuple[str, ...], message: str, hint: str) -> Finding:
    return Finding(path=path, rule="unknown-team", message=message, hint=hint, on="key")
