from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.boundaries import Look, lifted
from engine.experiments.statistics.proportions import wald_interval
from engine.experiments.statistics.strata import (
    Stratum,
    homogeneity_test,
    information,
    skewness,
    stratified_difference,
    stratified_odds_ratio,
    stratified_test,
)
from tests.experiments.statistics.cases import BCG, BERKELEY, HILLSTROM, strata, tally


@st.composite
def teams(draw: st.DrawFn) -> list[Stratum]:
    def arm() -> tuple[int, int]:
        of = draw(st.integers(0, 12))
        return draw(st.integers(0, of)), of

    return [Stratum(b=tally(*arm()), a=tally(*arm())) for _ in range(draw(st.integers(0, 5)))]


def swapped(found: list[Stratum]) -> list[Stratum]:
    return [Stratum(b=stratum.a, a=stratum.b) for stratum in found]


def test_berkeley_prefers_nobody_once_departments_are_compared_within() -> None:
    found = stratified_test(strata(BERKELEY))
    assert found.chi_square == pytest.approx(1.524607, abs=5e-7)
    assert found.p == pytest.approx(0.216924, abs=5e-7)
    assert found.chi_square_corrected == pytest.approx(1.426946, abs=5e-7)
    assert found.p_corrected == pytest.approx(0.232263, abs=5e-7)
    assert found.z is not None and found.z < 0  # although 44.5 % of the men and 30.4 % of the women were admitted
    pooled = [sum(s.b.yes for s in strata(BERKELEY)) / 2691, sum(s.a.yes for s in strata(BERKELEY)) / 1835]
    assert pooled == pytest.approx([0.445188, 0.303542], abs=5e-7)


def test_berkeleys_odds_ratio_is_that_of_r() -> None:
    found = stratified_odds_ratio(strata(BERKELEY))
    ends = (found.estimate, found.low, found.high)
    assert ends == pytest.approx((0.9046968, 0.7719074, 1.0603298), abs=5e-8)


def test_berkeleys_departments_differ() -> None:
    found = homogeneity_test(strata(BERKELEY))
    assert (found.statistic, found.degrees) == (pytest.approx(18.8255, abs=5e-5), 5)
    assert found.p == pytest.approx(0.002071, abs=5e-7)


def test_berkeleys_risk_difference_has_the_standard_error_of_metafor() -> None:
    found = stratified_difference(strata(BERKELEY))
    assert found.estimate == pytest.approx(-0.01842520, abs=5e-9)
    # by the formula of rma.mh; 0.01490012, which also goes about, has the sign of a term turned round
    assert found.standard_error == pytest.approx(0.01482539, abs=5e-9)


def test_the_risk_difference_of_the_bcg_trials_is_that_of_metafor() -> None:
    # metafor's own test of rma.mh(measure="RD") has these: -0.0033 [-0.0039, -0.0027], z -11.4708
    found = stratified_difference(strata(BCG))
    assert found.estimate is not None and found.standard_error is not None
    ends = (found.estimate, found.low, found.high)
    assert ends == pytest.approx((-0.0033, -0.0039, -0.0027), abs=5e-5)
    assert found.estimate / found.standard_error == pytest.approx(-11.4708, abs=5e-5)


def test_hillstroms_mail_works_in_every_kind_of_place() -> None:
    places = strata(HILLSTROM)
    ratio, test, difference = stratified_odds_ratio(places), stratified_test(places), stratified_difference(places)
    ends = (ratio.estimate, ratio.low, ratio.high)
    assert ends == pytest.approx((1.882199, 1.779994, 1.990273), abs=5e-7)
    assert test.chi_square == pytest.approx(503.627072, abs=5e-7)
    assert difference.estimate == pytest.approx(0.0763257, abs=5e-8)
    assert difference.standard_error == pytest.approx(0.0033811, abs=5e-8)
    apart = homogeneity_test(places)
    assert apart.statistic == pytest.approx(7.214333, abs=5e-7)
    assert apart.p == pytest.approx(0.0271286, abs=5e-8)


