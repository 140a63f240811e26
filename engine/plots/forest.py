"""The difference between an arm and the control, team by team and over all of them, each with its range."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.core.shares import points_range, signed_points
from engine.experiments.comparison import Comparison, Contrast, TeamResult
from engine.experiments.statistics.results import Interval, Tally
from engine.plots.axes import Frame, Scale, box, numbers_below, points_on_axis, ticks
from engine.plots.canvas import LINE, Canvas, measured, shortened, wrapped
from engine.plots.marks import Mark, marks, put

ONE_LOOK, NO_TEAMS = "One look", "Without teams"  # rows beside the one of all teams
_WIDE = 560.0  # from here on names, picture and numbers stand side by side
_ROW = 26.0
_TALL = 40.0  # a row whose words stand above its line
_BOLD = 1.1  # times as wide as plain letters
_BEYOND = 1.0  # how far a range may stretch the axis, in widths of what must be seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the picture."""

    name: str
    b: Tally
    a: Tally
    difference: Interval
    reason: str = ""
    overall: bool = False


def forest(comparison: Comparison, contrast: Contrast, *, width: float, name: str) -> str:
    """`name` is unique in the page. Differences are in percentage points, the arm minus the control."""
    canvas = Canvas(name=name, width=width)
    rows = rows_of(contrast)
    mark = marks(comparison).get(contrast.arm, Mark(arm=contrast.arm, hue=1, dash="", shape="square"))
    y = _head(canvas, contrast)
    draw_rows = _side_by_side if width >= _WIDE else _below_each_other
    frame = draw_rows(canvas, rows, mark, y)
    axis = _axis(rows, frame.left, frame.right)
    _foot(canvas, axis, frame)
    canvas.height = frame.bottom + 2 * LINE + 8
    title = f"{contrast.arm} against {contrast.control} by team: the difference in points, with its range"
    return canvas.svg(title=title, description=" ".join(_sentence(row) for row in rows))


def rows_of(contrast: Contrast) -> list[Row]:
    """All teams together first, then each."""
    together = Row(
        name="All teams", b=contrast.b, a=contrast.a, difference=contrast.difference, overall=True,
        reason=contrast.difference.reason,
    )  # fmt: skip
    final = [replace(together, name=ONE_LOOK, difference=contrast.final)] if contrast.final else []
    crude = [replace(together, name=NO_TEAMS, difference=contrast.crude, overall=False)] if contrast.crude else []
    return [together, *final, *crude, *(_row(team) for team in contrast.teams)]


def _row(team: TeamResult) -> Row:
    reason = team.reason or team.difference.reason
    if not team.randomised:
        reason = reason or "not drawn at random here"
    return Row(name=team.team or "(no team)", b=team.b, a=team.a, difference=team.difference, reason=reason)


def _head(canvas: Canvas, contrast: Contrast) -> float:
    """What is compared, and which side means what; returns where the rows begin."""
    words = f"{contrast.arm} minus {contrast.control}, in percentage points"
    y = 0.0
    for line in wrapped(words, canvas.width):
        y += LINE
        canvas.text(0, y - 4, line, kind="strong")
    return y + 6


def _side_by_side(canvas: Canvas, rows: list[Row], mark: Mark, top: float) -> Frame:
    """Name on the left, numbers on the right; returns the part between them."""
    left = min(max(measured(row.name) for row in rows) + 16, canvas.width * 0.26)
    room = max(measured(_numbers(row)) * (_BOLD if row.overall else 1.0) for row in rows) + 8
    right = canvas.width - min(room, canvas.width * 0.36) - 8
    frame = Frame(left=left, top=top, right=right, bottom=top + _ROW * len(rows) + 6)
    scale = _axis(rows, left, right)
    _shade(canvas, rows, top, _ROW)
    _middle_line(canvas, scale, frame)
    for number, row in enumerate(rows):
        y = top + _ROW * (number + 0.5)
        kind = "strong" if row.overall else ""
        canvas.text(6, y + 4, shortened(row.name, left - 14), kind=kind)
        canvas.text(right + 12, y + 4, shortened(_numbers(row), canvas.width - right - 14), kind=kind or "faint")
        _interval(canvas, row, mark, scale, y)
    return frame


