"""From a file to rows, streaming. One broken record never swallows what follows it.

The csv module puts the rest of a file into one cell after an unclosed quote, without an error. Here a record may go
over a limited number of lines; where that or the cell limit of 128 KiB is passed, its first line is rejected and
reading goes on with the second.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from engine.crm.dialect import Dialect

LINES_IN_A_CELL = 1_000
_BROKEN_BYTES = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """A record that is no row. `line` counts from 1, `text` is its first line."""

    line: int
    text: str
    reason: str


class _UnclosedError(Exception):
    """A record went over more lines than a cell may hold."""


@dataclass(kw_only=True, slots=True)
class Batch:
    """Some consecutive rows, all as wide as the header, with the line on which each begins."""

    lines: list[int]
    rows: list[list[str]]
    broken: list[Broken]
    blank: list[int]  # empty lines, passed over


class RowSource:
    """The rows of one file after its header."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self._path = path
        self._dialect = dialect
        self._taken: list[str] = []  # lines of the record that is being read
        self._pushed: deque[str] = deque()  # lines to be read again after a broken record
        self._line = 1

    def batches(self, size: int = 500) -> Iterator[Batch]:
        """Batches of about `size` records, in file order."""
        with self._path.open(encoding=self._dialect.encoding, errors="surrogateescape", newline="") as stream:
            header = self._reader(stream)
            for _ in range(self._dialect.first_line):
                next(header, None)
                self._line += len(self._taken)
                self._taken.clear()
            while block := list(islice(stream, size)):
                rows = self._plain_rows(block)
                if rows is None:
                    self._pushed.extend(block)
                    yield self._careful_batch(stream)
                else:
                    lines = list(range(self._line, self._line + len(rows)))
                    self._line += len(rows)
                    yield Batch(lines=lines, rows=rows, broken=[], blank=[])

    def _plain_rows(self, block: list[str]) -> list[list[str]] | None:
        """One row per line where the block has no quote, no odd character and no empty line; else None.

        Most exports are so, and need none of the care that costs most of the time.
        """
        text = "".join(block)
        if '"' in text or "\0" in text or not (text.isascii() or not _BROKEN_BYTES.search(text)):
            return None
        try:
            rows = list(csv.reader(block, delimiter=self._dialect.delimiter, strict=True))
        except csv.Error:
            return None
        return rows if all(rows) and len(rows) == len(block) else None

    def _reader(self, stream: Iterator[str]) -> Iterator[list[str]]:
        return csv.reader(self._lines(stream), delimiter=self._dialect.delimiter, strict=True)

    def _careful_batch(self, stream: Iterator[str]) -> Batch:
        """The records of the pushed lines, and of what the last of them needs from the file."""
        batch = Batch(lines=[], rows=[], broken=[], blank=[])
        while self._pushed:
            try:
                self._read_rows(batch, self._reader(stream))
            except _UnclosedError:
                batch.broken.append(self._begin_again("a quote opened here is not closed"))
            except csv.Error as error:
                batch.broken.append(self._begin_again(_reason(error, len(self._taken))))
        return batch

    def _read_rows(self, batch: Batch, reader: Iterator[list[str]]) -> None:
        """Rows until all pushed lines are read and the record that they began is whole."""
        taken, rows, lines, width = self._taken, batch.rows, batch.lines, len(self._dialect.headings)
        for row in reader:
            if len(taken) > 1 or not row or not taken[0].isascii() or "\0" in taken[0]:
                self._take_unusual(batch, row, width)
            else:
                rows.append(row)
                lines.append(self._line)
            self._line += len(taken)
            taken.clear()
            if not self._pushed:
                return

    def _take_unusual(self, batch: Batch, row: list[str], width: int) -> None:
        """An empty line, a record over several lines, or one with characters that need a look."""
        if not row:
            batch.blank.append(self._line)
        elif len(self._taken) > 1 and len(row) != width:
            raise _UnclosedError
        elif broken := self._broken_text():
            batch.broken.append(broken)
        else:
            batch.rows.append(row)
            batch.lines.append(self._line)

    def _begin_again(self, reason: str) -> Broken:
        """Give up the first line of the record only; the others are read again."""
        broken = Broken(line=self._line, text=self._taken[0].rstrip("\r\n")[:500], reason=reason)
        self._pushed.extendleft(reversed(self._taken[1:]))
        self._taken.clear()
        self._line += 1
        return broken

    def _broken_text(self) -> Broken | None:
        text = "".join(self._taken)
        if "\0" in text:
            shown = text[:500].replace("\0", "␀")
            return Broken(line=self._line, text=shown, reason="the line contains NUL characters")
        if _BROKEN_BYTES.search(text):
            shown = _BROKEN_BYTES.sub("\ufffd", text.rstrip("\r\n"))[:500]
            return Broken(line=self._line, text=shown, reason=f"the line is not valid {self._dialect.encoding}")
        return None

    def _lines(self, stream: Iterator[str]) -> Iterator[str]:
        """Lines to be read again, then those of the file."""
        taken, pushed = self._taken, self._pushed
        while (line := pushed.popleft() if pushed else next(stream, None)) is not None:
            taken.append(line)
            if len(taken) > LINES_IN_A_CELL:
                raise _UnclosedError
            yield line


def _reason(error: csv.Error, lines: int) -> str:
    if "field limit" in str(error):
        return "a cell is longer than 128 KiB" + (", or a quote opened here is not closed" if lines > 1 else "")
    if "expected after" in str(error):
        return "text follows a closing quote: a quote inside a cell is written twice"
    return f"not a CSV row: {error}"
