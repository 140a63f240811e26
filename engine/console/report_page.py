"""A report as one HTML page that stands by itself."""

from __future__ import annotations

from collections.abc import Sequence

from engine.console.page import STYLE, page, paragraph, table, text
from engine.console.report_cells import is_number, shown
from engine.reports.model import Report, Table


def report_page(report: Report, about: Sequence[str], counted: str) -> str:
    """`about` are the filters in words, `counted` says for when it was counted."""
    main = [
        f"<h1>{text(report.title)}</h1>",
        paragraph(", ".join(about), "about"),
        paragraph(report.verdict, "verdict"),
        *map(paragraph, report.remarks),
        *map(_table, report.tables),
    ]
    return page(title=report.title, style=STYLE, main=main, foot=[paragraph(counted)])


def _table(one: Table) -> str:
    numbers = [all(cell is None or is_number(cell) for cell in cells) for cells in zip(*one.rows, strict=True)]
    rows = [[shown(cell) for cell in row] for row in one.rows]
    notes = [one.note, f"… and {one.left_off:,} more." if one.left_off else ""]
    return table(one.title, [column.title for column in one.columns], rows, numbers, notes)
