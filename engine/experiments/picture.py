"""What is shown beside the verdict: what has become of all units by each day, and who had how much work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from engine.core.zones import local_date
from engine.experiments.comparison import Curve, WeekOfWork
from engine.experiments.counting import window_of
from engine.experiments.records import Unit
from engine.experiments.standing import Standing
from engine.experiments.statistics.incidence import Watched, incidence

DELETED = "deleted"


def causes_of(now: Standing) -> list[str]:
    """The ends that exclude each other, the primary event first."""
    return list(dict.fromkeys((now.plan.primary.event, *(one.event for one in now.plan.guardrails), DELETED)))


def curves_of(now: Standing) -> Iterator[Curve]:
    """Every unit counts for as long as it was watched: to its end, the end of its window, or the newest import."""
    if now.as_of is None:
        return
    seen_on = local_date(now.as_of, now.zone)
    window = window_of(now.plan.primary, now.zone)
    causes = causes_of(now)
    for arm in now.arms:
        drawn = [unit for unit in now.units if unit.arm == arm and unit.drawn_on <= seen_on]
        watched = [_watched(unit, min(window(unit.drawn_on)[0], seen_on), causes, now.as_of) for unit in drawn]
        for cause in causes:
            found = incidence(watched, ending=cause)
            yield Curve(
                arm=arm,
                cause=cause,
                days=tuple(round(point.days) for point in found.points),
                shares=tuple(point.share for point in found.points),
                lows=tuple(point.low for point in found.points),
                highs=tuple(point.high for point in found.points),
                at_risk=tuple(point.at_risk for point in found.points),
            )


def _watched(unit: Unit, until: date, causes: list[str], known_by: int) -> Watched:
    """Of two ends on one day the one named first counts."""
    ends = [
        (one.on, causes.index(one.event))
        for one in unit.happened
        if one.event in causes and unit.drawn_on <= one.on <= until and one.recorded_at <= known_by
    ]
    if not ends:
        return Watched(days=(until - unit.drawn_on).days)
    on, cause = min(ends)
    return Watched(days=(on - unit.drawn_on).days, ending=causes[cause])


def work_of(now: Standing) -> Iterator[WeekOfWork]:
    """Everything handed out by the instant asked for, by arm, week and person."""
    handed = Counter(_handed(now.units, lambda at: at <= now.asked))
    work: dict[tuple[str, date, str], list[int]] = {}
    for (arm, week, person, outward), number in handed.items():
        counts = work.setdefault((arm, week, person), [0, 0])
        counts[0] += number
        counts[1] += number if outward else 0
    order = {arm: place for place, arm in enumerate(now.arms)}
    for arm, week, person in sorted(work, key=lambda key: (order.get(key[0], len(order)), *key)):
        actions, facing = work[arm, week, person]
        yield WeekOfWork(arm=arm, week=week, person=person, actions=actions, facing=facing)


def _handed(units: Iterable[Unit], known: Callable[[int], bool]) -> Iterator[tuple[str, date, str, bool]]:
    for unit in units:
        for one in unit.handed:
            if known(one.at):
                yield unit.arm, one.on - timedelta(days=one.on.weekday()), one.assignee, one.facing
