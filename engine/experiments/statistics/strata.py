"""One comparison made inside each stratum (a team in a phase) and added up: what the team does is not B's doing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.experiments.statistics import chi_square, normal
from engine.experiments.statistics.results import NO_SPREAD, Interval, Significance, Tally, checked_level, symmetric

NOT_RANDOMISED = "no stratum has deals in both arms"
ALL_ALIKE = "all deals that can be compared ended alike, so nothing tells the arms apart"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stratum:
    """The deals of one team in one phase of the experiment."""

    b: Tally
    a: Tally
    name: str = ""

    @property
    def randomised(self) -> bool:
        """Whether both arms have deals. If not, the stratum says nothing about B against A."""
        return bool(self.a.of and self.b.of)

    @property
    def information(self) -> float:
        """n_A n_B / (n_A + n_B), in deals: 0 if an arm has none."""
        return self.a.of * self.b.of / (self.a.of + self.b.of) if self.randomised else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StratifiedTest:
    """The Cochran-Mantel-Haenszel test. `z` > 0: B is ahead."""

    method: str
    strata: int  # that had deals in both arms
    z: float | None = None
    p: float | None = None  # two-sided
    chi_square: float | None = None  # z squared
    chi_square_corrected: float | None = None  # with the continuity correction, as R prints it
    p_corrected: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Cells:
    """A stratum's four cells and sizes, as fractions may be added to them."""

    b_yes: float
    b_of: float
    a_yes: float
    a_of: float

    @property
    def of(self) -> float:
        return self.b_of + self.a_of

    @property
    def weight(self) -> float:
        return self.b_of * self.a_of / self.of

    @property
    def excess(self) -> float:
        """B's yes beyond A's rate, weighted: weight times the difference of the shares."""
        return (self.b_yes * self.a_of - self.a_yes * self.b_of) / self.of


def information(strata: Iterable[Stratum]) -> float:
    """How much all strata together can tell, in deals: what the boundaries count time by."""
    return math.fsum(stratum.information for stratum in strata)


def stratified_test(strata: Iterable[Stratum]) -> StratifiedTest:
    """Are the arms alike within strata? Mantel and Haenszel, JNCI 22:719, 1959 (R's mantelhaen.test)."""
    method = "shares within strata, Cochran-Mantel-Haenszel test"
    cells = _randomised(strata)
    if not cells:
        return StratifiedTest(method=method, strata=0, reason=NOT_RANDOMISED)
    difference = math.fsum(cell.excess for cell in cells)
    variance = math.fsum(_hypergeometric(cell) for cell in cells)
    if variance <= 0:
        return StratifiedTest(method=method, strata=len(cells), reason=ALL_ALIKE)
    z = difference / math.sqrt(variance)
    corrected = max(abs(difference) - 0.5, 0.0) ** 2 / variance
    return StratifiedTest(
        method=method,
        strata=len(cells),
        z=z,
        p=normal.two_sided(z),
        chi_square=z * z,
        chi_square_corrected=corrected,
        p_corrected=chi_square.upper_tail(corrected, 1),
    )


def skewness(strata: Iterable[Stratum]) -> float:
    """Of the test's z if the arms are alike: above 0 where B is the smaller arm and few did it, so that chance throws z
    far up more often than far down. 0 where nothing tells the arms apart."""
    cells = _randomised(strata)
    variance = math.fsum(_hypergeometric(cell) for cell in cells)
    return math.fsum(_third_moment(cell) for cell in cells) / variance**1.5 if variance > 0 else 0.0


def stratified_difference(strata: Iterable[Stratum], *, level: float = 0.95) -> Interval:
    """B's share minus A's within strata, weighted by information (Mantel-Haenszel), with Sato's standard error.

    Sato, Greenland and Robins, Biometrics 45:1323, 1989 (R's metafor: rma.mh, measure RD). No variation at all means no
    range. Meant for one look: with arms of very different size `score_difference` holds better.
    """
    method = "difference of shares within strata, Mantel-Haenszel with Sato's standard error"
    cells = _randomised(strata)
    if not cells:
        return Interval(level=checked_level(level), method=method, reason=NOT_RANDOMISED)
    total = math.fsum(cell.weight for cell in cells)
    difference = math.fsum(cell.excess for cell in cells) / total
    variance = _sato(cells)
    if variance <= 0:
        return Interval(level=checked_level(level), method=method, estimate=difference, reason=NO_SPREAD)
    error = math.sqrt(variance)
    margin = normal.critical(checked_level(level)) * error
    found = symmetric(level=level, method=method, estimate=difference, margin=margin, standard_error=error)
    return found.clipped(-1.0, 1.0)


def stratified_odds_ratio(strata: Iterable[Stratum], *, level: float = 0.95) -> Interval:
    """B's odds over A's within strata, interval on the log scale.

    Mantel and Haenszel 1959; variance of Robins, Breslow and Greenland, Biometrics 42:311, 1986. The standard error is
    that of the logarithm.
    """
    method = "odds ratio within strata, Mantel-Haenszel with Robins-Breslow-Greenland interval"
    cells = _randomised(strata)
    if not cells:
        return Interval(level=checked_level(level), method=method, reason=NOT_RANDOMISED)
    for_b, for_a = _odds(cells)
    if not (for_b and for_a):
        reason = "too few strata with both endings in both arms: the odds ratio has no range"
        return Interval(level=checked_level(level), method=method, estimate=0.0 if for_a else None, reason=reason)
    error = math.sqrt(_log_odds_variance(cells, for_b, for_a))
    factor = math.exp(normal.critical(checked_level(level)) * error)
    ratio = for_b / for_a
    return Interval(
        level=level, method=method, estimate=ratio, low=ratio / factor, high=ratio * factor, standard_error=error
    )


