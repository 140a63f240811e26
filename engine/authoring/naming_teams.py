"""Where a file says which team is meant: in a condition on the deal's team, or in a lookup by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path
from engine.core.roster import Roster
from engine.core.world import World

NOBODY = "none"  # of no team: what a parameter says until somebody names one
_NAMES = ("team", "deal.team")
_ONE, _SEVERAL = ("is", "is_not"), ("any_of", "none_of")
Named: TypeAlias = tuple[Path, str, Literal["key", "value"]]  # path, team, which of the two names it


def unknown_teams(content: Any, world: World, path: Path = ()) -> Iterator[Finding]:
    """A warning for each team in `content`, which stands at `path` of its file, that the roster does not have.

    Teams that fields.yaml lists are checked against that list, as every choice is.
    """
    declared = world.vocabulary.fields.get("deal.team")
    known = teams_of(world.roster)
    if not known or (declared is not None and declared.values):
        return
    params = content.get("params") if isinstance(content, Mapping) and not path else None
    for where, team, on in dict.fromkeys(_named(content, path, params or {})):
        finding = team_finding(where, team, known, on)
        if finding is not None:
            yield finding


def team_finding(path: Path, team: str, known: Collection[str], on: Literal["key", "value"]) -> Finding | None:
    """The warning about `team`, if it is not one of `known`."""
    if team in (*known, NOBODY, ""):
        return None
    message = f"the roster has no team {team!r}, so no deal is meant"
    hint = did_you_mean(team, known)
    return Finding(path=path, rule="unknown-team", message=message, hint=hint, level="warning", on=on)


def teams_of(roster: Roster) -> set[str]:
    """Those that it lists, and those of its people."""
    return {*roster.teams, *(person.team for person in roster.people.values())} - {""}


def _named(node: Any, path: Path, params: Mapping[str, Any]) -> Iterator[Named]:
    if isinstance(node, Mapping):
        if node.get("by") in _NAMES and isinstance(node.get("values"), Mapping):
            yield from (((*path, "values", key), str(key), "key") for key in node["values"])
        for key, item in node.items():
            if key in _NAMES and isinstance(item, Mapping):
                yield from _compared(item, (*path, key), params)
            yield from _named(item, (*path, key), params)
    elif isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _named(item, (*path, index), params)


def _compared(asked: Mapping[str, Any], path: Path, params: Mapping[str, Any]) -> Iterator[Named]:
    for operator in _ONE:
        if operator in asked:
            yield from _meant(asked[operator], (*path, operator), params)
    for operator in _SEVERAL:
        listed = asked.get(operator)
        for index, each in enumerate(listed) if isinstance(listed, (list, tuple)) else ():
            yield from _meant(each, (*path, operator, index), params)


def _meant(value: Any, path: Path, params: Mapping[str, Any]) -> Iterator[Named]:
    """A team as written, or what a parameter says."""
    if isinstance(value, str):
        yield path, value, "value"
    elif isinstance(value, Mapping) and isinstance(params.get(str(value.get("field"))), str):
        name = str(value["field"])
        yield ("params", name), params[name], "value"
