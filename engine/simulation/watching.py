"""A share and a delay from a history in which much is not over yet: who was watched how long, and what came of it.

The Aalen-Johansen estimate counts every case for as long as it was watched. A case whose watch ended early (today has
come, the next touch went out) takes no part from then on; a win or an opt-out that came first is an ending of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.experiments.statistics.incidence import Curve, Point, Watched, incidence
from engine.experiments.statistics.proportions import wilson_interval
from engine.experiments.statistics.results import Tally

LEVEL = 0.9  # a range holds the truth nine times out of ten
FEWEST = 20  # cases watched, for a share
FEWEST_ENDINGS = 5  # for a delay
_TAIL = 0.05  # of the cases must still be watched where the share is read: the last few would decide it otherwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the history says of one chance. `share` None: too few cases, or (`young`) most of them were not watched for
    as long as it may take; `median` None: too few endings (seconds)."""

    cases: int
    endings: int
    share: tuple[float, float] | None = None
    median: float | None = None
    p90: float | None = None
    young: bool = False


def seen(cases: Sequence[Watched], ending: str, expected: float = 0.0) -> Seen:
    """`cases` in seconds. `expected`: how long nine of ten are thought to take. Where more than half of the cases were
    not watched for so long, the share of those that come in the end is not known: the curve breaks off before."""
    endings = sum(1 for case in cases if case.ending == ending)
    if len(cases) < FEWEST:
        return Seen(cases=len(cases), endings=endings)
    if sum(1 for case in cases if not case.ending and case.days < expected) > len(cases) / 2:
        return Seen(cases=len(cases), endings=endings, young=True)
    found = incidence(cases, ending=ending)
    last = _last(found, len(cases))
    median = p90 = None
    if last is not None and last.share and endings >= FEWEST_ENDINGS:
        median, p90 = found.day_of(last.share / 2), found.day_of(last.share * 0.9)
    return Seen(cases=len(cases), endings=endings, share=_range(last, len(cases)), median=median, p90=p90)


def _last(found: Curve, cases: int) -> Point | None:
    """The last day on which enough were still watched."""
    return next((point for point in reversed(found.points) if point.at_risk >= max(2, cases * _TAIL)), None)


def _range(last: Point | None, cases: int) -> tuple[float, float]:
    """Wilson's interval for as many cases as the estimate is worth: fewer than there are, where many were not watched
    to the end."""
    share = last.share if last is not None else 0.0
    worth = cases
    if last is not None and last.variance > 0:
        worth = min(cases, max(1, round(share * (1 - share) / last.variance)))
    found = wilson_interval(Tally(yes=min(worth, round(share * worth)), of=worth), level=LEVEL)
    return found.low or 0.0, found.high or 0.0
