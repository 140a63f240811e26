from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.proportions import (
    equality_test,
    newcombe_interval,
    pooled_test,
    ratio_interval,
    score_interval,
    wald_interval,
    wilson_interval,
)
from engine.experiments.statistics.results import Interval, Tally
from engine.experiments.statistics.score import _place, score_z
from engine.experiments.statistics.strata import Stratum
from tests.experiments.statistics.cases import tally

DIFFERENCES = [newcombe_interval, score_interval, wald_interval]
NOTHING, MEN, WOMEN = tally(2262, 21306), tally(3894, 21307), tally(3238, 21387)  # Hillstrom's arms, metric visit


@st.composite
def tallies(draw: st.DrawFn, least: int = 0) -> Tally:
    of = draw(st.integers(least, 60))
    return tally(draw(st.integers(0, of)), of)


def between(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None and interval.high is not None
    return interval.low, interval.high


@pytest.mark.parametrize(
    ("method", "b", "a", "low", "high"),
    [
        (wald_interval, (56, 70), (48, 80), 0.0575, 0.3425),
        (newcombe_interval, (56, 70), (48, 80), 0.0524, 0.3339),
        (newcombe_interval, (9, 10), (3, 10), 0.1705, 0.8090),
        (newcombe_interval, (10, 10), (0, 10), 0.6075, 1.0000),
        (score_interval, (56, 70), (48, 80), 0.0528, 0.3382),
    ],
)
def test_the_intervals_are_those_of_newcombes_table(method, b, a, low, high) -> None:
    found = method(b=tally(*b), a=tally(*a))
    assert found.estimate == pytest.approx(b[0] / b[1] - a[0] / a[1])
    assert [round(end, 4) for end in between(found)] == [low, high]


def test_the_score_interval_is_also_right_where_statsmodels_is_not() -> None:
    assert between(score_interval(b=tally(56, 70), a=tally(48, 80))) == pytest.approx((0.05283, 0.33817), abs=5e-6)


def test_hillstroms_men_visit_more_than_those_without_mail() -> None:
    assert MEN.share == pytest.approx(0.18275684, abs=5e-9)
    difference = newcombe_interval(b=MEN, a=NOTHING)
    assert difference.estimate == pytest.approx(0.0765896, abs=5e-8)
    assert between(difference) == pytest.approx((0.0699533, 0.0832267), abs=5e-8)
    assert between(score_interval(b=MEN, a=NOTHING)) == pytest.approx((0.06995, 0.08323), abs=5e-5)
    ratio = ratio_interval(b=MEN, a=NOTHING)
    assert ratio.estimate == pytest.approx(1.7214046, abs=5e-8)
    assert between(ratio) == pytest.approx((1.640385, 1.806426), abs=5e-7)
    assert pooled_test(b=MEN, a=NOTHING).statistic == pytest.approx(22.486041, abs=5e-7)


def test_hillstroms_women_visit_more_than_those_without_mail_and_less_than_the_men() -> None:
    difference = newcombe_interval(b=WOMEN, a=NOTHING)
    assert difference.estimate == pytest.approx(0.0452331, abs=5e-8)
    assert between(difference) == pytest.approx((0.0388941, 0.0515743), abs=5e-8)
    ratio = ratio_interval(b=WOMEN, a=NOTHING)
    assert ratio.estimate == pytest.approx(1.4260551, abs=5e-8)
    assert between(ratio) == pytest.approx((1.356171, 1.499540), abs=5e-7)
    assert pooled_test(b=WOMEN, a=NOTHING).statistic == pytest.approx(13.949181, abs=5e-7)
    assert between(newcombe_interval(b=MEN, a=WOMEN)) == pytest.approx((0.0242841, 0.0384277), abs=5e-8)


def test_three_arms_are_compared_at_once() -> None:
    found = equality_test([NOTHING, MEN, WOMEN])
    assert (found.statistic, found.degrees) == (pytest.approx(504.46067, abs=5e-6), 2)
    small = equality_test([tally(12, 250), tally(24, 250), tally(17, 251)])
    assert (small.statistic, small.p) == (pytest.approx(4.437, abs=5e-4), pytest.approx(0.109, abs=5e-4))


def test_with_two_arms_the_chi_square_is_the_square_of_the_pooled_z() -> None:
    z, square = pooled_test(b=tally(24, 250), a=tally(12, 250)), equality_test([tally(24, 250), tally(12, 250)])
    assert z.statistic is not None and square.statistic == pytest.approx(z.statistic**2)
    assert square.p == pytest.approx(z.p)


@pytest.mark.parametrize("method", DIFFERENCES)
@given(b=tallies(1), a=tallies(1))
def test_swapping_the_arms_turns_the_interval_round(method, b: Tally, a: Tally) -> None:
    one, other = method(b=b, a=a), method(b=a, a=b)
    assert one.reason == other.reason
    assert one.estimate == pytest.approx(-other.estimate)
    if not one.reason:
        assert between(one) == pytest.approx((-other.high, -other.low), abs=1e-7)


@pytest.mark.parametrize("method", [newcombe_interval, score_interval])
@given(b=tallies(1), a=tallies(1))
def test_the_interval_holds_the_estimate_and_stays_between_minus_one_and_one(method, b: Tally, a: Tally) -> None:
    found = method(b=b, a=a)
    low, high = between(found)
    assert -1 <= low <= found.estimate + 1e-12 and found.estimate - 1e-12 <= high <= 1
    assert low < high


@given(b=tallies(1), a=tallies(1))
def test_a_higher_level_gives_a_wider_interval(b: Tally, a: Tally) -> None:
    narrow, wide = between(score_interval(b=b, a=a, level=0.8)), between(score_interval(b=b, a=a, level=0.99))
    assert wide[0] <= narrow[0] and narrow[1] <= wide[1]


@given(b=tallies(2), a=tallies(1))
def test_one_more_win_of_b_moves_the_score_interval_up(b: Tally, a: Tally) -> None:
    if b.yes == b.of:
        return
    less, more = score_interval(b=b, a=a), score_interval(b=tally(b.yes + 1, b.of), a=a)
    assert between(less)[0] <= between(more)[0] + 1e-9 and between(less)[1] <= between(more)[1] + 1e-9


@given(b=tallies(1), a=tallies(1))
def test_the_ends_of_the_score_interval_are_where_the_score_test_just_gives_way(b: Tally, a: Tally) -> None:
    for end in between(score_interval(b=b, a=a)):
        if abs(end) < 1:
            assert abs(score_z([Stratum(b=b, a=a)], end) or 0.0) == pytest.approx(1.959964, abs=1e-4)


@given(b=tallies(1), a=tallies(1), supposed=st.floats(-0.99, 0.99))
def test_no_other_shares_with_that_difference_are_likelier(b: Tally, a: Tally, supposed: float) -> None:
    def likelihood(share_a: float) -> float:
        total = 0.0
        for arm, share in ((b, share_a + supposed), (a, share_a)):
            for count, chance in ((arm.yes, share), (arm.of - arm.yes, 1 - share)):
                total += count * math.log(max(chance, 1e-300)) if count else 0.0
        return total

    best = likelihood(_place(Stratum(b=b, a=a)).likeliest(supposed)[1])
    low, high = max(0.0, -supposed), min(1.0, 1 - supposed)
    assert all(likelihood(low + (high - low) * step / 100) <= best + 1e-6 for step in range(101))


@pytest.mark.parametrize("n", [30, 60])
def test_the_score_interval_covers_the_truth_as_often_as_it_says(n: int) -> None:
    truth_b, truth_a = 0.25, 0.10
    covered = 0.0
    for yes_b, yes_a in itertools.product(range(n + 1), repeat=2):
        chance = _binomial(yes_b, n, truth_b) * _binomial(yes_a, n, truth_a)
        if chance > 1e-7:
            low, high = between(score_interval(b=tally(yes_b, n), a=tally(yes_a, n)))
            covered += chance * (low <= truth_b - truth_a <= high)
    assert covered == pytest.approx(0.95, abs=0.012)


def _binomial(yes: int, of: int, share: float) -> float:
    return math.comb(of, yes) * share**yes * (1 - share) ** (of - yes)


@pytest.mark.parametrize("method", [*DIFFERENCES, ratio_interval, pooled_test])
@pytest.mark.parametrize(("b", "a"), [((0, 0), (3, 10)), ((3, 10), (0, 0)), ((0, 0), (0, 0))])
def test_an_arm_without_deals_gives_a_reason_instead_of_numbers(method, b, a) -> None:
    found = method(b=tally(*b), a=tally(*a))
    assert found.reason == "an arm has no deals"
    assert getattr(found, "estimate", None) is None and getattr(found, "statistic", None) is None


def test_arms_without_wins_still_have_a_range() -> None:
    assert between(score_interval(b=tally(8, 100), a=tally(0, 100)))[0] > 0
    assert between(score_interval(b=tally(0, 10), a=tally(0, 10))) == pytest.approx((-0.2879, 0.2879), abs=1e-4)
    assert wald_interval(b=tally(0, 10), a=tally(0, 10)).low is None
    assert wald_interval(b=tally(0, 10), a=tally(0, 10)).reason


def test_a_ratio_to_nothing_is_not_a_number() -> None:
    assert ratio_interval(b=tally(8, 100), a=tally(0, 100)).estimate is None
    none_with_b = ratio_interval(b=tally(0, 100), a=tally(8, 100))
    assert (none_with_b.estimate, none_with_b.low) == (0.0, None) and none_with_b.reason
    assert ratio_interval(b=tally(5, 5), a=tally(7, 7)).reason


@pytest.mark.parametrize("of", [1, 40])
def test_if_all_deals_ended_alike_there_is_no_test(of: int) -> None:
    assert pooled_test(b=tally(0, of), a=tally(0, of)).p is None
    assert equality_test([tally(of, of), tally(3, 3)]).reason
    assert equality_test([tally(1, 2), tally(0, 0)]).reason and equality_test([]).reason


def test_a_single_share_has_wilsons_interval() -> None:
    assert between(wilson_interval(tally(10, 10)))[1] == 1 and between(wilson_interval(tally(0, 10)))[0] == 0
    assert between(wilson_interval(tally(81, 263))) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, 857
    assert wilson_interval(tally(0, 0)).reason


@pytest.mark.parametrize(("yes", "of"), [(3, 2), (-1, 5), (0, -1)])
def test_a_count_that_cannot_be_is_refused(yes: int, of: int) -> None:
    with pytest.raises(ValueError, match="is not a count of deals"):
        tally(yes, of)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan])
@pytest.mark.parametrize("b", [(1, 2), (0, 0)])
def test_a_level_that_cannot_be_is_refused_with_and_without_deals(level: float, b) -> None:
    for method in (*DIFFERENCES, ratio_interval):
        with pytest.raises(ValueError, match="a level lies between 0 and 1"):
            method(b=tally(*b), a=tally(1, 2), level=level)
