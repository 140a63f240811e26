"""What pictures are put together from: lines, words and areas, in pixels from the top left."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Attribute: TypeAlias = str | float | None

SIZE = 12.0  # of letters
LINE = 17.0  # from one line of letters to the next
_THIN, _BROAD = frozenset("iIjl.,:;'|!() "), frozenset("mwMW@%—…")


@dataclass(kw_only=True, slots=True)
class Canvas:
    """A picture in the making; `height` is known when all is drawn, `name` is unique in the page."""

    name: str
    width: float
    height: float = 0.0
    parts: list[str] = field(default_factory=list)

    def add(self, tag: str, **attributes: Attribute) -> None:
        """One empty element. `class_` is class, `stroke_width` stroke-width; None leaves an attribute out."""
        self.parts.append(f"<{tag}{_attributes(attributes)}/>")

    def text(self, x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> None:
        """Words whose letters stand on `y`. `anchor` start, middle or end; `kind` is a class."""
        turned = None if anchor == "start" else anchor
        given = _attributes({"x": x, "y": y, "text_anchor": turned, "class_": kind or None})
        self.parts.append(f"<text{given}>{escape(words)}</text>")

    def line(self, start: Point, end: Point, kind: str) -> None:
        self.add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=kind)

    def path(self, points: Sequence[Point], kind: str, dash: str = "") -> None:
        """Straight lines from point to point."""
        if points:
            self.add("path", d=_course(points), class_=kind, stroke_dasharray=dash or None)

    def area(self, points: Sequence[Point], kind: str) -> None:
        """The inside of a course that is closed."""
        if points:
            self.add("path", d=_course(points) + "Z", class_=kind)

    def svg(self, *, title: str, description: str) -> str:
        """The whole. `title` and `description` are what a screen reader says."""
        given = _attributes({
            "class_": "plot", "role": "img", "aria_labelledby": f"{self.name}-title {self.name}-desc",
            "viewBox": f"0 0 {shown(self.width)} {shown(self.height)}", "width": self.width, "height": self.height,
        })  # fmt: skip
        said = ((f"{self.name}-title", "title", title), (f"{self.name}-desc", "desc", description))
        head = [f'<{tag} id="{identity}">{escape(words)}</{tag}>' for identity, tag, words in said]
        return "\n".join([f"<svg{given}>", *head, *self.parts, "</svg>"])


def shown(number: float) -> str:
    """A number with at most one decimal, the same on every machine."""
    return f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")


def measured(text: str, size: float = SIZE) -> float:
    """About how many pixels wide `text` is, rather too many: which letters the reader has is not known."""
    return sum(_breadth(letter) for letter in text) * size


def shortened(text: str, room: float, size: float = SIZE) -> str:
    """As much of `text` as fits into `room` pixels, with … where something is missing."""
    if measured(text, size) <= room:
        return text
    kept = text
    while kept and measured(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, room: float, size: float = SIZE) -> list[str]:
    """`text` in lines that fit into `room` pixels, broken between words; a word that is too long is shortened."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measured(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(shortened(word, room, size))
    return lines


def _breadth(letter: str) -> float:
    """Of one letter, in parts of its height."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _THIN:
        return 0.36
    if letter in _BROAD:
        return 0.98
    return 0.74 if letter.isupper() else 0.62


def _course(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{shown(x)},{shown(y)}" for x, y in points)


def _attributes(given: dict[str, Attribute]) -> str:
    return "".join(f' {_name(key)}="{_said(found)}"' for key, found in given.items() if found is not None)


def _name(key: str) -> str:
    return "class" if key == "class_" else key.replace("_", "-")


def _said(found: str | float) -> str:
    if isinstance(found, str):
        return escape(found)
    if not math.isfinite(found):
        raise ValueError("a picture has no place for what is no number")
    return shown(found)
