"""The narrow raw work: the same story as three small rows per transition, every decision made beforehand.

A deal row, an action row and a history row of a few integers and words each, one transaction per tick. No engine could
keep its promises on rows like these; they are here so that fat rows cannot flatter the other ratio.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import measured

DAYS = 46
PER_DEAL = 6
_START = 20_000  # the day of the enrolment


class _Move(NamedTuple):
    day: int
    left: str
    entered: str
    action: str
    next_day: int | None  # on which the entered state is left again


_STORY = (
    _Move(0, "enrolled", "thank_you", "send_thank_you_card", 2),
    _Move(2, "thank_you", "permission", "ask_permission_call", 5),
    _Move(5, "permission", "post_mortem", "send_post_mortem", 6),
    _Move(6, "post_mortem", "wait", "schedule_wait", 28),
    _Move(28, "wait", "check_in", "check_in_call", 42),
    _Move(42, "check_in", "closed", "close_letter", None),
)
_SCHEMA = """
CREATE TABLE deals (id INTEGER PRIMARY KEY, state TEXT NOT NULL, entered_at INTEGER NOT NULL, next_at INTEGER,
                    replied INTEGER NOT NULL);
CREATE INDEX deals_due ON deals (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE actions (deal_id INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, due_at INTEGER NOT NULL,
                      PRIMARY KEY (deal_id, seq)) WITHOUT ROWID;
CREATE TABLE history (id INTEGER PRIMARY KEY, deal_id INTEGER NOT NULL, from_state TEXT NOT NULL,
                      to_state TEXT NOT NULL, at INTEGER NOT NULL, cause TEXT NOT NULL);
"""
_ENROL = "INSERT INTO deals VALUES (?, 'enrolled', ?, ?, ?)"
_MOVE = "UPDATE deals SET state = ?, entered_at = ?, next_at = ? WHERE id = ?"
_HAND_OUT = "INSERT INTO actions VALUES (?, ?, ?, ?)"
_REMEMBER = "INSERT INTO history (deal_id, from_state, to_state, at, cause) VALUES (?, ?, ?, ?, ?)"

Rows = list[tuple[Any, ...]]


def run_narrow(path: Path, deals: int) -> float:
    """CPU seconds of writing the narrow rows of that many deals into a new file."""
    planned = {move.day: _rows(place, move, deals) for place, move in enumerate(_STORY, 1)}
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(_SCHEMA)
    cost = measured.cpu_of(lambda: _write(connection, deals, planned))
    written = connection.execute("SELECT (SELECT count(*) FROM actions), (SELECT count(*) FROM history)").fetchone()
    connection.close()
    if written != (PER_DEAL * deals, PER_DEAL * deals):
        raise RuntimeError(f"{written} rows for {deals} deals")
    return cost


def _write(connection: sqlite3.Connection, deals: int, planned: dict[int, tuple[Rows, Rows, Rows]]) -> None:
    connection.execute("BEGIN")
    enrolled = ((number, _START, _START, int(number % 10 == 0)) for number in range(1, deals + 1))
    connection.executemany(_ENROL, enrolled)
    connection.execute("COMMIT")
    for day in range(DAYS):
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in zip((_MOVE, _HAND_OUT, _REMEMBER), planned.get(day, ()), strict=False):
            connection.executemany(sql, rows)
        connection.execute("COMMIT")


def _rows(place: int, move: _Move, deals: int) -> tuple[Rows, Rows, Rows]:
    """(moved deals, actions, history) of one day."""
    now = _START + move.day
    next_at = None if move.next_day is None else _START + move.next_day
    moved: Rows = []
    actions: Rows = []
    history: Rows = []
    for number in range(1, deals + 1):
        reopened = move.entered == "closed" and number % 10 == 0
        state, kind = ("reopened", "hand_to_sales") if reopened else (move.entered, move.action)
        moved.append((state, now, next_at, number))
        actions.append((number, place, kind, now))
        history.append((number, move.left, state, now, "timer"))
    return moved, actions, history
