"""Whether any file of a workspace changed since it was last checked, found out without reading what stands in them.

A tick asks this first: when nothing changed and nothing is due, nothing else is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

CHECKED = "(checked)"  # the row under which the store keeps the fingerprint, and the problems found then
EDITION = "10"  # count up when rules change, so that what was checked before is checked again


def combined(files: Iterable[tuple[str, str]]) -> str:
    """The fingerprint of a workspace: of (path, hash) of all its files."""
    lines = [EDITION, *(f"{path}={hashed}" for path, hashed in sorted(files))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def unchanged(folder: Path, known: Mapping[str, str]) -> bool:
    """Whether every file is as it was when it was last checked; `known` maps paths, and CHECKED, to hashes."""
    there = {path for path in known if path != CHECKED and (folder / path).is_file()}
    if any(path not in there for path in _files(folder)):
        return False
    return known.get(CHECKED) == combined((path, _hash(folder / path)) for path in there)


def unchanged_file(folder: Path, path: str, known: str) -> bool:
    """Whether one file is still that of this hash."""
    return (folder / path).is_file() and _hash(folder / path) == known


def _files(folder: Path) -> Iterator[str]:
    """Every file that a workspace reads without being told its name."""
    yield "playbook.toml"
    if (folder / "playbooks/library/content-rules.yaml").is_file():
        yield "playbooks/library/content-rules.yaml"
    for place, endings in (
        ("playbooks", (".yaml", ".yml")),
        ("playbooks/experiments", (".yaml", ".yml")),
        ("playbooks/library/templates", (".txt",)),
        ("playbooks/library/questionnaires", (".yaml",)),
    ):
        if (folder / place).is_dir():
            for file in (folder / place).iterdir():
                if file.suffix in endings and not file.name.startswith("."):
                    yield f"{place}/{file.name}"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
