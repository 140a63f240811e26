"""A small list as spreadsheets save it: CSV, with whichever separator it was saved with.

The exports of a CRM are read elsewhere (`engine/crm`): row by row, in more encodings, and told in a report.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

SEPARATORS = (",", ";", "\t", "|")  # a German Excel writes the second; of equals the first is taken
_AGAIN = "save it as “CSV UTF-8”"


class Unreadable(Exception):
    """The file as a whole is no such list. `line` 0: no line is to blame."""

    def __init__(self, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.line = message, hint, line


def decoded(content: bytes) -> str:
    """Raises Unreadable for what is not UTF-8, or no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not UTF-8", _AGAIN, content[: error.start].count(b"\n") + 1) from None
    if "\0" in text:
        raise Unreadable("the file is not text", _AGAIN, text[: text.index("\0")].count("\n") + 1)
    return text


def separated(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """(headings without blanks around, rows with the line on which each begins); empty rows are left out.

    A first line such as `sep=;`, by which Excel declares its separator, is no heading. Raises Unreadable.
    """
    declared, first, body = _declared(text)
    separator = declared or max(SEPARATORS, key=lambda choice: _columns(body, choice))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    try:
        headings = [cell.strip() for cell in next(reader, [])]
        return headings, list(_rows(reader, first))
    except csv.Error as error:
        line = first - 1 + reader.line_num
        raise Unreadable(f"the file is no proper CSV: {error}", "look for a quote too few", line) from None


def _declared(text: str) -> tuple[str, int, str]:
    """(the separator that the file declares or "", the line on which its headings begin, what begins there)"""
    line, _, rest = text.partition("\n")
    said = line.strip("\r").strip('"')
    return (said[4], 2, rest) if said[:4].lower() == "sep=" and len(said) == 5 else ("", 1, text)


def _columns(text: str, separator: str) -> int:
    """Into how many columns a separator parts the headings: one between quotes parts nothing."""
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), []))
    except csv.Error:
        return 0


def _rows(reader: Iterator[list[str]], first: int) -> Iterator[tuple[int, list[str]]]:
    line = first + reader.line_num  # type: ignore[attr-defined]  # of csv's own reader
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = first + reader.line_num  # type: ignore[attr-defined]
