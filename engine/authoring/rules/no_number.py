"""The minutes or the priority of an action come from a parameter, a lookup or a field that is no number.

The call sheet adds up minutes and sorts by priority. Write the number alone, without quotes, in the playbook, for a
team, or in playbook.toml.

    params: {review_minutes: 120}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.model import Action, Path, Playbook

_NUMBERS = ("minutes", "priority")
_HINT = "write the number alone, without quotes, such as 30"


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    used = {name: key for action in actions(playbook) for key, name in _named(action, context)}
    for name, key in used.items():
        for path, given in _given(name, context.content):
            for below, wrong in _wrong(given):
                message = f"{name} gives the {key} of an action, and {wrong!r} is no number"
                yield Finding(path=(*path, *below), rule="no-number", message=message, hint=_HINT)
    for action in actions(playbook):
        yield from _written(action, context)


def _written(action: Action, context: Context) -> Iterator[Finding]:
    """What stands at the action itself: a lookup, or a field of the deal."""
    for key, value in _values(action, context):
        if not isinstance(value, Mapping):
            continue
        field = context.vocabulary.find(str(value["field"])) if "field" in value else None
        if field is not None and field.type not in ("number", "unknown"):
            message = f"{field.bare} is a {field.type}, and the {key} of an action is a number"
            yield Finding(path=(*action.path, key, "field"), rule="no-number", message=message, hint=_HINT)
        for below, wrong in _wrong(value) if "by" in value else ():
            message = f"{wrong!r} is no number, and the {key} of an action is one"
            yield Finding(path=(*action.path, key, *below), rule="no-number", message=message, hint=_HINT)


def _values(action: Action, context: Context) -> Iterator[tuple[str, Any]]:
    node: Any = context.content
    for step in action.path:
        node = node[step]
    yield from ((key, node.get(key)) for key in _NUMBERS)


def _named(action: Action, context: Context) -> Iterator[tuple[str, str]]:
    """(minutes or priority, the parameter that gives it) of an action."""
    for key, value in _values(action, context):
        name = value.get("field") if isinstance(value, Mapping) else None
        if isinstance(name, str) and name in context.content.get("params", {}) and not context.vocabulary.find(name):
            yield key, name


def _given(name: str, content: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """What the parameter is: for all deals, and for those of each team that has its own."""
    yield ("params", name), content["params"][name]
    for team, own in (content.get("teams") or {}).items():
        if name in ((own or {}).get("params") or {}):
            yield ("teams", team, "params", name), own["params"][name]


def _wrong(given: Any) -> Iterator[tuple[Path, Any]]:
    """What is no number in a value or in a lookup; a field is not known before a deal is there."""
    if isinstance(given, Mapping):
        for key, each in (given.get("values") or {}).items():
            yield from ((("values", key, *below), wrong) for below, wrong in _wrong(each))
        if given.get("otherwise") is not None:
            yield from ((("otherwise", *below), wrong) for below, wrong in _wrong(given["otherwise"]))
    elif isinstance(given, bool) or not isinstance(given, int | float):
        yield (), given
