"""The behaviour that a simulation plays with: which file, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.console.desk import PROBLEMS, Desk, Refused
from engine.data_dir import data_dir

if TYPE_CHECKING:
    from engine.authoring.known import SeenFile
    from engine.authoring.workspace import Workspace
    from engine.core.problem import Problem
    from engine.simulation.behaviour import Behaviour
    from engine.simulation.building import Known

FOLDER = "playbooks/behaviours"
EXAMPLE = "example"


def chosen_behaviour(desk: Desk, wanted: str | None) -> tuple[Behaviour, str]:
    """The behaviour named by a file or by its name, else the example; with the file as people know it.

    Raises Refused if there is none; ends the command with the problems of a file that cannot be used.
    """
    folder, path, shown = _file(desk, wanted)
    behaviour, problems = read_behaviour(desk.workspace, folder, path, told=wanted is not None)
    if problems:
        from engine.authoring.report import render

        click.echo(render(problems, "text", colour=desk.colour), err=True)
    if behaviour is None:
        raise Refused(f"{shown} cannot be used", "mend what stands above, then simulate again", PROBLEMS)
    return behaviour, shown


def read_behaviour(
    workspace: Workspace, folder: Path, path: str, *, told: bool = True
) -> tuple[Behaviour | None, list[Problem]]:
    """One file and what is wrong in it; None if it cannot be used. `told` False: names that this workspace lacks are no
    concern, as in the file that is shipped."""
    from engine.authoring.known import parse_yaml, problem_of, read_file
    from engine.core.building.findings import Findings
    from engine.simulation.building import build_behaviour

    seen: SeenFile = read_file(folder, path, {})
    parse_yaml(seen, "behaviour", data_dir("schemas"))
    if seen.content is None:
        return None, sorted(seen.problems)
    findings = Findings()
    behaviour = build_behaviour(seen.content, findings, _known(workspace))
    found = [one for one in findings.found if told or one.level == "error"]
    problems = sorted({*seen.problems, *(problem_of(one, path, seen.source) for one in found)})
    return (None if any(one.level == "error" for one in problems) else behaviour), problems


def problems(workspace: Workspace) -> list[Problem]:
    """What is wrong in the behaviour files of a workspace, for `playbook validate`."""
    place = workspace.folder / FOLDER
    files = sorted(file.name for file in place.glob("*.yaml")) if place.is_dir() else []
    found: list[Problem] = []
    for name in files:
        _, wrong = read_behaviour(workspace, workspace.folder, f"{FOLDER}/{name}", told=name != f"{EXAMPLE}.yaml")
        found += wrong
    return found


def _known(workspace: Workspace) -> Known:
    from engine.simulation.building import Known

    actions: dict[str, tuple[str, ...]] = {}
    ends: set[str] = set()
    for playbook in workspace.playbooks.values():
        ends.update(playbook.ends)
        for action in playbook.actions():
            actions[action.name] = tuple(dict.fromkeys((*actions.get(action.name, ()), *action.outcomes, "done")))
    return Known(vocabulary=workspace.world.vocabulary, actions=actions, ends=frozenset(ends))


def _file(desk: Desk, wanted: str | None) -> tuple[Path, str, str]:
    """The folder and the file in it to be read, and what people call it."""
    own = desk.folder / FOLDER
    if wanted is None:
        if (own / f"{EXAMPLE}.yaml").is_file():
            return desk.folder, f"{FOLDER}/{EXAMPLE}.yaml", f"{FOLDER}/{EXAMPLE}.yaml"
        return data_dir("playbooks"), f"behaviours/{EXAMPLE}.yaml", "the guesses that come with the program"
    if (own / f"{wanted}.yaml").is_file():
        return desk.folder, f"{FOLDER}/{wanted}.yaml", f"{FOLDER}/{wanted}.yaml"
    for place in (Path(wanted), desk.folder / wanted):
        if place.is_file():
            return place.parent, place.name, wanted
    from engine.runner.lookup import listed_names, nearest

    known = [file.stem for file in own.glob("*.yaml")] if own.is_dir() else []
    hint = nearest(wanted, known) or listed_names(known) or "`playbook simulate --fit` writes one from your history"
    raise Refused(f"there is no behaviour {wanted!r}", hint)
