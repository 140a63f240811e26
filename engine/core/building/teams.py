"""`teams: {west: {params: …}}`: one playbook, other parameters for one team, merged before anything is hashed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def for_team(content: Mapping[str, Any], team: str) -> dict[str, Any]:
    """The playbook as it is for `team` ("" for a team without values of its own)."""
    merged = {key: value for key, value in content.items() if key != "teams"}
    own = (content.get("teams") or {}).get(team) or {}
    if own.get("params"):
        merged["params"] = {**content.get("params", {}), **own["params"]}
    return merged


def teams_of(content: Mapping[str, Any]) -> list[str]:
    """The teams that have values of their own."""
    return [team for team, own in (content.get("teams") or {}).items() if (own or {}).get("params")]
