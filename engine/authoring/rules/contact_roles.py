"""Where a playbook names a role of contacts: `contact: ROLE` of an action, and `contact.ROLE.FIELD` anywhere else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.model import Path

_NAMED = re.compile(r"\bcontact\.([a-z][a-z0-9_-]*)\.[a-z]")
_PROSE = frozenset({"purpose", "note", "do", "avoid", "checklist", "description", "source", "waive"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    path: Path
    role: str
    on: Literal["key", "value"] = "value"


def mentions(content: Any, path: Path = ()) -> Iterator[Mention]:
    """Every mention in plain `content` of a playbook, in the order of the file."""
    if isinstance(content, Mapping):
        for key, item in content.items():
            yield from (Mention(path=(*path, key), role=role, on="key") for role in named(str(key)))
            if key not in _PROSE or path[-1:] == ("actions",):
                yield from mentions(item, (*path, key))
    elif isinstance(content, list):
        for index, item in enumerate(content):
            yield from mentions(item, (*path, index))
    elif isinstance(content, str):
        roles = [content] if path[-1:] == ("contact",) and path[-3:-2] == ("actions",) else named(content)
        yield from (Mention(path=path, role=role) for role in roles)


def named(text: str) -> list[str]:
    """The roles in `text`, each once."""
    return list(dict.fromkeys(_NAMED.findall(text)))


def count(playbooks: Iterable[Any], templates: Iterable[Iterable[str]]) -> Counter[str]:
    """How often each role is used, the first used first; `templates` are the names that each template mentions."""
    found: Counter[str] = Counter()
    for content in playbooks:
        found.update(mention.role for mention in mentions(content))
    for names in templates:
        found.update(role for name in names for role in named(name))
    return found
