"""A playbook has values for a team that the roster does not have, or for a parameter that the playbook does not have.

They would never be used. Write the team as in library/roster.yaml, and a parameter of `params`.

    teams:
      west: {params: {check_in_after: 6w}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known = {*context.world.roster.teams, *(person.team for person in context.world.roster.people.values())} - {""}
    for team, params in playbook.team_params.items():
        if team not in known:
            yield _finding(("teams", team), f"there is no team {team!r}", did_you_mean(team, known))
        for name in params:
            if name not in playbook.params:
                path = ("teams", team, "params", name)
                yield _finding(path, f"there is no parameter {name!r}", did_you_mean(name, playbook.params))


def _finding(path: tuple[str, ...], message: str, hint: str) -> Finding:
    return Finding(path=path, rule="unknown-team", message=message, hint=hint, on="key")