@given(teams())
def test_swapping_the_arms_turns_everything_round(found: list[Stratum]) -> None:
    one, other = stratified_test(found), stratified_test(swapped(found))
    assert (one.z is None) == (other.z is None) and one.reason == other.reason
    if one.z is not None and other.z is not None:
        assert one.z == pytest.approx(-other.z) and one.p == pytest.approx(other.p)
    difference, back = stratified_difference(found), stratified_difference(swapped(found))
    if difference.low is not None:
        assert difference.low == pytest.approx(-back.high) and difference.high == pytest.approx(-back.low)


@given(teams(), st.randoms(use_true_random=False))
def test_the_order_of_the_strata_does_not_matter(found: list[Stratum], order: random.Random) -> None:
    mixed = order.sample(found, len(found))
    assert stratified_test(mixed) == stratified_test(found)
    assert stratified_difference(mixed) == stratified_difference(found)


@given(teams())
def test_a_stratum_with_one_arm_changes_nothing(found: list[Stratum]) -> None:
    more = [*found, Stratum(b=tally(30, 40), a=tally(0, 0), name="Berlin"), Stratum(b=tally(0, 0), a=tally(0, 0))]
    assert stratified_test(more) == stratified_test(found)
    assert stratified_difference(more) == stratified_difference(found)
    assert stratified_odds_ratio(more) == stratified_odds_ratio(found)
    assert homogeneity_test(more) == homogeneity_test(found)
    assert information(more) == information(found)


@given(teams())
def test_whatever_the_strata_there_are_numbers_or_a_reason(found: list[Stratum]) -> None:
    assert (stratified_test(found).z is None) == bool(stratified_test(found).reason)
    assert (homogeneity_test(found).p is None) == bool(homogeneity_test(found).reason)
    for interval in (stratified_difference(found), stratified_odds_ratio(found)):
        assert (interval.low is None) == (interval.high is None) == bool(interval.reason)


@given(teams())
def test_the_risk_difference_and_z_point_the_same_way(found: list[Stratum]) -> None:
    test, difference = stratified_test(found), stratified_difference(found)
    if test.z is not None and difference.estimate is not None:
        assert test.z * difference.estimate >= 0


def test_with_one_large_stratum_the_difference_is_the_plain_one() -> None:
    b, a = tally(230, 2500), tally(120, 2400)
    plain, within = wald_interval(b=b, a=a), stratified_difference([Stratum(b=b, a=a)])
    assert within.estimate == pytest.approx(plain.estimate)
    assert within.standard_error == pytest.approx(plain.standard_error, rel=0.005)


def test_teams_that_differ_make_no_false_winner() -> None:
    # teams that win 2 % and 15 % and are given B to a fifth and to four fifths: B has no effect, pooled it seems to
    within = stratified_test([Stratum(b=tally(4, 200), a=tally(16, 800)), Stratum(b=tally(120, 800), a=tally(30, 200))])
    assert within.z == pytest.approx(0, abs=1e-9)


def test_strata_without_any_win_have_no_test_and_no_false_certainty() -> None:
    nobody = [Stratum(b=tally(0, 30), a=tally(0, 20)), Stratum(b=tally(0, 9), a=tally(0, 8))]
    assert stratified_test(nobody).reason and homogeneity_test(nobody).reason and stratified_odds_ratio(nobody).reason
    difference = stratified_difference(nobody)
    assert (difference.estimate, difference.low) == (0.0, None) and difference.reason


def test_nobody_randomised_is_said_so() -> None:
    alone = [Stratum(b=tally(3, 9), a=tally(0, 0))]
    assert stratified_test(alone).reason == "no stratum has deals in both arms"
    assert stratified_test(alone).strata == 0 and information(alone) == 0
    assert information([Stratum(b=tally(0, 30), a=tally(0, 60))]) == pytest.approx(20)


