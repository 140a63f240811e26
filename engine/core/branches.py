"""Every way through a template: what it can say, with a value unknown where one will be put.

An `if` that asks the same again is answered the same. Beyond MOST ways not every combination is looked at, but each
answer to each `if` is, both where all others are yes and where they are no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from engine.core.phrases import UNKNOWN
from engine.core.templates import parsed

MOST = 256
_DEFAULTS = "defaults"  # the pretended `if`: are the empty values written with their defaults?


@dataclass(kw_only=True, slots=True, eq=False)
class Way:
    """One text; `marks` are (offset, line in the file), rising."""

    text: str = ""
    marks: list[tuple[int, int]] = field(default_factory=list)

    def lines_at(self, offsets: Iterable[int]) -> list[int]:
        """For each offset, rising, the line of the file from which the character there comes; counts from 1."""
        found: list[int] = []
        marks = [*self.marks, (len(self.text) + 1, 0)]
        (at, line), place = marks[0], 1
        for offset in offsets:
            while marks[place][0] <= offset:
                (at, line), place = marks[place], place + 1
            line, at = line + self.text.count("\n", at, offset), offset
            found.append(line)
        return found

    def add(self, text: str, line: int) -> None:
        self.marks.append((len(self.text), line))
        self.text += text


def plain(text: str) -> Way:
    """A final text, which says one thing only."""
    return Way(text=text, marks=[(0, 1)])


def ways(source: str) -> list[Way]:
    """The ways through the template `source`, each text once. Raises TemplateError."""
    tree = parsed(source)
    found: dict[str, Way] = {}
    for answers in _answers(sorted(_asked(tree))):
        way = Way()
        _write(way, tree, answers)
        found.setdefault(way.text, way)
    return list(found.values())


def _answers(asked: list[str]) -> Iterator[dict[str, bool]]:
    """Answers to every `if`; all combinations if they are few enough."""
    if 2 ** len(asked) <= MOST:
        for combination in product((True, False), repeat=len(asked)):
            yield dict(zip(asked, combination, strict=True))
        return
    for base in (True, False):
        yield dict.fromkeys(asked, base)
        for name in asked:
            yield {**dict.fromkeys(asked, base), name: not base}


def _asked(node: Any) -> set[str]:
    """What the template asks: the tests of its `if`, and whether values are empty that have a default."""
    kind = type(node).__name__
    found = {_test(node.test)[0]} if kind == "If" else {_DEFAULTS} if _default(node) is not None else set()
    return found.union(*(_asked(child) for child in node.iter_child_nodes()))


def _test(node: Any) -> tuple[str, bool]:
    """A test as a name, and the answer at which its branch is taken."""
    if type(node).__name__ == "Not":
        name, holds = _test(node.node)
        return name, not holds
    return repr(node), True


def _write(way: Way, node: Any, answers: Mapping[str, bool]) -> None:
    kind = type(node).__name__
    if kind == "If":
        _write_if(way, node, answers)
    elif kind == "TemplateData":
        way.add(node.data, node.lineno)
    elif kind in ("Template", "Output"):
        for child in node.iter_child_nodes():
            _write(way, child, answers)
    else:
        written = _default(node) if not answers.get(_DEFAULTS, True) else None
        way.add(UNKNOWN if written is None else written, node.lineno)


def _write_if(way: Way, node: Any, answers: Mapping[str, bool]) -> None:
    for branch in (node, *node.elif_):
        name, holds = _test(branch.test)
        if answers[name] == holds:
            for child in branch.body:
                _write(way, child, answers)
            return
    for child in node.else_:
        _write(way, child, answers)


def _default(node: Any) -> str | None:
    """What `{{ name | default("…") }}`, or a constant, says when the name is empty."""
    kind = type(node).__name__
    if kind == "Const":
        return str(node.value)
    if kind != "Filter":
        return None
    if node.name == "default" and node.args and type(node.args[0]).__name__ == "Const":
        return str(node.args[0].value)
    return _default(node.node) if node.node is not None else None
