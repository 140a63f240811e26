"""Following one arm against another through the looks: what each look found, and whether a bound was crossed.

Both ways the test is the Cochran-Mantel-Haenszel z, and the range is made of the same statistic and the same bound:
with a planned end that of Lan and DeMets, without one that of a confidence sequence. Verdicts, second metrics and the
self-test all come through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from engine.experiments.comparison import LookResult
from engine.experiments.counting import Cohort, added_up, strata_at
from engine.experiments.looks import TakenLook
from engine.experiments.statistics.boundaries import NO_INFORMATION, Look, boundaries, lifted
from engine.experiments.statistics.confidence_sequence import sequence_bound, sequence_p
from engine.experiments.statistics.repeated import repeated_difference
from engine.experiments.statistics.results import Interval
from engine.experiments.statistics.strata import Stratum, information, skewness, stratified_test

BOUNDARIES = "Cochran-Mantel-Haenszel test within teams and phases, Lan-DeMets O'Brien-Fleming bounds, weekly looks"
SEQUENCE = "Mantel-Haenszel difference within teams and phases, confidence sequence, weekly looks"
FEWEST = 10  # units of both arms together that did what is counted: with fewer no verdict is given
NOTHING_NEW = "no import of deals since the look before; its share of alpha is kept for the next look"
NO_IMPORT = "no import of deals was settled by then"


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
    bounds = _in_sequence(strata, question) if question.expected else _by_boundaries(looks, strata, question)
    found = [_result(*one, question) for one in zip(looks, strata, bounds, strict=True)]
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
) -> Sequence[Look]:
    bounds = boundaries(
        information=[information(places) for places in strata],
        fractions=[look.fraction for look in looks],
        alpha=question.alpha,
        sides=question.sides,
    )
    if question.sides == 2:  # what chance adds on one side is missing on the other
        return bounds
    return [lifted(bound, skewness(places)) for bound, places in zip(bounds, strata, strict=True)]


def _in_sequence(strata: Sequence[Sequence[Stratum]], question: Question) -> Sequence[Look]:
    """Spends nothing: each look has a bound that follows from what it knows alone."""
    found = []
    for number, places in enumerate(strata, start=1):
        known, (b, a) = information(places), added_up(places)
        fraction = min((b.of + a.of) / (question.expected or 1), 1.0)
        bound = sequence_bound(**_progress(places, question)) if known else None
        reason = "" if known else NO_INFORMATION
        found.append(
            Look(number=number, information=known, fraction=fraction, spent=0.0, bound=bound, reason=reason)
        )  # fmt: skip
    return found


def _progress(places: Sequence[Stratum], question: Question) -> _Progress:
    """How far a confidence sequence has come, in units of two even arms that would know as much: what a unit tells may
    change on the way, with the weights, and the bound holds only if its time is what is known."""
    return {"observed": 4 * information(places), "expected": question.expected or 1, "alpha": _two_sided(question)}


class _Progress(TypedDict):
    observed: float
    expected: float
    alpha: float


def _two_sided(question: Question) -> float:
    """The alpha of the range, which has two ends also where one side is asked for."""
    return question.alpha if question.sides == 2 else 2 * question.alpha


def _result(
    look: TakenLook, places: Sequence[Stratum], bound: Look, question: Question
) -> tuple[LookResult, Interval]:  # fmt: skip
    """What the look found, and its range, which leaves out zero exactly where z is beyond the bound."""
    z, (b, a) = stratified_test(places).z, added_up(places)
    interval = repeated_difference(places, look=bound, alpha=_two_sided(question))
    if question.expected:
        p = sequence_p(z, **_progress(places, question)) if z is not None else None
        interval = replace(interval, method=SEQUENCE, p=p)
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
        z=z,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        reason=_reason(look, bound.reason),
    )
    return result, interval


def _reason(look: TakenLook, reason: str) -> str:
    if look.sees is None:
        return NO_IMPORT
    return reason if look.fresh or not reason else NOTHING_NEW
