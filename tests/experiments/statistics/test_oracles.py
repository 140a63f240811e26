"""Against other people's programs, where they are installed; they are no dependency, and most machines skip this."""

from __future__ import annotations

import random

import pytest

from engine.experiments.statistics import chi_square, samples, student
from engine.experiments.statistics.incidence import incidence
from engine.experiments.statistics.means import difference_of_means, sample
from engine.experiments.statistics.multiplicity import benjamini_hochberg, holm
from engine.experiments.statistics.proportions import equality_test, newcombe_interval, ratio_interval
from engine.experiments.statistics.strata import homogeneity_test, stratified_odds_ratio, stratified_test
from tests.experiments.statistics.cases import BCG, BERKELEY, HILLSTROM, strata, tally, transplants, watched

DRAW = random.Random(5)
COUNTS = [(DRAW.randint(1, 40), DRAW.randint(41, 90), DRAW.randint(1, 40), DRAW.randint(41, 300)) for _ in range(40)]


def test_two_shares_agree_with_statsmodels() -> None:
    oracle = pytest.importorskip("statsmodels.stats.proportion")
    for yes_b, of_b, yes_a, of_a in COUNTS:
        b, a = tally(yes_b, of_b), tally(yes_a, of_a)
        difference, ratio = newcombe_interval(b=b, a=a), ratio_interval(b=b, a=a)
        counts = (yes_b, of_b, yes_a, of_a)
        theirs = oracle.confint_proportions_2indep(*counts, method="newcomb", compare="diff")
        assert (difference.low, difference.high) == pytest.approx(theirs)
        theirs = oracle.confint_proportions_2indep(*counts, method="log", compare="ratio")
        assert (ratio.low, ratio.high) == pytest.approx(theirs)
        theirs = oracle.proportions_chisquare([yes_b, yes_a], [of_b, of_a])
        found = equality_test([b, a])
        assert (found.statistic, found.p) == pytest.approx(theirs[:2])


@pytest.mark.parametrize("tables", [BERKELEY, HILLSTROM, BCG], ids=["Berkeley", "Hillstrom", "BCG"])
def test_strata_agree_with_statsmodels(tables) -> None:
    oracle = pytest.importorskip("statsmodels.stats.contingency_tables")
    numpy = pytest.importorskip("numpy")
    theirs = oracle.StratifiedTable([numpy.array(table, dtype=float) for table in tables])
    test, ratio, apart = (f(strata(tables)) for f in (stratified_test, stratified_odds_ratio, homogeneity_test))
    assert test.chi_square == pytest.approx(theirs.test_null_odds(correction=False).statistic)
    assert test.chi_square_corrected == pytest.approx(theirs.test_null_odds(correction=True).statistic)
    assert test.p_corrected == pytest.approx(theirs.test_null_odds(correction=True).pvalue)
    assert ratio.estimate == pytest.approx(theirs.oddsratio_pooled)
    assert (ratio.low, ratio.high) == pytest.approx(theirs.oddsratio_pooled_confint())
    assert apart.statistic == pytest.approx(theirs.test_equal_odds(adjust=False).statistic)
    assert apart.p == pytest.approx(theirs.test_equal_odds(adjust=False).pvalue)


def test_several_questions_agree_with_statsmodels() -> None:
    oracle = pytest.importorskip("statsmodels.stats.multitest")
    ps = [DRAW.random() ** 3 for _ in range(20)]
    assert list(holm(ps)) == pytest.approx(oracle.multipletests(ps, method="holm")[1])
    assert list(benjamini_hochberg(ps)) == pytest.approx(oracle.multipletests(ps, method="fdr_bh")[1])


@pytest.mark.parametrize("ending", [1, 2])
@pytest.mark.parametrize("deals", ["transplants", "drawn"])
def test_incidence_agrees_with_scikit_survival(deals: str, ending: int) -> None:
    oracle = pytest.importorskip("sksurv.nonparametric")
    draw = random.Random(3)
    drawn = [watched(draw.randint(0, 30), draw.choice([0, 0, 1, 2])) for _ in range(300)]
    found = transplants() if deals == "transplants" else drawn
    codes, days = [int(deal.ending or 0) for deal in found], [deal.days for deal in found]
    times, shares, ranges = oracle.cumulative_incidence_competing_risks(
        codes, days, conf_type="log-log", var_type="Dinse_Approx"
    )
    curve = incidence(found, ending=str(ending))
    assert len(curve.points) == len(times)
    for place, point in enumerate(curve.points):
        assert (point.days, point.share) == pytest.approx((times[place], shares[ending][place]))
        if point.low is not None:
            assert point.low == pytest.approx(ranges[ending][0][place], rel=1e-6)
            assert point.high == pytest.approx(ranges[ending][1][place], rel=1e-6)


def test_distributions_agree_with_scipy() -> None:
    oracle = pytest.importorskip("scipy.stats")
    for degrees in (1, 2, 3, 7, 10, 60):
        for value in (0.01, 0.7, 3.0, 20.0, 150.0):
            assert chi_square.upper_tail(value, degrees) == pytest.approx(oracle.chi2.sf(value, degrees), rel=1e-10)
            assert student.two_sided(value, degrees) == pytest.approx(2 * oracle.t.sf(value, degrees), rel=1e-9)
            broken = degrees + 0.37
            assert student.two_sided(value, broken) == pytest.approx(2 * oracle.t.sf(value, broken), rel=1e-9)
        assert student.critical(0.9, degrees) == pytest.approx(oracle.t.isf(0.05, degrees))


def test_means_agree_with_scipy() -> None:
    oracle = pytest.importorskip("scipy.stats")
    one, other = [DRAW.randint(0, 9) for _ in range(17)], [DRAW.randint(0, 14) for _ in range(41)]
    found, theirs = difference_of_means(b=sample(one), a=sample(other)), oracle.ttest_ind(one, other, equal_var=False)
    assert (found.t, found.interval.p, found.degrees) == pytest.approx((theirs.statistic, theirs.pvalue, theirs.df))
    ends = theirs.confidence_interval(0.95)
    assert (found.interval.low, found.interval.high) == pytest.approx((ends.low, ends.high))


def test_power_agrees_with_statsmodels() -> None:
    oracle = pytest.importorskip("statsmodels.stats.proportion")
    theirs = oracle.power_proportions_2indep(0.05, 0.05, 250, alternative="larger", alpha=0.025)
    assert samples.power(base=0.05, other=0.1, per_arm=250) == pytest.approx(theirs.power, abs=2e-3)
