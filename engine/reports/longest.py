"""The few that waited longest, kept while many go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from engine.reports.model import Cell

Row = tuple[Cell, ...]


@dataclass(slots=True)
class Longest:
    """At most `limit` rows of the longest waits; of equal ones the first ids. `seen` counts all of them."""

    limit: int
    seen: int = 0
    kept: list[tuple[int, tuple[int, ...], Row]] = field(default_factory=list)

    def add(self, waited: int, identity: str, row: Row) -> None:
        self.seen += 1
        entry = (waited, tuple(-ord(letter) for letter in identity), row)
        if len(self.kept) < self.limit:
            heappush(self.kept, entry)
        elif self.limit:
            heappushpop(self.kept, entry)

    def rows(self) -> tuple[Row, ...]:
        """The longest first."""
        return tuple(row for _, _, row in sorted(self.kept, key=lambda one: one[:2], reverse=True))

    @property
    def left_off(self) -> int:
        return self.seen - len(self.kept)
