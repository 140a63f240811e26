"""YAML events to plain content with places, in one pass that never recurses and stops at its limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from yaml import events

from engine.authoring import strictness, syntax
from engine.authoring.places import Place, Source
from engine.authoring.scalars import resolve
from engine.core.problem import Location, Problem

DEEPEST = 40
MOST_NODES = 50_000
MOST_PROBLEMS = 100
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_KEY = "\0"  # stands in for a key that was already reported


class _TooMuchError(Exception):
    """Reading on would only burn time; the problem is already noted."""


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "before", "column", "content", "flow", "key", "key_end", "key_place", "places", "start")

    def __init__(self, content: Any, event: Any, column: int, before: int) -> None:
        self.content = content
        self.places: dict[str | int, Place] = {}
        self.flow = bool(event.flow_style)
        self.anchor: str | None = event.anchor
        self.start = event.start_mark
        self.column = column  # what belongs to it stands further right
        self.before = before
        self.key: str | None = None
        self.key_place = (1, 1)
        self.key_end = -1


def compose(path: str, text: str) -> Source | list[Problem]:
    """`Source` of a text, or its problems in the order of the file; a syntax error stands alone."""
    reading = _Reading(path, text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
        return reading.result()
    except yaml.YAMLError as error:
        return [syntax.explain(path, reading.lines(), error)]
    except _TooMuchError:
        return sorted(reading.problems)


class _Reading:
    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.problems: list[Problem] = []
        self.places: dict[int, dict[str | int, Place]] = {}
        self.open: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, tuple[int, int], int] | None] = {}  # None while it is still open
        self.unused: dict[str, tuple[int, int]] = {}
        self.nodes = 0
        self.documents = 0
        self.root: Any = None
        self.start = (1, 1)
        self._lines: list[str] | None = None
        self._checks_comments = strictness.may_have_glued_comment(text)
        self._seen = 0  # index up to which the text was looked at
        self._take: dict[type, Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.MappingStartEvent: self._mapping,
            events.SequenceStartEvent: self._sequence,
            events.MappingEndEvent: self._close,
            events.SequenceEndEvent: self._close,
            events.AliasEvent: self._alias,
            events.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        take = self._take.get(type(event))
        if self._checks_comments:
            self._check_comments(event)
        if take is not None:
            take(event)

    def result(self) -> Source | list[Problem]:
        for name, place in self.unused.items():
            self.problem("yaml-alias", place, f"'&{name}' names a place that nothing uses", strictness.QUOTE_HINT)
        if not self.nodes and not self.problems:
            self.problem("yaml-empty", (1, 1), "the file is empty", "write its content, or delete the file")
        if self.problems:
            return sorted(self.problems)
        return Source(file=self.path, content=self.root, start=self.start, places=self.places)

    def lines(self) -> list[str]:
        if self._lines is None:
            self._lines = strictness.lines_of(self.text)
        return self._lines

    def problem(self, rule: str, place: tuple[int, int], message: str, hint: str = "") -> None:
        location = Location(file=self.path, line=place[0], column=place[1])
        self.problems.append(Problem(location=location, rule=rule, message=message, hint=hint))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _TooMuchError

    # -- one method per kind of event

    def _document(self, event: Any) -> None:
        self.documents += 1
        if event.version or event.tags:
            hint = "delete the line that begins with '%'"
            self.problem("yaml-syntax", _place(event), "directives ('%YAML', '%TAG') have no use here", hint)
            raise _TooMuchError
        if self.documents > 1:
            hint = "keep one per file and delete the '---' between them"
            self.problem("yaml-documents", _place(event), "a second document begins here", hint)
            raise _TooMuchError

    def _scalar(self, event: Any) -> None:
        self._count(event, 1)
        frame = self.open[-1] if self.open else None
        if event.tag is not None:
            self._tag(event)
        finding = strictness.scalar(event, frame, self.text, self.lines)
        if finding is not None:
            self.problem(*finding)
        if frame is not None and frame.key is None and type(frame.content) is dict:
            self._key(frame, event)
            return
        value = event.value if event.style else resolve(event.value)
        if event.anchor is not None:
            self._remember(event.anchor, _place(event), value, 1)
        self._add(value, _place(event))

    def _key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        frame.key_place, frame.key_end = _place(event), event.end_mark.index
        if event.anchor is not None:
            self._remember(event.anchor, _place(event), key, 1)
        if key == "<<" and not event.style:
            hint = "YAML 1.2 has no merge keys; write the entries out"
            self.problem("yaml-merge-key", frame.key_place, "'<<' is not used here", hint)
            key = _NO_KEY
        elif key == "" and not event.style:
            self.problem("yaml-key", frame.key_place, "a name is missing before this ':'", strictness.COLON_HINT)
            key = _NO_KEY
        elif key in frame.content:
            first = frame.places[key][0]
            hint = "keep one of the two"
            message = f"'{key}' is written twice; first on line {first}"
            self.problem("yaml-duplicate-key", frame.key_place, message, hint)
            key = _NO_KEY
        frame.key = key

    def _mapping(self, event: Any) -> None:
        self._open({}, event)

    def _sequence(self, event: Any) -> None:
        self._open([], event)

    def _open(self, content: Any, event: Any) -> None:
        self._count(event, 1)
        if len(self.open) >= DEEPEST:
            hint = "write it flatter; a bracket or brace may be missing its end"
            self.problem("yaml-depth", _place(event), f"nested more than {DEEPEST} deep", hint)
            raise _TooMuchError
        if event.tag is not None:
            self._tag(event)
        outer = self.open[-1] if self.open else None
        column = outer.column if outer else -1
        if not event.flow_style and event.anchor is None:
            column = event.start_mark.column
        if event.anchor is not None:
            self.anchors[event.anchor] = None
            self.unused.setdefault(event.anchor, _place(event))
        frame = _Frame(content, event, column, self.nodes - 1)
        self.places[id(content)] = frame.places
        if outer is not None and outer.key is None and type(outer.content) is dict:
            self.problem("yaml-key", *strictness.collection_as_key(self.lines(), event))
            outer.key = _NO_KEY
        else:
            self._add(content, _place(event))
        self.open.append(frame)

    def _close(self, event: Any) -> None:
        frame = self.open.pop()
        outer = self.open[-1] if self.open else None
        if frame.flow and not (outer and outer.flow) and event.end_mark.line != frame.start.line:
            place = strictness.shallow_line(self.lines(), frame.start, event.end_mark, frame.column, flow=True)
            if place:
                self.problem("yaml-syntax", place, *strictness.SHALLOW)
        if frame.anchor is not None:
            place = (frame.start.line + 1, frame.start.column + 1)
            self.anchors[frame.anchor] = (frame.content, place, self.nodes - frame.before)

    def _alias(self, event: Any) -> None:
        known = self.anchors.get(event.anchor)
        self.unused.pop(event.anchor, None)
        if known is None:
            message = f"'*{event.anchor}' refers to a place that is not named before it"
            if event.anchor in self.anchors:
                message = f"'*{event.anchor}' refers to a place inside itself"
            self.problem("yaml-alias", _place(event), message, strictness.QUOTE_HINT)
            known = (None, _place(event), 1)
        value, place, size = known
        self._count(event, size)
        frame = self.open[-1] if self.open else None
        if frame is not None and frame.key is None and type(frame.content) is dict:
            self.problem("yaml-key", _place(event), "an alias cannot be a key", "write the key out")
            frame.key, frame.key_place = _NO_KEY, _place(event)
            return
        self._add(value, place)

    # -- shared by them

    def _add(self, value: Any, place: tuple[int, int]) -> None:
        if not self.open:
            self.root, self.start = value, place
            return
        frame = self.open[-1]
        if type(frame.content) is list:
            frame.places[len(frame.content)] = (*place, *place)
            frame.content.append(value)
            return
        key, frame.key = frame.key, None
        if key is not None and key != _NO_KEY:
            frame.content[key] = value
            frame.places[key] = (*frame.key_place, *place)

    def _count(self, event: Any, size: int) -> None:
        self.nodes += size
        if self.nodes > MOST_NODES:
            is_alias = isinstance(event, events.AliasEvent)
            hint = "write the repeated part out once" if is_alias else "split it into several files"
            message = f"the file stands for more than {MOST_NODES:,} entries"
            self.problem("yaml-alias" if is_alias else "yaml-size", _place(event), message, hint)
            raise _TooMuchError

    def _remember(self, anchor: str, place: tuple[int, int], value: Any, size: int) -> None:
        self.anchors[anchor] = (value, place, size)
        self.unused.setdefault(anchor, place)

    def _tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        hint = f"delete '{tag}', or put quotes around text that begins with '!'"
        self.problem("yaml-tag", _place(event), f"'{tag}' marks a type; types are not written here", hint)

    def _check_comments(self, event: Any) -> None:
        start = event.start_mark.index
        found = strictness.glued_comment(self.text, self._seen, start) if start > self._seen else -1
        self._seen = max(self._seen, event.end_mark.index)
        if found >= 0:
            place = strictness.place_at(self.text, found)
            self.problem("yaml-syntax", place, "a comment needs a space before its '#'", "write ' #'")


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
