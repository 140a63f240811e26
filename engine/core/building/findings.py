"""What is wrong in a file's content, by path. `authoring` turns a path into a line and a column."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engine.core.model import Path
from engine.core.problem import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`on` says whether the key at `path` is meant, or its value."""

    path: Path
    rule: str
    message: str
    hint: str = ""
    level: Level = "error"
    on: Literal["key", "value"] = "value"


@dataclass(slots=True)
class Findings:
    """A list that grows while a file is read; reading goes on after each, so that all come at once."""

    found: list[Finding] = field(default_factory=list)

    def add(
        self, path: Path, rule: str, message: str, hint: str = "", on: Literal["key", "value"] = "value",
        level: Level = "error",
    ) -> None:  # fmt: skip
        self.found.append(Finding(path=path, rule=rule, message=message, hint=hint, level=level, on=on))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or lists what there is; `deal.` is kept where it stood."""
    listed = sorted(set(known))
    near = _of_a_deal(word, listed) or difflib.get_close_matches(word, listed, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there is {', '.join(listed[:12])}" + (", …" if len(listed) > 12 else "") if listed else ""


def _of_a_deal(word: str, known: list[str]) -> list[str]:
    """`deal.nmae` means `deal.name`, though that is listed by its short name; `deal.visits` means `visits`."""
    if not word.startswith("deal."):
        return []
    short = word.removeprefix("deal.")
    near = difflib.get_close_matches(short, known, n=1, cutoff=0.7)
    return near if near in ([], [short]) or "." in near[0] else [f"deal.{near[0]}"]
