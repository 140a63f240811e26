"""Who asks a condition or a score: dates, spans and counts are asked of `reads`, whoever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from engine.core.conditions import UNKNOWN, Count, Direction
from engine.core.reads import Reads
from engine.core.values import resolve

OF_A_CONTACT = ("contact", "consent", "last")  # roots of names whose values are some contact's


class Asker(ABC):
    """Implements `Asking` but for `value` and `other_currency`. `contact` is whom `contact.X` means; "": the first."""

    __slots__ = ("contact", "reads")

    def __init__(self, reads: Reads, contact: str) -> None:
        self.reads = reads
        self.contact = contact

    @abstractmethod
    def value(self, name: str) -> Any: ...

    def elapsed(self, name: str, direction: Direction, duration: Any) -> int | None:
        fact = self.value(name)
        return None if fact in (None, UNKNOWN) else self.reads.elapsed(str(fact), direction, str(duration))

    def date_order(self, name: str, other: str) -> int | None:
        fact = self.value(name)
        return None if fact in (None, UNKNOWN) else self.reads.date_order(str(fact), other)

    def count(self, count: Count) -> int:
        within = resolve(count.within, self.value) if count.within is not None else None
        return self.reads.count(count, "" if within is None else str(within), self.contact)
