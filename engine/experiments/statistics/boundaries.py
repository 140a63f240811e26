"""How large z must be at each look, so that all looks together call a false winner no more often than alpha.

Group-sequential boundaries by alpha spending (Lan and DeMets 1983, 1989): alpha is spent by the calendar, looks are
correlated by the information they really had.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.experiments.statistics.results import checked_level
from engine.experiments.statistics.spending import Spending, obrien_fleming

GROWTH = 1.01  # times the last tested look's information: a look with less is merged into the next
LAST_GROWTH = (
    1.001  # the last look is tested in any case, as if it had at least this: a little too careful, never too bold
)
TOO_LITTLE = 1e-15  # alpha: a bound beyond z = 8, which says nothing that can be computed or reached

NO_INFORMATION = "no deals in both arms yet"
TOO_EARLY = "too early: the plan allows no conclusion yet"
MERGED = "hardly any new deals since the look before; its share of alpha is kept for the next look"
AFTER_THE_END = "after the planned end, when all alpha was spent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look at the experiment. Without a `bound` nothing may be concluded at it, and `reason` says why."""

    number: int  # from 1, as asked for
    information: float  # in deals, or any unit that is the same for all looks
    fraction: float  # of the plan, 0 to 1
    spent: float  # alpha, up to and including this look
    bound: float | None = None  # B wins at z >= bound, and (two-sided) loses at z <= -bound
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """The first look at which z reached its bound. A verdict stays with it, whatever later looks say."""

    look: Look
    z: float


def boundaries(
    *,
    information: Sequence[float],
    fractions: Sequence[float],
    alpha: float = 0.05,
    spending: Spending = obrien_fleming,
    sides: int = 2,
) -> tuple[Look, ...]:
    """The looks with their bounds, from the `information` of each look and the fraction of the plan passed by then.

    A look's bound depends on that look and those before it only, so that replaying an experiment gives the same bounds
    as following it. One-sided (`sides=1`) spends all of alpha on z >= bound.

    Raises ValueError if the two differ in length, fractions fall, alpha is no probability, or `sides` is not 1 or 2.
    """
    _check(information, fractions, alpha, sides)
    looks = list(_planned(information, fractions, alpha, spending, sides))
    tested = [index for index, (look, _) in enumerate(looks) if not look.reason]
    if not tested:
        return tuple(look for look, _ in looks)
    from engine.experiments.statistics.recursion import bounds  # numpy: only who compares pays for it

    spent = [looks[index][0].spent for index in tested]
    steps = [now - before for before, now in pairwise([0.0, *spent])]
    found = bounds([looks[index][1] for index in tested], steps, sides)
    by_index = dict(zip(tested, found, strict=True))
    return tuple(replace(look, bound=by_index.get(index)) for index, (look, _) in enumerate(looks))


def lifted(look: Look, skewness: float) -> Look:
    """The look with the bound that a z of this skewness reaches by chance as rarely as an even one reaches the present.

    Cornish and Fisher, Revue de l'Institut International de Statistique 5:307, 1938, the first term. For one side: a z
    that leans the other way keeps its bound, which is then a little careful.
    """
    if look.bound is None or look.bound <= 1 or skewness <= 0:
        return look
    return replace(look, bound=look.bound + skewness * (look.bound**2 - 1) / 6)


def first_crossing(looks: Sequence[Look], zs: Sequence[float | None], *, sides: int = 2) -> Crossing | None:
    """The first look whose z reached its bound, if any. `zs` has one z per look, None where there was none.

    Raises ValueError if the two differ in length.
    """
    for look, z in zip(looks, zs, strict=True):
        if look.bound is not None and z is not None and (z if sides == 1 else abs(z)) >= look.bound:
            return Crossing(look=look, z=z)
    return None


def _check(information: Sequence[float], fractions: Sequence[float], alpha: float, sides: int) -> None:
    checked_level(alpha)
    if sides not in (1, 2):
        raise ValueError(f"a test has one side or two, not {sides}")
    if len(information) != len(fractions):
        raise ValueError(f"{len(information)} looks at information, but {len(fractions)} fractions of the plan")
    if not all(math.isfinite(number) for number in (*information, *fractions)):
        raise ValueError("information and fractions must be finite numbers")
    if any(later < earlier for earlier, later in pairwise(fractions)):
        raise ValueError("the fractions of the plan go backwards")


def _planned(
    information: Sequence[float], fractions: Sequence[float], alpha: float, spending: Spending, sides: int
) -> Iterator[tuple[Look, float]]:
    """Each look before its bound is known, and the information to count it by. With a reason it is not tested."""
    spent = counted = 0.0
    over = False
    for number, (found, fraction) in enumerate(zip(information, fractions, strict=True), start=1):
        last, allowed = fraction >= 1, min(spending(fraction, alpha, sides), alpha)
        used = max(found, counted * LAST_GROWTH) if last else found
        reason = _why_not(used, counted, allowed - spent, over=over, last=last)
        if not reason:
            spent, counted = allowed, used
        over = over or last
        look = Look(number=number, information=found, fraction=min(max(fraction, 0.0), 1.0), spent=spent, reason=reason)
        yield look, used


def _why_not(found: float, counted: float, step: float, *, over: bool, last: bool) -> str:
    if over:
        return AFTER_THE_END
    if found <= 0:
        return NO_INFORMATION
    if step < TOO_LITTLE:
        return TOO_EARLY
    return MERGED if not last and found < counted * GROWTH else ""
