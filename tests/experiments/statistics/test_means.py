from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics import normal
from engine.experiments.statistics.means import Sample, difference_of_means, sample, sample_of
from tests.experiments.statistics.cases import tally

# R's datasets::sleep: t.test(extra ~ group), extra hours of sleep with two drugs (Student, 1908)
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
ACTIONS = st.lists(st.integers(0, 12), max_size=30)


def test_students_sleep_is_that_of_r() -> None:
    found = difference_of_means(b=sample(SLEEP_1), a=sample(SLEEP_2))
    assert found.t == pytest.approx(-1.8608, abs=5e-5)
    assert found.degrees == pytest.approx(17.776, abs=5e-4)
    assert found.interval.p == pytest.approx(0.07939, abs=5e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


@given(ACTIONS, ACTIONS)
def test_z_has_the_p_and_the_sign_of_t(b: list[int], a: list[int]) -> None:
    found = difference_of_means(b=sample(b), a=sample(a))
    assert (found.t is None) == bool(found.interval.reason)
    if found.t is not None and found.z is not None and found.interval.p > 1e-12:
        assert normal.two_sided(found.z) == pytest.approx(found.interval.p)
        assert found.z * found.t >= 0 and abs(found.z) <= abs(found.t) + 1e-6
        assert min(len(a), len(b)) - 1 - 1e-9 <= found.degrees <= len(a) + len(b) - 2 + 1e-9


@given(ACTIONS, ACTIONS)
def test_swapping_the_arms_turns_the_sign(b: list[int], a: list[int]) -> None:
    one, other = difference_of_means(b=sample(b), a=sample(a)), difference_of_means(b=sample(a), a=sample(b))
    assert one.interval.reason == other.interval.reason
    if one.t is not None:
        assert one.t == pytest.approx(-other.t) and one.interval.low == pytest.approx(-other.interval.high)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_a_sample_sums_its_values_up(values: list[float]) -> None:
    found = sample(values)
    assert (found.size, found.mean) == (len(values), pytest.approx(statistics.fmean(values)))
    assert found.variance == pytest.approx(statistics.variance(values), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("b", "a"), [([], [1, 2]), ([3], [1, 2]), ([], []), ([2, 2], [1, 1])])
def test_too_few_deals_or_no_spread_have_a_reason(b, a) -> None:
    found = difference_of_means(b=sample(b), a=sample(a))
    assert found.interval.reason and found.interval.low is None and found.t is None and found.z is None


def test_a_very_large_difference_still_has_a_finite_z() -> None:
    found = difference_of_means(b=Sample(size=10**6, mean=50, variance=1), a=Sample(size=10**6, mean=0, variance=1))
    assert found.interval.p == 0 and 37 < found.z < 38


def test_a_tally_is_a_sample_of_ones_and_zeros() -> None:
    assert sample_of(tally(12, 48)) == Sample(size=48, mean=0.25, variance=0.1875)
    assert sample_of(tally(0, 0)).size == 0


@pytest.mark.parametrize("wrong", [{"size": -1}, {"variance": -1}, {"mean": float("nan")}])
def test_a_sample_that_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="are no sample"):
        Sample(**{"size": 3, "mean": 1.0, "variance": 1.0, **wrong})
