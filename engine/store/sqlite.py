"""The store in one SQLite file: opening and making it, its settings, its lock, its copies."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING

from engine.store import migrations
from engine.store.accounts import AccountVerbs
from engine.store.activities import ActivityVerbs
from engine.store.commanding import CommandVerbs
from engine.store.drive import network_drive
from engine.store.enrolling import EnrollingVerbs
from engine.store.errors import NotOurs, StoreError
from engine.store.events import EventVerbs
from engine.store.experiments import ExperimentVerbs
from engine.store.imports import ImportVerbs
from engine.store.lock import process_lock
from engine.store.reading import ReadingVerbs
from engine.store.reporting import ReportingVerbs
from engine.store.saving import SavingVerbs
from engine.store.session import Session
from engine.store.sqlite_errors import explained
from engine.store.workspace import WorkspaceVerbs

if TYPE_CHECKING:
    from engine.store.base import Store

APPLICATION_ID = 0x504C4159  # "PLAY"
_MAGIC = b"SQLite format 3\x00"
_WAIT = 10.0  # seconds for another command to finish writing
_CACHE = 32 * 1024  # KiB
_OLDEST = (3, 38)  # STRICT tables, and JSON always built in


class SqliteStore(
    WorkspaceVerbs, AccountVerbs, SavingVerbs, EnrollingVerbs, EventVerbs, CommandVerbs, ImportVerbs,
    ActivityVerbs, ExperimentVerbs, ReadingVerbs, ReportingVerbs,
):  # fmt: skip
    """A `Store` (see `base.py`, where the verbs are explained). Made by `create` and `open_store`."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.path = session.path

    def close(self) -> None:
        self.session.connection.close()

    def transaction(self) -> AbstractContextManager[None]:
        return self.session.transaction()

    def rehearsal(self) -> AbstractContextManager[None]:
        return self.session.rehearsal()

    def savepoint(self, name: str) -> AbstractContextManager[None]:
        return self.session.savepoint(name)

    def tick_lock(self) -> AbstractContextManager[None]:
        return process_lock(self.path.with_name(self.path.name + ".lock"))

    def backup(self, path: Path) -> None:
        if path.exists():
            raise StoreError(f"{path}: is there already", "a backup does not overwrite anything: choose another name")
        copy_database(self.session, path)

    def check(self) -> list[str]:
        return [line for (line,) in self.session.execute("PRAGMA quick_check") if line != "ok"]


if TYPE_CHECKING:
    _seam: type[Store] = SqliteStore  # every verb is there, with the types of the seam


def create(path: Path) -> SqliteStore:
    """A new, empty store. An empty file, such as an interrupted `create` leaves, is taken; any other is refused."""
    if path.exists() and path.stat().st_size and _kind(path) != "unfinished":
        _refuse_foreign(path)
        raise StoreError(f"{path}: there is a playbook database already", "nothing was changed")
    session = _connect(path, "rwc")
    try:
        migrations.migrate(session, APPLICATION_ID, migrations.shipped())
        _prepare(session)
    except BaseException:
        session.connection.close()
        raise
    return SqliteStore(session)


def open_store(path: Path) -> SqliteStore:
    """The store in an existing file, brought to the schema of this release (after a copy was put beside it).

    Raises `NotOurs`, `TooNew`, or another `StoreError`.
    """
    if not path.exists():
        raise StoreError(
            f"{path}: there is no database", "make one with `playbook init`, or check `database` in playbook.toml"
        )
    _refuse_foreign(path)
    session = _connect(path, "rw")
    try:
        _check_application(session)
        if (present := migrations.schema_of(session)) < migrations.SCHEMA:
            _copy_before_migration(session, present)
            migrations.migrate(session, APPLICATION_ID, migrations.shipped())
        _prepare(session)
    except BaseException:
        session.connection.close()
        raise
    return SqliteStore(session)


def journal_for(version: tuple[int, ...], network: str = "") -> str:
    """Write-ahead logging where this SQLite is known not to damage it when a second process checkpoints.

    Never on a `network` drive.
    """
    if network:
        return "delete"
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "wal" if mended else "delete"


def copy_database(session: Session, path: Path) -> None:
    """Copy everything into the new file `path`, which appears only when it is complete."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            session.connection.backup(copy)
        unfinished.rename(path)
    except sqlite3.Error as error:
        raise explained(error, path) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})", "check the directory") from error


def _copy_before_migration(session: Session, present: int) -> None:
    path = session.path.with_name(f"{session.path.name}.schema-{present}")
    if not path.exists():  # a migration that was killed has made it
        copy_database(session, path)


def _connect(path: Path, mode: str) -> Session:
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.38 is needed", "install a newer Python")
    escaped = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{escaped}?mode={mode}"
    try:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_WAIT, cached_statements=256)
    except sqlite3.Error as error:
        raise explained(error, path) from error
    return Session(connection, path)


def _prepare(session: Session) -> None:
    """The settings of a connection, and the journal, which is a setting of the file."""
    wanted = journal_for(sqlite3.sqlite_version_info)
    if wanted == "wal":
        wanted = journal_for(sqlite3.sqlite_version_info, network_drive(session.path))
    if session.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        session.execute(f"PRAGMA journal_mode = {wanted}")
    session.execute("PRAGMA synchronous = FULL")
    session.execute(f"PRAGMA cache_size = -{_CACHE}")


def _kind(path: Path) -> str:
    """ "ours" or "unfinished" (a database without a table); raises `NotOurs` for anything else."""
    _refuse_foreign(path)
    session = _connect(path, "rw")
    try:
        empty = not session.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not empty:
            _check_application(session)
        return "unfinished" if empty else "ours"
    finally:
        session.connection.close()


def _refuse_foreign(path: Path) -> None:
    """By its first bytes, before SQLite touches it: a 0-byte file would open as a new database."""
    try:
        with path.open("rb") as file:
            first = file.read(len(_MAGIC))
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})", "check `database` in playbook.toml") from error
    if not first:
        raise NotOurs(f"{path}: is empty", "only `playbook init` makes a database; was the file cut off or not copied?")
    if first != _MAGIC:
        raise NotOurs(f"{path}: is not a playbook database", "check `database` in playbook.toml")


def _check_application(session: Session) -> None:
    found = session.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        raise NotOurs(
            f"{session.path}: is a database of another program (application id {found})",
            "check `database` in playbook.toml; nothing was changed",
        )
