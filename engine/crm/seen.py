"""Which ids a file has had so far, in bounded memory: some in a dict, more in a temporary file that deletes itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

_IN_MEMORY = 100_000

First = tuple[int, str]  # line on which the id came first, fingerprint of its content


class SeenIds:
    """`first_of` says whether an id has been before; `close` removes the temporary file."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._recent: dict[str, First] = {}
        self._limit = in_memory
        self._spilled: sqlite3.Connection | None = None

    def first_of(self, ids: Sequence[str | None], lines: Sequence[int], prints: Sequence[str]) -> list[First | None]:
        """For each id where it came first, or None if this is the first time: then it is remembered. No id: None."""
        older = self._older(ids) if self._spilled else {}
        recent = self._recent
        found: list[First | None] = []
        for key, line, fingerprint in zip(ids, lines, prints, strict=True):
            first = None
            if key is not None:
                first = recent.get(key) or older.get(key)
                if first is None:
                    recent[key] = (line, fingerprint)
            found.append(first)
        if len(recent) > self._limit:
            self._spill()
        return found

    def close(self) -> None:
        """Give the memory and the temporary file back."""
        self._recent.clear()
        if self._spilled:
            self._spilled.close()
            self._spilled = None

    def _older(self, ids: Sequence[str | None]) -> dict[str, First]:
        assert self._spilled is not None
        older: dict[str, First] = {}
        wanted = [key for key in ids if key is not None]
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._spilled.execute(f"SELECT id, line, fingerprint FROM seen WHERE id IN ({marks})", part)
            older.update({key: (line, fingerprint) for key, line, fingerprint in rows})
        return older

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = sqlite3.connect("", isolation_level=None)  # an empty name: a private temporary file
            self._spilled.execute("PRAGMA synchronous = OFF")
            self._spilled.execute("PRAGMA journal_mode = OFF")
            self._spilled.execute("PRAGMA cache_size = -32768")
            self._spilled.execute(
                "CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER, fingerprint TEXT) WITHOUT ROWID"
            )
        self._spilled.execute("BEGIN")
        rows = sorted((key, line, fingerprint) for key, (line, fingerprint) in self._recent.items())
        self._spilled.executemany("INSERT INTO seen VALUES (?, ?, ?)", rows)
        self._spilled.execute("COMMIT")
        self._recent.clear()
