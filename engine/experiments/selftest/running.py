"""Running many made experiments and counting what the comparison made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.core.shares import percent, percent_range
from engine.experiments.comparing import judged
from engine.experiments.comparison import Contrast, Verdict
from engine.experiments.contrasting import primary_of
from engine.experiments.damage import soundness_of
from engine.experiments.overall import overall_of
from engine.experiments.records import Records
from engine.experiments.selftest.making import asked_at, made
from engine.experiments.selftest.setups import SETUPS, A, B, Setup
from engine.experiments.standing import standing
from engine.experiments.statistics.normal import critical
from engine.experiments.statistics.proportions import wilson_interval
from engine.experiments.statistics.results import Tally

QUICK = 100  # experiments of each set-up: some 20 seconds on one core for all six
FULL = 10_000
_CHUNK = 25  # experiments in one task


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Of `experiments` made: how many were called decided, how many would be by a single test at the end, and by a test
    read every week; how often the range held the truth at all looks; how many were taken for damaged."""

    experiments: int = 0
    decided: int = 0
    wrong_way: int = 0  # decided for the arm that is truly worse
    at_the_end: int = 0
    naively: int = 0
    covered: int = 0
    invalid: int = 0

    def plus(self, other: Counted) -> Counted:
        return Counted(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTestResult:
    """`rate` is what the set-up asks for, with its 95 % interval; `wanted` the range it is to lie in, and `passed`
    whether the interval leaves that possible. `single` (a test at the end alone) and `naive` stand beside it."""

    setup: str
    about: str
    count: int
    seed: int
    found: int
    rate: float
    low: float
    high: float
    wanted_low: float
    wanted_high: float
    passed: bool
    single: float
    naive: float
    invalid: int
    words: str


Progress = Callable[[int], None]  # experiments finished since it was called last


def selftest(
    setups: Sequence[str], count: int, seed: int, workers: int = 1, progress: Progress | None = None
) -> list[SelfTestResult]:
    """`count` experiments of each set-up, the same whatever the number of `workers` (processes).

    Raises LibraryMissing without numpy, and KeyError for a set-up that does not exist.
    """
    chosen = [SETUPS[name] for name in setups]
    return [result_of(setup, null_experiments(count, seed, setup, workers, progress), seed) for setup in chosen]


def null_experiments(
    count: int, seed: int, setup: Setup, workers: int = 1, progress: Progress | None = None
) -> Counted:
    """What came of the experiments 0 to `count` - 1 of this seed."""
    tasks = [(setup.name, seed, first, min(first + _CHUNK, count)) for first in range(0, count, _CHUNK)]
    total = Counted()
    for found in _each(tasks, workers):
        total = total.plus(found)
        if progress:
            progress(found.experiments)
    return total


_Task = tuple[str, int, int, int]  # (set-up, seed, first, behind the last)


def _each(tasks: Sequence[_Task], workers: int) -> Iterator[Counted]:
    if workers <= 1:
        yield from map(counted, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(counted, tasks)


def counted(task: _Task) -> Counted:
    """One task: some of the experiments of a set-up."""
    name, seed, first, behind = task
    setup, total = SETUPS[name], Counted()
    for number in range(first, behind):
        total = total.plus(one_of(setup, seed, number))
    return total


def one_of(setup: Setup, seed: int, number: int) -> Counted:
    contrast, verdict = verdict_of(made(setup, seed, number))
    truth = _truth(setup)
    decided = verdict.state in ("winner", "loser")
    ranges = [(look.low, look.high) for look in contrast.looks if look.low is not None and look.high is not None]
    zs = [look.z for look in contrast.looks if look.z is not None]
    limit = critical(0.95)
    return Counted(
        experiments=1,
        decided=decided,
        wrong_way=(verdict.state == "loser" and truth > 0) or (verdict.state == "winner" and truth < 0),
        at_the_end=bool(zs) and abs(zs[-1]) >= limit,
        naively=any(abs(z) >= limit for z in zs),
        covered=all(low <= truth <= high for low, high in ranges),
        invalid=verdict.state == "invalid",
    )


def verdict_of(records: Records, asked: int | None = None) -> tuple[Contrast, Verdict]:
    """The verdict as `compare` comes to it, without what only is shown. Of experiments with two arms."""
    now = standing(records, asked_at(records) if asked is None else asked)
    assert now is not None  # the made experiments have begun
    contrast = judged(primary_of(now), soundness_of(now), (), B, A, with_teams=False)
    return contrast, overall_of(now, (contrast,), lambda b, a: contrast)


def _truth(setup: Setup) -> float:
    """B's true share minus A's: the same in all groups of a set-up."""
    return next(group.shares[B] - group.shares[A] for group in setup.groups.values())


def result_of(setup: Setup, total: Counted, seed: int) -> SelfTestResult:
    found = total.covered if setup.asks == "coverage" else total.decided
    interval = wilson_interval(Tally(yes=found, of=total.experiments))
    rate, low, high = (value or 0.0 for value in (interval.estimate, interval.low, interval.high))
    single = total.at_the_end / max(total.experiments, 1)
    from_, to = setup.wanted
    if setup.asks == "power":
        from_, to = single + from_, single + to
    return SelfTestResult(
        setup=setup.name,
        about=setup.about,
        count=total.experiments,
        seed=seed,
        found=found,
        rate=rate,
        low=low,
        high=high,
        wanted_low=from_,
        wanted_high=to,
        passed=low <= to and high >= from_ and not total.invalid,
        single=single,
        naive=total.naively / max(total.experiments, 1),
        invalid=total.invalid,
        words=_words(setup, rate, low, high, single, total),
    )


def _words(setup: Setup, rate: float, low: float, high: float, single: float, total: Counted) -> str:
    share = f"{percent(rate)} ({percent_range(low, high)})"
    naive = percent(total.naively / max(total.experiments, 1))
    once = percent(single)
    told = {
        "false_winners": f"A winner was called in {share} of them, and there was none. With the usual test read every "
        f"week it would have been {naive}, with one test at the end {once}.",
        "power": f"The difference was found in {share} of them; one test at the end finds it in {once}.",
        "coverage": f"The range held the true difference at all looks at once in {share} of them.",
    }[setup.asks]
    damaged = f" {total.invalid} were taken for damaged, which none was." if total.invalid else ""
    return f"{setup.name}: {total.experiments:,} experiments ({setup.about}). {told}{damaged}"
