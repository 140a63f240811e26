"""How a file is written: its encoding and delimiter, from a fixed list, and said aloud: never a silent guess."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.crm.errors import ImportRefused, MappingProblem
from engine.crm.headings import plain, unique_headings

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20
_NO_TEXT = (  # first bytes, what it is, the cure
    (b"%PDF-", "a PDF", "Export the list from the CRM as CSV: a PDF holds no rows"),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it and import the CSV file in it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS)", "Open it and save the sheet as CSV UTF-8, or export as CSV"),
    (b"\x1f\x8b", "a GZIP archive", "Unpack it and import the CSV file in it"),
    (b"SQLite format 3\0", "a database", "Name the CSV file that the CRM exported"),
)
_WORKBOOK = "Open it and save the sheet as CSV UTF-8, or export from the CRM as CSV"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """What was chosen for one file. `first_line` is the line of the header row, 2 after an Excel `sep=` line."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    first_line: int = 1

    def __str__(self) -> str:
        name = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        return f"{self.encoding}, delimiter {name}, {len(self.headings)} columns"


def find_dialect(path: Path, known: Collection[str], encoding: str = "", delimiter: str = "") -> Dialect:
    """Look at the file and choose. `known` are the headings that the mapping names: the delimiter under which most of
    them appear wins, then the one that gives most columns. Declared values are taken as they are.

    Raises ImportRefused where the file is missing, empty, no text or has no header row.
    """
    if path.is_dir():
        raise _refused(path, "is a folder", "Name the CSV file that the CRM exported")
    try:
        _refuse_other_kinds(path)
        chosen = encoding or _encoding(path)
        with path.open(encoding=chosen, errors="surrogateescape", newline="") as stream:
            first, second = stream.readline(), ""
            declared = _declared_delimiter(first)
            if declared:
                first, second = stream.readline(), first
            header = _whole_header(first, stream.readline)
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", "Check the path") from None
    except (LookupError, UnicodeError):
        hint = "Leave encoding out, or write one of utf-8, utf-16, cp1252, latin-1"
        raise _refused(path, f"is not written in {encoding!r}", hint) from None
    if not header.strip().strip("\ufeff"):
        raise _refused(path, "is empty", "Export it again with its header row")
    choices = [declared or delimiter] if declared or delimiter else list(DELIMITERS)
    wanted = {plain(name) for name in known}
    best = max(choices, key=lambda choice: _score(header, choice, wanted))
    headings = tuple(unique_headings(_split(header, best)))
    return Dialect(encoding=chosen, delimiter=best, headings=headings, first_line=2 if second else 1)


def _refused(path: Path, message: str, hint: str) -> ImportRefused:
    return ImportRefused(MappingProblem(message=f"{path.name} {message}", hint=hint))


def _refuse_other_kinds(path: Path) -> None:
    """What people import by mistake, told by its first bytes: its name may say anything."""
    with path.open("rb") as stream:
        start = stream.read(_CHUNK)
    for mark, kind, cure in _NO_TEXT:
        if start.startswith(mark):
            if kind == "a ZIP archive" and (b"xl/" in start or b"[Content_Types].xml" in start):
                kind, cure = "an Excel workbook (XLSX)", _WORKBOOK
            raise _refused(path, f"is {kind}, no CSV file", cure)


def _whole_header(first: str, more: object) -> str:
    """The header record: a quoted heading may hold a line break."""
    header = first.lstrip("\ufeff")
    for _ in range(20):
        if header.count('"') % 2 == 0:
            break
        header += more()  # type: ignore[operator]
    return header


def _score(header: str, delimiter: str, wanted: Collection[str]) -> tuple[int, int]:
    headings = _split(header, delimiter)
    return sum(plain(heading) in wanted for heading in headings), len(headings)


def _split(header: str, delimiter: str) -> list[str]:
    return next(iter(csv.reader(header.splitlines(keepends=True), delimiter=delimiter)), [])


def _declared_delimiter(line: str) -> str:
    """Excel's own first line, `sep=;`."""
    text = line.lstrip("\ufeff").strip("\r\n").strip('"')
    return text[4] if text[:4].lower() == "sep=" and len(text) == 5 else ""


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(_CHUNK)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        if start[1:2] == b"\0" and start[1:400:2].count(0) > len(start[1:400:2]) * 0.8:
            return "utf-16-le"
        if start[:1] == b"\0" and start[:400:2].count(0) > len(start[:400:2]) * 0.8:
            return "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = start
        while chunk:
            following = stream.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not following)
            except UnicodeDecodeError:
                return _not_utf8(chunk)
            chunk = following
    return "utf-8"


def _not_utf8(chunk: bytes) -> str:
    """A few broken bytes in good UTF-8 reject their rows; a file where most are wrong is Windows-1252."""
    text = chunk.decode("utf-8", errors="surrogateescape")
    broken = sum("\udc80" <= letter <= "\udcff" for letter in text)
    good = sum(letter > "\x7f" for letter in text) - broken
    return "utf-8" if good > broken else "cp1252"
