"""What can go wrong with the storage. Each error says what happened and what to do; none shows a traceback."""

from __future__ import annotations


class StoreError(Exception):
    """The storage cannot do what was asked. `message` says what happened and where, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class Busy(StoreError):
    """Another tick holds the lock, or another command keeps the database for itself."""


class NotOurs(StoreError):
    """The file is not a playbook database: empty, of another program, or no database at all."""


class TooNew(StoreError):
    """A newer release wrote this database."""


class StorageFull(StoreError):
    """There is no room left. What was confirmed before is still there."""


class ReadOnly(StoreError):
    """The file or its directory may not be written by this user."""


class Unwritable(StoreError):
    """A text that no database takes (half a character): whose it is cannot be written, everything else can."""


class Conflict(StoreError):
    """A row is no longer what the writer read: nothing of this transaction may be kept."""


class NotFound(StoreError):
    """No row has this id, or several begin with it."""
