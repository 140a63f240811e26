"""Several questions at once: p values raised so that asking more does not find more by chance."""

from __future__ import annotations

from collections.abc import Sequence

P = float | None


def holm(ps: Sequence[P]) -> tuple[P, ...]:
    """Adjusted p values, in the order given: any one below alpha is false no more often than alpha.

    Holm, Scandinavian Journal of Statistics 6:65, 1979. None (no test was possible) stays None and does not count.
    Raises ValueError for what is no probability.
    """
    order = _ascending(ps)
    adjusted = list(ps)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min((len(order) - rank) * _value(ps, index), 1.0))
        adjusted[index] = highest
    return tuple(adjusted)


def benjamini_hochberg(ps: Sequence[P]) -> tuple[P, ...]:
    """Adjusted p values, in the order given: of those below alpha, a share of alpha is false in the long run.

    Benjamini and Hochberg, J. R. Stat. Soc. B 57:289, 1995. None (no test was possible) stays None and does not count.
    Raises ValueError for what is no probability.
    """
    order = _ascending(ps)
    adjusted = list(ps)
    lowest = 1.0
    for rank, index in reversed(list(enumerate(order, start=1))):
        lowest = min(lowest, _value(ps, index) * len(order) / rank)
        adjusted[index] = lowest
    return tuple(adjusted)


def _ascending(ps: Sequence[P]) -> list[int]:
    """The places of the p values, from the smallest; equal ones as given."""
    if any(p is not None and not 0 <= p <= 1 for p in ps):
        raise ValueError("a p value lies between 0 and 1")
    return sorted((index for index, p in enumerate(ps) if p is not None), key=lambda index: _value(ps, index))


def _value(ps: Sequence[P], index: int) -> float:
    p = ps[index]
    assert p is not None  # `_ascending` leaves those out
    return p
