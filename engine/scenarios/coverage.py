"""What the scenarios of a playbook reached: states, transitions, and the outcomes that its author wrote down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.authoring.known import read_file
from engine.authoring.patching import merged_source
from engine.authoring.places import Source
from engine.authoring.source import read_yaml
from engine.authoring.workspace import Workspace
from engine.core.account import HistoryEntry
from engine.core.model import Path, Playbook
from engine.core.problem import Location
from engine.scenarios.inheriting import inherited
from engine.scenarios.model import Played

Kind: TypeAlias = Literal["state", "transition", "outcome"]
Goal: TypeAlias = tuple[Kind, str]  # ("state", "TRACK.STATE"), ("transition", PLACE), ("outcome", "ACTION.OUTCOME")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreached:
    """One thing that no scenario reached, and where it is written. `place`: of a transition, its rank in the file."""

    kind: Kind
    name: str
    location: Location
    place: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How much of one playbook its scenarios reached.

    Of a variant only what is not so in its `base` counts. `inherited` is how much is: the base's scenarios reach that.
    """

    playbook: Playbook
    scenarios: int
    goals: Mapping[Kind, int]  # how many there are
    unreached: Sequence[Unreached]
    base: str = ""
    inherited: int = 0

    @property
    def percent(self) -> float:
        """Of all goals, 0 to 100. Only 100 when nothing is missing."""
        total = sum(self.goals.values())
        return 100.0 * (total - len(self.unreached)) / total if total else 100.0


def coverage(workspace: Workspace, played: Sequence[Played], names: Iterable[str]) -> list[Coverage]:
    """For each playbook of `names`, by name; one without a scenario has reached nothing.

    A scenario that expects nothing shows nothing: what it passes by is not reached.
    """
    found = []
    for name in sorted(set(names) & set(workspace.playbooks)):
        own = [one for one in played if one.scenario.playbook == name and one.scenario.expects]
        reached = {goal for one in own for history in one.histories for goal in _reached(history)}
        found.append(_coverage(workspace, workspace.playbooks[name], len(own), reached))
    return found


def _coverage(workspace: Workspace, playbook: Playbook, scenarios: int, reached: set[Goal]) -> Coverage:
    source = _source(workspace, playbook.name)
    base = workspace.playbooks.get(str(source.content.get("extends", ""))) if source is not None else None
    every = goals = _goals(playbook)
    if base is not None:
        shown = inherited(playbook, base)
        goals = {goal: path for goal, path in every.items() if goal not in shown}
    where = _lines(workspace, playbook.name, source, base)
    missing = [
        Unreached(
            kind=goal[0], name=goal[1], location=where(path), place=int(goal[1]) if goal[0] == "transition" else -1
        )
        for goal, path in goals.items()
        if goal not in reached
    ]
    counts: dict[Kind, int] = {"state": 0, "transition": 0, "outcome": 0}
    for kind, _ in goals:
        counts[kind] += 1
    return Coverage(
        playbook=playbook, scenarios=scenarios, goals=counts,
        unreached=sorted(missing, key=lambda one: (one.location, one.kind, one.name)),
        base=base.name if base is not None else "", inherited=len(every) - len(goals),
    )  # fmt: skip


def _goals(playbook: Playbook) -> dict[Goal, Path]:
    """Everything that can be reached, with its path in the file."""
    goals: dict[Goal, Path] = {}
    for track in playbook.tracks.values():
        for state in track.states.values():
            goals["state", f"{track.name}.{state.name}"] = state.path
    for transition in playbook.transitions():
        goals["transition", str(transition.place)] = transition.path
    for action in playbook.actions():
        for index, outcome in enumerate(action.outcomes):
            path = (*action.path, "outcomes", index)
            goals["outcome", f"{action.name}.{outcome}"] = path
        if action.expires is not None:
            goals["outcome", f"{action.name}.expired"] = (*action.path, "expires")
    return goals


def _reached(history: Iterable[HistoryEntry]) -> Iterable[Goal]:
    for entry in history:
        for line in entry.did:
            if line[0] == "entered":
                yield "state", f"{line[1]}.{line[2]}"
            elif line[0] == "took":
                yield "transition", str(line[3])
            elif line[0] == "closed":
                yield "outcome", f"{line[1]}.{line[3]}"


def _source(workspace: Workspace, name: str) -> Source | None:
    """The file of a playbook as it is written; None where it cannot be read."""
    file = f"playbooks/{name}.yaml"
    raw = read_file(workspace.folder, file, {}).content
    source = read_yaml(file, raw) if isinstance(raw, bytes) else None
    return source if isinstance(source, Source) and isinstance(source.content, Mapping) else None


def _lines(workspace: Workspace, name: str, source: Source | None, base: Playbook | None) -> Callable[[Path], Location]:
    """The lines of a playbook's file by path; of a variant those of its patch; the first where it cannot be read."""
    if source is None:
        return lambda _path: Location(file=f"playbooks/{name}.yaml", line=1, column=1)
    if base is not None and base.name in workspace.bases:
        return merged_source(source, workspace.bases[base.name]).where_key
    return source.where_key
