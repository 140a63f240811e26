"""A YAML file as plain content in which every key and every value knows its line and column.

YAML 1.2 scalars only: `on`, `no`, `12:30` and `2026-03-02` stay text. What YAML allows and a playbook has no use for
(tags, merge keys, several documents, keys that are not words) is refused with its place, and so is everything that
could make a file hang the reader: deep nesting, huge files, aliases of aliases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.authoring.encoding import decode
from engine.core.problem import Location, Problem

Path: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int, int, int]  # line and column of the key, line and column of the value; from 1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Source:
    """A file that was read. `content` is made of dict, list, str, int, float, bool and None."""

    file: str
    content: Any
    start: tuple[int, int] = (1, 1)  # line and column of the whole content
    places: Mapping[int, Mapping[str | int, Place]] = field(default_factory=dict)  # id of a dict or list -> its entries

    def where(self, path: Path) -> Location:
        """Where the value at `path` stands; for a path that is not in the file, its nearest known parent."""
        place = self._find(path)
        line, column = place[2:] if place else self.start
        return Location(file=self.file, line=line, column=column)

    def where_key(self, path: Path) -> Location:
        """Where the key of the value at `path` stands (an item of a list: the item); else its nearest known parent."""
        place = self._find(path)
        line, column = place[:2] if place else self.start
        return Location(file=self.file, line=line, column=column)

    def _find(self, path: Path) -> Place | None:
        node, found = self.content, None
        for step in path:
            place = self.places.get(id(node), {}).get(step)
            if place is None:
                break
            found, node = place, node[step]
        return found


def read_yaml(path: str, raw: bytes) -> Source | list[Problem]:
    """The content of a YAML file with its places, or everything that is wrong with it as YAML.

    `path` is only named in problems: nothing is opened. Never raises for any bytes.
    """
    text = decode(path, raw)
    if isinstance(text, Problem):
        return [text]
    # PyYAML is needed only when a file has changed: the tick that finds nothing new does not pay for it
    from engine.authoring.composing import compose

    # libyaml loses the blank end of a last line that has no line break
    return compose(path, text if text.endswith("\n") else text + "\n")
