"""The connection as the verbs use it: named statements, transactions, and errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from engine.store.crash import crash_point
from engine.store.errors import NotFound, Unwritable
from engine.store.json_text import dump
from engine.store.sqlite_errors import explained
from engine.store.statements import statements

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]


class Session:
    """One connection to one SQLite file. Not for several threads."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.rehearsing = False
        self._statements = statements()

    def rows(self, name: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of the named statement."""
        try:
            return self.connection.execute(self._statements[name], parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" not in str(error):
                self._refuse(error)
            # one broken character must not hide the rest: from here on it is shown as a replacement character
            self.connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return self.rows(name, parameters)
        except (sqlite3.Error, UnicodeError) as error:
            self._refuse(error)

    def row(self, name: str, parameters: Parameters = ()) -> Row | None:
        """Its first row."""
        try:
            found: Row | None = self.connection.execute(self._statements[name], parameters).fetchone()
        except (sqlite3.Error, UnicodeError) as error:
            self._refuse(error)
        return found

    def write(self, name: str, parameters: Parameters = ()) -> int:
        """Run a writing statement once; returns how many rows it changed."""
        crash_point(name)
        try:
            changed = self.connection.execute(self._statements[name], parameters).rowcount
        except (sqlite3.Error, UnicodeError) as error:
            self._refuse(error)
        crash_point(name)
        return changed

    def write_many(self, name: str, rows: Sequence[Parameters], sql: str = "") -> int:
        """Run it once per row; returns how many rows it changed in all. `sql` is for texts made at run time."""
        if not rows:
            return 0
        crash_point(name)
        try:
            changed = self.connection.executemany(sql or self._statements[name], rows).rowcount
        except (sqlite3.Error, UnicodeError) as error:
            self._refuse(error)
        crash_point(name)
        return changed

    def execute(self, sql: str) -> sqlite3.Cursor:
        """A statement that has no name: pragmas, transactions."""
        try:
            return self.connection.execute(sql)
        except sqlite3.Error as error:
            self._refuse(error)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE: a transaction that reads first and writes later could fail at once on a second writer."""
        if self.rehearsing:
            with self.savepoint("rehearsed"):
                yield
            return
        if self.connection.in_transaction:
            raise RuntimeError("a transaction is in force already; use savepoint()")
        crash_point("begin")
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            crash_point("commit")
            self.execute("COMMIT")
            crash_point("commit")
        except BaseException:
            if self.connection.in_transaction:  # SQLite itself rolls back on a full disk
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """A block whose writes, committed inside it or not, are all taken back at its end."""
        self.execute("BEGIN IMMEDIATE")
        self.rehearsing = True
        try:
            yield
        finally:
            self.rehearsing = False
            if self.connection.in_transaction:
                self.execute("ROLLBACK")

    @contextmanager
    def savepoint(self, name: str) -> Iterator[None]:
        """Inside a transaction: a block that can be taken back by itself."""
        if not self.connection.in_transaction:
            raise RuntimeError("a savepoint needs a transaction")
        quoted = '"' + name.replace('"', '""') + '"'
        self.execute(f"SAVEPOINT {quoted}")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.execute(f"ROLLBACK TO {quoted}")
                self.execute(f"RELEASE {quoted}")
            raise
        self.execute(f"RELEASE {quoted}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Join the transaction in force, or be one."""
        if self.connection.in_transaction:
            yield
        else:
            with self.transaction():
                yield

    def _refuse(self, error: Exception) -> NoReturn:
        if isinstance(error, sqlite3.Error):
            refusal = explained(error, self.path)
            raise refusal from (None if refusal is error else error)
        raise Unwritable(
            f"{self.path}: a text is not valid Unicode ({error})", "find the broken character in the import or input"
        ) from error


class Verbs:
    """What the groups of verbs have in common."""

    session: Session

    def require_accounts(self, ids: set[str]) -> None:
        """Raise `NotFound` unless all these accounts are there: what belongs to none would never become due."""
        missing = self.session.rows("read_missing_accounts", (dump(sorted(ids)),))
        if missing:
            names = ", ".join(f"“{name}”" for (name,) in missing)
            raise NotFound(f"there is no account {names}", "import the account first, or check the id")
