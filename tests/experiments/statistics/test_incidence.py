from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.statistics.incidence import EVERYBODY, NOBODY_YET, Curve, Watched, incidence
from tests.experiments.statistics.cases import transplants, watched

DEALS = st.lists(st.builds(watched, st.integers(0, 9), st.integers(0, 2)), max_size=25)


def share(curve: Curve, day: float) -> float:
    point = curve.at(day)
    return 0.0 if point is None else point.share


def test_the_variance_and_range_are_those_of_sas() -> None:
    # lifelines, TestAalenJohansenFitter: durations 1 to 6, codes 0 1 1 2 2 0
    curve = incidence([watched(day + 1, code) for day, code in enumerate([0, 1, 1, 2, 2, 0])], ending="2")
    early, first, second, last = (curve.at(day) for day in (3, 4, 5, 6))
    assert (early.share, early.low, early.high, early.reason) == (0, None, None, NOBODY_YET)
    assert (first.share, first.variance) == (pytest.approx(0.2), pytest.approx(0.032))
    assert (first.low, first.high) == (pytest.approx(0.00836904, abs=5e-9), pytest.approx(0.58185303, abs=5e-9))
    for point in (second, last):
        assert (point.share, point.variance) == (pytest.approx(0.4), pytest.approx(0.048))
        assert (point.low, point.high) == (pytest.approx(0.05197575, abs=5e-9), pytest.approx(0.75281579, abs=5e-9))


@pytest.mark.parametrize(
    ("ending", "steps"),
    [
        ("1", {0: 0.02857143, 3: 0.14581281, 4: 0.20492611, 8: 0.23771164, 12: 0.27283899, 72: 0.27283899}),
        ("2", {0: 0.02857143, 5: 0.17579170, 10: 0.34076015, 14: 0.41101485, 26: 0.48126955, 72: 0.48126955}),
    ],
)
def test_transplants_with_ties_and_a_death_on_day_zero_are_those_of_cmprsk(ending, steps) -> None:
    curve = incidence(transplants(), ending=ending)
    for day, expected in steps.items():
        assert share(curve, day) == pytest.approx(expected, abs=5e-9)


def test_one_minus_kaplan_meier_would_say_too_much() -> None:
    forgotten = [Watched(days=deal.days, ending="2" if deal.ending == "2" else "") for deal in transplants()]
    assert share(incidence(forgotten, ending="2"), 72) == pytest.approx(0.62819, abs=5e-6)  # and not 0.48126955


@given(DEALS)
def test_the_endings_and_those_still_without_one_add_up(deals: list[Watched]) -> None:
    one, other = incidence(deals, ending="1"), incidence(deals, ending="2")
    any_ending = incidence([Watched(days=d.days, ending="any" if d.ending else "") for d in deals], ending="any")
    for point in any_ending.points:
        assert share(one, point.days) + share(other, point.days) == pytest.approx(point.share)


@given(DEALS)
def test_shares_rise_and_lie_in_their_ranges(deals: list[Watched]) -> None:
    before = 0.0
    for point in incidence(deals, ending="1").points:
        assert before - 1e-12 <= point.share <= 1 and point.variance >= 0
        assert (point.low is None) == (point.high is None) == bool(point.reason)
        if point.low is not None:
            assert 0 <= point.low <= point.share <= point.high <= 1
        before = point.share


@given(st.lists(st.builds(watched, st.integers(0, 9), st.integers(1, 2)), min_size=1, max_size=25))
def test_if_all_were_watched_to_their_ending_it_is_a_plain_share(deals: list[Watched]) -> None:
    won = sum(deal.ending == "1" for deal in deals) / len(deals)
    last = incidence(deals, ending="1").points[-1]
    assert last.share == pytest.approx(won)
    assert last.variance == pytest.approx(won * (1 - won) / len(deals), abs=1e-12)  # the binomial's


@given(DEALS, st.randoms(use_true_random=False))
def test_the_order_of_the_deals_does_not_matter(deals: list[Watched], order) -> None:
    assert incidence(order.sample(deals, len(deals)), ending="1") == incidence(deals, ending="1")


def test_the_day_by_which_a_share_is_reached_is_read_off_the_curve() -> None:
    curve = incidence(transplants(), ending="2")
    assert curve.day_of(0.25) == 8
    assert curve.day_of(0.5) is None
    assert curve.at(-1) is None and curve.at(9.5).days == 9


def test_nobody_and_everybody_have_reasons() -> None:
    assert incidence([], ending="won").reason == "there are no deals" and incidence([], ending="won").points == ()
    all_won = incidence([Watched(days=3, ending="won"), Watched(days=5, ending="won")], ending="won")
    assert (all_won.points[-1].share, all_won.points[-1].low, all_won.points[-1].reason) == (1.0, None, EVERYBODY)
    with pytest.raises(ValueError, match="an ending needs a name"):
        incidence([], ending="")


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf")])
def test_a_watch_that_cannot_be_is_refused(days: float) -> None:
    with pytest.raises(ValueError, match="cannot be watched"):
        Watched(days=days)
