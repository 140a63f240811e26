"""Templates: Jinja's `{{ name }}`, `{{ name | default("…") }}`, `{% if %}`, and nothing more.

No loops, calls or arithmetic; only the filters below; an unknown or empty name is an error, never silently nothing; the
output is capped. jinja2 is imported where it is needed: a tick that hands nothing out never loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MOST_CHARACTERS = 64 * 1024
FILTERS = ("default", "upper", "lower", "title", "capitalize", "trim", "replace", "date")
TESTS = ("defined", "none")
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


class TemplateError(ValueError):
    """A template that cannot be read, or a text that cannot be made from it. `line` counts from 1."""

    def __init__(self, message: str, line: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.hint = message, line, hint


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A name used in a template. `guarded`: it may be empty, a default or an `if` stands around it."""

    name: str
    line: int
    guarded: bool


@lru_cache(maxsize=256)
def mentions(text: str) -> tuple[Mention, ...]:
    """Every name in `text`, in order. Raises TemplateError for anything that templates may not do."""
    tree = _parse(text)
    return tuple(_walk(tree, guarded=frozenset()))


def parsed(text: str) -> Any:
    """The syntax tree of `text`. Raises TemplateError for anything that templates may not do."""
    mentions(text)
    return _parse(text)


def render(text: str, read: Callable[[str], Any]) -> str:
    """`text` with every name replaced by what `read` knows. Raises TemplateError."""
    context: dict[str, Any] = {}
    for mention in mentions(text):
        found = read(mention.name)
        if found is not None:
            _put(context, mention.name.split("."), found)
        else:
            _put(context, mention.name.split(".")[:-1], {})
    return _render(text, context)


def _render(text: str, context: Mapping[str, Any]) -> str:
    from jinja2 import TemplateError as JinjaError

    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(text).generate(context):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise TemplateError(f"the text is longer than {MOST_CHARACTERS:,} characters")
            pieces.append(piece)
    except JinjaError as error:
        raise TemplateError(str(error.message), getattr(error, "lineno", 1) or 1) from None
    return "".join(pieces)


def _put(context: dict[str, Any], parts: list[str], found: Any) -> None:
    for part in parts[:-1]:
        context = context.setdefault(part, {})
    if parts and not (isinstance(found, dict) and parts[-1] in context):
        context[parts[-1]] = found


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Empty(StrictUndefined):
        """An empty name is false in an `if`; anywhere else it stays an error."""

        def __bool__(self) -> bool:  # type: ignore[override]  # jinja2 declares it as never returning
            return False

    environment = ImmutableSandboxedEnvironment(undefined=Empty, keep_trailing_newline=True, trim_blocks=True)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS if name != "date"}
    environment.filters["date"] = _in_words
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:
    mentions(text)  # only what is allowed is ever compiled
    return _environment().from_string(text)


def _in_words(day: str) -> str:
    """2026-03-02 as 2 March 2026."""
    year, month, rest = str(day)[:10].split("-")
    return f"{int(rest)} {_MONTHS[int(month) - 1]} {year}"


# --- reading the tree -----------------------------------------------------------------------------------------------


def _parse(text: str) -> Any:
    from jinja2 import TemplateSyntaxError

    try:
        return _environment().parse(text)
    except TemplateSyntaxError as error:
        hint = 'templates know {{ name }}, {{ name | default("…") }} and {% if name %}…{% endif %}'
        raise TemplateError(str(error.message), error.lineno, hint) from None
    except RecursionError:
        raise TemplateError("the template is nested too deeply") from None


def _walk(node: Any, guarded: frozenset[str]) -> Iterator[Mention]:
    """The mentions below `node`; `guarded` are the names that an `if` around it tests."""
    name = _dotted(node)
    if name is not None:
        yield Mention(name=name, line=node.lineno, guarded=name in guarded)
        return
    kind = type(node).__name__
    if kind not in _ALLOWED:
        raise TemplateError(f"templates know no {_NAMES.get(kind, kind.lower())}", getattr(node, "lineno", 1))
    if kind == "If":
        yield from _walk_if(node, guarded)
    elif kind == "Filter":
        yield from _walk_filter(node, guarded)
    elif kind == "Test" and node.name not in TESTS:
        raise TemplateError(f"templates know no test {node.name!r}", node.lineno)
    else:
        for child in node.iter_child_nodes():
            yield from _walk(child, guarded)


def _walk_if(node: Any, guarded: frozenset[str]) -> Iterator[Mention]:
    tested = [Mention(name=found.name, line=found.line, guarded=True) for found in _walk(node.test, guarded)]
    yield from tested
    inside = guarded | {mention.name for mention in tested}
    for child in node.body:
        yield from _walk(child, inside)
    for child in (*node.elif_, *node.else_):
        yield from _walk(child, guarded)


def _walk_filter(node: Any, guarded: frozenset[str]) -> Iterator[Mention]:
    if node.name not in FILTERS:
        raise TemplateError(f"there is no filter {node.name!r}", node.lineno, "filters are " + ", ".join(FILTERS))
    inner = _dotted(node.node) if node.node is not None else None
    if node.name == "default" and inner is not None:
        guarded = guarded | {inner}
    for child in node.iter_child_nodes():
        yield from _walk(child, guarded)


def _dotted(node: Any) -> str | None:
    """`a.b.c` of a chain of names; None for anything else."""
    kind = type(node).__name__
    if kind == "Name":
        return str(node.name)
    if kind == "Getattr":
        inner = _dotted(node.node)
        return f"{inner}.{node.attr}" if inner else None
    return None


_ALLOWED = frozenset(
    {"Template", "Output", "TemplateData", "If", "Filter", "Const", "Compare", "Operand", "And", "Or", "Not", "Test"}
)
_NAMES = {
    "For": "loops", "Call": "calls", "Add": "arithmetic", "Sub": "arithmetic", "Mul": "arithmetic", "Div": "arithmetic",
    "Getitem": "square brackets", "Assign": "set", "Include": "include", "Macro": "macros", "Concat": "~",
}  # fmt: skip
