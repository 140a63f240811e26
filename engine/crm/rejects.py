"""The file of rejected rows: line, column, value, reason. Safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import IO

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
HEADER = ("line", "column", "value", "reason", "id", "kind")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """A row that was not taken. `line` counts from 1; `column` and `id` may be empty."""

    line: int
    column: str
    value: str
    reason: str
    kind: str
    id: str = ""


def spreadsheet_safe(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; NUL and line breaks are shown."""
    shown = text.replace("\0", "␀").encode("utf-8", "replace").decode("utf-8")
    return f"'{shown}" if shown.lstrip(" \u00a0\u3000").startswith(_FORMULA) else shown


class RejectsFile:
    """Writes rejections to an open text stream (opened with newline="")."""

    def __init__(self, stream: IO[str]) -> None:
        self._writer = csv.writer(stream)
        self._writer.writerow(HEADER)
        self.count = 0

    def write(self, rejection: Rejection) -> None:
        """Add one row."""
        cells = (rejection.column, rejection.value[:1_000], rejection.reason, rejection.id, rejection.kind)
        self._writer.writerow((rejection.line, *(spreadsheet_safe(cell) for cell in cells)))
        self.count += 1
