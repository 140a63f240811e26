"""Numbers of things, in words."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """`1 deal`, `2,473 deals`."""
    return f"{number:,} {things(number, one, many)}"


def things(number: float, one: str, many: str = "") -> str:
    """The word alone, for so many: `deal`, `deals`."""
    return one if number == 1 else many or f"{one}s"
