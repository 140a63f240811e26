"""The playbook of an arm as plain data, put together from what `validate` checks it with."""

from collections.abc import Mapping
from typing import Any

from engine.authoring.variants import with_arm
from engine.authoring.workspace import Workspace


def arm_content(workspace: Workspace, experiment: str, arm: str) -> Mapping[str, Any]:
    """That of the workspace, with the arm's parameters over all others. What a deal of the arm is pinned to is
    `workspace.revision_content` with the arm's parameters."""
    own = workspace.experiment_contents[experiment]["arms"][arm]
    return with_arm(workspace.contents[own["playbook"]], own.get("params", {}))
