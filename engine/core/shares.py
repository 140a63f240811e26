"""Shares: how far one that was counted on some cases may lie from that of all, and how shares are written.

Every share and every difference of shares that people read is put into words here. What is not nothing is never
written as nothing, and what is not all never as all; the minus is one sign. Programs get plain numbers.
"""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054  # the normal distribution leaves 2.5 % beyond it on either side
MINUS = "−"  # as wide as a plus
_WIDEST = 3  # digits after the point of a number of points in a column
_DIGITS = 12  # of a share: what lies beyond comes of rounding, and differs between machines


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


# --- in words -------------------------------------------------------------------------------------------------------


def percent(share: float, *, whole: bool = False, fixed: bool = False) -> str:
    """`9.8 %`, `5 %`, `under 0.1 %`, `over 99.9 %`.

    `whole`: for shares of few cases, without a fraction where that does not make it all or nothing: `33 %`, `99.7 %`.
    `fixed`: for columns, always with a fraction: `5.0 %`, `<0.1 %`.
    """
    return f"{_percentage(share, whole=whole, fixed=fixed)} %"


def percent_range(low: float, high: float, *, whole: bool = False, fixed: bool = False) -> str:
    """`6.9 to 13.8 %`; as `percent`."""
    begins = _percentage(low, whole=whole, fixed=fixed)
    return f"{begins} to {percent(high, whole=whole, fixed=fixed)}"


def points(difference: float) -> str:
    """How far two shares lie apart, in percentage points and without a sign: `4.7 points`, `under 0.1 points`, `over
    99.9 points`."""
    exact = abs(round(difference, _DIGITS))
    told = _fraction(exact * 100)
    if told == "0" and exact:
        return "under 0.1 points"
    if told == "100" and exact < 1:
        return "over 99.9 points"
    return f"{told} {'point' if told == '1' else 'points'}"


def signed_points(difference: float, *, fixed: bool = False) -> str:
    """A difference of shares in percentage points: `4.7`, `−1.2`, `0.03`.

    One near zero gets more digits, as on which side it lies is what it says, and so does one near 100. `fixed`: for
    columns and pictures, with a plus and a fraction, and never wide: `+4.0`, `+<0.001`, `−>99.999`.
    """
    exact = round(difference, _DIGITS) * 100
    digits = next((digits for digits in range(1, _DIGITS) if _tells(exact, digits)), 1)
    if fixed and digits > _WIDEST:
        sign = MINUS if exact < 0 else "+"
        return f"{sign}<0.001" if abs(exact) < 50 else f"{sign}>99.999"
    told = signed(exact, digits)
    return told if fixed else told.removeprefix("+").removesuffix(".0")


def _tells(exact: float, digits: int) -> bool:
    """Whether so many digits make it neither nothing nor all."""
    told = abs(round(exact, digits))
    return told > 0 and (told < 100 or abs(exact) >= 100)


def points_range(low: float, high: float) -> str:
    """For columns and pictures: `+1.2 to +8.1`."""
    return f"{signed_points(low, fixed=True)} to {signed_points(high, fixed=True)}"


def signed(number: float, digits: int = 1) -> str:
    """Any number with its sign: `+4.7`, `−1.2`, `0.0`."""
    told = f"{abs(number):.{digits}f}"
    return (MINUS if number < 0 else "+") + told if float(told) else told


def with_minus(text: str) -> str:
    """A number that was written by a format, with the sign that people read; zero has none."""
    if not text.startswith("-"):
        return text
    return MINUS + text[1:] if any(digit in text for digit in "123456789") else text[1:]


def _percentage(share: float, *, whole: bool, fixed: bool) -> str:
    exact = round(share, _DIGITS)
    told = f"{exact * 100:.0f}" if whole else f"{exact * 100:.1f}"
    if exact in (0, 1) or float(told) not in (0, 100):
        return told if fixed else told.removesuffix(".0")
    if whole:
        return _percentage(share, whole=False, fixed=fixed)
    small, large = ("<", ">") if fixed else ("under ", "over ")
    return f"{small}0.1" if exact < 0.5 else f"{large}99.9"


def _fraction(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
