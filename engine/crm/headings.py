"""Column headings: compared without case, spaces around and byte-order mark; a repeated one gets `__2`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.core.likeness import nearest

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w]+")


def plain(heading: str) -> str:
    """The form in which headings are compared: no byte-order mark, one space between words, small letters."""
    return _SPACES.sub(" ", heading.replace("\ufeff", "").strip()).casefold()


def unique_headings(cells: Sequence[str]) -> list[str]:
    """The header row as written, trimmed; an empty heading becomes `column_3`, a repeated one `Status__2`."""
    seen: dict[str, int] = {}
    headings = []
    for position, cell in enumerate(cells, start=1):
        heading = _SPACES.sub(" ", cell.replace("\ufeff", "").strip()) or f"column_{position}"
        count = seen[heading.casefold()] = seen.get(heading.casefold(), 0) + 1
        headings.append(heading if count == 1 else f"{heading}__{count}")
    return headings


def snake_case(heading: str) -> str:
    """`Deal - Lost reason` -> `deal_lost_reason`: the name of an unmapped column under `custom`."""
    text = heading.casefold()
    repeat = re.search(r"__\d+$", text)
    words = _NOT_WORD.sub("_", text[: repeat.start()] if repeat else text).strip("_") or "column"
    return words + (repeat.group() if repeat else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean “X”?`, or an empty text."""
    meant = nearest(word, known)
    return f"Did you mean “{meant}”?" if meant else ""
