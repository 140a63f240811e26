"""Very many enrolled deals, fast: the rows of one real deal, written again under other ids."""

from __future__ import annotations

from pathlib import Path

from engine.store.session import Session
from engine.store.sqlite import open_store

_TABLES = ("accounts", "contacts", "deals", "enrolments", "actions")
_FIRST = "0000000"  # the number in the ids of the one real deal, its account and its contact
_AT_ONCE = 100_000  # rows in one transaction


def multiply(path: Path, deals: int) -> None:
    """Copy the one deal in the store, enrolled as it is, until there are `deals` of them."""
    store = open_store(path)
    for start in range(1, deals, _AT_ONCE):
        with store.transaction():
            for table in _TABLES:
                _copy(store.session, table, start, min(start + _AT_ONCE, deals))
    store.session.execute("ANALYZE")
    store.close()


def _copy(session: Session, table: str, start: int, end: int) -> None:
    """Rows for the numbers from `start` to before `end`. Only in ids and JSON does a text hold the old ones."""
    columns = [(row[1], row[2]) for row in session.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(_renumbered(name) if kind == "TEXT" else f"one.{name}" for name, kind in columns)
    session.execute(f"""
        WITH RECURSIVE numbers (n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end})
        INSERT INTO {table} ({", ".join(name for name, _ in columns)})
        SELECT {values} FROM {table} AS one, numbers
        WHERE one.{columns[0][0]} = 'A{_FIRST}'
    """)


def _renumbered(column: str) -> str:
    text = f"one.{column}"
    for letter in "ACD":
        text = f"replace({text}, '{letter}{_FIRST}', printf('{letter}%07d', n))"
    return text
