"""What `playbook validate` finds wrong in a workspace's playbooks, library and settings."""

from __future__ import annotations

from pathlib import Path

from engine.authoring.workspace import load_workspace
from engine.core.problem import Problem


def validate(folder: Path) -> list[Problem]:
    """All problems of the workspace in `folder`, sorted by file and line. Nothing is remembered from an earlier run."""
    return list(load_workspace(folder, {}).problems)
