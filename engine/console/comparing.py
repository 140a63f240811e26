"""`playbook diff`: what one playbook does otherwise than another, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import FINE, PROBLEMS, WHERE_TO_GO, Desk, Refused

if TYPE_CHECKING:
    from engine.authoring.workspace import Workspace
    from engine.core.differences import Difference
    from engine.core.model import Revision

_INDENT = "  "
_COLOURS = {"- ": "red", "+ ": "green"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One of the two: plain `content` to be pinned here, or a `revision` that the database has pinned already."""

    content: Mapping[str, Any] | None = None
    revision: Revision | None = None


@click.command(
    "diff", epilog="Examples: playbook diff check-in check-in-ten-weeks    playbook diff old/check-in.yaml check-in    "
    "playbook diff check-in@3f9a check-in",
)  # fmt: skip
@click.argument("old")
@click.argument("new")
@click.option("--team", default="", help="As the playbooks are for this team.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def diff(desk: Desk, old: str, new: str, team: str, form: str) -> int:
    """Compare two playbooks by what they mean: who does what, when, and where it leads.

    OLD and NEW are names of playbooks, files, or NAME@REVISION for one that deals are in. Exit code 0: they mean the
    same; 1: they do not.
    """
    from engine.core.differences import differences

    workspace = desk.files_alone(WHERE_TO_GO)  # what is broken is not compared in an older version
    _check_team(workspace, team)
    sides = [_side(desk, workspace, name) for name in (old, new)]
    stored = any(side.revision is not None for side in sides)
    one, other = (_revision(side, workspace, team, stored=stored) for side in sides)
    found = differences(one, other)
    if form == "json":
        click.echo(_as_json(old, new, team, found))
    elif found:
        click.echo("\n".join(_text(found, colour=desk.colour)))
    else:
        desk.say(f"{old} and {new} mean the same")
    return PROBLEMS if found else FINE


# --- the two sides --------------------------------------------------------------------------------------------------


def _check_team(workspace: Workspace, team: str) -> None:
    from engine.core.building.findings import did_you_mean
    from engine.core.building.teams import teams_of

    known = {*workspace.world.roster.teams}
    known.update(name for content in workspace.contents.values() for name in teams_of(content))
    if team and team not in known:
        raise Refused(f"there is no team {team!r}", did_you_mean(team, known))


def _side(desk: Desk, workspace: Workspace, name: str) -> _Side:
    if name in workspace.contents:
        return _Side(content=workspace.contents[name])
    path = Path(name)
    if path.is_file():
        return _Side(content=_file(path, workspace))
    if "@" in name and not path.suffix:
        return _Side(revision=_stored(desk, *name.split("@", 1)))
    if (desk.folder / "playbooks" / f"{name}.yaml").is_file():
        raise Refused(f"the playbook {name!r} has errors", "`playbook validate` tells which; mend them, then compare")
    if path.suffix or len(path.parts) > 1:
        raise Refused(f"there is no file {name}", "write a file as you would for `cat`, or the name of a playbook")
    from engine.core.building.findings import did_you_mean

    raise Refused(f"there is no playbook {name!r}", did_you_mean(name, workspace.contents))


def _file(path: Path, workspace: Workspace) -> Mapping[str, Any]:
    from engine.authoring.alone import read_alone
    from engine.authoring.report import render

    try:
        found = read_alone(path, workspace)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None
    if isinstance(found, list):
        click.echo(render(found), err=True)
        raise Refused(f"{path} is no playbook that can be compared", "mend it, or compare the version before")
    return found


def _stored(desk: Desk, name: str, prefix: str) -> Revision:
    """The revision of the playbook `name` that the database has under this hash, or under one in use that begins so."""
    from engine.core.building.revision import revision_from

    in_use = desk.store.revisions_in_use()
    hashes = [prefix] if prefix and desk.store.revision(prefix) else [one for one in in_use if one.startswith(prefix)]
    found = [one for each in hashes if (one := desk.store.revision(each)) is not None and one.playbook == name]
    if len(found) != 1:
        running = [each for each in in_use if (one := desk.store.revision(each)) is not None and one.playbook == name]
        told = ", ".join(f"{each} ({in_use[each]} open)" for each in sorted(running))
        which = "several revisions begin" if found else "no revision begins"
        hint = f"deals are in {told}" if told else "no deal is in this playbook; write the whole name of the revision"
        raise Refused(f"{which} with {prefix!r} in {name!r}", hint)
    return revision_from(found[0].content, found[0].hash)


def _revision(side: _Side, workspace: Workspace, team: str, *, stored: bool) -> Revision:
    """A stored revision is that of one team, so beside it the parameters of other teams are no difference."""
    from engine.core.building.revision import pinned, revision_from
    from engine.core.building.teams import for_team

    if side.revision is not None:
        return side.revision
    content = side.content or {}
    content = for_team(content, team) if team or stored else content
    content = _without_other_teams(content, team) if team else content
    return revision_from(pinned(content, workspace.world.vocabulary, workspace.templates), "")


def _without_other_teams(content: Any, team: str) -> Any:
    """What a lookup by the team gives `team`, in place of the lookup: what it gives others is no difference for it."""
    if isinstance(content, Mapping):
        values = content.get("values")
        if content.get("by") in ("team", "deal.team") and isinstance(values, Mapping) and "otherwise" in content:
            return values.get(team, content["otherwise"])
        return {key: _without_other_teams(item, team) for key, item in content.items()}
    return [_without_other_teams(item, team) for item in content] if isinstance(content, list) else content


# --- how it is told -------------------------------------------------------------------------------------------------


def _as_json(old: str, new: str, team: str, found: Sequence[Difference]) -> str:
    from engine.console.tables import as_json

    record = {"old": old, "new": new, "team": team, "same": not found}
    return as_json({**record, "differences": [asdict(each) for each in found]})


def _text(found: Sequence[Difference], *, colour: bool) -> Iterator[str]:
    """Each piece once as a heading, what is different in it below."""
    before: tuple[str, ...] = ()
    for each in found:
        for depth, head in enumerate(each.where):
            if each.where[: depth + 1] != before[: depth + 1]:
                yield _line(depth, head, bold=colour and depth == 0)
        before = each.where
        yield _line(len(each.where), _told(each))
        for line in each.lines:
            yield _line(len(each.where) + 1, line, colour=_COLOURS.get(f"{line[:1]} ") if colour else None)


def _told(each: Difference) -> str:
    if each.kind == "moved":
        return f"{each.what}: stood in {each.old} before"
    if each.kind == "renamed":
        return f"{each.what}: was called {each.old}, and is the same"
    if each.kind == "changed":
        return f"{each.what}: {each.old} → {each.new}" if each.old or each.new else f"{each.what}:"
    words = each.new or each.old
    return f"{each.kind} {each.what}{f': {words}' if words else ''}"


def _line(depth: int, text: str, *, bold: bool = False, colour: str | None = None) -> str:
    from engine.console.tables import clean

    styled = click.style(clean(text), bold=bold, fg=colour) if bold or colour else clean(text)
    return _INDENT * depth + styled


COMMANDS = {"diff": diff}
