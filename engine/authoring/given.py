"""Parameters that playbook.toml gives a playbook: what is wrong with them is told there, not in the playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.authoring.shelf import SETTINGS, Shelf
from engine.core.building.findings import Finding
from engine.core.model import Path

_OF_PARAMETERS = frozenset(
    {
        "bad-duration", "bad-date", "wrong-type", "unknown-field", "unknown-value", "lookup-without-otherwise",
        "unknown-template", "unknown-person",
    }
)  # fmt: skip


def tell_in_settings(shelf: Shelf, name: str, content: Mapping[str, Any], findings: Sequence[Finding]) -> list[Finding]:
    """Tell in playbook.toml what is wrong with `[params.NAME]` there, and give back the rest.

    `content` is the playbook with these parameters put in.
    """
    given, seen = shelf.settings.params.get(name, {}), shelf.seen.get(SETTINGS)
    rest = []
    for finding in findings:
        path = path_in_params(finding, content, given) if given and seen is not None else None
        if path is None or seen is None:
            rest.append(finding)
        elif finding.rule != "unused-param":  # that there is no such parameter is told there already
            source = seen.places(shelf.folder)
            where = source.where_key(("params", name, *path)) if source is not None else None
            line, column = (where.line, where.column) if where is not None else (1, 1)
            seen.complain(finding.rule, f"{name}: {finding.message}", finding.hint, line, column, finding.level)
    return rest


def path_in_params(finding: Finding, content: Mapping[str, Any], given: Mapping[str, Any]) -> Path | None:
    """The path of the finding below the parameters `given`; None if it is not about one of them.

    `content` is the playbook with these parameters put in.
    """
    if finding.path[:1] == ("params",) and len(finding.path) > 1:
        return finding.path[1:] if finding.path[1] in given else None
    if finding.rule not in _OF_PARAMETERS:
        return None
    node: Any = content
    for depth, step in enumerate(finding.path):
        try:
            node = node[step]
        except (LookupError, TypeError):  # it goes on inside the parameter
            return _named(node, finding.path[depth:], given)
    return _named(node, (), given)


def _named(node: Any, rest: Path, given: Mapping[str, Any]) -> Path | None:
    """`check_in_after`, or `{field: check_in_after}`, and what follows inside."""
    name = node.get("field") if isinstance(node, Mapping) else node
    return (name, *rest) if isinstance(name, str) and name in given else None
