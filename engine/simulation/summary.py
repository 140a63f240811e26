"""What a simulation came to: each figure with what one replicate in twenty stays below, half of them, and all but one
in twenty (of fewer than twenty replicates: the least and the most). The spread is that of the assumptions and of chance
together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from engine.core.experiment import Metric
from engine.core.model import CUSTOMER_KINDS
from engine.simulation.question import Simulation
from engine.simulation.tally import STANDING, Tally

Measure: TypeAlias = Callable[[Tally], float]
TWENTY = 20  # replicates; of fewer one in twenty is none


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Over the replicates: 5 %, 50 % and 95 % of them lie below; `mean` of all. Of fewer than twenty, `low` and `high`
    are the least and the most."""

    low: float
    middle: float
    high: float
    mean: float

    @staticmethod
    def of(values: Iterable[float]) -> Spread:
        """Between two replicates the line between them counts. Raises ValueError without values."""
        listed = sorted(values)
        if not listed:
            raise ValueError("nothing was played")
        few = len(listed) < TWENTY
        return Spread(
            low=_quantile(listed, 0.0 if few else 0.05), middle=_quantile(listed, 0.5),
            high=_quantile(listed, 1.0 if few else 0.95),
            mean=round(sum(listed) / len(listed), 9),
        )  # fmt: skip