def _below_each_other(canvas: Canvas, rows: list[Row], mark: Mark, top: float) -> Frame:
    """Name and numbers above each line, for a narrow window."""
    frame = Frame(left=8, top=top, right=canvas.width - 8, bottom=top + _TALL * len(rows) + 6)
    scale = _axis(rows, frame.left, frame.right)
    _shade(canvas, rows, top, _TALL)
    _middle_line(canvas, scale, frame, every=[top + _TALL * number for number in range(len(rows))])
    for number, row in enumerate(rows):
        y = top + _TALL * number
        kind = "strong" if row.overall else ""
        numbers = shortened(_numbers(row), canvas.width * 0.6)
        canvas.text(canvas.width - 4, y + 15, numbers, anchor="end", kind=kind or "faint")
        room = canvas.width - measured(numbers) * _BOLD - 18
        canvas.text(4, y + 15, shortened(row.name, room / (_BOLD if row.overall else 1.0)), kind=kind)
        _interval(canvas, row, mark, scale, y + 28)
    return frame


def _shade(canvas: Canvas, rows: list[Row], top: float, height: float) -> None:
    """The rows of all teams together, below everything else that is drawn."""
    for number, row in enumerate(rows):
        if row.overall:
            canvas.add("rect", x=0.0, y=top + height * number, width=canvas.width, height=height, class_="overall")


def _axis(rows: list[Row], start: float, end: float) -> Scale:
    """Every estimate and the whole range of the overall row; of the other ranges as much as leaves these readable."""
    must = [0.0, *(row.difference.estimate for row in rows if row.difference.estimate is not None)]
    for row in rows:
        if row.overall and row.difference.low is not None and row.difference.high is not None:
            must += [row.difference.low, row.difference.high]
    low, high = min(must), max(must)
    wide = max(high - low, 0.02)
    lows = [row.difference.low for row in rows if row.difference.low is not None]
    highs = [row.difference.high for row in rows if row.difference.high is not None]
    low = max(min([low, *lows]), low - wide * _BEYOND) - wide * 0.08
    high = min(max([high, *highs]), high + wide * _BEYOND) + wide * 0.08
    return Scale(low=low, high=high, start=start, end=end)


def _middle_line(canvas: Canvas, scale: Scale, frame: Frame, every: list[float] | None = None) -> None:
    """No difference; broken where the words of a row stand."""
    x = scale(0.0)
    if every is None:
        canvas.line((x, frame.top), (x, frame.bottom), "zero")
        return
    for top in every:
        canvas.line((x, top + 20), (x, top + _TALL - 4), "zero")


def _interval(canvas: Canvas, row: Row, mark: Mark, scale: Scale, y: float) -> None:
    """The range as a line, with an arrow where it goes on beyond the picture, and the estimate as the arm's mark."""
    found = row.difference
    if found.estimate is None:
        return
    if found.low is not None and found.high is not None:
        kind = f"line-{mark.hue}" + (" thick" if row.overall else "")
        canvas.line((scale(found.low), y), (scale(found.high), y), kind)
        _end(canvas, mark, scale(found.low), y, 1 if found.low < scale.low else 0)
        _end(canvas, mark, scale(found.high), y, -1 if found.high > scale.high else 0)
    put(canvas, mark, scale(found.estimate), y, 6.5 if row.overall else 4.5)


def _end(canvas: Canvas, mark: Mark, x: float, y: float, way: int) -> None:
    """Of a line: a stroke, or an arrow whose tip points away from `way`."""
    if way:
        canvas.path([(x + 5 * way, y - 5), (x, y), (x + 5 * way, y + 5)], f"line-{mark.hue}")
    else:
        canvas.line((x, y - 4), (x, y + 4), f"line-{mark.hue}")


def _foot(canvas: Canvas, scale: Scale, frame: Frame) -> None:
    box(canvas, frame)
    at = ticks(scale.low, scale.high, max(int((frame.right - frame.left) / 70), 3))
    numbers_below(canvas, frame, scale, at, points_on_axis)
    y = frame.bottom + LINE + 16
    half = (frame.right - frame.left) / 2 - 8
    left, right = "← fewer than the control", "more than the control →"
    if measured(left) > half:
        left, right = "← fewer", "more →"
    canvas.text(frame.left, y, left, kind="faint")
    canvas.text(frame.right, y, right, anchor="end", kind="faint")


def _numbers(row: Row) -> str:
    """`+4.7 (+1.2 to +8.1)`, or why there is none."""
    found = row.difference
    if found.estimate is None:
        return row.reason or "cannot be told"
    if found.low is None or found.high is None:
        return signed_points(found.estimate, fixed=True)
    return f"{signed_points(found.estimate, fixed=True)} ({points_range(found.low, found.high)})"


def _sentence(row: Row) -> str:
    return f"{row.name}: {_numbers(row)}, {row.b.yes:,} of {row.b.of:,} against {row.a.yes:,} of {row.a.of:,}."
