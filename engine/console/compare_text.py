"""A comparison as text for a terminal: the verdict first, in words; tables fit its width."""

from __future__ import annotations

from collections.abc import Sequence

from engine.console import compare_tables
from engine.console.compare_tables import Table
from engine.console.compare_words import (
    NO_EVIDENCE,
    about,
    against,
    as_of_text,
    counted_at,
    few_at,
    headline,
    in_a_row,
    other_rows,
    plan_text,
    window,
)
from engine.console.tables import Column, Record, clean, cut, table, width
from engine.core.plural import count
from engine.experiments.comparison import Comparison, Contrast

WIDTH = 80  # of a terminal whose width is not known
_READABLE = 100  # longer lines are hard to read
_TITLE = 14  # places of the title above numbers, which may be the name of an arm
_LOOKS = 4  # the latest are shown


def comparison_text(comparison: Comparison, terminal: int = 0) -> str:
    """`terminal` is its width, 0 for a file."""
    wide = min(terminal or WIDTH, _READABLE)
    parts = [_head(comparison, wide), _arms(comparison, wide)]
    for contrast in comparison.contrasts:
        parts += [_teams(comparison, contrast, wide), _looks(comparison, contrast, wide)]
    parts += [_metrics(comparison, wide), _mismatch(comparison, wide), _not_randomised(comparison, wide)]
    return "\n\n".join(part for part in parts if part)


def _head(comparison: Comparison, wide: int) -> str:
    """Name, question, the verdict and what to keep in mind."""
    title = comparison.experiment + (f" (team {comparison.team})" if comparison.team else "")
    first = [title, *([comparison.question] if comparison.question else [])]
    verdict = [headline(comparison.verdict).upper(), comparison.verdict.words]
    remarks = [line for remark in comparison.remarks for line in _item(remark, wide)]
    facts = [as_of_text(comparison), about(comparison), plan_text(comparison)]
    blocks = [_lines(first, wide), _lines(verdict, wide), remarks, _lines(facts, wide)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _lines(sentences: Sequence[str], wide: int) -> list[str]:
    return [line for sentence in sentences for line in _wrapped(clean(sentence), wide)]


def _item(remark: str, wide: int) -> list[str]:
    first, *rest = _wrapped(clean(remark), wide - 2) or [""]
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _wrapped(text: str, wide: int) -> list[str]:
    """As textwrap, but by the places that letters take on a terminal."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(lines[-1]) + 1 + width(word) <= wide:
            lines[-1] += f" {word}"
            continue
        lines.append("")
        for letter in word:
            if width(lines[-1] + letter) > wide:
                lines.append("")
            lines[-1] += letter
    return lines


def _arms(comparison: Comparison, wide: int) -> str:
    shown = compare_tables.arms(comparison)
    mature = f"Mature: the {window(comparison) or 'window'} after the draw are over; only these count for the verdict."
    return _text_table(shown, wide, mature if shown.rows and not comparison.observational else "")


def _teams(comparison: Comparison, contrast: Contrast, wide: int) -> str:
    shown = compare_tables.teams(comparison, contrast)
    notes = [f"Points: {contrast.arm} minus {contrast.control}, in percentage points."]
    notes += ["The teams differ: read their rows."] if contrast.teams_differ else []
    notes += [other_rows(contrast)] if other_rows(contrast) else []
    at = "" if comparison.observational else f", {counted_at(comparison)}"
    return _text_table(shown, wide, " ".join(notes), f"{against(contrast)}, by team{at}")


def _looks(comparison: Comparison, contrast: Contrast, wide: int) -> str:
    """The latest looks in short, with the one at which the verdict was reached."""
    shown = compare_tables.looks(comparison, contrast)
    if not shown.rows:
        first = f": the first is on {comparison.next_look}" if comparison.next_look else ""
        return f"No look has been taken yet{first}." if not comparison.observational else ""
    latest = range(max(len(shown.rows) - _LOOKS, 0), len(shown.rows))
    kept = [
        row for at, row in enumerate(shown.rows) if at in latest or contrast.looks[at].number == contrast.verdict.look
    ]
    left = len(shown.rows) - len(kept)
    short = Table(name=shown.name, title=shown.title, columns=shown.columns, rows=tuple(kept))
    planned = f" of {comparison.looks_planned}" if comparison.looks_planned else ""
    note = "A look is a weekly count. z must pass the boundary, which is stricter early, to be more than chance."
    few = f" {few_at(contrast)}" if few_at(contrast) else ""
    more = f" The {count(left, 'look')} before: --format html or csv." if left > 1 else ""
    more = " The look before: --format html or csv." if left == 1 else more
    title = f"{against(contrast)}, look by look ({len(shown.rows)}{planned}): {in_a_row(contrast.verdict)}"
    return _text_table(short, wide, note + few + more, title)


def _metrics(comparison: Comparison, wide: int) -> str:
    """What it says stands below each line: it is a sentence."""
    shown = compare_tables.metrics(comparison)
    if not shown.rows:
        return ""
    lines = [shown.title]
    for one in comparison.metrics:
        kind = "workload" if one.kind == "workload" else one.kind
        end = f" ({NO_EVIDENCE})" if comparison.observational else ""
        lines += _item(f"{one.metric}, {one.arm} against {one.control} ({kind}): {one.words}{end}", wide)
    return "\n".join(lines)


def _mismatch(comparison: Comparison, wide: int) -> str:
    """In full only where something is wrong."""
    if not comparison.mismatches:
        return ""
    flagged = [one for one in comparison.mismatches if one.flagged]
    if not flagged:
        known = any(one.p is not None for one in comparison.mismatches)
        said = "as far as that can be told" if known else "cannot be told yet: too few were drawn"
        return "\n".join(
            _lines(
                [f"Did each arm get the share that it was meant to get? {'Yes, ' if known else 'That '}{said}."], wide
            )
        )
    return _text_table(compare_tables.mismatch(comparison), wide)


def _not_randomised(comparison: Comparison, wide: int) -> str:
    if not comparison.not_randomised or comparison.observational:
        return ""
    teams = ", ".join(
        f"{team or '(no team)'} ({count(number, comparison.unit)})"
        for team, number in sorted(comparison.not_randomised.items())
    )
    return "\n".join(_lines([f"With one arm only, and so in no figure of all teams: {teams}."], wide))


def _text_table(one: Table, wide: int, note: str = "", title: str = "") -> str:
    if not one.rows:
        return ""
    rows: list[Record] = [{str(at): cell.text for at, cell in enumerate(row)} for row in one.rows]
    columns = [_column(column, at) for at, column in enumerate(one.columns) if not column.hidden]
    marked = f" ({NO_EVIDENCE})" if NO_EVIDENCE in one.title and title else ""
    return "\n".join(
        [*_lines([(title or one.title) + marked], wide), table(rows, columns, wide), *_lines([note], wide)]
    )


def _column(column: compare_tables.Column, at: int) -> Column:
    title = clean(column.title)
    return Column(
        title=cut(title, _TITLE) if column.right else title,
        show=lambda record: record[str(at)],
        right=column.right,
        spare=column.spare,
        shrinks=not column.right,  # half a number is worth nothing
    )
