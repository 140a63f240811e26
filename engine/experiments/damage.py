"""Is the experiment what it was meant to be: every unit there once, with its draw on record, in the planned shares?

If not, units or records were lost, and no verdict may be given, however clear the numbers look.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from engine.core.plural import count
from engine.experiments.comparison import Mismatch
from engine.experiments.records import Unit
from engine.experiments.standing import Standing, sound_weights
from engine.experiments.statistics.mismatch import THRESHOLD, sample_ratio_mismatch
from engine.experiments.wording import listed

_NAMED = 5  # units or teams named in a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Soundness:
    """`reasons`: why there is no verdict, in words; none if all is as it was meant to be."""

    mismatches: tuple[Mismatch, ...]
    reasons: tuple[str, ...]


def soundness_of(now: Standing) -> Soundness:
    sound = [unit for unit in now.units if sound_weights(unit)]
    mismatches = tuple(_mismatches(now, sound))
    reasons = (
        *_lost(now, {unit.id for unit in sound}),
        *_positions(now),
        *(words for one in mismatches if (words := _flagged(one, now.plan.unit))),
    )
    return Soundness(mismatches=mismatches, reasons=reasons)


def expected_of(units: Iterable[Unit]) -> dict[str, float]:
    """Units by arm, as their recorded weights would have them. Each draw must be soundly on record."""
    drawn = Counter(tuple(unit.weights.items()) for unit in units)
    found: dict[str, float] = {}
    for weights, number in sorted(drawn.items()):
        total = math.fsum(weight for _, weight in weights)
        for arm, weight in weights:
            found[arm] = found.get(arm, 0.0) + number * weight / total
    return dict(sorted(found.items()))


def _mismatches(now: Standing, sound: Sequence[Unit]) -> Iterator[Mismatch]:
    drawn = [unit for unit in sound if len(unit.weights) > 1]
    yield _mismatch("", drawn, THRESHOLD)
    teams = sorted({unit.team for unit in drawn})
    if now.team or len(teams) < 2:
        return
    for team in teams:
        # in a mismatch "" is all teams
        yield _mismatch(team or "(none)", [unit for unit in drawn if unit.team == team], THRESHOLD / len(teams))


def _mismatch(team: str, units: Sequence[Unit], threshold: float) -> Mismatch:
    if not units:
        return Mismatch(team=team, flagged=False, reason="no units drawn into one of several arms")
    found = sample_ratio_mismatch(Counter(unit.arm for unit in units), expected_of(units), threshold=threshold)
    return Mismatch(team=team, flagged=found.flagged, statistic=found.statistic, p=found.p, reason=found.reason)


def _flagged(mismatch: Mismatch, unit: str) -> str:
    if not mismatch.flagged:
        return ""
    where = f"In team {mismatch.team} the" if mismatch.team else "The"
    return (
        f"{where} arms have other shares of the {unit}s than they were drawn with, and chance hardly ever does that "
        f"(less than once in a thousand times): {unit}s or records were lost."
    )


def _lost(now: Standing, sound: Set[str]) -> Iterator[str]:
    unit = now.plan.unit
    if now.doubled:
        yield f"{_named(now.doubled, unit)} in the records twice."
    unsound = [one.id for one in now.units if one.id not in sound]
    if unsound:
        yield f"{_named(unsound, unit)} there without a sound record of the draw (the arms' weights and probability)."
    unknown = sorted({one.arm for one in now.units if one.arm not in now.arms})
    if unknown:
        yield f"There are {unit}s in an arm that the experiment does not have: {listed(unknown)}."


def _named(ids: Sequence[str], unit: str) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{count(len(ids), unit)} ({', '.join(ids[:_NAMED])}{more}) {'stands' if len(ids) == 1 else 'stand'}"


def _positions(now: Standing) -> Iterator[str]:
    """Each unit of a team took the next position: a gap is a unit that is gone."""
    places: dict[tuple[str, int], list[int]] = {}
    for unit in now.units:
        places.setdefault((unit.team, unit.phase), []).append(unit.position)
    for (team, phase), found in sorted(places.items()):
        taken = [position for position in found if position >= 0]
        if not taken:  # a hash gives none
            continue
        where = f"team {team or '(none)'}, phase {phase}"
        missing, without = max(taken) + 1 - len(set(taken)), len(found) - len(taken)
        if missing:
            yield f"{count(missing, 'draw')} of {where} {'is' if missing == 1 else 'are'} missing from the records."
        if len(set(taken)) < len(taken):
            yield f"In {where} a place in the order of drawing was given twice."
        if without:
            yield f"In {where} {count(without, now.plan.unit)} without a place in the order of drawing."
