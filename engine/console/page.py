"""A page that stands by itself: no script, nothing from elsewhere; legible on paper and at night."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from engine.console.tables import clean

STYLE = """
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
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(*, title: str, style: str, main: Sequence[str], foot: Sequence[str]) -> str:
    """`main` and `foot` are HTML; empty parts are left out."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{text(title)}</title>",
        f"<style>\n{style}\n</style>",
        "</head>",
        "<body>",
        "<main>",
        *main,
        "</main>",
        "<footer>",
        *foot,
        "</footer>",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part)


def text(words: str) -> str:
    """Words as they may stand in a page, whatever a CRM had in them."""
    return escape(clean(words))


def paragraph(words: str, kind: str = "") -> str:
    """ "" for no words."""
    return f"<p{_class(kind)}>{text(words)}</p>" if words else ""


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool], notes: Sequence[str] = (),
    label: str = "",
) -> str:  # fmt: skip
    """The first cell of a row names it; `numbers` says which columns stand on the right.

    `label`: the part that scrolls can be reached by keyboard, under this name.
    """
    named = f' tabindex="0" role="region" aria-label="{text(label)}"' if label else ""
    titles = "".join(
        f'<th scope="col"{_class("number" if right else "")}>{text(head)}</th>'
        for head, right in zip(heads, numbers, strict=True)
    )
    body = "\n".join(_row(row, numbers) for row in rows)
    return "\n".join(
        [
            f'<div class="scroll"{named}>',
            "<table>",
            f"<caption>{text(title)}</caption>",
            f"<thead><tr>{titles}</tr></thead>",
            f"<tbody>\n{body}\n</tbody>",
            "</table>",
            *(paragraph(note) for note in notes if note),
            "</div>",
        ]
    )


def _row(row: Sequence[str], numbers: Sequence[bool]) -> str:
    cells = [f'<th scope="row">{text(row[0])}</th>']
    cells += [
        f"<td{_class('number' if right else '')}>{text(cell)}</td>"
        for cell, right in zip(row[1:], numbers[1:], strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
