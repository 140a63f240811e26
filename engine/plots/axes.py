"""From numbers to pixels, and the lines and numbers beside a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.shares import MINUS
from engine.plots.canvas import LINE, SIZE, Canvas, measured

_MONTH_ROOM = 46.0  # pixels
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """`low` stands at pixel `start`, `high` at pixel `end`; what lies beyond is drawn at the border."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        wide = self.high - self.low
        part = (number - self.low) / wide if wide else 0.5
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """The part of a picture in which something is drawn, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from `low` to `high`, at most `most` of them (at least two steps apart in 1, 2, 5, 10, …)."""
    if not high > low:
        return [low]
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10, 20) if power * times >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def rounded_up(number: float, most: int = 5) -> float:
    """The end of an axis from 0 that has room for `number`."""
    step = (ticks(0.0, number, most) or [0.0, number])[1:2] or [number]
    return math.ceil(number / step[0] - 1e-9) * step[0]


def percent_on_axis(share: float) -> str:
    """A round share, with all its digits: `5 %`, `2.5 %`, `0.02 %`."""
    return f"{_all_digits(share * 100)} %"


def points_on_axis(difference: float) -> str:
    """A round difference of shares in percentage points: `+5`, `−0.5`, `0`."""
    return on_axis(difference * 100)


def on_axis(number: float) -> str:
    """A round number with its sign and all its digits."""
    told = _all_digits(abs(number))
    return told if told == "0" else (MINUS if number < 0 else "+") + told


def _all_digits(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def level_lines(canvas: Canvas, frame: Frame, scale: Scale, at: Sequence[float], said: Callable[[float], str]) -> None:
    """Faint lines across, with their numbers on the left."""
    for number in at:
        y = scale(number)
        canvas.line((frame.left, y), (frame.right, y), "grid")
        canvas.text(frame.left - 6, y + 4, said(number), anchor="end", kind="faint")


def numbers_below(
    canvas: Canvas, frame: Frame, scale: Scale, at: Sequence[float], said: Callable[[float], str], most: float = 0.0
) -> None:
    """The numbers under a picture, up to pixel `most` (0: its border); none touches the one before."""
    taken, most = -math.inf, most or canvas.width
    for number in at:
        words, x = said(number), scale(number)
        half = measured(words) / 2
        x = min(max(x, half), most - half)
        if x - half < taken + 8:
            continue
        canvas.line((scale(number), frame.bottom), (scale(number), frame.bottom + 4), "axis")
        canvas.text(x, frame.bottom + 4 + SIZE, words, anchor="middle", kind="faint")
        taken = x + half


def box(canvas: Canvas, frame: Frame) -> None:
    """The line at the bottom on which a picture stands."""
    canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), "axis")


def months_below(canvas: Canvas, frame: Frame, scale: Scale) -> None:
    """The months under a picture whose `scale` counts days (`date.toordinal`), as many as there is room for.

    The year stands at the first and at each January; less than two months are named by their first and last day.
    """
    first, last = date.fromordinal(int(scale.low)), date.fromordinal(int(scale.high))
    starts = [day for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)) if day.day == 1]
    if len(starts) < 2:
        ends = {float(day.toordinal()): f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in (first, last)}
        numbers_below(canvas, frame, scale, list(ends), lambda number: ends[number])
        return
    room = (scale.end - scale.start) / max((scale.high - scale.low) / 30.4, 1)
    every = next((step for step in (1, 2, 3, 6) if step * room >= _MONTH_ROOM), 12)
    kept = [day for day in starts if (day.month - 1) % every == 0] or starts[:1]
    words = {
        float(day.toordinal()): _MONTHS[day.month - 1] + (f" {day.year}" if day == kept[0] or day.month == 1 else "")
        for day in kept
    }
    numbers_below(canvas, frame, scale, list(words), lambda number: words[number])


def said_in_the_middle(canvas: Canvas, frame: Frame, lines: Sequence[str]) -> None:
    """Why there is nothing to draw."""
    top = (frame.top + frame.bottom) / 2 - (len(lines) - 1) * LINE / 2
    for number, line in enumerate(lines):
        canvas.text((frame.left + frame.right) / 2, top + number * LINE, line, anchor="middle", kind="faint")
