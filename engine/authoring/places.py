"""Content that knows where it stands: every key and every value of a file with its line and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.core.problem import Location

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
