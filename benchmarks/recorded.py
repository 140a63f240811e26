"""The raw limit: what the engine wrote, written again by `executemany` alone.

One run of the engine is recorded: every writing statement with its rows, and where transactions begin and end. The
replay puts exactly these rows into the same schema with the same indexes, journal and synchronous mode, in the same
transactions; all decisions are made already.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import measured, work
from engine.store.sqlite import open_store

_TEMPORARY = ("temp.", "TEMP ")  # the engine's own notes of what is due: reading, not writing
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
_OF_THE_CLOCK = {"ticks": ("started_at", "finished_at")}  # the real time, which no replay repeats


@dataclass(slots=True)
class Recorded:
    """`calls` are (statement, rows) in order; a boundary of a transaction has no rows."""

    calls: list[tuple[str, list[Any]]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(len(rows) for _, rows in self.calls)


class RecordingConnection:
    """Stands where the store has its connection, and keeps what is written through it."""

    def __init__(self, connection: sqlite3.Connection, recorded: Recorded) -> None:
        self._connection = connection
        self._recorded = recorded

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if sql.startswith(_BOUNDS):
            self._recorded.calls.append((sql, []))
        elif sql.startswith(_WRITES) and not any(mark in sql for mark in _TEMPORARY):
            self._recorded.calls.append((sql, [_kept(parameters)]))
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        listed = [_kept(row) for row in rows]
        self._recorded.calls.append((sql, listed))
        return self._connection.executemany(sql, listed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _kept(parameters: Any) -> Any:
    """The parameters as they are now: the caller may change or reuse its own."""
    return dict(parameters) if isinstance(parameters, dict) else tuple(parameters)


def record(folder: Path, path: Path, deals: int, spool: Path) -> int:
    """Do the work once, unmeasured, and put what was written into the file `spool`; returns the rows written."""
    work.fill(path, deals).close()
    store = open_store(path)
    prepared = work.prepare(folder, store)
    recorded = Recorded()
    store.session.connection = RecordingConnection(store.session.connection, recorded)  # type: ignore[assignment]
    work.check(store, work.run_ticks(prepared, store), deals)
    store.close()
    with spool.open("wb") as file:
        pickle.dump(recorded.calls, file)
    return recorded.rows


def run_raw(path: Path, deals: int, spool: Path) -> float:
    """CPU seconds of writing the recorded rows into a store filled in the same way."""
    with spool.open("rb") as file:
        calls: list[tuple[str, list[Any]]] = pickle.load(file)
    work.fill(path, deals).close()
    store = open_store(path)
    cost = measured.cpu_of(lambda: replay(store.session.connection, calls))
    store.close()
    return cost


def replay(connection: sqlite3.Connection, calls: Sequence[tuple[str, list[Any]]]) -> None:
    """Write them again, in their order and in their transactions."""
    for sql, rows in calls:
        if rows:
            connection.executemany(sql, rows)
        else:
            connection.execute(sql)


def differences(first: Path, second: Path) -> list[str]:
    """The tables in which two stores differ; [] shows that the replay did all of the engine's writing."""
    with sqlite3.connect(first) as here, sqlite3.connect(second) as there:
        tables = [name for (name,) in here.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return [name for name in tables if list(_content(here, name)) != list(_content(there, name))]


def _content(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    listed = ", ".join(f'"{name}"' for name in columns if name not in _OF_THE_CLOCK.get(table, ()))
    yield from connection.execute(f'SELECT {listed} FROM "{table}" ORDER BY 1, 2')
