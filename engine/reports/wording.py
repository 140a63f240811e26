"""How reports put numbers into words: always with how many there are, and never more than they can tell."""

from __future__ import annotations

from engine.core.plural import count
from engine.core.shares import percent, percent_range, with_minus
from engine.reports.model import Figure, Interval, Share

TOO_FEW_TO_TELL = "too few to tell"
NO_LOSSES = "There are no lost deals yet: import an export first (playbook import FILE.csv)."
NONE_IN_SCOPE = "No lost deal fits what you asked for."
EMPTY = "(none)"
_DIGITS = 9  # what lies beyond comes of rounding


def share_text(share: Share) -> str:
    """`12 of 40 (30 %)`."""
    if not share.whole:
        return "none"
    told = percent(share.value or 0.0, whole=True) if share.tells else TOO_FEW_TO_TELL
    return f"{share.part:,} of {share.whole:,} ({told})"


def figure_text(figure: Figure) -> str:
    """`41.5 days`; without a unit only the number."""
    if figure.value is None:
        return "none"
    if not figure.tells:
        return TOO_FEW_TO_TELL
    return f"{number_text(figure.value)} {figure.unit}".rstrip()


def number_text(value: float) -> str:
    """At most one decimal: `14`, `−41.5`; below one as many as it takes, at least two: `0.25`, `0.003`, `0.996`."""
    least, most = (1, abs(value) + 1) if abs(value) >= 1 else (2, 1.0)
    digits = next((digits for digits in range(least, _DIGITS) if 0 < abs(round(value, digits)) < most), 0)
    return with_minus(f"{round(value, _DIGITS):,.{digits}f}".removesuffix(".0"))


def interval_text(interval: Interval) -> str:
    if not interval.share.tells:
        return TOO_FEW_TO_TELL
    return percent_range(interval.low, interval.high, whole=True)


def words(name: str) -> str:
    """`priced_out` as people write it."""
    return name.replace("_", " ") if name else EMPTY


def ahead(deals: int, how: str = "won or lost") -> str:
    """What is said of deals that were closed in the future."""
    return f"Not counted: {count(deals, 'deal')} {how} on a day that has not come yet. Check the date in the CRM."


def nothing(losses: int) -> str:
    """Why a report is empty, where nothing fits."""
    return NONE_IN_SCOPE if losses else NO_LOSSES
