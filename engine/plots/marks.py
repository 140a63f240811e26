"""How arms are told apart: by colour, by the dashes of their line and by the shape of their mark, never by one alone.

Colours are those of Okabe and Ito, which people with colour blindness tell apart; the control has the colour of ink.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.experiments.comparison import Comparison
from engine.plots.canvas import LINE, Canvas, measured, shortened

COLOURS = 7  # classes hue-1 to hue-7; hue-0 is the control's
_DASHES = ("7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2 1 2")
_SHAPES = ("square", "triangle", "diamond", "down", "cross", "bar", "hollow", "circle")
STROKES = 4
_SAMPLE = 30.0  # pixels of a line in the legend
_GAP = 18.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One arm's look. `hue` ends the class of its colour."""

    arm: str
    hue: int
    dash: str
    shape: str


def marks(comparison: Comparison) -> dict[str, Mark]:
    """By arm, in the order of the arms."""
    found: dict[str, Mark] = {}
    for arm in arm_names(comparison):
        number = len([name for name in found if name != comparison.control])
        found[arm] = (
            Mark(arm=arm, hue=0, dash="", shape="circle")
            if arm == comparison.control
            else Mark(arm=arm, hue=number % COLOURS + 1, dash=_DASHES[number % len(_DASHES)],
                      shape=_SHAPES[number % len(_SHAPES)])
        )  # fmt: skip
    return found


def control_note(comparison: Comparison) -> dict[str, str]:
    """What stands behind the control's name in a legend, unless the name says it."""
    return {comparison.control: " (control)"} if comparison.control != "control" else {}


def arm_names(comparison: Comparison) -> list[str]:
    """Every arm that anything is said of."""
    named = [*(arm.arm for arm in comparison.arms), *(curve.arm for curve in comparison.curves)]
    named += [week.arm for week in comparison.workload]
    return list(dict.fromkeys(named))


def put(canvas: Canvas, mark: Mark, x: float, y: float, reach: float = 4.5) -> None:
    """The arm's mark at a place."""
    if mark.shape == "circle":
        canvas.add("circle", cx=x, cy=y, r=reach - 0.5, class_=f"fill-{mark.hue} rim")
    elif mark.shape == "hollow":
        canvas.add("circle", cx=x, cy=y, r=reach - 1, class_=f"line-{mark.hue} paper")
    elif mark.shape in ("cross", "bar"):
        turns = (45.0, 135.0) if mark.shape == "cross" else (0.0, 90.0)
        for turn in turns:
            away = math.cos(math.radians(turn)) * reach, math.sin(math.radians(turn)) * reach
            canvas.line((x - away[0], y - away[1]), (x + away[0], y + away[1]), f"line-{mark.hue}")
    else:
        canvas.area(_corners(mark.shape, x, y, reach), f"fill-{mark.hue} rim")


def _corners(shape: str, x: float, y: float, reach: float) -> list[tuple[float, float]]:
    if shape == "square":
        side = reach - 0.7
        return [(x - side, y - side), (x + side, y - side), (x + side, y + side), (x - side, y + side)]
    if shape == "diamond":
        return [(x, y - reach - 0.5), (x + reach + 0.5, y), (x, y + reach + 0.5), (x - reach - 0.5, y)]
    tip = -1 if shape == "triangle" else 1
    return [(x, y + tip * reach), (x + reach, y - tip * reach * 0.8), (x - reach, y - tip * reach * 0.8)]


def legend(canvas: Canvas, top: float, shown: Sequence[Mark], notes: dict[str, str], *, bars: bool = False) -> float:
    """Which arm is which, in as many lines as it takes; returns where the next thing may begin."""
    x, y = 0.0, top + 12
    for mark in shown:
        words = mark.arm + notes.get(mark.arm, "")
        words = shortened(words, canvas.width - _SAMPLE - 8)
        wide = _SAMPLE + 6 + measured(words) + _GAP
        if x and x + wide - _GAP > canvas.width:
            x, y = 0.0, y + LINE + 2
        if bars:
            bar(canvas, mark, x + 8, y - 10, 16, 11)
        else:
            canvas.path([(x, y - 4), (x + _SAMPLE, y - 4)], f"line-{mark.hue}", mark.dash)
            put(canvas, mark, x + _SAMPLE / 2, y - 4)
        canvas.text(x + _SAMPLE + 6, y, words)
        x += wide
    return y + 10


def bar(canvas: Canvas, mark: Mark, x: float, y: float, wide: float, high: float) -> None:
    """A bar in the arm's colour, with its strokes over it."""
    if high <= 0 or wide <= 0:
        return
    canvas.add("rect", x=x, y=y, width=wide, height=high, class_=f"fill-{mark.hue}")
    if mark.hue:
        strokes = f"url(#{canvas.name}-strokes-{mark.hue % STROKES})"
        canvas.add("rect", x=x, y=y, width=wide, height=high, fill=strokes)


def draw_strokes(canvas: Canvas) -> None:
    """The strokes over bars, each turned another way; `bar` refers to them."""
    canvas.parts.append("<defs>")
    for number in range(STROKES):
        turn = f"rotate({number * 180 // STROKES})"
        given = f'id="{canvas.name}-strokes-{number}" width="5" height="5" patternUnits="userSpaceOnUse"'
        stroke = '<line x1="2.5" y1="0" x2="2.5" y2="5" class="stroke"/>'
        canvas.parts.append(f'<pattern {given} patternTransform="{turn}">{stroke}</pattern>')
    canvas.parts.append("</defs>")
