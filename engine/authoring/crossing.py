"""What has to fit between the files of a workspace that are no playbooks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias

from engine.authoring.library import check_roster, check_zone, reason_names
from engine.authoring.naming_teams import team_finding, teams_of, unknown_teams
from engine.authoring.shelf import EXPERIMENTS, LIBRARY, SETTINGS, Shelf
from engine.core.building.findings import Findings, did_you_mean
from engine.core.building.guards import optional_condition
from engine.core.building.playbook import limits
from engine.core.building.words import Words
from engine.core.vocabulary import ENTITIES

Check: TypeAlias = Callable[[Shelf, Any, Mapping[str, Mapping[str, Any]], Findings], None]


def check_shelf(shelf: Shelf, playbooks: Mapping[str, Mapping[str, Any]]) -> None:
    """Add to each file of the shelf what does not fit the others. `playbooks` are the contents by name."""
    for path, check in _CHECKS.items():
        seen = shelf.seen.get(path)
        if seen is not None and seen.content is not None:
            findings = Findings()
            check(shelf, seen.content, playbooks, findings)
            seen.report(findings.found, shelf.folder)


def _fields(shelf: Shelf, content: Any, playbooks: Mapping[str, Any], findings: Findings) -> None:
    words = Words(vocabulary=shelf.world.vocabulary, findings=findings)
    for entity in ENTITIES:
        for name, item in (content.get(entity) or {}).items():
            optional_condition(words, item.get("required", {}), (entity, name, "required"))
    findings.found += unknown_teams(content, shelf.world)


def _scores(shelf: Shelf, content: Any, playbooks: Mapping[str, Any], findings: Findings) -> None:
    findings.found += unknown_teams(content, shelf.world)


def _roster(shelf: Shelf, content: Any, playbooks: Mapping[str, Any], findings: Findings) -> None:
    check_roster(content, shelf.world.roster, findings)
    known = teams_of(shelf.world.roster)
    for name, role in (content.get("roles") or {}).items():
        for team in role.get("people") or {} if str(role.get("by", "")) in ("team", "deal.team") and known else ():
            finding = team_finding(("roles", name, "people", team), team, known, "key")
            findings.found += [finding] if finding is not None else []
        by = str(role.get("by", ""))
        if by and shelf.world.vocabulary.find(by) is None:
            hint = did_you_mean(by, shelf.world.vocabulary.names())
            findings.add(("roles", name, "by"), "unknown-field", f"there is no field {by!r}", hint)
    for name, team in (content.get("teams") or {}).items():
        calendar = (team or {}).get("calendar")
        if calendar and calendar not in shelf.world.calendars:
            hint = did_you_mean(calendar, shelf.world.calendars)
            findings.add(("teams", name, "calendar"), "unknown-calendar", f"there is no calendar {calendar!r}", hint)


def _reasons(shelf: Shelf, content: Any, playbooks: Mapping[str, Any], findings: Findings) -> None:
    """A reason that a rep can choose and nobody can report on, or the other way round."""
    declared = shelf.world.vocabulary.fields.get("deal.lost_reason")
    if declared is None or not declared.values:
        return
    for name in sorted(set(reason_names(content)) - set(declared.values)):
        path = next(_reason_paths(content, name), ("reasons",))
        hint = "add it to the values of deal.lost_reason in fields.yaml"
        findings.add(path, "unknown-value", f"no deal can have the lost reason {name!r}", hint, on="key")
    for name in sorted(set(declared.values) - set(reason_names(content))):
        findings.add(
            ("reasons",), "missing-reason", f"deals can have the lost reason {name!r}, which is not in this tree",
            "add it, or take it out of fields.yaml", on="key",
        )  # fmt: skip


def _reason_paths(content: Any, name: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, item in (content.get("reasons") or {}).items():
        inner = (*path, "reasons", key)
        if key == name:
            yield inner
        elif isinstance(item, Mapping):
            yield from _reason_paths(item, name, inner)


def _settings(shelf: Shelf, content: Any, playbooks: Mapping[str, Any], findings: Findings) -> None:
    workspace = content.get("workspace", {})
    calendar = workspace.get("calendar", "office")
    if calendar not in shelf.world.calendars:
        path = ("workspace", "calendar")
        hint = did_you_mean(calendar, shelf.world.calendars)
        findings.add(path, "unknown-calendar", f"there is no calendar {calendar!r}", hint)
    if "zone" in workspace:
        check_zone(workspace["zone"], ("workspace", "zone"), findings)
    limits(Words(vocabulary=shelf.world.vocabulary, findings=findings), content.get("limits", ()), ("limits",))
    for index, limit in enumerate(content.get("limits", ())):
        hours = limit.get("hours")
        if hours is not None and hours not in shelf.world.windows:
            hint = did_you_mean(hours, shelf.world.windows)
            findings.add(("limits", index, "hours"), "unknown-window", f"there is no window {hours!r}", hint)
    _order(workspace, playbooks, shelf, findings)
    _params(content.get("params", {}), playbooks, shelf.unread, findings)


def _order(workspace: Mapping[str, Any], playbooks: Mapping[str, Any], shelf: Shelf, findings: Findings) -> None:
    """The list has every playbook that deals enter by themselves; the arms of experiments need not be in it."""
    path = ("workspace", "playbooks")
    for name in workspace.get("playbooks", ()):
        if name not in playbooks and name not in shelf.unread:
            findings.add(path, "unknown-playbook", f"there is no playbook {name!r}", did_you_mean(name, playbooks))
    in_experiments = _arms(shelf)
    if in_experiments is None:
        return
    for name in sorted(set(playbooks) - set(workspace.get("playbooks", playbooks)) - in_experiments):
        hint = f'add "{name}" where it belongs in the order'
        message = f"no deal enters {name!r}: it is not in this list"
        findings.add(path, "playbook-not-listed", message, hint, on="key", level="warning")


def _arms(shelf: Shelf) -> set[str] | None:
    """The playbooks that experiments draw deals into; None where a file cannot be read: it may name any."""
    files = [seen.effective for path, seen in shelf.seen.items() if path.startswith(f"{EXPERIMENTS}/")]
    if None in files:
        return None
    return {arm["playbook"] for content in files for arm in content["arms"].values()}


def _params(
    params: Mapping[str, Any], playbooks: Mapping[str, Any], unread: Collection[str], findings: Findings
) -> None:
    for name, given in params.items():
        path = ("params", name)
        if name in unread:
            continue
        if name not in playbooks:
            hint = did_you_mean(name, playbooks)
            findings.add(path, "unknown-playbook", f"there is no playbook {name!r}", hint, on="key")
            continue
        declared = playbooks[name].get("params", {})
        for param in given:
            if param not in declared:
                hint = did_you_mean(param, declared)
                message = f"{name} has no parameter {param!r}"
                findings.add((*path, param), "unknown-parameter", message, hint, on="key")


_CHECKS: dict[str, Check] = {
    f"{LIBRARY}/fields.yaml": _fields,
    f"{LIBRARY}/roster.yaml": _roster,
    f"{LIBRARY}/scores.yaml": _scores,
    f"{LIBRARY}/loss-reasons.yaml": _reasons,
    SETTINGS: _settings,
}
