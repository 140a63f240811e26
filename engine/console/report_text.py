"""A report as text for a terminal: the answer first. Sentences keep to 100 columns, tables to the terminal's width."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from engine.console.report_cells import is_number, shown
from engine.console.tables import Column, Record, clean, table
from engine.reports.model import Report, Table

WIDTH = 100
# Half an id or a date is worth nothing.
_WHOLE = ("deal", "win", "follows", "owner", "lost", "won", "since", "by", "day", "asked", "answered", "figure",
          "fullest", "week")  # fmt: skip
_SPARED = {"industry_deals": 1, "ask": 1}  # what is left out first where the terminal is too narrow


def report_text(report: Report, about: Sequence[str], width: int = 0) -> str:
    """`about` are the filters in words; `width` of the terminal, 0 for a file."""
    wide = min(width or WIDTH, WIDTH)
    head = [clean(report.title) + (f" ({', '.join(map(clean, about))})" if about else "")]
    parts = ["\n".join([*head, "", *_sentences([report.verdict, *report.remarks], wide)])]
    parts += [_table_text(one, width, wide) for one in report.tables]
    return "\n\n".join(parts)


def _sentences(sentences: Sequence[str], wide: int) -> list[str]:
    return [line for sentence in sentences for line in wrap(clean(sentence), wide, break_long_words=True)]


def _table_text(one: Table, width: int, wide: int) -> str:
    rows: list[Record] = [{str(at): shown(cell) for at, cell in enumerate(row)} for row in one.rows]
    columns = [_column(one, at) for at in range(len(one.columns))]
    lines = [clean(one.title), table(rows, columns, width)]
    if one.left_off:
        lines.append(f"… and {one.left_off:,} more (--limit)")
    return "\n".join([*lines, *_sentences([one.note] if one.note else [], wide)])


def _column(one: Table, at: int) -> Column:
    cells = [row[at] for row in one.rows]
    right = all(cell is None or is_number(cell) for cell in cells)
    shrinks = one.columns[at].key not in _WHOLE and all(cell is None or isinstance(cell, str) for cell in cells)
    return Column(title=one.columns[at].title, show=lambda record: record[str(at)], right=right, shrinks=shrinks,
                  spare=_SPARED.get(one.columns[at].key, 0))  # fmt: skip