def test_teams_that_differ_give_as_many_false_winners_as_alpha_and_ranges_that_hold() -> None:
    # two teams that win 2 % and 15 %, given B to a fifth and to four fifths, without any effect of B
    numpy = pytest.importorskip("numpy")
    draw, runs = numpy.random.default_rng(12), 1500
    sizes = ((60, 240, 0.02), (240, 60, 0.15))  # B's deals, A's deals, share won
    wins = [(draw.binomial(b, share, runs), draw.binomial(a, share, runs), b, a) for b, a, share in sizes]
    false = missed = pooled_false = 0
    for run in range(runs):
        found = [Stratum(b=tally(int(x[run]), b), a=tally(int(y[run]), a)) for x, y, b, a in wins]
        false += stratified_test(found).p < 0.05
        interval = stratified_difference(found)
        missed += not interval.low <= 0 <= interval.high
        pooled = Stratum(b=tally(sum(s.b.yes for s in found), 300), a=tally(sum(s.a.yes for s in found), 300))
        pooled_false += stratified_test([pooled]).p < 0.05
    assert false / runs == pytest.approx(0.05, abs=0.02)
    assert missed / runs == pytest.approx(0.05, abs=0.02)
    assert pooled_false / runs > 0.5


def hypergeometric(b_of: int, a_of: int, yes: int) -> dict[int, float]:
    """B's yes -> how likely, if `yes` fall on all deals at random."""
    every = math.comb(b_of + a_of, yes)
    return {
        x: math.comb(b_of, x) * math.comb(a_of, yes - x) / every for x in range(max(0, yes - a_of), min(b_of, yes) + 1)
    }


@pytest.mark.parametrize(("b_of", "a_of", "yes"), [(60, 540, 30), (7, 9, 3), (100, 400, 25), (540, 60, 30), (1, 1, 1)])
def test_the_skewness_is_that_of_what_chance_does(b_of: int, a_of: int, yes: int) -> None:
    chances = hypergeometric(b_of, a_of, yes)
    mean = sum(x * chance for x, chance in chances.items())
    second, third = (sum((x - mean) ** power * chance for x, chance in chances.items()) for power in (2, 3))
    least = max(0, yes - a_of)
    found = skewness([Stratum(b=tally(least, b_of), a=tally(yes - least, a_of))])
    assert found == pytest.approx(third / second**1.5, abs=1e-9)


@pytest.mark.parametrize(("b_of", "a_of"), [(60, 540), (100, 400), (90, 2700)])
def test_a_lifted_bound_is_reached_by_chance_about_as_often_as_it_says(b_of: int, a_of: int) -> None:
    look = Look(number=1, information=50, fraction=1, spent=0.05, bound=1.6448536)
    plain = raised = 0.0
    numbers = range(40, 121)  # that did it: with each the chance jumps, so all are taken together
    for yes in numbers:
        one = Stratum(b=tally(0, b_of), a=tally(yes, a_of))
        bound = lifted(look, skewness([one])).bound
        assert bound is not None
        for x, chance in hypergeometric(b_of, a_of, yes).items():
            z = stratified_test([Stratum(b=tally(x, b_of), a=tally(yes - x, a_of))]).z or 0.0
            plain, raised = plain + chance * (z >= 1.6448536), raised + chance * (z >= bound)
    assert raised / len(numbers) == pytest.approx(0.05, abs=0.004)
    assert plain / len(numbers) > 0.053
    assert lifted(look, -0.3) == look


def test_two_strata_lean_less_than_one_of_them_and_even_arms_not_at_all() -> None:
    one = Stratum(b=tally(3, 60), a=tally(27, 540))
    assert 0 < skewness([one, one]) < skewness([one])
    assert skewness([Stratum(b=tally(9, 90), a=tally(5, 90))]) == 0
    assert skewness([Stratum(b=tally(0, 90), a=tally(0, 900))]) == 0
