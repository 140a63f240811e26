"""`scores.yaml`: lines of a score, from plain data that fits its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.building.guards import optional_condition
from engine.core.building.words import Words
from engine.core.durations import LARGEST
from engine.core.model import Path
from engine.core.scores import Each, Points, Score


def score(words: Words, name: str, content: Sequence[Mapping[str, Any]], path: Path) -> Score:
    """The score `name`; what is wrong with it stands in the findings of `words`."""
    return Score(name=name, lines=tuple(_line(words, item, (*path, index)) for index, item in enumerate(content)))


def _line(words: Words, content: Mapping[str, Any], path: Path) -> Points:
    for key in _names(content.get("if")):
        if key.startswith("score."):
            words.findings.add(path, "score-of-score", f"a score cannot read {key}", "write its lines out here")
    return Points(
        points=content["points"],
        because=content["because"],
        condition=optional_condition(words, content, path),
        each=_each(words, content, path) if "each" in content else None,
    )


def _each(words: Words, content: Mapping[str, Any], path: Path) -> Each:
    of, size, at_most = str(content["of"]), content["each"], content["at_most"]
    direction, _, name = of.partition(".")
    if direction in ("since", "until"):
        field = words.name(name, (*path, "of"))
        if field.type not in ("date", "unknown"):
            words.findings.add((*path, "of"), "wrong-type", f"{name} is no date but a {field.type}")
        span = words.plain_duration(size, (*path, "each"))
        if span is not None and span.amount * at_most > LARGEST[span.unit]:
            hint = f"all of it may be {LARGEST[span.unit]}{span.unit} at most"
            words.findings.add((*path, "at_most"), "bad-duration", f"{at_most} times {span} is too long", hint)
            span = None
        return Each(name=field.name, span=span, direction="since" if direction == "since" else "until", at_most=at_most)
    field = words.name(of, (*path, "of"))
    if field.type not in ("number", "money", "unknown") or isinstance(size, str):
        hint = "`each: 10000` for a number or an amount, `each: 30d` with `of: since.DATE`"
        words.findings.add((*path, "of"), "wrong-type", f"{of} is a {field.type}: it cannot be counted by {size}", hint)
        return Each(name=field.name, at_most=at_most)
    return Each(name=field.name, size=float(size), currency=field.currency, at_most=at_most)


def for_the_list_only(content: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a line reads the action on the due list, which no playbook has."""
    read = [name for item in content for name in (str(item.get("of", "")), *_names(item.get("if")))]
    return any(name.removeprefix("since.").removeprefix("until.").startswith("action.") for name in read)


def _names(content: Any) -> list[str]:
    """Every key of a condition, however deep."""
    if isinstance(content, list):
        return [name for item in content for name in _names(item)]
    if not isinstance(content, Mapping):
        return []
    return [name for key, item in content.items() for name in (str(key), *_names(item))]
