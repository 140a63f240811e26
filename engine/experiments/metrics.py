"""What is looked at beside the primary metric: guardrails, second metrics and the work that an arm takes.

A guardrail is one-sided, has looks of its own from the first week in which its window is over, and all of alpha: a
guardrail that is tested too carefully guards nothing. Second metrics and the workload are tested at the looks of the
primary metric, and their p values corrected together (Holm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from engine.core.experiment import Metric
from engine.core.plural import count
from engine.core.shares import percent
from engine.experiments.chance import repeated_p
from engine.experiments.comparison import LookResult, MetricResult
from engine.experiments.counting import Amounts, Cohort, amounts, cohort, shares_alike
from engine.experiments.following import Followed, Question, follow
from engine.experiments.looks import TakenLook, schedule
from engine.experiments.standing import Standing
from engine.experiments.statistics.boundaries import Look, boundaries, first_crossing
from engine.experiments.statistics.confidence_sequence import sequence_difference
from engine.experiments.statistics.means import MeanTest, Sample, difference_of_means
from engine.experiments.statistics.multiplicity import holm
from engine.experiments.statistics.repeated import repeated_interval
from engine.experiments.statistics.results import Interval, Tally
from engine.experiments.wording import metric_words, span

WORKLOAD = "actions per unit"
FEWEST_GUARDED = 5  # five against none is no chance any more, and a guardrail should not wait for ten
Values: TypeAlias = tuple[float, float] | None  # of B and of A: shares, or actions per unit
_NOTHING = Tally(yes=0, of=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarded:
    """A guardrail of one arm. `crossed`: the look at which it was clear that the arm has more of it."""

    metric: Metric
    result: MetricResult
    crossed: LookResult | None


@dataclass(frozen=True, slots=True)
class Guardrails:
    """The counts of each guardrail, made once for all arms and teams."""

    now: Standing
    counted: Sequence[tuple[Metric, Cohort, tuple[TakenLook, ...]]]

    def of(self, arm: str, team: str | None = None) -> list[Guarded]:
        """Each guardrail of one arm, in all teams or in one ("": the deals without a team).

        Raises LibraryMissing without numpy, where the looks are planned.
        """
        return [
            _guarded(self.now, metric, looks, _in_team(counted, team), arm) for metric, counted, looks in self.counted
        ]

    def results(self) -> list[MetricResult]:
        """In all teams: by guardrail and arm."""
        by_arm = [self.of(arm) for arm in self.now.others]
        return [one.result for same in zip(*by_arm, strict=True) for one in same]


def guardrails_of(now: Standing) -> Guardrails:
    return Guardrails(
        now,
        [
            (
                metric,
                cohort(now.units, metric, now.zone),
                schedule(now.plan, metric, now.zone).taken(now.imports, now.asked),
            )
            for metric in now.plan.guardrails
        ],
    )


def _in_team(counted: Cohort, team: str | None) -> Cohort:
    return counted if team is None else {place: arms for place, arms in counted.items() if place[0] == team}


def _guarded(now: Standing, metric: Metric, looks: Sequence[TakenLook], counted: Cohort, arm: str) -> Guarded:
    question = _question(now, arm, now.plan.alpha, sides=1)
    followed = follow(looks, counted, replace(question, fewest=FEWEST_GUARDED, event=metric.event))
    result = _result("guardrail", metric, question, followed)
    words = _guardrail_words(result, shares_alike(followed.strata), metric, now, followed.crossed)
    return Guarded(metric=metric, result=replace(result, words=words), crossed=followed.crossed)


def second_metrics(now: Standing) -> list[MetricResult]:
    """Second metrics and the workload, each for each arm, with p values corrected for asking so many questions."""
    asked = [_secondary(now, metric, arm) for metric in now.plan.secondary for arm in now.others]
    asked += _workloads(now)
    adjusted = holm([result.p for result, _ in asked])
    return [
        _with_words(replace(result, adjusted_p=p), values, now, len(asked))
        for (result, values), p in zip(asked, adjusted, strict=True)
    ]


def _question(now: Standing, arm: str, alpha: float, *, sides: int = 2) -> Question:
    control = now.plan.control
    return Question(b=arm, a=control, alpha=alpha, sides=sides, expected=now.expected(arm, control))


def _secondary(now: Standing, metric: Metric, arm: str) -> tuple[MetricResult, Values]:
    question = _question(now, arm, now.alpha(arm, now.plan.control))
    followed = follow(now.looks, cohort(now.units, metric, now.zone), question)
    result = replace(_result("secondary", metric, question, followed), p=_p(now, followed))
    return result, shares_alike(followed.strata)


def _p(now: Standing, followed: Followed) -> float | None:
    if now.plan.ends is None:
        return followed.difference.p
    looks = followed.looks
    return repeated_p([one.information for one in looks], [one.fraction for one in looks], [one.z for one in looks])


def _result(
    kind: Literal["secondary", "guardrail"], metric: Metric, question: Question, followed: Followed
) -> MetricResult:
    shown = followed.shown
    return MetricResult(
        kind=kind,
        metric=metric.name,
        arm=question.b,
        control=question.a,
        difference=followed.difference,
        words="",
        b=shown.b if shown else _NOTHING,
        a=shown.a if shown else _NOTHING,
        z=shown.z if shown else None,
        bound=shown.bound if shown else None,
        crossed=followed.crossed is not None,
    )


# -- the work that an arm takes


def _workloads(now: Standing) -> list[tuple[MetricResult, Values]]:
    taken = amounts(now.units, now.plan.primary, now.zone)
    found = [_workload(now, taken.get(arm), taken.get(now.plan.control), arm) for arm in now.others]
    return [(one, None if one.b_mean is None or one.a_mean is None else (one.b_mean, one.a_mean)) for one in found]


def _workload(now: Standing, b: Amounts | None, a: Amounts | None, arm: str) -> MetricResult:
    question = _question(now, arm, now.alpha(arm, now.plan.control))
    samples = [_samples(look, b, a) for look in now.looks]
    tests = [difference_of_means(b=one, a=other, level=1 - question.alpha) for one, other in samples]
    interval, p, looks = _over_time(now, question, samples, tests)
    shown = _shown(looks)
    last = samples[shown] if samples else (_EMPTY, _EMPTY)
    return MetricResult(
        kind="workload",
        metric=WORKLOAD,
        arm=arm,
        control=now.plan.control,
        difference=interval,
        words="",
        b_mean=last[0].mean if last[0].size else None,
        a_mean=last[1].mean if last[1].size else None,
        p=p,
        z=tests[shown].z if tests else None,
        bound=looks[shown].bound if looks else None,
        crossed=first_crossing(looks, [test.z for test in tests]) is not None if looks else _away(interval),
    )


def _shown(looks: Sequence[Look]) -> int:
    """Of the planned looks the last at which something could be concluded, as for shares; else the last one."""
    return max((index for index, look in enumerate(looks) if look.bound is not None), default=len(looks) - 1)


def _away(interval: Interval) -> bool:
    """Whether the range leaves out that there is no difference."""
    return interval.low is not None and interval.high is not None and not interval.low <= 0 <= interval.high


_EMPTY = Sample(size=0, mean=0.0, variance=0.0)


def _samples(look: TakenLook, b: Amounts | None, a: Amounts | None) -> tuple[Sample, Sample]:
    if look.sees is None:
        return _EMPTY, _EMPTY
    return (b.at(look.sees) if b else _EMPTY), (a.at(look.sees) if a else _EMPTY)


def _over_time(
    now: Standing, question: Question, samples: Sequence[tuple[Sample, Sample]], tests: Sequence[MeanTest]
) -> tuple[Interval, float | None, Sequence[Look]]:
    """(the range that holds at all looks, p, the looks with their bounds where they are planned)."""
    if not samples:
        return Interval(level=1 - question.alpha, method=_MEANS, reason="no look has been taken yet"), None, ()
    if question.expected:
        found = sequence_difference(
            b=samples[-1][0], a=samples[-1][1], expected=question.expected, alpha=question.alpha
        )
        return found, found.p, ()
    information = [_information(b, a) for b, a in samples]
    fractions = [look.fraction for look in now.looks]
    looks = boundaries(information=information, fractions=fractions, alpha=question.alpha)
    shown = _shown(looks)
    fixed = tests[shown].interval
    p = repeated_p(information, fractions, [test.z for test in tests])
    if fixed.estimate is None or fixed.standard_error is None:
        return fixed, p, looks
    found = repeated_interval(
        estimate=fixed.estimate, standard_error=fixed.standard_error, look=looks[shown], alpha=question.alpha
    )
    return replace(found, method=_MEANS), p, looks


_MEANS = "difference of means (Welch), repeated interval, valid at every look"


def _information(b: Sample, a: Sample) -> float:
    return b.size * a.size / (b.size + a.size) if b.size and a.size else 0.0


# -- words


def _guardrail_words(
    result: MetricResult, shares: Values, metric: Metric, now: Standing, crossed: LookResult | None
) -> str:
    if shares is None:
        return f"Guardrail: nothing is known yet of {now.plan.unit}s that {metric_words(metric)}."
    told = _shares(result, shares, metric, now)
    if crossed is None:
        return f"Guardrail: {told}. It is not clear that {result.arm} has more; this blocks nothing."
    return f"Guardrail crossed at its look on {crossed.on}: by now, {told}. {result.arm} cannot be called a winner."


def _shares(result: MetricResult, shares: tuple[float, float], metric: Metric, now: Standing) -> str:
    """As if each team had the same part in both arms, as in the verdict."""
    return (
        f"with {result.arm} {percent(shares[0])}, with {result.control} {percent(shares[1])} of the "
        f"{now.plan.unit}s {metric_words(metric)}"
    )


def _with_words(result: MetricResult, values: Values, now: Standing, questions: int) -> MetricResult:
    if values is None:
        return replace(result, words="Second metric: nothing to compare yet.")
    told = _work(result, values, now) if result.kind == "workload" else _second(result, values, now)
    return replace(result, words=f"{told} {_chance(result, now.plan.alpha, questions)}".rstrip())


def _second(result: MetricResult, shares: tuple[float, float], now: Standing) -> str:
    metric = next(one for one in now.plan.secondary if one.name == result.metric)
    ranged = span(result.difference)
    return f"Second metric: {_shares(result, shares, metric, now)}{f' (difference {ranged})' if ranged else ''}."


def _work(result: MetricResult, means: tuple[float, float], now: Standing) -> str:
    return f"Work: {means[0]:.1f} actions per {now.plan.unit} with {result.arm}, {means[1]:.1f} with {result.control}."


def _chance(result: MetricResult, alpha: float, questions: int) -> str:
    if result.adjusted_p is None:  # the same for all deals of an arm: there is nothing to ask
        return "" if result.kind == "workload" else "Whether that is chance cannot be told."
    together = f", with {count(questions, 'question')} asked side by side" if questions > 1 else ""
    if result.adjusted_p < alpha:
        return f"That is more than chance{together}."
    return f"That may be chance{together}."
