"""An action names a template that is not in library/templates/.

The name is that of the file without its ending. If the file was deleted, its last text goes on for now.

    template: thank_you_card        # library/templates/thank_you_card.txt
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, possible
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path, Playbook
from engine.core.values import Value


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for path, value in named(playbook):
        for name in map(str, possible(value)):
            if name in context.missing_templates:
                message = f"the template {name!r} is gone; its last text is still used"
                hint = "restore the file in library/templates/"
                yield Finding(path=path, rule="unknown-template", message=message, hint=hint, level="warning")
            elif name not in context.templates:
                hint = did_you_mean(name, context.templates)
                yield Finding(path=path, rule="unknown-template", message=f"there is no template {name!r}", hint=hint)


def named(playbook: Playbook) -> Iterator[tuple[Path, Value]]:
    """Every `template:` with its path."""
    for action in actions(playbook):
        if action.template is not None:
            yield (*action.path, "template"), action.template
        for index, fallback in enumerate(action.fallback):
            if fallback.template is not None:
                yield (*action.path, "fallback", index, "template"), fallback.template
