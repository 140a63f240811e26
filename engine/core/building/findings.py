"""What is wrong in a file's content, by path. `authoring` turns a path into a line and a column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engine.core.likeness import listed_names, nearest
from engine.core.model import Path
from engine.core.problem import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`on` says whether the key at `path` is meant, or its value. With `file` it stands in that file, in `line`."""

    path: Path
    rule: str
    message: str
    hint: str = ""
    level: Level = "error"
    on: Literal["key", "value"] = "value"
    file: str = ""
    line: int = 1


@dataclass(slots=True)
class Findings:
    """A list that grows while a file is read; reading goes on after each, so that all come at once."""

    found: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether there is no error among them."""
        return not any(finding.level == "error" for finding in self.found)

    def add(
        self, path: Path, rule: str, message: str, hint: str = "", on: Literal["key", "value"] = "value",
        level: Level = "error",
    ) -> None:  # fmt: skip
        self.found.append(Finding(path=path, rule=rule, message=message, hint=hint, level=level, on=on))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or lists what there is; `deal.` is kept where it stood."""
    listed = sorted(set(known))
    near = _of_a_deal(word, listed) or nearest(word, listed)
    if near:
        return f"did you mean {near!r}?"
    return listed_names(listed)


def _of_a_deal(word: str, known: list[str]) -> str:
    """`deal.nmae` means `deal.name`, though that is listed by its short name; `deal.visits` means `visits`."""
    if not word.startswith("deal."):
        return ""
    short = word.removeprefix("deal.")
    near = nearest(short, known)
    return near if near in ("", short) or "." in near else f"deal.{near}"
