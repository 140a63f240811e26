"""What is said beside the verdict: all that a reader should know before acting on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.core.plural import count
from engine.core.shares import percent
from engine.core.zones import local_date
from engine.experiments.comparison import Contrast, MetricResult
from engine.experiments.looks import SETTLED_LATE
from engine.experiments.standing import Standing
from engine.experiments.statistics.proportions import equality_test
from engine.experiments.statistics.results import Tally
from engine.experiments.wording import listed

OFTEN = 0.05  # of an arm's units moved by hand
LEANING = 0.01  # p of the arms' shares being alike


def overridden_by_arm(now: Standing) -> dict[str, Tally]:
    """By arm: how many of the units drawn a person has moved into another playbook."""
    drawn: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for unit in now.units:
        drawn[unit.arm] += 1
        moved[unit.arm] += unit.overridden_at is not None and unit.overridden_at <= now.asked
    return {arm: Tally(yes=moved[arm], of=drawn[arm]) for arm in now.arms}


def remarks_of(now: Standing, contrasts: Sequence[Contrast], metrics: Sequence[MetricResult]) -> Iterator[str]:
    yield from _plan(now)
    yield from _import(now)
    yield from _overrides(now)
    yield from _teams(now, contrasts)
    yield from (one.words for one in metrics if one.kind == "guardrail" and one.crossed)


def _plan(now: Standing) -> Iterator[str]:
    if now.stopped_at is not None:
        adopted = f" New {now.plan.unit}s get {now.adopted} since then." if now.adopted else ""
        on = local_date(now.stopped_at, now.zone)
        yield f"The experiment was stopped on {on}: nothing is drawn any more.{adopted}"
    if now.changed:
        yield (
            f"Changed after the start, and not followed: {listed(now.changed)}. What is looked at and when is as it "
            "was planned at the start; for another plan, begin another experiment."
        )
    if now.phases > 1:
        yield f"Arms or weights were changed: there are {now.phases} phases, and arms are compared within each."
    if now.late:
        share = "the chance" if len(now.others) == 1 else f"1/{len(now.others)} of the chance"
        one = "is" if len(now.late) == 1 else "are each"
        yield (
            f"{listed(now.late)} came in a later phase and {one} given {share} of a false winner that was permitted, "
            "on top of what the arms of the start have: what was decided between those stays decided. With all arms, "
            f"up to {percent(_permitted(now))} of such experiments call a false winner."
        )


def _permitted(now: Standing) -> float:
    return sum(now.alpha(arm, now.plan.control) for arm in now.others)


def _import(now: Standing) -> Iterator[str]:
    if is_stale(now):
        yield stale(now)
    unseen = sum(1 for look in now.looks if not look.fresh)
    if unseen and now.looks:
        yield (
            f"{count(unseen, 'look')} of {len(now.looks)} had no new import of deals to go by. Import at least once a "
            "week."
        )


def behind(now: Standing) -> int | None:
    """Days between the newest import and the day asked for."""
    return None if now.as_of is None else (now.asked_on - local_date(now.as_of, now.zone)).days


def is_stale(now: Standing) -> bool:
    """Whether so much may have happened since the newest import that it must be said. After the last look no more."""
    late = behind(now)
    return late is not None and late > SETTLED_LATE and not now.over


def stale(now: Standing) -> str:
    assert now.as_of is not None  # where there is no import at all, the verdict says so
    whose = f" from {now.imports.lagging}" if now.imports.lagging else ""
    return (
        f"The newest import of deals{whose} that a tick has handled is of {local_date(now.as_of, now.zone)}, "
        f"{behind(now)} days before the day asked for: what happened since is not known here."
    )


def _overrides(now: Standing) -> Iterator[str]:
    by_arm = overridden_by_arm(now)
    often = [
        f"{percent(one.yes / one.of)} in {arm}" for arm, one in by_arm.items() if one.of and one.yes / one.of > OFTEN
    ]
    if often:
        yield (
            f"Moved by hand, out of their playbook or into another: {listed(often)}. They are counted in the arm they "
            "were drawn into, so the true difference is likely larger than the one seen."
        )
    counted = [one for one in by_arm.values() if one.of]
    found = equality_test(counted) if len(counted) > 1 else None
    if found is not None and found.p is not None and found.p < LEANING:
        yield (
            "People moved far more out of one arm than out of another, and that is no chance: the result leans, "
            "because somebody chose. Find out why before you act on it."
        )


def _teams(now: Standing, contrasts: Sequence[Contrast]) -> Iterator[str]:
    for team, units in now.apart.items():
        yield (
            f"Team {team or '(none)'} ({count(units, now.plan.unit)}) has one arm only: it is not randomised and "
            "stands in no figure."
        )
    for contrast in contrasts:
        if contrast.teams_differ:
            yield (
                f"The teams differ in what {contrast.arm} does against {contrast.control}, more than chance would have "
                "it: read the teams one by one, the overall figure fits none of them."
            )
