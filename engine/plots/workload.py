"""Actions handed out to each person, week by week, by the arm that they are for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from engine.core.plural import count
from engine.experiments.comparison import Comparison
from engine.plots.axes import Frame, Scale, box, months_below, rounded_up, said_in_the_middle
from engine.plots.canvas import LINE, Canvas, shortened, wrapped
from engine.plots.marks import Mark, bar, control_note, draw_strokes, legend, marks

SHOWN = 12  # people; the table has all
_ROW, _BAR = 54.0, 42.0
_WIDE = 560.0
_NOBODY = "(nobody)"


def workload(comparison: Comparison, *, width: float, name: str) -> str:
    """`name` is unique in the page."""
    canvas = Canvas(name=name, width=width)
    counts = _counts(comparison)
    title = "Actions handed out per person and week, by arm"
    if not counts:
        frame = Frame(left=0, top=0, right=width, bottom=90)
        said_in_the_middle(canvas, frame, wrapped("No action has been handed out for these deals yet.", width - 20))
        canvas.height = 90
        return canvas.svg(title=title, description="No action has been handed out yet.")
    draw_strokes(canvas)
    people = busiest(comparison)[:SHOWN]
    with_work = {arm for weeks in counts.values() for arms in weeks.values() for arm in arms}
    arms = [mark for arm, mark in marks(comparison).items() if arm in with_work]
    y = legend(canvas, 0, arms, control_note(comparison), bars=True) + 6
    _rows(canvas, counts, people, arms, y)
    return canvas.svg(title=title, description=_description(counts, people))


def busiest(comparison: Comparison) -> list[str]:
    """Everybody with work, the most first."""
    total: dict[str, int] = defaultdict(int)
    for week in comparison.workload:
        total[week.person] += week.actions
    return sorted((person for person in total if total[person]), key=lambda person: (-total[person], person))


def _counts(comparison: Comparison) -> Mapping[str, Mapping[date, Mapping[str, int]]]:
    """person -> week -> arm -> actions."""
    counts: dict[str, dict[date, dict[str, int]]] = {}
    for week in comparison.workload:
        if week.actions:
            arms = counts.setdefault(week.person, {}).setdefault(week.week, {})
            arms[week.arm] = arms.get(week.arm, 0) + week.actions
    return counts


def _rows(
    canvas: Canvas, counts: Mapping[str, Mapping[date, Mapping[str, int]]], people: Sequence[str],
    arms: Sequence[Mark], top: float,
) -> None:  # fmt: skip
    """One row of bars per person, all to the same scale."""
    wide = canvas.width >= _WIDE
    left = 150.0 if wide else 30.0
    first, last = _span(counts)
    weeks = (last - first).days // 7 + 1
    highest = rounded_up(max(sum(arms.values()) for weeks in counts.values() for arms in weeks.values()), 3)
    step = min((canvas.width - left - 8) / weeks, 40.0)
    for person in people:
        if not wide:
            canvas.text(0, top + 12, shortened(_said(person), canvas.width), kind="strong")
            top += LINE
        frame = Frame(left=left, top=top, right=left + step * weeks, bottom=top + _BAR)
        if wide:
            canvas.text(0, frame.bottom - 4, shortened(_said(person), left - 46), kind="strong")
        _scale(canvas, frame, highest)
        _bars(canvas, counts[person], arms, frame, (first, step), highest)
        top += _ROW
    across = Scale(low=first.toordinal(), high=first.toordinal() + 7 * weeks, start=left, end=left + step * weeks)
    frame = Frame(left=left, top=top, right=left + step * weeks, bottom=top - _ROW + _BAR)
    months_below(canvas, frame, across)
    canvas.height = top + 16


def _scale(canvas: Canvas, frame: Frame, highest: float) -> None:
    canvas.line((frame.left, frame.top), (frame.right, frame.top), "grid")
    canvas.text(frame.left - 6, frame.top + 8, f"{highest:,.0f}", anchor="end", kind="faint")
    box(canvas, frame)


def _bars(
    canvas: Canvas, weeks: Mapping[date, Mapping[str, int]], arms: Sequence[Mark], frame: Frame,
    start: tuple[date, float], highest: float,
) -> None:  # fmt: skip
    """The arms of a week upon each other."""
    first, step = start
    gap = 1.0 if step < 8 else 2.0
    for week, found in sorted(weeks.items()):
        x, y = frame.left + (week - first).days / 7 * step, frame.bottom
        for mark in arms:
            high = found.get(mark.arm, 0) / highest * (frame.bottom - frame.top)
            y -= high
            bar(canvas, mark, x + gap / 2, y, step - gap, high)


def _span(counts: Mapping[str, Mapping[date, Mapping[str, int]]]) -> tuple[date, date]:
    weeks = [week for by_week in counts.values() for week in by_week]
    return min(weeks), max(weeks)


def _said(person: str) -> str:
    return person or _NOBODY


def _description(counts: Mapping[str, Mapping[date, Mapping[str, int]]], people: Sequence[str]) -> str:
    told = []
    for person in people:
        most = max(counts[person].items(), key=lambda found: (sum(found[1].values()), found[0]))
        told.append(f"{_said(person)}: at most {sum(most[1].values()):,} in a week, that of {most[0]}.")
    left = len(counts) - len(people)
    told += [f"And {count(left, 'more person', 'more people')} in the table."] if left > 0 else []
    return " ".join(told)
