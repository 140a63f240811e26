"""Week by week, how far the arms lie apart, and the boundary beyond which that can no longer be chance.

The boundary is a funnel: wide while little is known, narrower with every look. Without a planned end there is no
boundary; then the difference itself is shown, with a range that holds at every look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.core.plural import count
from engine.core.shares import signed, signed_points
from engine.experiments.comparison import Comparison, Contrast, LookResult
from engine.plots.axes import (
    Frame,
    Scale,
    box,
    level_lines,
    months_below,
    on_axis,
    points_on_axis,
    said_in_the_middle,
    ticks,
)
from engine.plots.canvas import LINE, Canvas, Point, measured, shortened, wrapped
from engine.plots.marks import Mark, marks, put

_LEFT, _HIGH, _WEEK = 40.0, 210.0, timedelta(days=7)
_LEAST, _MOST = 3.5, 8.0  # the least and the most that the axis of z goes up to


def looks(comparison: Comparison, contrast: Contrast, *, width: float, name: str) -> str:
    """`name` is unique in the page."""
    canvas = Canvas(name=name, width=width)
    y = _head(canvas, contrast)
    frame = Frame(left=_LEFT, top=y, right=width - 12, bottom=y + _HIGH)
    mark = marks(comparison).get(contrast.arm, Mark(arm=contrast.arm, hue=1, dash="", shape="square"))
    if by_bounds(contrast):
        _funnel(canvas, comparison, contrast, mark, frame)
    elif any(look.estimate is not None for look in contrast.looks):
        _sequence(canvas, comparison, contrast, mark, frame)
    else:
        _no_look(canvas, comparison, frame)
    _foot(canvas, contrast, frame)
    title = f"{contrast.arm} against {contrast.control}, look by look"
    return canvas.svg(title=title, description=_description(contrast))


def by_bounds(contrast: Contrast) -> bool:
    """Whether looks are judged by a boundary (there is a planned end) and at least one z is known."""
    bounded = any(look.bound is not None for look in contrast.looks)
    ranges = any(look.low is not None for look in contrast.looks)
    return bounded or (not ranges and any(look.z is not None for look in contrast.looks))


def is_too_few(look: LookResult) -> bool:
    """Whether it lies beyond its boundary, and decides nothing."""
    return look.bound is not None and look.z is not None and abs(look.z) >= look.bound and bool(look.reason)


def _head(canvas: Canvas, contrast: Contrast) -> float:
    y = 0.0
    for line in wrapped(f"{contrast.arm} against {contrast.control}", canvas.width):
        y += LINE
        canvas.text(0, y - 4, line, kind="strong")
    better = f"↑ {contrast.arm} does better"
    canvas.text(0, y + LINE - 4, shortened(better, canvas.width), kind="faint")
    return y + LINE + 6


def _foot(canvas: Canvas, contrast: Contrast, frame: Frame) -> None:
    y = frame.bottom + LINE + 16
    canvas.text(0, y, shortened(f"↓ {contrast.control} does better", canvas.width), kind="faint")
    canvas.height = y + 8


def _no_look(canvas: Canvas, comparison: Comparison, frame: Frame) -> None:
    first = f"The first is on {comparison.next_look}." if comparison.next_look else ""
    box(canvas, frame)
    said_in_the_middle(canvas, frame, wrapped(f"No look has been taken yet. {first}", frame.right - frame.left - 20))


# --- with a boundary ------------------------------------------------------------------------------------------------


def _funnel(canvas: Canvas, comparison: Comparison, contrast: Contrast, mark: Mark, frame: Frame) -> None:
    across = _calendar(comparison, contrast.looks, frame)
    top = _highest(contrast.looks)
    upwards = Scale(low=-top, high=top, start=frame.bottom, end=frame.top)
    _beyond(canvas, contrast.looks, across, upwards)
    level_lines(canvas, frame, upwards, ticks(-top, top, 7), on_axis)
    canvas.line((frame.left, upwards(0)), (frame.right, upwards(0)), "zero")
    _dates(canvas, frame, across)
    _to_come(canvas, frame, across(contrast.looks[-1].on.toordinal()))
    known = [look for look in contrast.looks if look.z is not None]
    canvas.path([_place(look, across, upwards) for look in known], f"line-{mark.hue}")
    for look in known:
        _look(canvas, contrast, mark, look, _place(look, across, upwards))
    _name_the_crossing(canvas, contrast, frame, across, upwards)


def _highest(shown: Sequence[LookResult]) -> float:
    """Room for every z, and for the narrow part of the funnel."""
    reached = max((abs(look.z) for look in shown if look.z is not None), default=0.0)
    last = min((look.bound for look in shown if look.bound is not None), default=0.0)
    return min(max(_LEAST, reached + 0.6, last + 0.8), max(_MOST, reached + 0.6))


def _beyond(canvas: Canvas, shown: Sequence[LookResult], across: Scale, upwards: Scale) -> None:
    """The boundary above and below, as far as it lies in the picture, with what lies beyond it shaded."""
    bounded = [(across(look.on.toordinal()), look.bound) for look in shown if look.bound is not None]
    if len(bounded) == 1:  # one look alone: as wide as its mark
        bounded = [(bounded[0][0] - 6, bounded[0][1]), (bounded[0][0] + 6, bounded[0][1])]
    within = _within(bounded, upwards.high)
    for side, border in ((1, upwards.end), (-1, upwards.start)):
        line = [(x, upwards(side * bound)) for x, bound in within]
        if line:
            canvas.area([*line, (line[-1][0], border), (line[0][0], border)], "beyond")
            canvas.path(line, "bound")


def _within(bounded: Sequence[Point], top: float) -> list[Point]:
    """The part of the boundary below `top`, from where it comes down to it; a boundary only falls for good."""
    kept: list[Point] = []
    for before, (x, bound) in zip([None, *bounded], bounded, strict=False):
        if bound > top:
            continue
        if before is not None and before[1] > top and not kept:
            part = (before[1] - top) / (before[1] - bound)
            kept.append((before[0] + part * (x - before[0]), top))
        kept.append((x, bound))
    return kept


def _to_come(canvas: Canvas, frame: Frame, x: float) -> None:
    """Where the looks that are planned will stand."""
    words = "still to come"
    if frame.right - x > measured(words) + 24:
        canvas.line((x + 8, frame.top), (x + 8, frame.bottom), "grid")
        canvas.text((x + 8 + frame.right) / 2, frame.top + 16, words, anchor="middle", kind="faint")


def _look(canvas: Canvas, contrast: Contrast, mark: Mark, look: LookResult, place: Point) -> None:
    """A look's mark; small and empty where nothing could be concluded, large where the verdict was reached."""
    if look.bound is None or is_too_few(look):
        canvas.add("circle", cx=place[0], cy=place[1], r=2.5, class_=f"line-{mark.hue} paper")
        return
    put(canvas, mark, *place, 7.0 if look.number == contrast.verdict.look else 4.0)


