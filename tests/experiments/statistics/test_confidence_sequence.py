from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.confidence_sequence import sequence, sequence_difference, sequence_lift
from engine.experiments.statistics.means import difference_of_means, sample_of
from tests.experiments.statistics.cases import tally

FEW_A, FEW_B = sample_of(tally(12, 250)), sample_of(tally(24, 250))


def test_the_lift_is_that_of_growthbook() -> None:
    found = sequence_lift(b=sample_of(tally(2422, 3461)), a=sample_of(tally(1396, 3000)), expected=5000)
    assert found.estimate == pytest.approx(0.50386, abs=5e-6)
    assert (found.low, found.high) == (pytest.approx(0.40098, abs=5e-6), pytest.approx(0.60675, abs=5e-6))
    assert found.standard_error == pytest.approx(0.03386, abs=5e-6)
    assert found.p == pytest.approx(0, abs=5e-6)


def test_the_difference_is_that_of_growthbook() -> None:
    found = sequence_difference(b=FEW_B, a=FEW_A, expected=500)
    assert found.estimate == pytest.approx(0.048)
    assert (found.low, found.high) == (pytest.approx(-0.0218705, abs=5e-8), pytest.approx(0.1178705, abs=5e-8))
    assert found.standard_error == pytest.approx(0.0230200, abs=5e-8)
    assert found.p == pytest.approx(0.4336191, abs=5e-8)


def test_what_holds_at_every_look_disagrees_with_what_holds_at_one() -> None:
    once = difference_of_means(b=FEW_B, a=FEW_A).interval
    assert (once.low, once.high) == (pytest.approx(0.0027611, abs=5e-8), pytest.approx(0.0932389, abs=5e-8))
    assert once.p == pytest.approx(0.0376139, abs=5e-8)
    always = sequence_difference(b=FEW_B, a=FEW_A, expected=500)
    assert once.p < 0.05 < always.p and always.low < 0 < once.low


@given(
    st.floats(-1, 1), st.floats(0.001, 1), st.integers(1, 10_000), st.integers(1, 10_000), st.sampled_from([0.01, 0.05])
)
def test_the_range_leaves_out_zero_exactly_if_p_is_below_alpha(estimate, error, observed, expected, alpha) -> None:
    found = sequence(
        method="", estimate=estimate, standard_error=error, observed=observed, expected=expected, alpha=alpha
    )
    assert 0 <= found.p <= 1
    if abs(found.p - alpha) > 1e-9:
        assert (found.low > 0 or found.high < 0) == (found.p < alpha)


@given(st.integers(10, 5_000))
def test_the_range_is_narrowest_for_about_the_expected_number(observed: int) -> None:
    def width(expected: int) -> float:
        found = sequence(method="", estimate=0, standard_error=1, observed=observed, expected=expected)
        return found.high - found.low

    assert width(observed) <= min(width(observed * 8), width(max(observed // 8, 1))) + 1e-12


def test_looking_after_every_deal_finds_hardly_any_false_winner() -> None:
    draw = random.Random(11)
    false = 0
    for _ in range(300):
        yes = [0, 0]
        for each in range(1, 201):
            yes = [count + (draw.random() < 0.3) for count in yes]
            found = sequence_difference(
                b=sample_of(tally(yes[0], each)), a=sample_of(tally(yes[1], each)), expected=400
            )
            if each >= 20 and found.p is not None and found.p < 0.05:
                false += 1
                break
    assert false / 300 < 0.05


def test_what_cannot_be_computed_has_a_reason() -> None:
    nobody, some, none = sample_of(tally(0, 50)), sample_of(tally(8, 50)), sample_of(tally(0, 0))
    assert sequence_difference(b=nobody, a=nobody, expected=100).reason
    assert sequence_difference(b=some, a=none, expected=100).reason == "an arm has no deals"
    assert sequence_lift(b=some, a=nobody, expected=100).reason == "the control has none to compare with"
    assert sequence_lift(b=none, a=some, expected=100).estimate is None
    assert sequence_difference(b=some, a=nobody, expected=100).low is not None
    with pytest.raises(ValueError, match="at least 1"):
        sequence_difference(b=some, a=some, expected=0)
