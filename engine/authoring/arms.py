"""The arms of an experiment: each a playbook of the workspace with the arm's own parameters put over it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from engine.authoring.given import path_in_params
from engine.authoring.patching import key_of
from engine.authoring.variants import Content, with_arm
from engine.core.building.findings import Finding
from engine.core.model import Path, Playbook

Told: TypeAlias = Collection[tuple[str, Path, str]]  # what is said of a playbook already, as patching.key_of names it
Look: TypeAlias = Callable[[str, Content], tuple[Playbook, Sequence[Finding]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Playbooks:
    """What the arms stand on. `usable` and `contents` are those that deals can enter, `there` names all files.

    `look` builds a changed playbook and asks everything that is asked of a playbook.
    """

    usable: Mapping[str, Playbook]
    contents: Mapping[str, Content]
    there: Collection[str]
    look: Look
    told: Mapping[str, Told] = field(default_factory=dict)


def look_at_arms(
    content: Content, playbooks: Playbooks
) -> tuple[dict[str, Playbook], dict[str, Content], list[Finding]]:
    """The playbook of each arm, built and as content, and what only the arms' parameters make wrong.

    An arm without a usable playbook is left out, and so is one whose parameters spoil it.
    """
    built: dict[str, Playbook] = {}
    contents: dict[str, Content] = {}
    found: list[Finding] = []
    for name, arm in content["arms"].items():
        base, params = arm["playbook"], arm.get("params", {})
        if base not in playbooks.usable:
            continue
        whole = contents[name] = with_arm(playbooks.contents[base], params)
        new = _spoilt(name, whole, params, playbooks) if params else (playbooks.usable[base], [])
        found += new[1]
        if not any(finding.level == "error" for finding in new[1]):
            built[name] = new[0]
    return built, contents, found


def _spoilt(
    arm: str, whole: Content, params: Mapping[str, Any], playbooks: Playbooks
) -> tuple[Playbook, list[Finding]]:
    """The playbook with the arm's parameters in it, and what is not told of the playbook itself."""
    name = whole["playbook"]
    alone = {key: value for key, value in whole.items() if key != "teams"}  # theirs were looked at without the arm
    built, findings = playbooks.look(name, alone)
    declared = playbooks.contents[name].get("params", {})
    told = playbooks.told.get(name, ())
    new = [each for each in findings if key_of(each) not in told and not _undeclared(each, declared)]
    return built, [_in_the_experiment(each, arm, whole, params) for each in new]


def _undeclared(finding: Finding, declared: Mapping[str, Any]) -> bool:
    """That there is no such parameter has a rule of its own."""
    return finding.rule == "unused-param" and finding.path[-1] not in declared


def _in_the_experiment(finding: Finding, arm: str, whole: Content, params: Mapping[str, Any]) -> Finding:
    inside = path_in_params(finding, whole, params)
    if inside is not None:
        return replace(finding, path=("arms", arm, "params", *inside), file="")
    message = f"with these parameters: {finding.message}"
    return replace(finding, path=("arms", arm, "params"), message=message, on="key", file="")
