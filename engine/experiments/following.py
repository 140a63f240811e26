"""Following one arm against another through the looks: what each look found, and whether a bound was crossed.

With a planned end: Cochran-Mantel-Haenszel z against Lan-DeMets O'Brien-Fleming bounds, with repeated intervals.
Without: a confidence sequence. Verdicts, second metrics and the self-test all come through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.experiments.comparison import LookResult
from engine.experiments.counting import Cohort, added_up, strata_at
from engine.experiments.looks import TakenLook
from engine.experiments.statistics.boundaries import boundaries
from engine.experiments.statistics.confidence_sequence import sequence
from engine.experiments.statistics.repeated import repeated_difference
from engine.experiments.statistics.results import Interval
from engine.experiments.statistics.strata import Stratum, information, stratified_difference, stratified_test

BOUNDARIES = "Cochran-Mantel-Haenszel test within teams and phases, Lan-DeMets O'Brien-Fleming bounds, weekly looks"
SEQUENCE = "Mantel-Haenszel difference within teams and phases, confidence sequence, weekly looks"
FEWEST = 10  # units of both arms together that did what is counted: with fewer no verdict is given
NOTHING_NEW = "no import of deals since the look before; its share of alpha is kept for the next look"
NO_IMPORT = "no import of deals was settled by then"
_ADDED = 0.5  # to each of the four cells for the standard error, as the repeated interval does


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of the looks. `sides` 1: only whether B has more. `expected`: units of both arms at which a
    confidence sequence is sharpest; None for planned looks. `event`: what is counted."""

    b: str
    a: str
    alpha: float
    sides: int = 2
    expected: int | None = None
    fewest: int = FEWEST
    event: str = "won"


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """`crossed`: the first look at which a bound was crossed. `shown`: the last look at which something could be
    concluded, else the last one. `strata` and `difference` are as of `shown`."""

    looks: tuple[LookResult, ...]
    crossed: LookResult | None
    shown: LookResult | None
    strata: tuple[Stratum, ...]
    difference: Interval


def follow(looks: Sequence[TakenLook], counted: Cohort, question: Question) -> Followed:
    """Raises LibraryMissing without numpy, where the looks are planned."""
    strata = [strata_at(counted, look.sees, b=question.b, a=question.a) for look in looks]
    found = _in_sequence(looks, strata, question) if question.expected else _by_boundaries(looks, strata, question)
    results = tuple(_with_few(result, question) for result, _ in found)
    crossed = next((result for result in results if _crosses(result, question)), None)
    last = max((index for index, result in enumerate(results) if result.bound is not None), default=len(results) - 1)
    if last < 0:
        level = 1 - question.alpha
        nothing = Interval(level=level, method=method_of(question), reason="no look has been taken yet")
        return Followed(looks=(), crossed=None, shown=None, strata=(), difference=nothing)
    return Followed(
        looks=results, crossed=crossed, shown=results[last], strata=tuple(strata[last]), difference=found[last][1]
    )


def method_of(question: Question) -> str:
    return SEQUENCE if question.expected else BOUNDARIES


def _crosses(result: LookResult, question: Question) -> bool:
    return _is_beyond(result, question) and result.b.yes + result.a.yes >= question.fewest


def _is_beyond(result: LookResult, question: Question) -> bool:
    if result.bound is None or result.z is None:
        return False
    return (result.z if question.sides == 1 else abs(result.z)) >= result.bound


def _with_few(result: LookResult, question: Question) -> LookResult:
    """A look beyond its bound at which nothing is concluded says why."""
    if not _is_beyond(result, question) or _crosses(result, question):
        return result
    fewest = _IN_WORDS.get(question.fewest, str(question.fewest))
    return replace(result, reason=f"fewer than {fewest} {'wins' if question.event == 'won' else 'in both arms'}")


_IN_WORDS = {5: "five", FEWEST: "ten"}


def _by_boundaries(
    looks: Sequence[TakenLook], strata: Sequence[Sequence[Stratum]], question: Question
) -> list[tuple[LookResult, Interval]]:
    bounds = boundaries(
        information=[information(places) for places in strata],
        fractions=[look.fraction for look in looks],
        alpha=question.alpha,
        sides=question.sides,
    )
    found = []
    for look, places, bound in zip(looks, strata, bounds, strict=True):
        level = question.alpha if question.sides == 2 else 2 * question.alpha
        interval = repeated_difference(places, look=bound, alpha=level)
        b, a = added_up(places)
        result = LookResult(
            number=look.number,
            on=look.on,
            as_of=look.sees,
            b=b,
            a=a,
            information=bound.information,
            fraction=bound.fraction,
            spent=bound.spent,
            bound=bound.bound,
            z=stratified_test(places).z,
            estimate=interval.estimate,
            low=interval.low,
            high=interval.high,
            reason=_reason(look, bound.reason),
        )
        found.append((result, interval))
    return found


def _in_sequence(
    looks: Sequence[TakenLook], strata: Sequence[Sequence[Stratum]], question: Question
) -> list[tuple[LookResult, Interval]]:
    found = []
    for look, places in zip(looks, strata, strict=True):
        interval = sequence_of(places, question)
        b, a = added_up(places)
        result = LookResult(
            number=look.number,
            on=look.on,
            as_of=look.sees,
            b=b,
            a=a,
            information=information(places),
            fraction=min((b.of + a.of) / (question.expected or 1), 1.0),
            spent=0.0,
            bound=_in_errors(interval, interval.high),
            z=_in_errors(interval, 0.0, sign=-1),
            estimate=interval.estimate,
            low=_between(interval.low),
            high=_between(interval.high),
            reason=_reason(look, interval.reason),
        )
        found.append((result, replace(interval, low=result.low, high=result.high)))
    return found


def _in_errors(interval: Interval, end: float | None, *, sign: int = 1) -> float | None:
    """From the estimate to `end`, in standard errors."""
    if end is None or interval.estimate is None or not interval.standard_error:
        return None
    return sign * (end - interval.estimate) / interval.standard_error


def _between(difference: float | None) -> float | None:
    """A difference of shares lies between -1 and 1."""
    return None if difference is None else min(max(difference, -1.0), 1.0)


def sequence_of(places: Sequence[Stratum], question: Question) -> Interval:
    """The stratified difference with the range that holds whenever one looks."""
    alpha = question.alpha if question.sides == 2 else 2 * question.alpha
    fixed = stratified_difference(places, level=1 - alpha, added=_ADDED)
    if fixed.estimate is None or not fixed.standard_error:
        return Interval(level=1 - alpha, method=SEQUENCE, estimate=fixed.estimate, reason=fixed.reason)
    b, a = added_up(places)
    return sequence(
        method=SEQUENCE,
        estimate=fixed.estimate,
        standard_error=fixed.standard_error,
        observed=b.of + a.of,
        expected=question.expected or 1,
        alpha=alpha,
    )


def _reason(look: TakenLook, reason: str) -> str:
    if look.sees is None:
        return NO_IMPORT
    return reason if look.fresh or not reason else NOTHING_NEW
