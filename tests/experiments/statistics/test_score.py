from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.score import score_difference, score_z
from engine.experiments.statistics.strata import Stratum, stratified_test
from tests.experiments.statistics.cases import BCG, BERKELEY, HILLSTROM, Table, strata, tally

BOUNDS = st.sampled_from([1.0, 1.96, 2.31, 3.4, 6.0])


@st.composite
def places(draw: st.DrawFn) -> list[Stratum]:
    def arm() -> tuple[int, int]:
        of = draw(st.integers(0, 90))
        return draw(st.one_of(st.integers(0, of), st.sampled_from([0, of]))), of

    return [Stratum(b=tally(*arm()), a=tally(*arm())) for _ in range(draw(st.integers(1, 4)))]


def ranged(found: list[Stratum], bound: float) -> tuple[float, float]:
    interval = score_difference(found, bound=bound, level=0.95, method="")
    assert interval.low is not None and interval.high is not None
    return interval.low, interval.high


def randomised(found: list[Stratum]) -> bool:
    return any(stratum.randomised for stratum in found)


@pytest.mark.parametrize(
    ("b", "a", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0528, 0.3382),  # Newcombe 1998, Table II
        ((5, 56), (0, 29), -0.0326, 0.1933),  # his example (d), as R's ratesci has it in its tests
        ((60, 100), (20, 100), 0.2697, 0.5166),  # R's metalite.ae, vignette rate-compare: 0.269662, 0.5165743
    ],
)
def test_one_stratum_has_the_range_of_miettinen_and_nurminen(b, a, low: float, high: float) -> None:
    found = ranged([Stratum(b=tally(*b), a=tally(*a))], 1.959964)
    assert [round(end, 4) for end in found] == [low, high]


def test_several_strata_have_the_range_of_r_s_metalite() -> None:
    # vignette rate-compare: 0.3998397, z 5.712797, 0.2684383 to 0.5172779, with weights N, which here are all but alike
    found = [Stratum(b=tally(15, 25), a=tally(5, of)) for of in (26, 24, 26, 24)]
    interval = score_difference(found, bound=1.959964, level=0.95, method="")
    assert interval.estimate == pytest.approx(0.3998397, abs=5e-7)
    assert score_z(found) == pytest.approx(5.712797, abs=1e-5)
    assert (interval.low, interval.high) == (pytest.approx(0.2684383, abs=2e-6), pytest.approx(0.5172779, abs=2e-6))


@pytest.mark.parametrize("tables", [BERKELEY, HILLSTROM, BCG])
def test_at_no_difference_it_is_the_z_of_cochran_mantel_and_haenszel(tables: tuple[Table, ...]) -> None:
    found = strata(tables)
    assert score_z(found) == pytest.approx(stratified_test(found).z, rel=1e-12)


@given(places())
def test_whatever_the_strata_z_at_no_difference_is_that_of_the_test(found: list[Stratum]) -> None:
    z, scored = stratified_test(found).z, score_z(found)
    assert scored == (None if z is None else pytest.approx(z, rel=1e-11, abs=1e-12)) or (
        z is None and scored == pytest.approx(0, abs=1e-6)
    )


@given(places(), BOUNDS)
def test_the_range_leaves_out_zero_exactly_where_the_test_is_beyond_the_bound(
    found: list[Stratum], bound: float
) -> None:
    if randomised(found):
        low, high = ranged(found, bound)
        z = stratified_test(found).z
        assert (low > 0 or high < 0) == (z is not None and abs(z) >= bound)


@pytest.mark.parametrize("aside", [0.0, 1e-15, -1e-15])
def test_range_and_test_agree_also_where_z_is_the_bound_itself(aside: float) -> None:
    found = strata(BERKELEY)
    z = stratified_test(found).z
    assert z is not None
    bound = abs(z) + aside
    low, high = ranged(found, bound)
    assert (low > 0 or high < 0) == (abs(z) >= bound)


@given(places(), BOUNDS)
def test_at_its_ends_the_score_is_the_bound_and_within_it_is_less(found: list[Stratum], bound: float) -> None:
    if not randomised(found):
        return
    estimate = score_difference(found, bound=bound, level=0.95, method="").estimate
    assert estimate is not None
    for end in ranged(found, bound):
        if abs(end) < 1 - 1e-9 and abs(end) > 1e-9:
            assert abs(score_z(found, end) or 0.0) == pytest.approx(bound, abs=1e-5)
        assert abs(score_z(found, (end + estimate) / 2) or 0.0) <= bound + 1e-6


@given(places(), BOUNDS)
def test_swapping_the_arms_turns_the_range_round(found: list[Stratum], bound: float) -> None:
    if randomised(found):
        low, high = ranged(found, bound)
        back = ranged([Stratum(b=stratum.a, a=stratum.b) for stratum in found], bound)
        assert back == pytest.approx((-high, -low), abs=1e-7)


@given(places(), st.randoms(use_true_random=False))
def test_neither_the_order_of_the_strata_matters_nor_one_with_a_single_arm(found: list[Stratum], order) -> None:
    if randomised(found):
        mixed = [*order.sample(found, len(found)), Stratum(b=tally(30, 40), a=tally(0, 0))]
        assert ranged(mixed, 2.0) == ranged(found, 2.0)


@given(places())
def test_a_higher_bound_gives_a_wider_range(found: list[Stratum]) -> None:
    if randomised(found):
        narrow, wide = ranged(found, 1.5), ranged(found, 2.5)
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_strata_in_which_nobody_won_still_say_that_the_arms_are_not_far_apart() -> None:
    nobody = [Stratum(b=tally(0, 30), a=tally(0, 20)), Stratum(b=tally(0, 9), a=tally(0, 8))]
    low, high = ranged(nobody, 1.96)
    assert -0.2 < low < 0 < high < 0.2
    everybody = [Stratum(b=tally(30, 30), a=tally(20, 20)), Stratum(b=tally(9, 9), a=tally(8, 8))]
    assert ranged(everybody, 1.96) == pytest.approx((-high, -low), abs=1e-9)


def test_many_equal_teams_together_are_as_sure_as_one_of_their_size() -> None:
    apart = ranged([Stratum(b=tally(2, 10), a=tally(1, 10))] * 20, 1.96)
    together = ranged([Stratum(b=tally(40, 200), a=tally(20, 200))], 1.96)
    assert apart == pytest.approx(together, abs=0.005)


def test_without_a_bound_or_without_both_arms_there_is_no_range_and_a_reason() -> None:
    none = score_difference(strata(BERKELEY), bound=None, level=0.95, method="", reason="too early")
    assert (none.estimate, none.low, none.reason) == (pytest.approx(-0.01842520, abs=5e-9), None, "too early")
    alone = score_difference([Stratum(b=tally(3, 9), a=tally(0, 0))], bound=2, level=0.95, method="")
    assert (alone.estimate, alone.low, alone.reason) == (None, None, "no stratum has deals in both arms")
    assert score_z([Stratum(b=tally(3, 9), a=tally(0, 0))]) is None


def test_far_from_the_truth_the_score_grows_without_end_and_never_fails() -> None:
    found = [Stratum(b=tally(40, 50), a=tally(10, 50))]
    assert (score_z(found, 0.999) or 0.0) < -50
    assert all(math.isfinite(score_z(found, step / 1000) or 0.0) for step in range(-999, 1000))
