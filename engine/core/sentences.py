"""A text as sentences: lines that wrap belong together; a list item, a label and a heading stand for themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ITEM = re.compile(r"[ \t]*+(?:[-*•–▪·☐]|\(?[0-9]{1,2}[.)]|\(?[a-z]\)|\[ ?\])[ \t]+")
_LABEL = re.compile(r"[ \t]*+[^\W\d_][^.!?:\n\"“]{0,30}:(?=\s|$)")
_STOP = re.compile(r"[.!?…]++[\"”’')\]]*+(?=\s|$)")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|mr|mrs|ms|dr|approx|incl|excl|vs|inc|ltd|no)\.$", re.IGNORECASE)
_SHORT = 45  # characters: a line shorter than this, before one that begins with a capital, did not wrap
_HEADING = 5  # words


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """From `start` up to `end` in the text. `under` is the line that leads into the list it stands in, if any."""

    start: int
    end: int
    under: tuple[int, int] | None = None


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of `text`, in order."""
    lead: tuple[int, int] | None = None
    for start, end, item in _blocks(text):
        if not item:
            lead = (start, end) if _leads(text[start:end]) else None
        yield from _in_block(text, start, end, lead if item else None)


def _leads(block: str) -> bool:
    """Whether a list may follow it: it ends in a colon, or it is a heading."""
    written = block.strip().strip("*_#= ")
    last = _STOP.split(written)[-1]
    return written.endswith(":") or (0 < len(last.split()) <= _HEADING and written[-1] not in '.!?,"”')


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is a list item) of lines that belong together."""
    start, end, item = 0, 0, False
    at = 0
    before = ""
    for line in text.splitlines(keepends=True):
        marker = _ITEM.match(line)
        blank = not line.strip()
        if blank or marker or _LABEL.match(line) or _breaks(before, line):
            if end > start:
                yield start, end, item
            start, item = at + (marker.end() if marker else 0), bool(marker)
        if blank:
            start = at + len(line)
        end = at + len(line.rstrip())
        before = "" if blank else line
        at += len(line)
    if end > start:
        yield start, end, item


def _breaks(before: str, line: str) -> bool:
    """Whether `before` is a line of its own: short, and the next begins like a sentence."""
    first = line.lstrip().lstrip("\"“‘'")[:1]
    return bool(before) and len(before.rstrip()) < _SHORT and first.isupper() and line.lstrip()[:2] not in ("I ", "I'")


def _in_block(text: str, start: int, end: int, under: tuple[int, int] | None) -> Iterator[Sentence]:
    at = start
    for stop in _STOP.finditer(text, start, end):
        if _ABBREVIATION.search(text[max(at, stop.end() - 8) : stop.end()]):
            continue
        yield Sentence(start=at, end=stop.end(), under=under)
        at = stop.end()
    if text[at:end].strip():
        yield Sentence(start=at, end=end, under=under)