def _quantile(ranked: Sequence[float], share: float) -> float:
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return round(ranked[below] + (ranked[above] - ranked[below]) * (place - below), 9)


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """The work of one person. `peak` is the number of actions in that person's fullest week, `fullest` the first day of
    the week that was it most often; `weekly` and `minutes` are means over the weeks in which there was any."""

    person: str
    actions: Spread
    weekly: Spread
    minutes: Spread
    peak: Spread
    fullest: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """All actions of one week, from its Monday, of everybody."""

    begins: date
    actions: Spread
    minutes: Spread


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """One playbook. `figures` are counts per simulation, by their key in MEASURES; `ends`, `names` and `kinds` too.

    `touches`: how many touches a contact had, with the share of contacts (those with none left out). `days_to_end` and
    `days_to_win`: quarters of those that ended, or were won, over all replicates (days); None where there were none.
    """

    name: str
    figures: Mapping[str, Spread]
    metrics: Mapping[str, Spread]  # share of the deals, by the metric's name
    ends: Mapping[str, Spread]
    kinds: Mapping[str, Spread]
    names: Mapping[str, Spread]
    touches: Mapping[int, float]
    days_to_end: tuple[int, int, int] | None
    days_to_win: tuple[int, int, int] | None
    ended: int  # that `days_to_end` is of, over all replicates
    won: int
    people: tuple[Load, ...]
    weeks: tuple[Week, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What the playbook `name` does more than the first, replicate by replicate, by key; negative: less.

    `metrics` are differences of shares. `better`: in how many of the replicates the figure was higher, 0 to 1;
    `equal`: in how many it was the same.
    """

    name: str
    base: str
    figures: Mapping[str, Spread]
    metrics: Mapping[str, Spread]
    better: Mapping[str, float]
    equal: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulated:
    """The answer to a question."""

    deals: int
    replicates: int
    weeks: int
    seed: int
    played: tuple[Played, ...]
    differences: tuple[Difference, ...] = ()


MEASURES: Mapping[str, Measure] = {
    "entered": lambda tally: tally.entered,
    "actions": lambda tally: tally.actions,
    "hours": lambda tally: tally.minutes / 60,
    "actions_per_deal": lambda tally: tally.actions / tally.lives if tally.lives else 0.0,
    "planned_touches": lambda tally: sum(count for kind, count in tally.kinds.items() if kind in CUSTOMER_KINDS),
    "touches": lambda tally: sum(times * contacts for times, contacts in tally.touches.items()),
    "touches_per_contact": lambda tally: _mean(tally.touches),
    "replied": lambda tally: tally.replied,
    "replies": lambda tally: tally.replies,
    "opted_out": lambda tally: tally.opted_out,
    "wins": lambda tally: tally.wins,
    "standing": lambda tally: tally.ends[STANDING],
    "stuck": lambda tally: tally.stuck,
}


def summed_up(question: Simulation, tallies: Sequence[Sequence[Tally]]) -> Simulated:
    """`tallies` by replicate and playbook, as `merged` gives them."""
    by_way = [[one[place] for one in tallies] for place in range(len(question.ways))]
    played = tuple(_played(question, way.name, found) for way, found in zip(question.ways, by_way, strict=True))
    differences = tuple(
        _difference(question.metrics, played[0].name, one.name, by_way[0], found)
        for one, found in zip(played[1:], by_way[1:], strict=True)
    )
    return Simulated(
        deals=question.deals, replicates=question.replicates, weeks=question.weeks, seed=question.seed, played=played,
        differences=differences,
    )  # fmt: skip


def _played(question: Simulation, name: str, tallies: Sequence[Tally]) -> Played:
    return Played(
        name=name,
        figures={key: Spread.of(measure(one) for one in tallies) for key, measure in MEASURES.items()},
        metrics={
            metric.name: Spread.of(share_of(one, place) for one in tallies)
            for place, metric in enumerate(question.metrics)
        },
        ends=_spreads([one.ends for one in tallies]),
        kinds=_spreads([one.kinds for one in tallies]),
        names=_spreads([one.names for one in tallies]),
        touches=_shares(tallies),
        days_to_end=_quarters(tallies, "days_to_end"),
        days_to_win=_quarters(tallies, "days_to_win"),
        ended=_together(tallies, "days_to_end").total(),
        won=_together(tallies, "days_to_win").total(),
        people=_people(tallies),
        weeks=_weeks(tallies),
    )


def share_of(tally: Tally, metric: int) -> float:
    """The share of the deals to which the metric at this place happened."""
    return tally.metrics[metric] / tally.lives if tally.lives else 0.0


def _difference(
    metrics: Sequence[Metric], base: str, name: str, here: Sequence[Tally], there: Sequence[Tally]
) -> Difference:  # fmt: skip
    pairs = list(zip(here, there, strict=True))
    moved = {key: [measure(other) - measure(one) for one, other in pairs] for key, measure in MEASURES.items()}
    return Difference(
        name=name,
        base=base,
        figures={key: Spread.of(found) for key, found in moved.items()},
        metrics={
            metric.name: Spread.of(share_of(other, place) - share_of(one, place) for one, other in pairs)
            for place, metric in enumerate(metrics)
        },
        better={key: sum(1 for one in found if one > 0) / len(found) for key, found in moved.items()},
        equal={key: sum(1 for one in found if one == 0) / len(found) for key, found in moved.items()},
    )


def _mean(histogram: Mapping[int, int]) -> float:
    whole = sum(histogram.values())
    return sum(value * times for value, times in histogram.items()) / whole if whole else 0.0


def _spreads(counters: Sequence[Counter[str]]) -> dict[str, Spread]:
    """By key, the one that there is most of first."""
    keys = {key for counter in counters for key in counter}
    found = {key: Spread.of(counter[key] for counter in counters) for key in keys}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].mean, pair[0])))


def _together(tallies: Sequence[Tally], name: str) -> Counter[int]:
    whole: Counter[int] = Counter()
    for tally in tallies:
        whole.update(getattr(tally, name))
    return whole


def _shares(tallies: Sequence[Tally]) -> dict[int, float]:
    whole = _together(tallies, "touches")
    return {times: round(whole[times] / whole.total(), 9) for times in sorted(whole)}


def _quarters(tallies: Sequence[Tally], name: str) -> tuple[int, int, int] | None:
    """The days within which a quarter, a half and three quarters of them come."""
    ranked = sorted(_together(tallies, name).items())
    whole = sum(times for _, times in ranked)
    if not whole:
        return None
    found: list[int] = []
    passed = 0
    wanted = [whole * quarter / 4 for quarter in (1, 2, 3)]
    for day, times in ranked:
        passed += times
        while len(found) < 3 and passed >= wanted[len(found)]:
            found.append(day)
    return found[0], found[1], found[2]


# --- work -----------------------------------------------------------------------------------------------------------


def _people(tallies: Sequence[Tally]) -> tuple[Load, ...]:
    loads = [_by_person(tally.load) for tally in tallies]
    minutes = [_by_person(tally.load_minutes) for tally in tallies]
    return tuple(
        _load(person, [one.get(person, {}) for one in loads], [one.get(person, {}) for one in minutes])
        for person in sorted({person for one in loads for person in one})
    )


def _by_person(load: Counter[str]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for place, count in load.items():
        person, _, week = place.rpartition("|")
        found.setdefault(person, {})[int(week)] = count
    return found


def _load(person: str, loads: Sequence[Mapping[int, int]], minutes: Sequence[Mapping[int, int]]) -> Load:
    fullest = Counter(min(one, key=lambda week: (-one[week], week)) for one in loads if one)
    most = min(fullest, key=lambda week: (-fullest[week], week), default=None)
    return Load(
        person=person,
        actions=Spread.of(sum(one.values()) for one in loads),
        weekly=Spread.of(sum(one.values()) / max(1, len(one)) for one in loads),
        minutes=Spread.of(sum(one.values()) / max(1, len(one)) for one in minutes),
        peak=Spread.of(max(one.values(), default=0) for one in loads),
        fullest=begins(most) if most is not None else None,
    )


def _weeks(tallies: Sequence[Tally]) -> tuple[Week, ...]:
    loads, minutes = [_by_week(one.load) for one in tallies], [_by_week(one.load_minutes) for one in tallies]
    weeks = sorted({week for one in loads for week in one})
    return tuple(
        Week(begins=begins(week), actions=Spread.of(one[week] for one in loads),
             minutes=Spread.of(one[week] for one in minutes))
        for week in (range(weeks[0], weeks[-1] + 1) if weeks else ())
    )  # fmt: skip


def _by_week(load: Counter[str]) -> Counter[int]:
    found: Counter[int] = Counter()
    for place, count in load.items():
        found[int(place.rpartition("|")[2])] += count
    return found


def begins(week: int) -> date:
    """The Monday of a week, by its number in `Stage.week`."""
    return date.fromordinal(week * 7 + 1)
