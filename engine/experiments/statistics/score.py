"""The score statistic within strata, and the range of differences that it does not refuse.

z(δ) says how far the observed difference lies from a supposed one, δ, in standard errors that hold if δ is true. At
δ = 0 it is the z of the Cochran-Mantel-Haenszel test: so a range that is made of it leaves out zero exactly where the
test is beyond the same bound, however uneven the arms are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.experiments.statistics.results import Interval, checked_level
from engine.experiments.statistics.strata import NOT_RANDOMISED, Stratum, stratified_test

_HALVINGS = 60  # at most; about ten are needed
_CLOSE = 1e-13  # of a difference of shares
_NEAR = 1e-9  # of a share: where two roots lie together a longer step would lead away


@dataclass(frozen=True, slots=True)
class _Place:
    """A stratum with what stays the same whatever difference is supposed. `spread`: its part of the variance is
    `spread` times (p_B(1 - p_B) / n_B + p_A(1 - p_A) / n_A)."""

    b_of: int
    a_of: int
    a_yes: int
    yes: int
    spread: float

    def variance(self, supposed: float) -> float:
        """Of the weighted difference, with the likeliest shares that differ by `supposed`."""
        share_b, share_a = self.likeliest(supposed)
        return self.spread * (share_b * (1 - share_b) / self.b_of + share_a * (1 - share_a) / self.a_of)

    def likeliest(self, supposed: float) -> tuple[float, float]:
        """(B, A): a root of the cubic in the appendix of Miettinen and Nurminen (1985)."""
        everything = self.b_of + self.a_of
        third = ((self.b_of + 2 * self.a_of) * supposed - everything - self.yes) / (3 * everything)
        linear = ((self.a_of * supposed - everything - 2 * self.a_yes) * supposed + self.yes) / everything
        constant = self.a_yes * supposed * (1 - supposed) / everything
        q = third**3 - third * linear / 2 + constant / 2
        p = math.copysign(math.sqrt(max(third**2 - linear / 3, 0.0)), q)
        cosine = q / p**3 if p else 0.0
        angle = (math.pi + math.acos(max(-1.0, min(1.0, cosine)))) / 3
        share_a = 2 * p * math.cos(angle) - third
        rest = ((share_a + 3 * third) * share_a + linear) * share_a + constant
        slope = (3 * share_a + 6 * third) * share_a + linear
        if abs(rest) < abs(slope) * _NEAR:  # a step of Newton's gives back digits that the cosine lost
            share_a -= rest / slope
        share_a = min(max(share_a, 0.0, -supposed), 1.0, 1.0 - supposed)
        return share_a + supposed, share_a


@dataclass(frozen=True, slots=True)
class _Score:
    """All strata that have both arms, and their difference weighted by information (Mantel and Haenszel)."""

    places: Sequence[_Place]
    weight: float
    difference: float

    def error(self, supposed: float) -> float:
        """Of the weighted difference, times the weight, if `supposed` were true."""
        return math.sqrt(max(math.fsum(place.variance(supposed) for place in self.places), 0.0))

    def beyond(self, supposed: float, bound: float) -> float:
        """Above 0: the score test refuses `supposed`. Finite everywhere, where z itself is not."""
        return abs(self.difference - supposed) * self.weight - bound * self.error(supposed)

    def end(self, inside: float, outside: float, bound: float) -> float:
        """The last difference on the way from `inside` to `outside` that is not refused: by false position, and by
        halving where that gets on slowly. `inside` is taken to be in the range, and `outside` not to be."""
        within, without, kept = self.beyond(inside, bound), self.beyond(outside, bound), ""
        for step in range(_HALVINGS):
            width = outside - inside
            if abs(width) < _CLOSE:
                break
            part = within / (within - without) if within < 0 < without and step % 4 != 3 else 0.5
            least = _CLOSE / 2 / abs(width)  # at an end itself nothing new would be learnt
            middle = inside + width * min(max(part, least), 1 - least)
            found = self.beyond(middle, bound)
            if found <= 0:  # an end that stays twice counts for half (the Illinois rule)
                inside, within, without, kept = middle, found, without / 2 if kept == "outside" else without, "outside"
            else:
                outside, without, within, kept = middle, found, within / 2 if kept == "inside" else within, "inside"
        return inside


def score_z(strata: Iterable[Stratum], supposed: float = 0.0) -> float | None:
    """z of the observed difference if the true one were `supposed` (-1 to 1). None where nothing tells the arms apart.

    Miettinen and Nurminen, Statistics in Medicine 4:213, 1985, with their factor N/(N - 1) in each stratum and the
    weights n_A n_B / N.
    """
    score = _score_of(strata)
    error = score.error(supposed) if score.places else 0.0
    return (score.difference - supposed) * score.weight / error if error > 0 else None


def score_difference(
    strata: Iterable[Stratum], *, bound: float | None, level: float, method: str, reason: str = ""
) -> Interval:
    """B's share minus A's within strata, with the range {δ: |z(δ)| < bound}; between -1 and 1.

    Zero lies outside exactly if `stratified_test` has |z| >= bound. Without a bound there is no range, for `reason`.
    It is the piece around the estimate: with tiny strata |z(δ)| need not grow all the way, though no second piece was
    met in thousands of made ones.
    """
    both = [stratum for stratum in strata if stratum.randomised]
    if not both:
        return Interval(level=checked_level(level), method=method, reason=NOT_RANDOMISED)
    score = _score_of(both)
    if bound is None:
        return Interval(level=checked_level(level), method=method, estimate=score.difference, reason=reason)
    z = stratified_test(both).z
    low, high = _range(score, bound, refused=z is not None and abs(z) >= bound)
    return Interval(level=checked_level(level), method=method, estimate=score.difference, low=low, high=high)


def _score_of(strata: Iterable[Stratum]) -> _Score:
    both = [stratum for stratum in strata if stratum.randomised]
    weight = math.fsum(stratum.information for stratum in both)
    excess = math.fsum((one.b.yes * one.a.of - one.a.yes * one.b.of) / (one.a.of + one.b.of) for one in both)
    difference = excess / weight if weight else 0.0
    return _Score([_place(stratum) for stratum in both], weight, min(max(difference, -1.0), 1.0))


def _place(stratum: Stratum) -> _Place:
    b, a, of = stratum.b, stratum.a, stratum.b.of + stratum.a.of
    return _Place(b.of, a.of, a.yes, a.yes + b.yes, stratum.information**2 * of / (of - 1))


def _range(score: _Score, bound: float, *, refused: bool) -> tuple[float, float]:
    """`refused`: whether zero is. It is asked first, so that range and test never disagree by a rounding."""
    found = score.difference
    low_from, low_to = (found, 0.0) if found > 0 and refused else (min(found, 0.0), -1.0)
    high_from, high_to = (found, 0.0) if found < 0 and refused else (max(found, 0.0), 1.0)
    low = low_from if low_from == low_to else score.end(low_from, low_to, bound)
    high = high_from if high_from == high_to else score.end(high_from, high_to, bound)
    return low, high
