"""A parameter that nothing uses.

Somebody who changes it would expect an effect. Use it, or delete it.

    params: {check_in_after: 4w}
    …
    transitions:
      - {after: check_in_after, to: check_in}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.texts import texts
from engine.core.building.findings import Finding
from engine.core.model import Playbook
from engine.core.templates import TemplateError, mentions


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    unused = set(playbook.params) - context.words.used_params
    if not unused:
        return
    unused -= _in_texts(playbook, context)
    for name in playbook.params:
        if name in unused:
            yield Finding(
                path=("params", name),
                rule="unused-param",
                message=f"nothing uses the parameter {name!r}",
                hint="use it, or delete it",
                level="warning",
                on="key",
            )


def _in_texts(playbook: Playbook, context: Context) -> set[str]:
    found: set[str] = set()
    for text in texts(playbook, context):
        try:
            found.update(mention.name for mention in mentions(text.content))
        except TemplateError:
            continue
    return found
