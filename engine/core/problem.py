"""What is wrong with a file, and where: errors as data, collected all at once and printed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Location:
    """A place in a file. `file` is the path as the user would type it; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """One finding. `rule` is the name under which docs/errors.md explains it; `hint` says what to write instead."""

    location: Location
    rule: str
    level: Level = "error"
    message: str
    hint: str = ""
