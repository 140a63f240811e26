"""How often chance alone would have crossed the bounds somewhere: a p value that may be read at every look."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.experiments.statistics.boundaries import boundaries, first_crossing

_SMALLEST, _LARGEST = 1e-9, 0.5
_HALVINGS = 12  # of the logarithm: p to two and a half digits, from 1e-9 to 0.5


def repeated_p(information: Sequence[float], fractions: Sequence[float], zs: Sequence[float | None]) -> float | None:
    """The smallest alpha at which one of these looks would have crossed (Jennison and Turnbull 1989); 1 if even 0.5
    would not, 1e-9 if that would. None where no look has a z. Raises LibraryMissing without numpy."""
    if not any(z is not None for z in zs):
        return None

    def crosses(alpha: float) -> bool:
        looks = boundaries(information=information, fractions=fractions, alpha=alpha)
        return first_crossing(looks, zs) is not None

    if not crosses(_LARGEST):
        return 1.0
    low, high = math.log(_SMALLEST), math.log(_LARGEST)
    if crosses(_SMALLEST):
        return _SMALLEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if crosses(math.exp(middle)) else (middle, high)
    return math.exp(high)
