"""The experiments of a workspace: read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.authoring.folders import read_folder
from engine.authoring.known import SeenFile
from engine.authoring.shelf import EXPERIMENTS, Shelf
from engine.core.building.experiment import build_experiment
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment

if TYPE_CHECKING:
    from engine.authoring.arms import Playbooks


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiments:
    """Those that can be used, by name, and what stands in their files."""

    built: Mapping[str, Experiment] = field(default_factory=dict)
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_experiments(shelf: Shelf) -> dict[str, SeenFile]:
    """The files of the folder `playbooks/experiments`, by file name without its ending; they stand in `shelf.seen`."""
    found = read_folder(shelf, EXPERIMENTS, "experiment")
    shelf.seen.update((seen.path, seen) for seen in found.values())
    return found


def usable_experiments(shelf: Shelf, files: Mapping[str, SeenFile], playbooks: Playbooks | None) -> Experiments:
    """Those that can be used, in this or in their last good version; what is wrong is told at each file.

    Without `playbooks` nothing changed since everything was checked, so nothing is checked.
    """
    drafts = dict(_drafts(shelf, files)) if playbooks is not None else {}
    built: dict[str, Experiment] = {}
    contents: dict[str, Mapping[str, Any]] = {}
    for name, seen in files.items():
        for content in _candidates(seen):
            findings = _findings(shelf, seen, content, playbooks, drafts) if playbooks is not None else []
            if content is seen.content and findings:
                _tell(shelf, seen, findings)
            if not any(finding.level == "error" or finding.rule == "broken-playbook" for finding in findings):
                built[name], contents[name] = build_experiment(content, shelf.world.vocabulary)[0], content
                break
    return Experiments(built=built, contents=contents)


def _candidates(seen: SeenFile) -> list[Mapping[str, Any]]:
    """What stands in the file, then its last good version."""
    found = [seen.content] if seen.content is not None else []
    if seen.fresh and seen.last_good is not None and seen.last_good != seen.content:
        found.append(seen.last_good)
    return found


def _drafts(shelf: Shelf, files: Mapping[str, SeenFile]) -> Iterator[tuple[str, Experiment]]:
    """Those whose own words can be read, whatever else is wrong with them."""
    for name, seen in files.items():
        if seen.effective is not None:
            experiment, words = build_experiment(seen.effective, shelf.world.vocabulary)
            if words.findings.sound:
                yield name, experiment


def _findings(
    shelf: Shelf, seen: SeenFile, content: Mapping[str, Any], playbooks: Playbooks, drafts: Mapping[str, Experiment]
) -> Sequence[Finding]:
    # the rules are imported only when something has to be checked
    from engine.authoring.arms import look_at_arms
    from engine.authoring.experiment_rules import RULES
    from engine.authoring.experiment_rules.context import Context

    experiment, words = build_experiment(content, shelf.world.vocabulary)
    built, wholes, found = look_at_arms(content, playbooks)
    context = Context(
        file=seen.path,
        content=content,
        words=words,
        world=shelf.world,
        playbooks=playbooks,
        arms=built,
        wholes=wholes,
        experiments=drafts,
    )
    of_rules = (finding for rule in RULES.values() for finding in rule(experiment, context))
    return [*words.findings.found, *found, *of_rules]


def _tell(shelf: Shelf, seen: SeenFile, findings: Sequence[Finding]) -> None:
    from engine.authoring.broken import shortened

    seen.report(shortened(findings, shelf.broken), shelf.folder)