def _name_the_crossing(canvas: Canvas, contrast: Contrast, frame: Frame, across: Scale, upwards: Scale) -> None:
    """Or, where nothing was decided, why the last look beyond the boundary decided nothing."""
    found = next((look for look in contrast.looks if look.number == contrast.verdict.look and look.z is not None), None)
    few = next((look for look in reversed(contrast.looks) if is_too_few(look)), None)
    named = found or few
    if named is None:
        return
    x, y = _place(named, across, upwards)
    words = f"look {named.number}" if named is found else named.reason
    half, above = measured(words) / 2, (named.z or 0.0) > 0
    up = y - 12 if above else y + 20
    if not frame.top + 12 <= up <= frame.bottom - 4:  # no room there: beside the mark, before it where that is free
        left = x - 12 - 2 * half >= frame.left + 2
        x, up = x + (-12 - half if left else 12 + half), min(max(y + 4, frame.top + 12), frame.bottom - 4)
    x = min(max(x, frame.left + half + 2), frame.right - half)
    canvas.text(x, up, words, anchor="middle", kind="strong halo")


def _place(look: LookResult, across: Scale, upwards: Scale) -> Point:
    return across(look.on.toordinal()), upwards(look.z or 0.0)


# --- without a planned end ------------------------------------------------------------------------------------------


