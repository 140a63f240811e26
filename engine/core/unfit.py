"""What was asked or said does not fit: the reason, and what would."""

from __future__ import annotations


class Unfit(Exception):
    """Nothing was changed. `hint` says what is possible, or is ""."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint
