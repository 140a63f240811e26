from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.mismatch import sample_ratio_mismatch

EVEN = {"A": 0.5, "B": 0.5}


def test_six_hundred_to_four_hundred_is_no_even_split() -> None:
    found = sample_ratio_mismatch({"A": 600, "B": 400}, EVEN)
    assert (found.flagged, found.statistic, found.degrees) == (True, pytest.approx(40), 1)
    assert found.p == pytest.approx(2.54e-10, rel=1e-3)


def test_an_uneven_split_that_chance_explains_is_not_flagged() -> None:
    found = sample_ratio_mismatch({"A": 520, "B": 430}, EVEN)
    assert (found.flagged, found.statistic) == (False, pytest.approx(8.526316, abs=5e-7))
    assert found.p == pytest.approx(0.003500, abs=5e-7)
    assert sample_ratio_mismatch({"A": 520, "B": 430}, EVEN, threshold=0.01).flagged


def test_hillstroms_three_arms_are_thirds() -> None:
    found = sample_ratio_mismatch({"none": 21306, "men": 21307, "women": 21387}, {"none": 1, "men": 1, "women": 1})
    assert (found.statistic, found.degrees) == (pytest.approx(0.20253125), 2)
    assert found.p == pytest.approx(0.9036930, abs=5e-8)
    assert not found.flagged


@given(st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 500), min_size=2), st.floats(0.01, 100))
def test_only_the_proportions_of_what_was_expected_matter(observed, unit: float) -> None:
    weights = {arm: 1.0 + place for place, arm in enumerate(observed)}
    one = sample_ratio_mismatch(observed, weights)
    other = sample_ratio_mismatch(observed, {arm: unit * weight for arm, weight in weights.items()})
    assert (one.p is None) == (other.p is None) == bool(one.reason)
    if one.p is not None:
        assert one.p == pytest.approx(other.p)


def test_an_arm_that_lost_all_its_deals_is_flagged() -> None:
    assert sample_ratio_mismatch({"A": 40}, EVEN).flagged


def test_deals_in_an_arm_that_should_have_none_are_flagged_with_a_reason() -> None:
    found = sample_ratio_mismatch({"A": 40, "B": 41, "C": 1}, EVEN)
    assert found.flagged and found.reason == "deals in an arm that should have none: C"
    assert sample_ratio_mismatch({"A": 40}, {"A": 0.0, "B": 1.0}).flagged


@pytest.mark.parametrize(
    ("observed", "expected"),
    [({}, {}), ({}, EVEN), ({"A": 0, "B": 0}, EVEN), ({"A": 15, "B": 0}, EVEN), ({"A": 90}, {"A": 1.0})],
)
def test_too_few_deals_or_arms_are_no_mismatch(observed, expected) -> None:
    found = sample_ratio_mismatch(observed, expected)
    assert not found.flagged and found.p is None and found.reason


@pytest.mark.parametrize(("observed", "expected"), [({"A": -1}, EVEN), ({}, {"A": -1.0}), ({}, {"A": float("nan")})])
def test_counts_that_cannot_be_are_refused(observed, expected) -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        sample_ratio_mismatch(observed, expected)
