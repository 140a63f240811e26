"""A report as one HTML page that stands by itself: no script, nothing from elsewhere; legible on paper and at night."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from engine.console.report_cells import is_number, shown
from engine.console.tables import clean
from engine.reports.model import Cell, Report, Table

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1b; --paper: #fff; --line: #c9c9c4; --faint: #5c5c58; --band: #f4f4f0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ecece8; --paper: #1b1b1a; --line: #4a4a47; --faint: #b0b0aa; --band: #262625; }
}
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; }
.about, footer { color: var(--faint); font-size: .9rem; }
.verdict { font-size: 1.15rem; font-weight: 600; }
.scroll { overflow-x: auto; margin: 2rem 0; }
table { border-collapse: collapse; min-width: 50%; }
caption { text-align: left; font-weight: 600; padding: 0 .7rem .4rem; }
.scroll p { margin: .4rem .7rem; color: var(--faint); font-size: .9rem; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; }
thead th { border-bottom-color: var(--faint); vertical-align: bottom; }
tbody th { font-weight: 400; }
tbody tr:nth-child(even) { background: var(--band); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #999; --faint: #333; --band: #fff; }
  body { margin: 0; max-width: none; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
""".strip()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_page(report: Report, about: Sequence[str], counted: str) -> str:
    """`about` are the filters in words, `counted` says for when it was counted."""
    remarks = "\n".join(f"<p>{_text(remark)}</p>" for remark in report.remarks)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{_text(report.title)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{_text(report.title)}</h1>",
        f'<p class="about">{_text(", ".join(about))}</p>' if about else "",
        f'<p class="verdict">{_text(report.verdict)}</p>',
        remarks,
        *(_table(table) for table in report.tables),
        "</main>",
        f"<footer><p>{_text(counted)}</p></footer>",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part)


def _text(text: str) -> str:
    return escape(clean(text))


def _table(table: Table) -> str:
    numbers = [all(cell is None or is_number(cell) for cell in cells) for cells in zip(*table.rows, strict=True)]
    heads = "".join(
        f'<th scope="col"{_class(right)}>{_text(column.title)}</th>'
        for column, right in zip(table.columns, numbers, strict=True)
    )
    body = "\n".join(_row(row, numbers) for row in table.rows)
    notes = [table.note, f"… and {table.left_off:,} more." if table.left_off else ""]
    return "\n".join(
        [
            '<div class="scroll">',
            "<table>",
            f"<caption>{_text(table.title)}</caption>",
            f"<thead><tr>{heads}</tr></thead>",
            f"<tbody>\n{body}\n</tbody>",
            "</table>",
            *(f"<p>{_text(note)}</p>" for note in notes if note),
            "</div>",
        ]
    )


def _row(row: Sequence[Cell], numbers: Sequence[bool]) -> str:
    """The first cell names the row."""
    cells = [f'<th scope="row">{_text(shown(row[0]))}</th>']
    cells += [f"<td{_class(right)}>{_text(shown(cell))}</td>" for cell, right in zip(row[1:], numbers[1:], strict=True)]
    return f"<tr>{''.join(cells)}</tr>"


def _class(right: bool) -> str:
    return ' class="number"' if right else ""
