"""How far a share that was counted on some cases may lie from that of all."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054  # the normal distribution leaves 2.5 % beyond it on either side


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share (E. B. Wilson, 1927): sound for few cases and for shares near 0 and 1.

    `z` says how sure it is. Of no cases it is everything from 0 to 1.
    """
    if not whole:
        return 0.0, 1.0
    share, squared = part / whole, z * z
    centre = (share + squared / (2 * whole)) / (1 + squared / whole)
    margin = z * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole)) / (1 + squared / whole)
    low = 0.0 if part == 0 else centre - margin  # exactly, where rounding would leave a trace
    high = 1.0 if part == whole else centre + margin
    return low, high
