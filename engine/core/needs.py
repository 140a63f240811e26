"""What a revision needs loaded beside the account itself, so that a tick loads nothing in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from engine.core.conditions import Clause, Count, Elapsed
from engine.core.model import Limit, Playbook
from engine.core.values import FieldRef, Lookup


def reads_log(playbook: Playbook, templates: Iterable[str] = ()) -> bool:
    """Whether it counts or dates past events: `count`, `last.EVENT` wherever a name may stand, `unanswered`."""
    return any(_reads_log(piece) for piece in _pieces(playbook)) or any("last." in text for text in templates)


def limits_read_log(limits: Iterable[Limit]) -> bool:
    """Whether limits ask how long nobody has answered."""
    return any(limit.unanswered is not None for limit in limits)


def _reads_log(piece: Any) -> bool:
    if isinstance(piece, Limit):
        return piece.unanswered is not None
    if isinstance(piece, (Clause, Elapsed, FieldRef)):
        return piece.name.startswith("last.")
    return isinstance(piece, Count) or (isinstance(piece, Lookup) and piece.by.startswith("last."))


def _pieces(value: Any) -> Iterator[Any]:
    """Every dataclass inside `value`, itself included."""
    if is_dataclass(value):
        yield value
        value = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _pieces(item)
