"""When one looks at an experiment, and which import each look sees.

Look k is taken at the end of the day on which the windows of those drawn in the first k weeks are over. The last look
waits for the first import after the windows of all are over. So the looks follow from the plan and from what was
recorded, and are the same whenever and however often somebody asks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, takewhile
from zoneinfo import ZoneInfo

from engine.core.durations import Instant
from engine.core.experiment import Experiment, Metric
from engine.core.zones import last_of_day, local_date
from engine.experiments.records import Settled

GIVEN_UP = 28 * 86_400  # seconds without an import of a CRM
SETTLED_LATE = 7  # days without an import that a tick handled: from here on it is said
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedLook:
    """A weekly look, taken at the last second of the day `on`. `fraction`: of the days of drawing, the share whose
    windows are over, 0 to 1."""

    number: int  # from 1
    on: date
    at: Instant
    fraction: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenLook:
    """`sees`: when the import that it sees was made; None where no import was settled by then. `fresh`: the look before
    did not see that import yet. `last`: of the plan; the verdict stays as it is then."""

    number: int
    on: date
    fraction: float
    sees: Instant | None
    fresh: bool
    last: bool = False


@dataclass(frozen=True, slots=True)
class Imports:
    """The imports that were settled by the instant asked for. Both lines rise: from `ticked` on everything is known up
    to `made`. With several CRMs that is the newest import of the one whose is oldest."""

    ticked: tuple[Instant, ...]
    made: tuple[Instant, ...]
    lagging: str = ""  # the CRM that is behind the newest import of another

    def newest(self, by: Instant) -> Instant | None:
        """Up to when everything was known by then."""
        place = bisect_right(self.ticked, by)
        return self.made[place - 1] if place else None

    def first_after(self, instant: Instant) -> Instant | None:
        """When the first settled import was made that was made later than that."""
        return next((made for made in self.made if made > instant), None)


def imports_by(settled: Sequence[Settled], asked: Instant) -> Imports:
    """Those whose tick is not later than `asked`. What was ticked before it was imported is no import.

    A CRM of which nothing came for four weeks while another went on is waited for no more.
    """
    known = [one for one in settled if one.imported_at <= one.ticked_at <= asked]
    newest: dict[str, Instant] = {}  # of each CRM
    made: list[Instant] = []
    oldest = ""
    for one in sorted(known, key=lambda one: (one.ticked_at, one.imported_at, one.source)):
        newest[one.source] = max(one.imported_at, newest.get(one.source, 0))
        awaited = {crm: at for crm, at in newest.items() if at > max(newest.values()) - GIVEN_UP}
        oldest = min(awaited, key=lambda crm: (awaited[crm], crm))
        made.append(awaited[oldest])
    lagging = oldest if made and made[-1] < max(newest.values()) else ""
    return Imports(tuple(sorted(one.ticked_at for one in known)), tuple(accumulate(made, max)), lagging)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """The looks of one metric. `ends` is the day on which the last window is over, None without a planned end."""

    begins: date  # the last day that counts for those drawn on the first
    ends: date | None
    zone: ZoneInfo

    @property
    def planned(self) -> int | None:
        """How many looks there will be, the last included."""
        return None if self.ends is None else 1 + sum(1 for _ in self.weekly())

    def weekly(self) -> Iterator[PlannedLook]:
        """All but the last; without a planned end there is no end of them."""
        whole = None if self.ends is None else (self.ends - self.begins).days + 1
        number, on = 1, self.begins + _WEEK - _DAY
        while self.ends is None or on < self.ends:
            passed = (on - self.begins).days + 1
            at = last_of_day(on, self.zone) - 1
            yield PlannedLook(number=number, on=on, at=at, fraction=passed / whole if whole else 0.0)
            number, on = number + 1, on + _WEEK

    def taken(self, imports: Imports, asked: Instant) -> tuple[TakenLook, ...]:
        """The looks that have been taken by `asked`, with the last one if its import is among `imports`."""
        found: list[TakenLook] = []
        before: Instant | None = None
        for look in takewhile(lambda look: look.at <= asked, self.weekly()):
            sees = imports.newest(look.at)
            fresh = sees is not None and sees != before
            found.append(TakenLook(number=look.number, on=look.on, fraction=look.fraction, sees=sees, fresh=fresh))
            before = sees
        last = self._last(imports, len(found) + 1)
        return (*found, last) if last else tuple(found)

    def next(self, asked: Instant) -> date | None:
        """The day of the next look: for the last one the first day on which an import can bring it."""
        following = next((look.on for look in self.weekly() if look.at > asked), None)
        return following or (self.ends + _DAY if self.ends else None)

    def _last(self, imports: Imports, number: int) -> TakenLook | None:
        if self.ends is None:
            return None
        sees = imports.first_after(last_of_day(self.ends, self.zone) - 1)
        if sees is None:
            return None
        on = local_date(sees, self.zone)
        return TakenLook(number=number, on=on, fraction=1.0, sees=sees, fresh=True, last=True)


def schedule(plan: Experiment, metric: Metric, zone: ZoneInfo) -> Schedule:
    """The looks at a metric under this plan. An end before the start counts as the start."""
    last = None if plan.ends is None else metric.last_day(max(plan.ends, plan.starts))
    return Schedule(begins=metric.last_day(plan.starts), ends=last, zone=zone)
