"""What SQLite's errors mean for the person who runs the program."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from engine.store.errors import Busy, Conflict, NotOurs, ReadOnly, StorageFull, StoreError


def explained(error: sqlite3.Error, path: Path) -> Exception:
    """The `StoreError` to raise instead; the error itself if it can only be a bug of this program."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    if code in (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE):
        return Conflict(f"{path}: a row exists already ({error})", "nothing of this was kept; run the command again")
    explain = _EXPLAINED.get(code) or _EXPLAINED.get(code & 0xFF)
    return explain(path, error) if explain else error


def free_space(path: Path) -> str:
    """The room left where `path` stands, for people."""
    import shutil  # takes longer to import than a tick with nothing due

    try:
        return f"{shutil.disk_usage(path.parent).free / 1e6:,.1f} MB"
    except OSError:
        return "an unknown amount"


def _busy(path: Path, error: sqlite3.Error) -> StoreError:
    return Busy(f"{path}: another program has kept the database locked for too long", "run the command again later")


def _full(path: Path, error: sqlite3.Error) -> StoreError:
    return StorageFull(
        f"{path}: could not be written ({error}); {free_space(path)} are free on its disk",
        "make room there and run the command again: what was confirmed before is kept",
    )


def _read_only(path: Path, error: sqlite3.Error) -> StoreError:
    if path.exists() and os.access(path, os.W_OK) and not os.access(path.parent, os.W_OK):
        return ReadOnly(
            f"{path.parent}: this user may not write in the directory of the database",
            "SQLite writes its journal beside the database: the directory has to be writable too",
        )
    return ReadOnly(f"{path}: may not be written by this user", "check the owner and the permissions of the file")


def _cannot_open(path: Path, error: sqlite3.Error) -> StoreError:
    if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _read_only(path, error)
    return StoreError(f"{path}: cannot be opened ({error})", "check that its directory exists and may be read")


def _damaged(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(
        f"{path}: the database is damaged ({error})",
        "stop cron, keep a copy of the file, and put the last `playbook backup` in its place",
    )


def _not_a_database(path: Path, error: sqlite3.Error) -> StoreError:
    return NotOurs(f"{path}: is not a playbook database", "check `database` in playbook.toml")


def _unreadable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"{path}: reading or writing failed ({error})", "check the disk or network drive it stands on")


def _too_big(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"{path}: a text is longer than the database takes ({error})", "shorten it and try again")


_EXPLAINED: dict[int, Callable[[Path, sqlite3.Error], StoreError]] = {
    sqlite3.SQLITE_BUSY: _busy,
    sqlite3.SQLITE_LOCKED: _busy,
    sqlite3.SQLITE_FULL: _full,
    sqlite3.SQLITE_IOERR_WRITE: _full,
    sqlite3.SQLITE_IOERR: _unreadable,
    sqlite3.SQLITE_READONLY: _read_only,
    sqlite3.SQLITE_PERM: _read_only,
    sqlite3.SQLITE_CANTOPEN: _cannot_open,
    sqlite3.SQLITE_CORRUPT: _damaged,
    sqlite3.SQLITE_NOTADB: _not_a_database,
    sqlite3.SQLITE_TOOBIG: _too_big,
}
