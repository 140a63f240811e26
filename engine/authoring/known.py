"""The files of a workspace as they were last seen: what has not changed is neither parsed nor checked again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engine.authoring.places import Source
from engine.authoring.source import read_yaml
from engine.core.building.findings import Finding
from engine.core.problem import Level, Location, Problem


class KnownSource(Protocol):
    """A file as the store remembers it: `content` was good, and is that of `hash` if `good`."""

    @property
    def hash(self) -> str: ...
    @property
    def content(self) -> Any: ...
    @property
    def good(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """What the store should remember of a file. A broken file keeps the content that the store has."""

    path: str
    hash: str
    content: Any
    good: bool


@dataclass(kw_only=True, slots=True, eq=False)
class SeenFile:
    """One file of this load. `content` is new content; `last_good` what goes on if that turns out to be broken.

    `source` is None if nothing was parsed (the file is known, or its kind has no places).
    """

    path: str
    hash: str
    content: Any = None
    last_good: Any = None
    source: Source | None = None
    fresh: bool = False  # it was read in this load and not taken from what is known
    set_back: bool = False  # it reads well, but spoils a playbook: the last good version goes on
    problems: list[Problem] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        return self.set_back or any(problem.level == "error" for problem in self.problems)

    @property
    def effective(self) -> Any:
        """The content to go on with: the new one, or the last good one if there is one."""
        return self.last_good if self.broken and self.last_good is not None else self.content

    def report(self, findings: Iterable[Finding], folder: Path) -> None:
        """Add findings about this file's content, at their lines."""
        for finding in findings:
            self.problems.append(problem_of(finding, self.path, self.places(folder)))

    def places(self, folder: Path) -> Source | None:
        """Where everything in this file stands; None if that cannot be known."""
        if self.source is None and self.path.endswith((".yaml", ".toml")):
            self.source = _places_again(folder, self.path)
        return self.source

    def complain(
        self, rule: str, message: str, hint: str = "", line: int = 1, column: int = 1, level: Level = "error"
    ) -> None:  # fmt: skip
        """Add a problem at a line of this file."""
        location = Location(file=self.path, line=line, column=column)
        self.problems.append(Problem(location=location, rule=rule, level=level, message=message, hint=hint))

    def row(self) -> SourceRow:
        return SourceRow(path=self.path, hash=self.hash, content=self.content, good=not self.broken)


def _places_again(folder: Path, path: str) -> Source | None:
    """A known file was not parsed; a change elsewhere made it wrong, so its lines are needed after all."""
    try:
        raw = (folder / path).read_bytes()
    except OSError:
        return None
    if path.endswith(".toml"):
        from engine.authoring.settings import placed_settings

        return placed_settings(path, raw)
    found = read_yaml(path, raw)
    return found if isinstance(found, Source) else None


def problem_of(finding: Finding, path: str, source: Source | None) -> Problem:
    """A finding with the line of its path."""
    if source is None:
        location = Location(file=path, line=1, column=1)
    else:
        location = (source.where_key if finding.on == "key" else source.where)(finding.path)
        key = source.where_key(finding.path)
        # a block that begins on a later line is pointed at by its key
        location = location if location.line == key.line else key
    return Problem(
        location=location, rule=finding.rule, level=finding.level, message=finding.message, hint=finding.hint
    )


def read_file(folder: Path, path: str, known: Mapping[str, KnownSource]) -> SeenFile:
    """A file as bytes, or what is known of it if its hash has not changed. What cannot be read is a problem."""
    last = known.get(path)
    try:
        raw = (folder / path).read_bytes()
    except OSError as error:
        seen = SeenFile(path=path, hash="", last_good=last.content if last else None, fresh=True)
        seen.complain("unreadable", f"this file cannot be read: {error.strerror or error}")
        return seen
    hashed = hashlib.sha256(raw).hexdigest()
    if last is not None and last.good and last.hash == hashed:
        return SeenFile(path=path, hash=hashed, content=last.content, last_good=last.content)
    return SeenFile(path=path, hash=hashed, content=raw, last_good=last.content if last else None, fresh=True)


def parse_yaml(seen: SeenFile, kind: str, schemas: Path) -> None:
    """Replace the bytes of a fresh file by its content, checked against the schema of its kind."""
    if not seen.fresh or not isinstance(seen.content, bytes):
        return
    # only a changed file pays for the parser and the schema library
    from engine.authoring.schema import check

    found = read_yaml(seen.path, seen.content)
    seen.content = None
    if not isinstance(found, Source):
        seen.problems += found
        return
    seen.source, seen.content = found, found.content
    seen.problems += check(found, kind, schemas)
    if seen.broken:
        seen.content = None  # it has not the shape that everything else relies on
