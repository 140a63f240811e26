"""An action or a limit names a window that library/calendars.yaml does not have.

A window says when something may happen, such as when a customer may be called. Declare it there.

    windows:
      calling_hours: {hours: {mon-fri: "09:00-16:30"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for path, name in _named(playbook):
        if name not in context.world.windows:
            yield Finding(
                path=path,
                rule="unknown-window",
                message=f"there is no window {name!r}",
                hint=did_you_mean(name, context.world.windows) or "declare it in library/calendars.yaml",
            )


def _named(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    for index, limit in enumerate(playbook.limits):
        if limit.hours is not None:
            yield ("limits", index, "hours"), limit.hours
    for action in actions(playbook):
        if action.window is not None:
            yield (*action.path, "window"), action.window
