"""The share that has been won back, day by day after the draw, one line per arm, with the range that it may have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.core.shares import percent
from engine.experiments.comparison import Comparison, Curve
from engine.plots.axes import (
    Frame,
    Scale,
    box,
    level_lines,
    numbers_below,
    percent_on_axis,
    said_in_the_middle,
    ticks,
)
from engine.plots.canvas import LINE, Canvas, Point, shortened, wrapped
from engine.plots.marks import Mark, control_note, legend, marks, put

_TOGETHER = 4  # arms in one picture; more stand beside each other, each with the control
_LEFT = 48.0
_NOTHING = "Nothing has been drawn yet, so there is nothing to follow."


def incidence(comparison: Comparison, *, width: float, name: str) -> str:
    """`name` is unique in the page."""
    canvas = Canvas(name=name, width=width)
    causes = causes_of(comparison)
    arms = [mark for arm, mark in marks(comparison).items() if any(curve.arm == arm for curve in comparison.curves)]
    if not arms:
        _nothing(canvas)
    elif len(arms) <= _TOGETHER:
        _together(canvas, comparison, causes, arms)
    else:
        _beside_each_other(canvas, comparison, causes[0], arms)
    event = causes[0] if causes else "done"
    whom = "" if comparison.observational else " that were drawn"
    title = f"{event.replace('_', ' ')}: share of all{whom}, by days since {since(comparison)}, for each arm"
    return canvas.svg(title=title, description=_description(comparison, event))


def since(comparison: Comparison) -> str:
    """From when days are counted."""
    return "the playbook began" if comparison.observational else "the draw"


def causes_of(comparison: Comparison) -> list[str]:
    """What ends a wait, what the primary metric counts first; of the others those that happened."""
    counted = comparison.primary.split(" within ")[0]
    happened = [curve.cause for curve in comparison.curves if curve.cause == counted or any(curve.shares)]
    return sorted(dict.fromkeys(happened), key=lambda cause: cause != counted)


def share_at(curve: Curve, day: int) -> tuple[float, float | None, float | None, int] | None:
    """Share, low, high and the number still waiting on a day; None after the last day that is known."""
    if not curve.days or day > curve.days[-1]:
        return None
    at = max((index for index, known in enumerate(curve.days) if known <= day), default=None)
    if at is None:
        return 0.0, None, None, curve.at_risk[0]
    return curve.shares[at], curve.lows[at], curve.highs[at], curve.at_risk[at]


def _nothing(canvas: Canvas) -> None:
    frame = Frame(left=0, top=0, right=canvas.width, bottom=120)
    said_in_the_middle(canvas, frame, wrapped(_NOTHING, canvas.width - 20))
    canvas.height = 120


def _together(canvas: Canvas, comparison: Comparison, causes: Sequence[str], arms: Sequence[Mark]) -> None:
    """One picture per cause, below each other, with all arms in each."""
    y = legend(canvas, 0, arms, control_note(comparison))
    for number, cause in enumerate(causes):
        y += 8
        words = cause.replace("_", " ") + (" (the primary metric)" if not number else " first, and so out of the race")
        canvas.text(0, y + 12, shortened(words, canvas.width), kind="strong")
        top, high = y + 24, (220.0 if not number else 90.0)
        frame = Frame(left=_LEFT, top=top, right=canvas.width - 12, bottom=top + high)
        curves = [curve for curve in comparison.curves if curve.cause == cause]
        _panel(canvas, frame, curves, arms, _highest(curves), 5 if not number else 3)
        y = frame.bottom + 24
    canvas.text((_LEFT + canvas.width) / 2, y + 8, f"days since {since(comparison)}", anchor="middle", kind="faint")
    canvas.height = y + 16


def _beside_each_other(canvas: Canvas, comparison: Comparison, cause: str, arms: Sequence[Mark]) -> None:
    """A picture per arm, each with the control's line for comparison."""
    control = [mark for mark in arms if mark.arm == comparison.control]
    others = [mark for mark in arms if mark.arm != comparison.control]
    beside = max(int(canvas.width // 240), 1) if canvas.width > 400 else 2
    wide = canvas.width / beside
    curves = [curve for curve in comparison.curves if curve.cause == cause]
    highest = _highest(curves)
    y = legend(canvas, 0, control, {comparison.control: " (control), in each picture"}) + 6
    for first in range(0, len(others), beside):
        for place, mark in enumerate(others[first : first + beside]):
            left = place * wide
            put(canvas, mark, left + 8, y + 8)
            canvas.text(left + 18, y + 12, shortened(mark.arm, wide - 30), kind="strong")
            frame = Frame(left=left + 40, top=y + 24, right=left + wide - 14, bottom=y + 124)
            _panel(canvas, frame, curves, [*control, mark], highest, 3, canvas_right=left + wide - 6)
        y += 124 + LINE + 16
    canvas.text(canvas.width / 2, y + 4, f"days since {since(comparison)}", anchor="middle", kind="faint")
    canvas.height = y + 12


def _highest(curves: Sequence[Curve]) -> float:
    """The top of the axis: room for every line and most of the ranges, which are wide where few are left."""
    shares = max((share for curve in curves for share in curve.shares), default=0.0)
    ranges = max((high for curve in curves for high in curve.highs if high is not None), default=0.0)
    return min(max(min(ranges, 2 * shares), shares, 0.02) * 1.05, 1.0)


def _panel(canvas: Canvas, frame: Frame, curves: Sequence[Curve], arms: Sequence[Mark], highest: float, most: int,
           *, canvas_right: float = 0.0) -> None:  # fmt: skip
    last = max((curve.days[-1] for curve in curves if curve.days), default=0) or 1
    across = Scale(low=0, high=last, start=frame.left, end=frame.right)
    upwards = Scale(low=0, high=highest, start=frame.bottom, end=frame.top)
    level_lines(canvas, frame, upwards, ticks(0, highest, most), percent_on_axis)
    box(canvas, frame)
    room = (frame.right - frame.left) / 48
    numbers_below(canvas, frame, across, ticks(0, last, max(int(room), 2)), lambda day: f"{day:.0f}", canvas_right)
    by_arm = {curve.arm: curve for curve in curves}
    shown = [(mark, by_arm[mark.arm]) for mark in arms if mark.arm in by_arm and by_arm[mark.arm].days]
    for mark, curve in shown:
        _band(canvas, mark, curve, across, upwards)
    for number, (mark, curve) in enumerate(shown):
        _steps(canvas, mark, curve, across, upwards, (number + 1) / (len(shown) + 1))


def _band(canvas: Canvas, mark: Mark, curve: Curve, across: Scale, upwards: Scale) -> None:
    """The range as an area that goes up in steps, wherever it is known."""
    upper: list[Point] = []
    lower: list[Point] = []
    for (day, low, high), (until, _, _) in pairwise([*_known(curve), (curve.days[-1], None, None)]):
        if low is None or high is None:
            canvas.area([*upper, *reversed(lower)], f"band band-{mark.hue}")
            upper, lower = [], []
            continue
        upper += [(across(day), upwards(high)), (across(until), upwards(high))]
        lower += [(across(day), upwards(low)), (across(until), upwards(low))]
    canvas.area([*upper, *reversed(lower)], f"band band-{mark.hue}")


def _known(curve: Curve) -> list[tuple[int, float | None, float | None]]:
    return list(zip(curve.days, curve.lows, curve.highs, strict=True))


def _steps(canvas: Canvas, mark: Mark, curve: Curve, across: Scale, upwards: Scale, part: float) -> None:
    """The line itself, and the arm's mark at some places of it, each arm's at others."""
    points: list[Point] = [(across(0), upwards(0))]
    for day, share in zip(curve.days, curve.shares, strict=True):
        points += [(across(day), points[-1][1]), (across(day), upwards(share))]
    canvas.path(_without_doubles(points), f"line-{mark.hue}", mark.dash)
    for place in ((part + number) / 3 for number in range(3)):
        day = round(place * curve.days[-1])
        found = share_at(curve, day)
        if found is not None:
            put(canvas, mark, across(day), upwards(found[0]))


def _without_doubles(points: Sequence[Point]) -> list[Point]:
    """Without the points at which nothing changes."""
    kept = list(points[:2])
    for point in points[2:]:
        if len(kept) > 1 and kept[-1][1] == point[1] == kept[-2][1]:
            kept.pop()
        if point != kept[-1]:
            kept.append(point)
    return kept


def _description(comparison: Comparison, event: str) -> str:
    curves = [curve for curve in comparison.curves if curve.cause == event and curve.days]
    told = [f"{curve.arm} {percent(curve.shares[-1])} after {curve.days[-1]} days" for curve in curves]
    return f"At the end of each line: {'; '.join(told)}. The table below has the numbers." if told else "Nothing yet."
