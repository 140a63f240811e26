"""What libyaml lets through and YAML 1.2 does not, or what is legal YAML and surely not what its author meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.authoring.encoding import line_and_column
from engine.authoring.wording import with_colon

Finding: TypeAlias = tuple[str, tuple[int, int], str, str]  # rule, line and column, message, hint

QUOTE_HINT = "put quotes around the text if it is text"
COLON_HINT = "text that begins with ':' needs quotes"
TEMPLATE_HINT = 'text with {{ … }} needs quotes: "{{ deal.name }}"'
SHALLOW = (
    "this line continues what began above and stands too far left",
    "indent it with spaces, further than its key",
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_GLUED = re.compile(r"[^\s#]#")
_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019\u201a]")


def lines_of(text: str) -> list[str]:
    return _LINE_END.split(text)


def scalar(event: Any, frame: Any, text: str, lines: Callable[[], list[str]]) -> Finding | None:
    """What is wrong with one scalar, given the mapping or list around it (None at the top)."""
    style = event.style
    if not style:
        return _plain(event, frame, text)
    if style in "|>":
        return _block(event, frame.column if frame else -1, lines())
    if event.start_mark.line != event.end_mark.line and not (frame and frame.flow):
        column = frame.column if frame else -1
        place = shallow_line(lines(), event.start_mark, event.end_mark, column, flow=False)
        if place:
            return ("yaml-syntax", place, *SHALLOW)
    return None


def _plain(event: Any, frame: Any, text: str) -> Finding | None:
    value = event.value
    if frame is not None and frame.flow:
        if value == "-":
            return ("yaml-syntax", _start(event), "a lone '-' in brackets is not YAML", 'write "-" with quotes')
        if value == "" and event.start_mark.index == frame.key_end and frame.key is not None:
            return _no_value(frame)
        if value and text[event.start_mark.index - 1] == "?":
            return ("yaml-syntax", _start(event), "a '?' begins text inside braces", "put quotes around the text")
    return None if value.isascii() else _unusual(event)


def _no_value(frame: Any) -> Finding:
    name = frame.key
    hint = "text with a comma needs quotes inside braces"
    if ":" in name:
        hint = f"write a space after the colon: {{{name.replace(':', ': ', 1)}}}"
    elif name.isdigit():
        hint = "write a number without commas, such as 5000"
    elif not with_colon(name).endswith("…"):
        hint = f"write {with_colon(name)}"
    return ("yaml-value", frame.key_place, f"'{name}' has no value inside these braces", hint)


def _unusual(event: Any) -> Finding | None:
    value, place = event.value, _start(event)
    if value[0] in "“„‘‚" and value[-1] in "”“’‘" and len(value) > 1:
        hint = f'write straight quotes: "{value[1:-1]}"'
        return ("yaml-quotes", place, "curly quotes are not quotes in YAML; they would become part of the text", hint)
    found = _ODD_SPACES.search(value)
    if found and (found.start() in (0, len(value) - 1) or value[found.start() - 1] in ":-?" or " " not in value):
        column = place[1] + found.start()
        return ("yaml-character", (place[0], column), "a no-break space stands here", "type an ordinary space instead")
    return None


def _block(event: Any, column: int, lines: list[str]) -> Finding | None:
    first = event.start_mark.line
    header = lines[first][event.start_mark.column :]
    if event.anchor is not None:
        header = header.partition(" ")[2].lstrip()
    if re.match(r"[|>][-+0-9]*#", header):
        return ("yaml-syntax", _start(event), "a comment needs a space before its '#'", "write ' #'")
    if re.match(r"[|>][-+]?[0-9]", header):
        return None
    blank = 0
    for number in range(first + 1, len(lines)):
        line = lines[number]
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if text:
            if blank > indent > column:
                message = "the blank lines above this text are indented deeper than the text"
                return ("yaml-syntax", (number + 1, indent + 1), message, "delete the spaces in the blank lines")
            return None
        blank = max(blank, indent)
    return None


def shallow_line(lines: list[str], start: Any, end: Any, column: int, *, flow: bool) -> tuple[int, int] | None:
    """The first continuation line between two marks that is not indented, in spaces, further than `column`."""
    for number in range(start.line + 1, min(end.line + 1, len(lines))):
        line = lines[number]
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if indent > column or not text.strip("\t"):
            continue
        # a closing bracket under its key is what many editors write, and nobody misreads it
        if flow and text[0] in "]}#":
            continue
        return number + 1, indent + 1
    return None


def collection_as_key(lines: list[str], event: Any) -> tuple[tuple[int, int], str, str]:
    """Place, message and hint for a mapping or list that stands where a key belongs."""
    mark = event.start_mark
    before = lines[mark.line][: mark.column + 1]
    if before.endswith("{{"):
        return (mark.line + 1, mark.column), "'{{' begins a mapping here, not a template", TEMPLATE_HINT
    hint = "write a word before the ':'; text in brackets needs quotes"
    return _start(event), "a key is a word, not a list or mapping", hint


def may_have_glued_comment(text: str) -> bool:
    return _GLUED.search(text) is not None


def glued_comment(text: str, start: int, end: int) -> int:
    """Index of a '#' right after other text between two pieces of content, -1 if there is none."""
    at = start
    while (at := text.find("#", at, end)) >= 0:
        if at and text[at - 1] not in " \t\r\n":
            return at
        line_end = _LINE_END.search(text, at, end)
        if line_end is None:
            return -1
        at = line_end.end()
    return -1


def place_at(text: str, index: int) -> tuple[int, int]:
    return line_and_column(text, index)


def has_curly_quote(line: str) -> bool:
    return _CURLY.search(line) is not None


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
