"""Bring a database to the schema of this release: numbered SQL files, all of them or nothing.

SQLite takes back changes of tables, `user_version` and `application_id` like any other write, so a migration that is
killed anywhere leaves the database as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.store.crash import crash_point
from engine.store.errors import TooNew
from engine.store.session import Session

SCHEMA = 2  # the number of the last file in migrations/; a constant, so that cron need not list the folder
FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """`number` is the schema that it leads to."""

    number: int
    sql: str


def shipped() -> list[Migration]:
    """The migrations of this release, in order."""
    files = sorted(FOLDER.glob("[0-9]*.sql"))
    return [Migration(number=int(file.name[:4]), sql=file.read_text(encoding="utf-8")) for file in files]


def migrate(session: Session, application_id: int, migrations: Sequence[Migration]) -> None:
    """Run those that this database has not seen, in one transaction. Two at once: the second finds nothing to do."""
    with session.transaction():
        present = schema_of(session)
        session.execute(f"PRAGMA application_id = {application_id}")
        for migration in migrations:
            if migration.number > present:
                _run(session, migration)


def schema_of(session: Session) -> int:
    """The schema number of the database; raises `TooNew` if this release does not know it."""
    present: int = session.execute("PRAGMA user_version").fetchone()[0]
    if present > SCHEMA:
        raise TooNew(
            f"{session.path}: was written by a newer release (schema {present}, this release knows up to {SCHEMA})",
            "install the newer release again; nothing was changed",
        )
    return present


def _run(session: Session, migration: Migration) -> None:
    for statement in split(migration.sql):
        crash_point("migration")
        session.execute(statement)
    session.execute(f"PRAGMA user_version = {migration.number}")
    crash_point("migration")


def split(sql: str) -> Iterator[str]:
    """The single statements; `executescript` would commit before it begins."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
