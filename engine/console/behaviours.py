"""The behaviour that a simulation plays with: which file, and what is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        beside = _beside_the_shape(seen, path, _known(workspace))
        return None, sorted({*_with_percentages(seen), *beside})
    findings = Findings()
    behaviour = build_behaviour(seen.content, findings, _known(workspace))
    found = [one for one in findings.found if told or one.level == "error"]
    problems = sorted({*seen.problems, *(problem_of(one, path, seen.source) for one in found)})
    return (None if any(one.level == "error" for one in problems) else behaviour), problems


_GROUPS = ("reps", "replies", "opt_outs", "wins", "happens")  # of chances
_WEIGHTS = ("outcomes", "fields")


def _entries(seen: SeenFile, groups: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    content: Any = seen.source.content if seen.source is not None else None
    for group in groups:
        listed = content.get(group) if isinstance(content, dict) else None
        for key, item in listed.items() if isinstance(listed, dict) else ():
            if isinstance(key, str):
                yield group, key, item


def _with_percentages(seen: SeenFile) -> Iterator[Problem]:
    """The problems of the shape; a share that was written in percent gets told how to write it."""
    hints: dict[Any, str] = {}
    for group, key, item in _entries(seen, _GROUPS):
        written = item.get("share") if isinstance(item, dict) else item
        places: list[tuple[tuple[int, ...], Any]] = [((), written)]
        if isinstance(written, list):
            places = [((at,), one) for at, one in enumerate(written)]
        for more, one in places:
            path = (group, key, *(("share",) if isinstance(item, dict) else ()), *more)
            if seen.source is not None and (hint := _share_hint(one)):
                hints[seen.source.where(path)] = hint
    for problem in seen.problems:
        yield replace(problem, hint=hints.get(problem.location, problem.hint))


def _share_hint(written: object) -> str:
    """`write 0.8`, where 80% is written; of a bare number above 1 one can only guess."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", str(written))
    if found is None or isinstance(written, bool):
        return ""
    value = float(found[1])
    if not 0 <= value <= 100 or (not found[2] and value <= 1):
        return ""
    return f"write {value / 100:.10g}" + ("" if found[2] else f" for {value:g} %")


def _beside_the_shape(seen: SeenFile, path: str, known: Known) -> Iterator[Problem]:
    """What else is wrong: entry by entry, those left out that have not their shape."""
    from engine.authoring.known import problem_of
    from engine.core.building.findings import Findings
    from engine.simulation.building import build_behaviour

    for group, key, item in _entries(seen, (*_GROUPS, *_WEIGHTS)):
        findings = Findings()
        try:
            build_behaviour({"behaviour": "one", group: {key: item}}, findings, known)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        yield from (problem_of(one, path, seen.source) for one in findings.found)


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
