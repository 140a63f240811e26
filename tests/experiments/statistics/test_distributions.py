from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics import chi_square, normal, student

# R's qchisq(0.95, 1:10) and qt(0.975, n), as in every table
CHI_SQUARE = [3.841459, 5.991465, 7.814728, 9.487729, 11.070498, 12.591587, 14.067140, 15.507313, 16.918978, 18.307038]
STUDENT = {1: 12.706205, 2: 4.302653, 3: 3.182446, 5: 2.570582, 10: 2.228139, 30: 2.042272, 120: 1.979930}


@pytest.mark.parametrize("degrees", range(1, 11))
def test_the_chi_square_tails_are_those_of_the_table(degrees: int) -> None:
    assert chi_square.upper_tail(CHI_SQUARE[degrees - 1], degrees) == pytest.approx(0.05, abs=2e-8)


@given(st.floats(0.001, 600))
def test_one_degree_is_a_squared_normal_and_two_are_an_exponential(statistic: float) -> None:
    assert chi_square.upper_tail(statistic, 1) == pytest.approx(normal.two_sided(math.sqrt(statistic)))
    assert chi_square.upper_tail(statistic, 2) == pytest.approx(math.exp(-statistic / 2))


@given(st.floats(0.01, 200), st.integers(3, 40))
def test_the_chi_square_tail_is_the_integral_of_its_density(statistic: float, degrees: int) -> None:
    # the recurrence of Abramowitz and Stegun 26.4.8 ties the tails of n and n - 2 degrees together by the density
    step = math.exp((degrees / 2 - 1) * math.log(statistic / 2) - statistic / 2 - math.lgamma(degrees / 2))
    expected = chi_square.upper_tail(statistic, degrees - 2) + step
    assert chi_square.upper_tail(statistic, degrees) == pytest.approx(expected, rel=1e-9)


def test_a_chi_square_of_nothing_is_certain_and_a_huge_one_impossible() -> None:
    assert chi_square.upper_tail(0, 3) == 1 and chi_square.upper_tail(1e6, 3) == 0
    with pytest.raises(ValueError, match="at least one degree"):
        chi_square.upper_tail(1, 0)


@pytest.mark.parametrize(("degrees", "point"), STUDENT.items())
def test_students_points_are_those_of_the_table(degrees: int, point: float) -> None:
    assert student.critical(0.95, degrees) == pytest.approx(point, abs=5e-7)
    assert student.two_sided(point, degrees) == pytest.approx(0.05, abs=1e-7)
    assert student.two_sided(-point, degrees) == student.two_sided(point, degrees)


@given(st.floats(-50, 50))
def test_student_with_one_and_two_degrees_has_closed_forms(t: float) -> None:
    assert student.two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), abs=1e-12)
    assert student.two_sided(t, 2) == pytest.approx(1 - abs(t) / math.sqrt(2 + t * t), abs=1e-12)


@pytest.mark.parametrize("degrees", [9e5, 999_999.0, 1e6, 1e300])
def test_with_many_degrees_student_becomes_normal(degrees: float) -> None:
    assert student.two_sided(2.5, degrees) == pytest.approx(normal.two_sided(2.5), rel=1e-4)


@given(st.floats(1, 1e5), st.floats(0, 30), st.floats(0, 30))
def test_a_larger_t_is_never_likelier(degrees: float, one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert 0 <= student.two_sided(far, degrees) <= student.two_sided(near, degrees) + 1e-12 <= 1 + 2e-12


@given(st.floats(1e-280, 0.999))
def test_the_normal_point_and_tail_undo_each_other(p: float) -> None:
    assert normal.upper_tail(normal.upper_point(p)) == pytest.approx(p, rel=1e-9)


def test_the_normal_keeps_its_digits_far_out() -> None:
    assert normal.critical(0.95) == pytest.approx(1.959963984540054)
    assert normal.upper_tail(10) == pytest.approx(7.619853024160526e-24)
