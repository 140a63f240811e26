"""The texts that a playbook writes: templates and titles, and the names that may stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.authoring.rules.context import Context
from engine.authoring.rules.unknown_template import named
from engine.authoring.rules.walk import actions, possible
from engine.core.model import Path, Playbook
from engine.core.vocabulary import Field

# What is known of the deal's owner and of whoever does the work. The engine falls back to the assignee's short name.
PERSON = {
    f"{who}.{what}": Field(name=f"{who}.{what}", type="text", may_be_empty=who == "owner" or what not in ("id", "name"))
    for who in ("owner", "assignee")
    for what in ("id", "name", "email", "team", "zone", "manager")
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """`path` is where the playbook names it; `file` is empty for a title."""

    path: Path
    content: str
    file: str = ""


def texts(playbook: Playbook, context: Context) -> Iterator[Text]:
    """Every title with a name in it, and every template at the first place that names it."""
    seen: set[str] = set()
    for action in actions(playbook):
        for title in map(str, possible(action.title)):
            if "{{" in title or "{%" in title:
                yield Text(path=(*action.path, "title"), content=title)
    for path, value in named(playbook):
        for name in map(str, possible(value)):
            if name in context.templates and name not in seen:
                seen.add(name)
                yield Text(path=path, content=context.templates[name], file=f"library/templates/{name}")


def declared(name: str, playbook: Playbook, context: Context) -> Field | None:
    """The field that a template means by `name`; a parameter counts as one that is never empty."""
    if name in PERSON:
        return PERSON[name]
    found = context.vocabulary.find(name)
    if found is None and name in playbook.params:
        return Field(name=name, type="unknown", may_be_empty=False)
    return found
