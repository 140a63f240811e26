"""One playbook file, wherever it lies, read as if it stood in a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.authoring.patching import misfits
from engine.authoring.places import Source
from engine.authoring.schema import check
from engine.authoring.source import read_yaml
from engine.authoring.variants import merged_variant, with_params
from engine.authoring.workspace import Workspace
from engine.core.building.findings import did_you_mean
from engine.core.problem import Problem
from engine.data_dir import data_dir


def read_alone(path: Path, workspace: Workspace) -> Mapping[str, Any] | list[Problem]:
    """The playbook in the file `path`, with what it extends and the workspace's parameters; or what is wrong with it.

    Only its shape is checked: an old file may name what the workspace no longer has. Raises OSError.
    """
    schemas = data_dir("schemas")
    found = read_yaml(str(path), path.read_bytes())
    if not isinstance(found, Source):
        return found
    problems = check(found, "playbook", schemas)
    if problems:
        return problems
    content: Mapping[str, Any] = found.content
    if "extends" in content:
        base = workspace.bases.get(content["extends"])
        if base is None:
            return [_no_base(found, workspace)]
        problems = misfits(found, base, schemas)
        content = merged_variant(base, content)
    return problems or with_params(content, workspace.settings.params.get(content["playbook"], {}))


def _no_base(source: Source, workspace: Workspace) -> Problem:
    name = source.content["extends"]
    message = f"this workspace has no playbook {name!r} that can be used"
    hint = did_you_mean(name, workspace.bases)
    return Problem(location=source.where(("extends",)), rule="unknown-base", message=message, hint=hint)
