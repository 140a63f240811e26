"""Lists as text, JSON or CSV. What comes from a CRM is cleaned before it reaches a terminal or a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

FORMATS = ("text", "json", "csv")
_FORMULA = "=+-@\t\r＝＋－＠"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_SEQUENCE = re.compile(r"(\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")  # as a whole, not in part
_GAP = "  "
_NARROWEST = 8
_READABLE = 20  # columns are not cut below this while others can be spared


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a text table. `shrinks`: it may be cut where the terminal is too narrow.

    `spare`: it is left out altogether before the others become unreadable, the highest number first; 0: never.
    """

    title: str
    show: Callable[[Record], str]
    right: bool = False
    shrinks: bool = False
    spare: int = 0


def listing(records: Sequence[Record], columns: Sequence[Column], fields: Sequence[str], form: str) -> str:
    """`records` in one of FORMATS: text shows the columns, JSON and CSV every one of `fields`."""
    if form == "json":
        return as_json([{name: record.get(name) for name in fields} for record in records])
    if form == "csv":
        return as_csv(fields, ([record.get(name) for name in fields] for record in records))
    return table(records, columns, terminal_width())


def text_table(records: Sequence[Record]) -> str:
    """A table of everything in the records, whose keys are the headings; numbers stand on the right."""
    fields = list(records[0]) if records else []
    return table(records, [_column(name, records) for name in fields], terminal_width())


def csv_text(records: Sequence[Record]) -> str:
    """CSV of everything in the records, whose keys are the headings; ends with a line break. "" without records."""
    fields = list(records[0]) if records else []
    return as_csv(fields, ([record.get(name) for name in fields] for record in records)) + "\n" if records else ""


def _column(name: str, records: Sequence[Record]) -> Column:
    numeric = all(isinstance(record.get(name), (int, float)) for record in records)
    return Column(title=name, show=lambda record: cell_text(record.get(name)), right=numeric, shrinks=not numeric)


def cell_text(item: Any) -> str:
    """A value in one cell of a text table."""
    if item is None:
        return ""
    if isinstance(item, bool):
        return "yes" if item else "no"
    return ", ".join(str(one) for one in item) if isinstance(item, (list, tuple)) else str(item)


def terminal_width() -> int:
    """Columns of the terminal, or those of COLUMNS; 0 (as wide as it gets) where the output goes elsewhere."""
    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return shutil.get_terminal_size().columns if known else 0


# --- text -----------------------------------------------------------------------------------------------------------


def table(records: Sequence[Record], columns: Sequence[Column], available: int = 0) -> str:
    """A heading and one line per record; `available` 0: no line is cut. "" without records."""
    if not records:
        return ""
    cells = [[clean(column.show(record)) for column in columns] for record in records]
    kept = [at for at in range(len(columns)) if any(line[at] for line in cells)]
    lines = [[column.title for column in columns], *cells]
    wide = {at: max(width(line[at]) for line in lines) for at in kept}
    kept = _spared(kept, columns, wide, available)
    shown = [columns[at] for at in kept]
    widths = [wide[at] for at in kept]
    _narrow(widths, shown, available)
    return "\n".join(_line([line[at] for at in kept], shown, widths) for line in lines)


def _spared(kept: list[int], columns: Sequence[Column], wide: Mapping[int, int], available: int) -> list[int]:
    """The columns that stay where the terminal is too narrow for all of them to be readable."""
    while available and any(columns[at].spare for at in kept):
        least = [min(wide[at], _READABLE) if columns[at].shrinks else wide[at] for at in kept]
        if sum(least) + len(_GAP) * (len(kept) - 1) <= available:
            break
        spared = max(kept, key=lambda at: columns[at].spare)
        kept = [at for at in kept if at != spared]
    return kept


def _narrow(widths: list[int], columns: Sequence[Column], available: int) -> None:
    """Take from the widest column that shrinks until all fit."""
    while available and sum(widths) + len(_GAP) * (len(widths) - 1) > available:
        able = [at for at, column in enumerate(columns) if column.shrinks and widths[at] > _NARROWEST]
        if not able:
            return
        widths[max(able, key=lambda at: widths[at])] -= 1


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = [
        pad(cut(cell, wide), wide, column.right) for cell, column, wide in zip(cells, columns, widths, strict=True)
    ]
    return _GAP.join(padded).rstrip()


def width(text: str) -> int:
    """How many places `text` takes on a terminal."""
    return sum(_places(letter) for letter in text)


def _places(letter: str) -> int:
    if letter < "\u0300":
        return 1
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, wide: int) -> str:
    """`text` in at most `wide` places, with … where something is missing."""
    if width(text) <= wide:
        return text
    taken, places = [], 0
    for letter in text:
        places += _places(letter)
        if places > wide - 1:
            break
        taken.append(letter)
    return "".join(taken).rstrip() + "…"


def pad(text: str, wide: int, right: bool = False) -> str:
    blanks = " " * (wide - width(text))
    return blanks + text if right else text + blanks


def clean(text: str) -> str:
    """One line without anything that steers a terminal: no control characters, none that turn the writing round."""
    return "".join(_harmless(letter) for letter in _SEQUENCE.sub("", str(text)))


def clean_lines(text: str) -> str:
    """As `clean`, keeping line breaks."""
    return "\n".join(clean(line) for line in str(text).splitlines())


def _harmless(letter: str) -> str:
    if letter.isascii():
        return letter if letter >= " " and letter != "\x7f" else " " if letter in "\t\n\r\v\f" else ""
    kind = unicodedata.category(letter)
    if kind in ("Zl", "Zp"):
        return " "
    return "" if kind in ("Cc", "Cf", "Cs") else letter


# --- JSON and CSV ---------------------------------------------------------------------------------------------------


def as_json(content: Any) -> str:
    """Readable, in Unicode; what could steer a terminal is escaped, so that it reads back unchanged."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    return "".join(letter if letter == "\n" or _harmless(letter) == letter else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return json.dumps(letter)[1:-1] if ord(letter) > 126 and letter != "\x7f" else f"\\u{ord(letter):04x}"


def as_csv(fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """With a heading; no cell is a formula to a spreadsheet; without a line break at the end."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([cell(item) for item in row] for row in rows)
    return text.getvalue().rstrip("\n")


def cell(item: Any) -> str | int | float:
    """A value as a spreadsheet may have it: numbers as numbers, text that begins like a formula behind a `'`."""
    if item is None:
        return ""
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, (int, float)):
        return item
    if isinstance(item, (list, tuple)):
        item = "; ".join(str(one) for one in item)
    elif isinstance(item, Mapping):
        item = json.dumps(item, ensure_ascii=False)
    text = clean_lines(str(item))  # first: what is taken out may stand before a sign
    risky = text[:1] in tuple(_FORMULA) or text.lstrip()[:1] in tuple(_FORMULA)
    return ("'" if risky and not _NUMBER.fullmatch(text) else "") + text
