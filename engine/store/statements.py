"""Named SQL statements: `sql/*.sql`, each after a line `-- name: VERB_NOUN` and a comment that says why it is so.

They are read once in a process, at the first use.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
MARK = "-- name: "


@cache
def statements() -> dict[str, str]:
    """All statements by name, without their comments."""
    found: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.sql")):
        for block in file.read_text(encoding="utf-8").split(MARK)[1:]:
            name, _, text = block.partition("\n")
            if found.setdefault(name.strip(), sql := _without_comments(text)) != sql:
                raise ValueError(f"{file.name}: two statements are called {name.strip()}")
    return found


def _without_comments(text: str) -> str:
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("--"))
    return "\n".join(lines).rstrip().removesuffix(";")
