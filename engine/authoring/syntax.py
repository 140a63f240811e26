"""A syntax error of libyaml in the words of somebody who edits playbooks: where to look and what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.authoring.strictness import TEMPLATE_HINT, has_curly_quote
from engine.authoring.wording import OPERATORS, with_colon
from engine.core.problem import Location, Problem

Advice: TypeAlias = tuple[int, int, str, str]  # line and column from 0, message, hint

LONGEST_LINE = 500
_NO_COLON = "could not find expected ':'"
# never `>-` and `>+`, which begin a folded text
_COMPARISON = re.compile(r"([\w.]+)\s*:\s*(>=|<=|==|>|<|=)\s*(-?[\w.][\w.,-]*)")
_LINE_OF_PAIRS = re.compile(r"^\s*-\s+([\w.]+:\s[^{}\[\]'\"]*,\s*[\w.]+:\s[^{}\[\]'\"#]*)$")
_GLUED_KEY = re.compile(r"^(\s*(?:-\s+)?[\w.]+):([^\s:/].*)$")
_QUOTES_IN_TEMPLATE = re.compile(
    r"""(?:^|[\s{\[,:-])(?:(?P<double>"(?:[^"\\]|\\.)*\{[{%][^"}]*")|'[^']*\{[{%][^'}]*')(?=[^\s,}\]])"""
)
_SECOND_COLON = re.compile(r":\s.*?\S(:(?:\s|$))")
_MESSAGES = (
    ("mapping values are not allowed", "a ':' stands where none can"),
    ("block sequence entries are not allowed", "a list cannot begin on the line of its key"),
    ("mapping keys are not allowed", "a '?' stands where none can"),
    ("expected '-' indicator", "this line does not line up with the list above it"),
    ("expected key", "this line does not continue what stands above it"),
    ("expected ',' or '}'", "a ',' or '}' is missing before this"),
    ("expected ',' or ']'", "a ',' or ']' is missing before this"),
    ("expected node content", "a value is missing here"),
    ("unexpected ':'", "a ':' stands where none can"),
    ("unknown escape character", "this '\\' means nothing inside double quotes"),
    ("cannot start any token", "this character cannot begin a value"),
    ("expected <document start>", "the content above has ended before this"),
)


def explain(path: str, lines: list[str], error: Any) -> Problem:
    """One problem for one error of the parser (a `yaml.YAMLError`)."""
    where = _Where(lines, error)
    for advise in _ADVISERS:
        advice = advise(where)
        if advice is not None:
            break
    else:
        advice = (where.line, where.column, _plain_message(where.problem), "")
    line, column, message, hint = advice
    location = Location(file=path, line=line + 1, column=column + 1)
    return Problem(location=location, rule="yaml-syntax", message=message, hint=hint)


class _Where:
    """The error's two places and the lines they are on."""

    def __init__(self, lines: list[str], error: Any) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        # no sign of a mistake is looked for further right: searching a huge line takes more than its length in time
        self.lines = [line[:LONGEST_LINE] for line in lines]
        self.problem = str(getattr(error, "problem", None) or "this cannot be read")
        self.context = str(getattr(error, "context", None) or "")
        self.line, self.column = _inside(lines, mark)
        self.begin = _inside(lines, getattr(error, "context_mark", None) or mark)

    @property
    def text(self) -> str:
        return self.lines[self.line]

    @property
    def begin_text(self) -> str:
        return self.lines[self.begin[0]]

    @property
    def character(self) -> str:
        return self.text[self.column : self.column + 1]

    @property
    def in_braces(self) -> bool:
        return "flow" in self.context


def _inside(lines: list[str], mark: Any) -> tuple[int, int]:
    """A place that exists: the parser reports the end of the file one line below it."""
    if mark is None:
        return 0, 0
    line = min(mark.line, len(lines) - 1)
    while line > 0 and mark.line >= len(lines) - 1 and not lines[line].strip():
        line -= 1
    column = mark.column if line == mark.line else len(lines[line])
    return line, min(column, len(lines[line]))


def _plain_message(problem: str) -> str:
    for part, message in _MESSAGES:
        if part in problem:
            return message
    return f"this is not YAML: {problem}"


def _tab(where: _Where) -> Advice | None:
    for line in (where.line, where.begin[0]):
        text = where.lines[line]
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            return line, indent.index("\t"), "a tab indents this line", "indent with spaces"
    if where.character == "\t":
        return where.line, where.column, "a tab stands here", "use spaces"
    return None


def _open_quote(where: _Where) -> Advice | None:
    if "quoted scalar" not in where.context:
        return None
    if "escape" in where.problem:
        hint = "use single quotes, or write '\\\\' for a backslash"
        return where.line, where.column, _plain_message("unknown escape character"), hint
    hint = "close it; inside single quotes an apostrophe is written twice ('')"
    return *where.begin, "the text in quotes that begins here does not end", hint


def _quotes_in_template(where: _Where) -> Advice | None:
    """`title: "Call {{ name | default("them") }}"`: the text ends at the quotes inside the braces."""
    for line in (where.line, where.begin[0]):
        found = _QUOTES_IN_TEMPLATE.search(where.lines[line])
        if found:
            double = found["double"] is not None
            kind, other = ("double", "single") if double else ("single", "double")
            message = f"{kind} quotes inside {kind} quotes end the text here"
            written = "{{ name | default('…') }}" if double else '{{ name | default("…") }}'
            return line, found.end() - 1, message, f"write {other} quotes inside the braces: {written}"
    return None


def _template(where: _Where) -> Advice | None:
    for line in (where.line, where.begin[0]):
        at = where.lines[line].find("{{")
        if at >= 0:
            return line, at, "'{{' begins a mapping here, not a template", TEMPLATE_HINT
    return None


def _curly_quotes(where: _Where) -> Advice | None:
    if not has_curly_quote(where.text):
        return None
    message = "curly quotes are not quotes in YAML"
    return where.line, where.column, message, "write straight quotes: \" or '"


def _comparison(where: _Where) -> Advice | None:
    found = _COMPARISON.search(where.text)
    if not found or "quoted" in where.context:
        return None
    name, sign, value = found.groups()
    message = f"'{sign}' is not an operator here"
    return where.line, found.start(2), message, f"write it in words: {name}: {{{OPERATORS[sign]}: {value}}}"


def _first_character(where: _Where) -> Advice | None:
    character = where.character
    if "alias" in where.context or "anchor" in where.context or "tag" in where.context:
        line, column = where.begin
        character = where.lines[line][column : column + 1]
    elif "token" in where.problem:
        line, column = where.line, where.column
    else:
        return _after_alias(where)
    return (
        line,
        column,
        f"text cannot begin with '{character}'",
        f"put quotes around text that begins with '{character}'",
    )


def _after_alias(where: _Where) -> Advice | None:
    found = re.search(r"(?:^|:|-)\s+([*&!])\S+\s+\S", where.text)
    if not found or found.start(1) >= where.column:
        return None
    sign = found.group(1)
    return where.line, found.start(1), f"text cannot begin with '{sign}'", "put quotes around the text"


def _beside_block_sign(where: _Where) -> Advice | None:
    """`purpose: >- So that`: a folded text begins on the next line."""
    found = re.search(r":\s+([>|][+-]?)\s+\S", where.text)
    if "comment or line break" not in where.problem or not found:
        return None
    message = f"text stands beside its '{found[1]}'"
    return where.line, found.start(1), message, "write the text on the next line, indented, or delete the sign"


def _glued_colon(where: _Where) -> Advice | None:
    """`a:1` is one word; the parser complains about the next line."""
    if "mapping values" not in where.problem and _NO_COLON not in where.problem:
        return None
    last = where.begin[0] if _NO_COLON in where.problem else where.line
    for line in range(last, max(-1, last - 2), -1):
        found = _GLUED_KEY.match(where.lines[line])
        if found and ": " not in found.group(2):
            key, value = found.groups()
            hint = f"write a space after the colon: '{key.strip()}: {value.strip()}'"
            return line, found.end(1), "a key needs a space after its ':'", hint
    return None


def _no_colon(where: _Where) -> Advice | None:
    if _NO_COLON not in where.problem:
        return None
    hint = f"write '{with_colon(where.begin_text)}', or indent it as the text above"
    return *where.begin, "this line has no ':'", hint


def _second_colon(where: _Where) -> Advice | None:
    if not ("mapping values" in where.problem or where.in_braces):
        return None
    if where.in_braces and where.character == "?":
        return where.line, where.column, "a '?' begins text inside braces", "put quotes around the text"
    if where.in_braces and where.character != ":":
        return None
    if not where.in_braces and not _SECOND_COLON.search(where.text[: where.column + 2]):
        return None
    message = "a second ': ' on this line"
    flow = None if where.in_braces else _LINE_OF_PAIRS.match(where.text)
    if flow:
        return where.line, flow.start(1), message, f"put the keys into braces: {{{flow[1].strip()}}}"
    return where.line, where.column, message, "put quotes around text that contains ': '"


def _deeper(where: _Where) -> Advice | None:
    if "mapping values" not in where.problem or not where.line:
        return None
    indent = len(where.text) - len(where.text.lstrip())
    above = where.lines[where.line - 1]
    if re.match(r"^\s*(?:-\s+)?[\w.]+:\s+\S", above) and indent > len(above) - len(above.lstrip()):
        hint = "give both lines the same indentation, or delete the value above"
        return where.line, indent, "this line is indented under a line that already has a value", hint
    if not re.search(r":(\s|$)", above) and above.strip():
        line = where.line - 1
        column = len(above) - len(above.lstrip())
        return line, column, "this line has no ':'", f"write '{with_colon(above)}', or put the text in quotes"
    return None


def _never_closed(where: _Where) -> Advice | None:
    if not where.in_braces:
        return None
    next_key = where.line > where.begin[0] and re.match(r"^\s*(?:-\s|[\w.]+\s*:(\s|$))", where.text)
    at_end = where.line >= len(where.lines) - 2 and where.column >= len(where.text)
    if not (next_key or at_end):
        return None
    line, column = where.begin
    bracket = where.begin_text[column : column + 1] or "["
    closing = "]" if bracket == "[" else "}"
    return line, column, f"the '{bracket}' that opens here is not closed", f"add the '{closing}'"


def _after_the_end(where: _Where) -> Advice | None:
    if "expected" not in where.problem or where.in_braces:
        return None
    before = where.text[: where.column].rstrip()
    if before.endswith(("]", "}")):
        return where.line, where.column, "text goes on after its closing bracket", "put the whole text in quotes"
    if not re.search(r"(?:^|\s)['\"]", before):
        return None
    hint = "put the whole text in quotes; inside single quotes an apostrophe is written twice ('')"
    return where.line, where.column, "text goes on after its closing quote", hint


def _indentation(where: _Where) -> Advice | None:
    if "expected '-'" in where.problem:
        return where.line, where.column, _plain_message(where.problem), "begin it with '- ', or indent it as its key"
    if "expected key" in where.problem:
        hint = "give it the indentation of the lines it belongs to"
        return where.line, where.column, _plain_message(where.problem), hint
    if "block sequence entries" in where.problem:
        return where.line, where.column, _plain_message(where.problem), "begin the list on the next line, indented"
    if "node content" in where.problem and where.in_braces and where.character == "-":
        message = "a '-' cannot begin an item inside brackets"
        return where.line, where.column, message, "write the list either with '[' and ',' or with '- ' on each line"
    if "mapping keys" in where.problem:
        return where.line, where.column, "text cannot begin with '?'", "put quotes around the text"
    return None


# the surest sign first: each sees the error only if none before it knew the cause
_ADVISERS: tuple[Callable[[_Where], Advice | None], ...] = (
    _tab,
    _open_quote,
    _quotes_in_template,
    _template,
    _curly_quotes,
    _comparison,
    _beside_block_sign,
    _first_character,
    _never_closed,
    _glued_colon,
    _no_colon,
    _second_colon,
    _deeper,
    _after_the_end,
    _indentation,
)
