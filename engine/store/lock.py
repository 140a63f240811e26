"""One process at a time: a lock of the operating system, which dies with its process and never by age."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store.errors import Busy, StoreError

if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


@contextmanager
def process_lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path` (made if it is not there, and left there: removing it would let two in).

    Raises `Busy` at once if another process holds it, another `StoreError` if locking itself is impossible.
    """
    file = _open(path)
    try:
        try:
            _take(file)
        except OSError as error:
            raise _refusal(path, error) from error
        yield
    finally:
        os.close(file)  # gives the lock back


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise _cannot_lock(path, error) from error


def _refusal(path: Path, error: OSError) -> StoreError:
    if error.errno in _TAKEN:
        return Busy("another tick is running", f"it holds {path}; nothing was done, the next tick goes on")
    return _cannot_lock(path, error)


def _cannot_lock(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: cannot be locked ({error.strerror})",
        "the file has to be writable, on a disk that knows locks (not every network drive does)",
    )
