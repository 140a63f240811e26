"""Problems as people, programs and GitHub read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Literal, TypeAlias

from engine.core import plural
from engine.core.problem import Problem

Format: TypeAlias = Literal["text", "json", "github"]

_COLOURS = {"error": "\033[31m", "warning": "\033[33m"}
_RESET = "\033[0m"


def render(problems: Iterable[Problem], form: Format = "text", *, colour: bool = False) -> str:
    """All problems, sorted, without a line break at the end. `colour` concerns text only."""
    ordered = sorted(set(problems))
    if form == "text":
        return _text(ordered, colour)
    return _OTHERS[form](ordered)


def count(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`."""
    levels = [problem.level for problem in problems]
    parts = [plural.count(levels.count(level), level) for level in ("error", "warning") if level in levels]
    return ", ".join(parts) or "no problems"


def _text(problems: list[Problem], colour: bool) -> str:
    lines = [line for problem in problems for line in _text_lines(problem, colour)]
    return "\n".join([*lines, count(problems)])


def _text_lines(problem: Problem, colour: bool) -> list[str]:
    level = f"{_COLOURS[problem.level]}{problem.level}{_RESET}" if colour else problem.level
    lines = [f"{printable(str(problem.location))}: {level} {problem.rule}: {printable(problem.message)}"]
    if problem.hint:
        lines.append(f"    {printable(problem.hint)}")
    return lines


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor or break a line, whatever stood in the file."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def _json(problems: list[Problem]) -> str:
    levels = [problem.level for problem in problems]
    content = {
        "errors": levels.count("error"),
        "warnings": levels.count("warning"),
        "problems": [
            {
                **asdict(problem.location),
                "level": problem.level,
                "rule": problem.rule,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in problems
        ],
    }
    return json.dumps(content, ensure_ascii=True, indent=2)


def _github(problems: list[Problem]) -> str:
    """Workflow commands: GitHub shows them beside the changed lines."""
    return "\n".join(_annotation(problem) for problem in problems)


def _annotation(problem: Problem) -> str:
    place = problem.location
    file, rule = _property(place.file), _property(problem.rule)
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    return f"::{problem.level} file={file},line={place.line},col={place.column},title={rule}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


_OTHERS: dict[str, Callable[[list[Problem]], str]] = {"json": _json, "github": _github}
