"""What became of the units of each arm, as of the last look."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.durations import Instant
from engine.experiments.comparison import ArmResult
from engine.experiments.contrasting import Primary
from engine.experiments.counting import amounts
from engine.experiments.damage import expected_of
from engine.experiments.remarks import overridden_by_arm
from engine.experiments.standing import sound_weights
from engine.experiments.statistics.proportions import wilson_interval
from engine.experiments.statistics.results import Tally


def arms_of(primary: Primary, seen: Instant | None) -> Iterator[ArmResult]:
    """As of the import that was made at `seen`, so that they say the same as the verdict; who was drawn and moved, as
    of the day asked for. Also of units whose arm nobody can be compared with in their team and phase."""
    now = primary.now
    expected = expected_of(unit for unit in now.units if sound_weights(unit))
    overridden = overridden_by_arm(now)
    taken = amounts(now.units, now.plan.primary, now.zone)
    for name, arm in now.arms.items():
        count = _counted(primary, name, seen)
        took = taken[name].at(seen) if seen is not None and name in taken else None
        yield ArmResult(
            arm=name,
            playbook=arm.playbook,
            holdout=arm.holdout,
            drawn=overridden[name].of,
            mature=count.of,
            overridden=overridden[name].yes,
            expected=expected.get(name, 0.0),
            count=count,
            share=wilson_interval(count),
            actions_per_unit=took.mean if took is not None and took.size else None,
        )


def _counted(primary: Primary, arm: str, seen: Instant | None) -> Tally:
    found = [] if seen is None else [arms[arm].at(seen) for arms in primary.counted.values() if arm in arms]
    return Tally(yes=sum(one.yes for one in found), of=sum(one.of for one in found))