def _sequence(canvas: Canvas, comparison: Comparison, contrast: Contrast, mark: Mark, frame: Frame) -> None:
    across = _calendar(comparison, contrast.looks, frame)
    shown = [look for look in contrast.looks if look.estimate is not None]
    estimates = [abs(look.estimate or 0.0) for look in shown]
    last = next((look for look in reversed(shown) if look.low is not None and look.high is not None), None)
    ends = [abs(last.low or 0.0), abs(last.high or 0.0)] if last else []
    top = max([*estimates, *(1.5 * end for end in ends), 0.02]) * 1.1
    upwards = Scale(low=-top, high=top, start=frame.bottom, end=frame.top)
    level_lines(canvas, frame, upwards, ticks(-top, top, 7), points_on_axis)
    canvas.line((frame.left, upwards(0)), (frame.right, upwards(0)), "zero")
    ranged = [(look, look.low, look.high) for look in shown if look.low is not None and look.high is not None]
    above = [(across(look.on.toordinal()), upwards(high)) for look, _, high in ranged]
    below = [(across(look.on.toordinal()), upwards(low)) for look, low, _ in ranged]
    canvas.area([*above, *reversed(below)], f"band band-{mark.hue}")
    _dates(canvas, frame, across)
    line = [(across(look.on.toordinal()), upwards(look.estimate or 0.0)) for look in shown]
    canvas.path(line, f"line-{mark.hue}")
    for look, (x, y) in zip(shown, line, strict=True):
        put(canvas, mark, x, y, 7.0 if look.number == contrast.verdict.look else 4.0)


# --- both -----------------------------------------------------------------------------------------------------------


def _calendar(comparison: Comparison, shown: Sequence[LookResult], frame: Frame) -> Scale:
    """From the first look to the last that is planned, which may lie ahead."""
    first, last = shown[0].on, shown[-1].on
    to_come = (comparison.looks_planned or 0) - shown[-1].number
    if to_come > 0 and comparison.next_look:
        last = max(last, comparison.next_look + (to_come - 1) * _WEEK)
    if first == last:
        first, last = first - _WEEK, last + _WEEK
    return Scale(low=first.toordinal(), high=last.toordinal(), start=frame.left + 10, end=frame.right - 10)


def _dates(canvas: Canvas, frame: Frame, across: Scale) -> None:
    box(canvas, frame)
    months_below(canvas, frame, across)


def _description(contrast: Contrast) -> str:
    """In words, for who cannot see it."""
    known = [look for look in contrast.looks if look.z is not None or look.estimate is not None]
    if not known:
        return "No look has been taken yet."
    last = known[-1]
    if last.z is not None and last.bound is not None:
        told = f"At look {last.number}, on {last.on}, z is {signed(last.z, 2)} and the boundary {last.bound:.2f}."
    elif last.z is not None:
        told = f"At look {last.number}, on {last.on}, z is {signed(last.z, 2)}; nothing may be concluded there yet."
    else:
        apart = signed_points(last.estimate or 0.0, fixed=True)
        told = f"At look {last.number}, on {last.on}, the difference is {apart} points."
    crossed = contrast.verdict.look
    reached = f" The boundary was crossed at look {crossed}." if crossed else " Nothing was decided by crossing it."
    if not by_bounds(contrast):
        reached = f" It was decided at look {crossed}." if crossed else ""
    taken, without = contrast.looks[-1].number, len(contrast.looks) - len(known)
    left = f", {without} of them with nothing to compare" if without else ""
    few = next((f" At look {look.number}: {look.reason}." for look in reversed(known) if is_too_few(look)), "")
    return f"{count(taken, 'look')}{left}. {told}{reached}{few}"
