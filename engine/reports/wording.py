"""How reports put numbers into words: always with how many there are, and never more than they can tell."""

from __future__ import annotations

from engine.core.plural import count
from engine.reports.model import Figure, Interval, Share

TOO_FEW_TO_TELL = "too few to tell"
NO_LOSSES = "There are no lost deals yet: import an export first (playbook import FILE.csv)."
NONE_IN_SCOPE = "No lost deal fits what you asked for."
EMPTY = "(none)"


def share_text(share: Share) -> str:
    """`12 of 40 (30 %)`."""
    if not share.whole:
        return "none"
    told = percent(share.value or 0.0) if share.tells else TOO_FEW_TO_TELL
    return f"{share.part:,} of {share.whole:,} ({told})"


def percent(value: float) -> str:
    """Rounded, but never up to all or down to nothing: `99.7 %`, `over 99.9 %`, `under 0.1 %`."""
    for digits in (0, 1):
        told = f"{value * 100:.{digits}f}"
        if value in (0, 1) or float(told) not in (0, 100):
            return f"{told} %"
    return "under 0.1 %" if value < 0.5 else "over 99.9 %"


def figure_text(figure: Figure) -> str:
    """`41.5 days`; without a unit only the number."""
    if figure.value is None:
        return "none"
    if not figure.tells:
        return TOO_FEW_TO_TELL
    return f"{number_text(figure.value)} {figure.unit}".rstrip()


def number_text(value: float) -> str:
    """At most one decimal: `14`, `41.5`; two below one, `0.25`."""
    digits = 1 if abs(value) >= 1 or value == 0 else 2
    return f"{value:,.{digits}f}".removesuffix(".0")


def interval_text(interval: Interval) -> str:
    if not interval.share.tells:
        return TOO_FEW_TO_TELL
    return f"{percent(interval.low)} to {percent(interval.high)}"


def words(name: str) -> str:
    """`priced_out` as people write it."""
    return name.replace("_", " ") if name else EMPTY


def ahead(deals: int, how: str = "won or lost") -> str:
    """What is said of deals that were closed in the future."""
    return f"Not counted: {count(deals, 'deal')} {how} on a day that has not come yet. Check the date in the CRM."


def nothing(losses: int) -> str:
    """Why a report is empty, where nothing fits."""
    return NONE_IN_SCOPE if losses else NO_LOSSES
