from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.multiplicity import benjamini_hochberg, holm

# Benjamini and Hochberg 1995, section 3.2: fifteen questions about the treatment of heart attacks
PAPER = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.324,
    0.4262,
    0.5719,
    0.6528,
    0.759,
    1.0,
]
PS = st.lists(st.floats(0, 1), max_size=12)


def test_holm_refuses_three_of_the_papers_hypotheses() -> None:
    found = holm(PAPER)
    assert found[:5] == pytest.approx((0.0015, 0.0056, 0.0247, 0.1140, 0.2211))
    assert sum(p <= 0.05 for p in found) == 3


def test_benjamini_and_hochberg_refuse_four() -> None:
    found = benjamini_hochberg(PAPER)
    assert found[:5] == pytest.approx((0.0015, 0.0030, 0.0095, 0.035625, 0.0603))
    assert sum(p <= 0.05 for p in found) == 4


@given(PS, st.randoms(use_true_random=False))
def test_adjusting_raises_keeps_the_order_and_does_not_depend_on_it(ps: list[float], order) -> None:
    for adjust in (holm, benjamini_hochberg):
        found = adjust(ps)
        assert all(p - 1e-15 <= adjusted <= 1 for p, adjusted in zip(ps, found, strict=True))
        assert [found[i] for i in sorted(range(len(ps)), key=ps.__getitem__)] == sorted(found)
        places = order.sample(range(len(ps)), len(ps))
        assert list(adjust([ps[place] for place in places])) == [found[place] for place in places]


@given(PS)
def test_holm_is_stricter_than_benjamini_and_hochberg_and_milder_than_bonferroni(ps: list[float]) -> None:
    for p, strict, mild in zip(ps, holm(ps), benjamini_hochberg(ps), strict=True):
        assert mild - 1e-12 <= strict <= min(p * len(ps), 1) + 1e-12


@given(PS)
def test_a_test_that_was_not_possible_does_not_count(ps: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        assert adjust([None, *ps, None]) == (None, *adjust(ps), None)


def test_nothing_and_one_question_stay_as_they_are() -> None:
    assert holm([]) == benjamini_hochberg([]) == ()
    assert holm([0.04]) == benjamini_hochberg([0.04]) == (0.04,)
    assert holm([None]) == (None,)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match="between 0 and 1"):
            adjust([p])
