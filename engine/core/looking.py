"""Asking a condition or a score about one deal outside a step: to enrol it, to rank it, to write a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.conditions import UNKNOWN, Count, Direction
from engine.core.reads import Reads
from engine.core.scores import Score, scored
from engine.core.values import resolve
from engine.core.view import View


class Looking:
    """Implements `Asking`. `scores` are those that may be read; `more` are values that no view knows."""

    __slots__ = ("contact", "more", "reads", "scores")

    def __init__(
        self, view: View, scores: Mapping[str, Score], contact: str = "", more: Mapping[str, Any] | None = None
    ) -> None:
        self.reads = Reads(view)
        self.scores = scores
        self.contact = contact
        self.more = more or {}

    def value(self, name: str) -> Any:
        root, _, rest = name.partition(".")
        if root == "facts":
            return None
        if root == "score":
            return scored(self.scores[rest], self).total
        if name in self.more:
            return self.more[name]
        return self.reads.value(name, self.contact if root in ("contact", "consent", "last") else "")

    def elapsed(self, name: str, direction: Direction, duration: Any) -> int | None:
        fact = self.value(name)
        return None if fact in (None, UNKNOWN) else self.reads.elapsed(str(fact), direction, str(duration))

    def date_order(self, name: str, other: str) -> int | None:
        fact = self.value(name)
        return None if fact in (None, UNKNOWN) else self.reads.date_order(str(fact), other)

    def count(self, count: Count) -> int:
        within = resolve(count.within, self.value) if count.within is not None else None
        return self.reads.count(count, "" if within is None else str(within), self.contact)

    def other_currency(self, name: str) -> None:
        return None
