"""The pieces that docs/sources.md names, and taking one out of a workspace (or out of the program)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine import console
from engine.authoring.composing import compose
from engine.authoring.places import Source
from engine.console import reporting
from engine.reports import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sources.md"
ROW = re.compile(r"^\| (?P<row>[SX]\d?\.\d+) \|(?P<said>[^|]*)\|(?P<pieces>[^|]*)\|$", re.MULTILINE)
LIBRARY = "playbooks/library"
FILES = {  # what stands before a name in the table -> the file, and where in it
    "questionnaire": (f"{LIBRARY}/questionnaires/{{0}}.yaml", ""),
    "content rule": (f"{LIBRARY}/content-rules.yaml", "rules.{0}"),
    "field": (f"{LIBRARY}/fields.yaml", "{0}"),
    "reasons": (f"{LIBRARY}/loss-reasons.yaml", "reasons.{0}"),
    "score": (f"{LIBRARY}/scores.yaml", "scores.{0}"),
    "event": (f"{LIBRARY}/events.yaml", "events.{0}"),
    "playbook": ("playbooks/{0}.yaml", ""),
    "experiment": ("playbooks/experiments/{0}.yaml", ""),
}


@dataclass(frozen=True)
class Piece:
    """One thing that a row lives in, as the table writes it: `four-week-check-in: states.ask_permission`."""

    row: str
    text: str

    def __str__(self) -> str:
        return f"{self.row} {self.text}"


def rows() -> dict[str, list[Piece]]:
    """The table: the pieces of each row."""
    return {
        found["row"]: [Piece(found["row"], text) for text in re.findall(r"`([^`]+)`", found["pieces"])]
        for found in ROW.finditer(PAGE.read_text(encoding="utf-8"))
    }


@contextmanager
def without(piece: Piece, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """`folder`, or the program, without `piece`. Raises KeyError if there is no such piece: the table is stale."""
    kind, _, name = piece.text.partition(" ")
    if kind == "report":
        known = {report: entry for report, entry in catalogue.REPORTS.items() if report != name}
        assert len(known) < len(catalogue.REPORTS), f"there is no report {name}"
        patch.setattr(reporting, "REPORTS", known)
    elif kind == "command":
        patch.delitem(console.COMMANDS, name)
    elif kind == "template":
        (folder / LIBRARY / "templates" / f"{name}.txt").unlink()
    else:
        _take_out(folder, *_place(piece.text))
    yield


def _place(text: str) -> tuple[str, str]:
    """(file, path in it; "" for the whole file)"""
    for kind, (file, inside) in FILES.items():
        if text.startswith(f"{kind} "):
            name, _, more = text.removeprefix(f"{kind} ").partition(": ")
            return file.format(name), ".".join(part for part in (inside.format(name), more) if part)
    name, _, inside = text.partition(": ")
    if not inside:
        raise KeyError(f"{text!r} names no piece")
    return f"playbooks/{name}.yaml", inside


def _take_out(folder: Path, file: str, inside: str) -> None:
    path = folder / file
    if not inside:
        path.unlink()
        return
    source = compose(file, path.read_text(encoding="utf-8"))
    assert isinstance(source, Source)
    *steps, last = _steps(inside)
    node = source.content
    for step in steps:
        node = node[_key(node, step)]
    del node[_key(node, last)]
    path.write_text(json.dumps(source.content, ensure_ascii=False, indent=1), encoding="utf-8")


def _steps(inside: str) -> list[str]:
    """`states.ask.transitions[ask.granted]` -> states, ask, transitions, [ask.granted]"""
    return [step for step in re.split(r"\.(?![^\[]*\])|(?=\[)", inside) if step]


def _key(node: Any, step: str) -> str | int:
    """A key of a mapping, or `[what it says]`: the item of a list with that text in it. Raises KeyError."""
    if not step.startswith("["):
        if step not in node:
            raise KeyError(f"there is no {step!r} among {list(node)[:20]}")
        return step
    wanted = step[1:-1]
    found = [index for index, item in enumerate(node) if wanted in _texts(item)]
    if len(found) != 1:
        raise KeyError(f"{wanted!r} stands in {len(found)} items of the list")
    return found[0]


def _texts(item: Any) -> list[str]:
    if isinstance(item, dict):
        return [text for value in item.values() for text in _texts(value)]
    return [text for value in item for text in _texts(value)] if isinstance(item, list) else [str(item)]