def homogeneity_test(strata: Iterable[Stratum]) -> Significance:
    """Is the odds ratio the same in every stratum? If not (p < 0.05), the strata should be read one by one.

    Breslow and Day, Statistical Methods in Cancer Research I, 1980, section 4.4, without Tarone's correction. Strata in
    which all deals ended alike say nothing and are left out.
    """
    method = "equal odds ratios in all strata, Breslow-Day test"
    cells = [cell for cell in _randomised(strata) if 0 < cell.b_yes + cell.a_yes < cell.of]
    if len(cells) < 2:
        return Significance(method=method, reason="fewer than two strata can be compared")
    for_b, for_a = _odds(cells)
    if not (for_b and for_a):
        return Significance(method=method, reason="too few strata with both endings in both arms")
    statistic = math.fsum(_departure(cell, for_b / for_a) for cell in cells)
    degrees = len(cells) - 1
    p = chi_square.upper_tail(statistic, degrees)
    return Significance(method=method, statistic=statistic, degrees=degrees, p=p)


def _randomised(strata: Iterable[Stratum]) -> list[_Cells]:
    return [_Cells(s.b.yes, s.b.of, s.a.yes, s.a.of) for s in strata if s.randomised]


def _hypergeometric(cell: _Cells) -> float:
    """The variance of B's yes if the stratum's yes fell on its deals at random."""
    yes = cell.b_yes + cell.a_yes
    return cell.b_of * cell.a_of * yes * (cell.of - yes) / (cell.of**2 * (cell.of - 1))


def _third_moment(cell: _Cells) -> float:
    """Of B's yes about its mean, if the stratum's yes fell on its deals at random."""
    if cell.of <= 2:
        return 0.0
    yes = cell.b_yes + cell.a_yes
    lean = (cell.of - 2 * yes) * (cell.of - 2 * cell.b_of) / (cell.of * (cell.of - 2))
    return _hypergeometric(cell) * lean


def _sato(cells: Sequence[_Cells]) -> float:
    """The variance of the weighted difference: holds for few large strata and for many small ones."""
    total = math.fsum(cell.weight for cell in cells)
    difference = math.fsum(cell.excess for cell in cells) / total
    slope = math.fsum(
        (cell.b_of**2 * cell.a_yes - cell.a_of**2 * cell.b_yes + cell.b_of * cell.a_of * (cell.a_of - cell.b_of) / 2)
        / cell.of**2
        for cell in cells
    )
    spread = math.fsum(
        (cell.b_yes * (cell.a_of - cell.a_yes) + cell.a_yes * (cell.b_of - cell.b_yes)) / (2 * cell.of)
        for cell in cells
    )
    return (difference * slope + spread) / total**2


def _odds(cells: Sequence[_Cells]) -> tuple[float, float]:
    """The sums whose ratio is the odds ratio: pairs that speak for B, pairs that speak for A."""
    for_b = math.fsum(cell.b_yes * (cell.a_of - cell.a_yes) / cell.of for cell in cells)
    for_a = math.fsum(cell.a_yes * (cell.b_of - cell.b_yes) / cell.of for cell in cells)
    return for_b, for_a


def _log_odds_variance(cells: Sequence[_Cells], for_b: float, for_a: float) -> float:
    along = mixed = across = 0.0
    for cell in cells:
        agreeing = (cell.b_yes + cell.a_of - cell.a_yes) / cell.of
        b_pairs = cell.b_yes * (cell.a_of - cell.a_yes) / cell.of
        a_pairs = cell.a_yes * (cell.b_of - cell.b_yes) / cell.of
        along += agreeing * b_pairs
        mixed += agreeing * a_pairs + (1 - agreeing) * b_pairs
        across += (1 - agreeing) * a_pairs
    return along / (2 * for_b**2) + mixed / (2 * for_b * for_a) + across / (2 * for_a**2)


def _departure(cell: _Cells, ratio: float) -> float:
    """How far B's yes lies from what the common odds ratio would give, squared, in variances."""
    expected = _expected(cell, ratio)
    yes = cell.b_yes + cell.a_yes
    others = (expected, cell.b_of - expected, yes - expected, cell.a_of - yes + expected)
    return (cell.b_yes - expected) ** 2 * math.fsum(1 / count for count in others)


def _expected(cell: _Cells, ratio: float) -> float:
    """B's yes at this odds ratio and the stratum's totals, by halving: the quadratic loses digits near a ratio of 1."""
    yes = cell.b_yes + cell.a_yes
    low, high = max(0.0, yes - cell.a_of), min(yes, cell.b_of)
    while low < (middle := (low + high) / 2) < high:
        for_b = middle * (cell.a_of - yes + middle)
        for_a = (cell.b_of - middle) * (yes - middle)
        low, high = (middle, high) if for_b < ratio * for_a else (low, middle)
    return (low + high) / 2
