"""The files of `playbooks/scenarios/`, read with everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from engine.authoring.known import SeenFile, parse_yaml, problem_of, read_file
from engine.authoring.workspace import Workspace
from engine.core.building.findings import Finding, Findings
from engine.core.model import Path
from engine.core.problem import Problem
from engine.data_dir import data_dir
from engine.scenarios.checking import BROKEN, check
from engine.scenarios.model import Scenario, ScenarioFile, Step

FOLDER = "playbooks/scenarios"
STEPS = (
    "expect", "event", "wait", "change", "skip", "defer", "reassign", "pause", "release", "enrol", "answer", "until",
)  # fmt: skip  # `until` comes last: beside `defer` it says until when


def paths(folder: FilePath) -> list[str]:
    """The scenario files of a workspace, as they are named in messages."""
    place = folder / FOLDER
    files = sorted(place.iterdir()) if place.is_dir() else []
    return [f"{FOLDER}/{file.name}" for file in files if file.suffix in (".yaml", ".yml") and file.name[0] != "."]


def read_scenarios(workspace: Workspace, chosen: Iterable[str] | None = None) -> list[ScenarioFile]:
    """The `chosen` files (default: all), each with its problems; nothing is played. Opens no database."""
    taken: dict[tuple[str, str], str] = {}
    return [_read(workspace, path, taken) for path in (paths(workspace.folder) if chosen is None else chosen)]


def problems(workspace: Workspace) -> list[Problem]:
    """Everything that is wrong in the scenario files, for `playbook validate`."""
    return [problem for file in read_scenarios(workspace) for problem in file.problems]


def _read(workspace: Workspace, path: str, taken: dict[tuple[str, str], str]) -> ScenarioFile:
    if path.endswith(".yml"):
        seen = SeenFile(path=path, hash="", fresh=True)
        name = FilePath(path).with_suffix(".yaml").name
        seen.complain("wrong-file-name", "this file is not read", f"rename it to {name}")
        return ScenarioFile(path=path, problems=tuple(seen.problems))
    seen = read_file(workspace.folder, path, {})
    parse_yaml(seen, "scenario", data_dir("schemas"))
    if seen.content is None:
        return ScenarioFile(path=path, source=seen.source, problems=tuple(seen.problems))
    sound: list[Scenario] = []
    refused: list[Scenario] = []
    found = list(seen.problems)
    told: set[tuple[str, str]] = set()
    for scenario in _scenarios(seen.content):
        findings = Findings()
        check(scenario, workspace, findings)
        _check_name(scenario, path, taken, findings)
        unfit = any(finding.level == "error" or finding.rule == BROKEN for finding in findings.found)
        (refused if unfit else sound).append(scenario)
        found += [problem_of(finding, path, seen.source) for finding in _new(findings.found, told)]
    return ScenarioFile(
        path=path,
        source=seen.source,
        scenarios=tuple(sound),
        refused=tuple(refused),
        problems=tuple(sorted(set(found))),
    )


def _new(found: Iterable[Finding], told: set[tuple[str, str]]) -> Iterator[Finding]:
    """What is no fault of one scenario, such as a playbook that cannot be used, is said once in each file."""
    for finding in found:
        key = (finding.rule, finding.message)
        if finding.level == "error" or key not in told:
            yield finding
        told.add(key)


def _check_name(scenario: Scenario, path: str, taken: dict[tuple[str, str], str], findings: Findings) -> None:
    """A report, and `-k`, must be able to tell two scenarios apart."""
    key = (scenario.playbook, scenario.name)
    if key in taken:
        message = f"there is a scenario {scenario.name!r} of {scenario.playbook} already, in {taken[key]}"
        findings.add((*scenario.path, "scenario"), "written-twice", message, "give this one another name")
    taken.setdefault(key, path)


def _scenarios(content: Mapping[str, Any]) -> Iterator[Scenario]:
    """One, or those of the list; what the file says beside the list holds for all of them."""
    if "scenarios" not in content:
        yield _scenario(content, {}, ())
        return
    for index, said in enumerate(content["scenarios"]):
        yield _scenario(said, content, ("scenarios", index))


def _scenario(said: Mapping[str, Any], common: Mapping[str, Any], path: Path) -> Scenario:
    steps = tuple(
        Step(kind=_keyword(step), said=step, path=(*path, "steps", index)) for index, step in enumerate(said["steps"])
    )
    both = {**common, **said}
    return Scenario(
        name=str(said["scenario"]), playbook=str(both.get("playbook", "")), path=path, steps=steps, said=said,
        deal={**(common.get("deal") or {}), **(said.get("deal") or {})},
        account={**(common.get("account") or {}), **(said.get("account") or {})},
        contacts=tuple(both.get("contacts") or ()), colleagues=tuple(both.get("colleagues") or ()),
        start=str(both.get("start", "")), enrol=both.get("enrol", ""),
    )  # fmt: skip


def _keyword(step: Mapping[str, Any]) -> str:
    return next((keyword for keyword in STEPS if keyword in step), "")
