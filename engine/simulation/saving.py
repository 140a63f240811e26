"""A simulation that can be gone on with: one line per finished piece of work, under a line that says which question,
and when it was asked first.

A kill in the middle of a line loses that piece alone. Another question is refused: its pieces would not fit.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.core.durations import Instant
from engine.simulation.question import Simulation
from engine.simulation.working import part_from

_HEAD = 40  # bytes that hold the instant
_ASKED = re.compile(rb'\{"asked":(-?\d+),')
_BEGUN = re.compile(rb'\{(?:"a?s?k?e?d?"?|"asked":-?\d*)?')  # cut off before the instant was whole


class OtherQuestion(Exception):
    """The file belongs to another simulation, or is no such file at all. `message` says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def asked_first(path: Path) -> Instant | None:
    """When the simulation of this file was asked first; None if there is no such file, or it does not say."""
    try:
        with path.open("rb") as file:
            found = _ASKED.match(file.read(_HEAD))
    except OSError:
        return None
    return int(found[1]) if found else None


class Kept:
    """The pieces that are finished, in a file, or for this run only where `path` is None. A new file keeps when
    the question was `asked`."""

    def __init__(self, question: Simulation, path: Path | None = None, asked: Instant | None = None) -> None:
        self.parts: dict[int, Any] = {}
        self.begun_anew = False  # the file ended within its first line
        self._question = question
        self._path = path
        self._head: dict[str, Any] = {} if asked is None else {"asked": asked}
        self._head |= {"simulation": question.fingerprint(), "chunks": question.chunks}
        if path is not None:
            self._open(path)

    def missing(self, chunks: int) -> list[int]:
        return [chunk for chunk in range(chunks) if chunk not in self.parts]

    def keep(self, chunk: int, content: Any) -> None:
        """Remember a finished piece; it is on the disk when this returns."""
        self.parts[chunk] = content
        if self._path is not None:
            self._append({"chunk": chunk, "part": content})

    def _open(self, path: Path) -> None:
        if not path.exists() or path.stat().st_size == 0:
            self._append(self._head)
            return
        raw = path.read_bytes()
        if b"\n" not in raw and (self._line(self._head).startswith(raw) or _BEGUN.fullmatch(raw)):
            os.truncate(path, 0)
            self._append(self._head)
            self.begun_anew = True
            return
        whole = raw[: raw.rfind(b"\n") + 1]
        lines = list(self._read(path, whole))
        if not (lines and isinstance(lines[0], dict) and "simulation" in lines[0]):
            raise OtherQuestion(f"{path} is no state of a simulation")
        if any(lines[0].get(name) != self._head[name] for name in ("simulation", "chunks")):
            raise OtherQuestion(f"{path} belongs to another simulation: other deals, playbooks, behaviour or options")
        if len(whole) < len(raw):
            os.truncate(path, len(whole))
        for number, line in enumerate(lines[1:], 2):
            if not self._is_piece(line):
                raise OtherQuestion(f"{path} is damaged: line {number} is no piece of this simulation")
            self.parts[line["chunk"]] = line["part"]

    def _is_piece(self, line: Any) -> bool:
        """Whether it is what `keep` has written for this question."""
        question = self._question
        if not isinstance(line, dict) or type(line.get("chunk")) is not int:
            return False
        try:
            part = part_from(line["part"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        if not 0 <= line["chunk"] < question.chunks:
            return False
        replicates = {turn // len(question.subjects) for turn in question.turns_of(line["chunk"])}
        return set(part) == replicates and all(len(tallies) == len(question.ways) for tallies in part.values())

    def _read(self, path: Path, whole: bytes) -> Iterator[Any]:
        try:
            for line in whole.splitlines():
                yield json.loads(line)
        except ValueError:
            raise OtherQuestion(f"{path} is no state of a simulation") from None

    def _append(self, content: Any) -> None:
        assert self._path is not None
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(self._line(content).decode())
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _line(content: Any) -> bytes:
        return (json.dumps(content, separators=(",", ":")) + "\n").encode()
