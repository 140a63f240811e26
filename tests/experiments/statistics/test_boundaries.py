from __future__ import annotations

import itertools
import math
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiments.statistics import boundaries as module
from engine.experiments.statistics import normal
from engine.experiments.statistics.boundaries import boundaries, first_crossing
from engine.experiments.statistics.recursion import LibraryMissing
from engine.experiments.statistics.spending import SPENDINGS, calendar_fraction, obrien_fleming, pocock

numpy = pytest.importorskip("numpy")


def equally_spaced(count: int, **more) -> list[float | None]:
    at = [look / count for look in range(1, count + 1)]
    return [look.bound for look in boundaries(information=at, fractions=at, **more)]


@pytest.mark.parametrize(
    ("count", "spending", "published"),
    [  # R's ldbounds, gsDesign (sfLDOF, sfLDPocock) and rpact (asOF, asP)
        (1, obrien_fleming, [1.9600]),
        (2, obrien_fleming, [2.9626, 1.9686]),
        (3, obrien_fleming, [3.7103, 2.5114, 1.9930]),
        (4, obrien_fleming, [4.3326, 2.9631, 2.3590, 2.0141]),
        (5, obrien_fleming, [4.8769, 3.3570, 2.6803, 2.2898, 2.0310]),
        (3, pocock, [2.2794, 2.2949, 2.2959]),
        (5, pocock, [2.4380, 2.4268, 2.4102, 2.3966, 2.3860]),
    ],
)
def test_equally_spaced_looks_have_the_published_bounds(count, spending, published) -> None:
    assert [round(bound, 4) for bound in equally_spaced(count, spending=spending)] == published


def test_one_side_with_half_the_alpha_has_nearly_the_bounds_of_two() -> None:
    assert equally_spaced(5, sides=1, alpha=0.025) == pytest.approx(equally_spaced(5), abs=1e-4)


def test_twenty_six_looks_take_little_work(monkeypatch) -> None:
    # less than a tenth of a second: the slow part are the tails, which numpy does not have
    calls = 0

    def counted(distance: float, erfc=math.erfc) -> float:
        nonlocal calls
        calls += 1
        return erfc(distance)

    monkeypatch.setattr(math, "erfc", counted)
    equally_spaced(26)
    assert 1_000 < calls < 30_000


def test_finer_panels_change_nothing(monkeypatch) -> None:
    uneven = [0.001 * 1.7**look for look in range(12)]
    fractions = [(look + 1) / 12 for look in range(12)]
    coarse = boundaries(information=uneven, fractions=fractions)
    monkeypatch.setattr("engine.experiments.statistics.recursion._PANEL", 0.5)
    for one, other in zip(coarse, boundaries(information=uneven, fractions=fractions), strict=True):
        assert one.bound == (None if other.bound is None else pytest.approx(other.bound, abs=1e-8))


@pytest.mark.parametrize("spending", SPENDINGS.values(), ids=SPENDINGS)
@pytest.mark.parametrize(("sides", "alpha"), [(2, 0.05), (1, 0.05), (2, 0.2)])
def test_chance_alone_crosses_as_often_as_alpha_says(spending, sides, alpha) -> None:
    information = [3, 5, 20, 22, 40, 41, 90, 90.5]  # uneven, and not that of the calendar
    fractions = [0.1, 0.25, 0.3, 0.5, 0.6, 0.8, 0.9, 1.0]
    looks = boundaries(information=information, fractions=fractions, alpha=alpha, spending=spending, sides=sides)
    steps = numpy.diff(numpy.concatenate([[0.0], information]))
    draws = numpy.random.default_rng(20260131).standard_normal((200_000, len(steps)))
    zs = (draws * numpy.sqrt(steps)).cumsum(axis=1) / numpy.sqrt(information)
    bounds = numpy.array([numpy.inf if look.bound is None else look.bound for look in looks])
    crossed = (zs if sides == 1 else abs(zs)) >= bounds
    for number in (4, 6, len(looks)):
        share = crossed[:, :number].any(axis=1).mean()
        assert share == pytest.approx(looks[number - 1].spent, abs=4 * (alpha / 200_000) ** 0.5)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    count = draw(st.integers(1, 10))
    grown = draw(st.lists(st.sampled_from([0, 0.001, 0.3, 1, 2, 40]), min_size=count, max_size=count))
    fractions = sorted(draw(st.lists(st.floats(0, 1.2), min_size=count, max_size=count)))
    return list(itertools.accumulate(grown)), fractions


@settings(max_examples=60, deadline=None)
@given(plans(), st.sampled_from(list(SPENDINGS.values())), st.sampled_from([1, 2]))
def test_no_bound_is_below_that_of_a_single_test_at_the_alpha_spent(plan, spending, sides) -> None:
    # a trap of the recursion: looks with nearly equal information once gave a last bound below 1.96
    spent = 0.0
    for look in boundaries(information=plan[0], fractions=plan[1], spending=spending, sides=sides):
        assert spent <= look.spent <= 0.05 + 1e-12
        assert (look.bound is None) == bool(look.reason)
        if look.bound is None:
            assert look.spent == spent
        else:
            assert normal.upper_point(look.spent / sides) - 1e-6 <= look.bound
            assert look.bound <= normal.upper_point((look.spent - spent) / sides) + 1e-6
        spent = look.spent


@settings(max_examples=30, deadline=None)
@given(plans(), st.integers(1, 10))
def test_a_bound_does_not_depend_on_what_comes_after(plan, count) -> None:
    information, fractions = plan
    early = boundaries(information=information[:count], fractions=fractions[:count])
    assert early == boundaries(information=information, fractions=fractions)[:count]


@given(st.floats(0.1, 1000))
def test_the_unit_of_information_does_not_matter(unit: float) -> None:
    at = [0.2, 0.5, 1.0]
    plain = boundaries(information=at, fractions=at)
    scaled = boundaries(information=[unit * part for part in at], fractions=at)
    assert [look.bound for look in scaled] == pytest.approx([look.bound for look in plain], abs=1e-9)


def test_a_look_that_learnt_less_than_a_hundredth_is_merged_into_the_next() -> None:
    information, fractions = [10, 20, 20.1, 30], [0.3, 0.5, 0.6, 1.0]
    looks = boundaries(information=information, fractions=fractions)
    assert looks[2].bound is None and looks[2].reason == module.MERGED and looks[2].spent == looks[1].spent
    without = boundaries(information=[10, 20, 30], fractions=[0.3, 0.5, 1.0])
    assert looks[3].bound == without[2].bound


def test_the_last_look_is_tested_even_if_nothing_was_learnt_since() -> None:
    looks = boundaries(information=[10, 20, 20, 20], fractions=[0.4, 0.6, 0.8, 1.0])
    assert [look.bound is None for look in looks] == [False, False, True, False]
    assert looks[3].spent == pytest.approx(0.05)
    assert 1.96 < looks[3].bound < looks[1].bound


def test_information_that_falls_is_not_tested_again_before_the_end() -> None:
    looks = boundaries(information=[10, 20, 15, 12], fractions=[0.4, 0.6, 0.8, 1.0])
    assert looks[2].reason == module.MERGED and looks[3].bound is not None


def test_after_the_planned_end_nothing_is_tested() -> None:
    looks = boundaries(information=[10, 20, 30], fractions=[0.5, 1.0, 1.3])
    assert looks[1].bound is not None
    assert (looks[2].bound, looks[2].reason, looks[2].fraction) == (None, module.AFTER_THE_END, 1.0)


def test_looks_too_early_or_without_deals_have_a_reason() -> None:
    looks = boundaries(information=[0, 5, 30], fractions=[0.01, 0.02, 1.0])
    assert [look.reason for look in looks] == [module.NO_INFORMATION, module.TOO_EARLY, ""]
    assert looks[2].bound == pytest.approx(1.959964, abs=1e-6)
    assert boundaries(information=[], fractions=[]) == ()
    assert boundaries(information=[0, 0], fractions=[0.5, 1])[1].bound is None


def test_the_first_crossing_stays_whatever_comes_later() -> None:
    looks = boundaries(information=[1, 2, 3, 4], fractions=[0.25, 0.5, 0.75, 1])
    crossing = first_crossing(looks, [None, -3.1, 0.0, 2.5])
    assert crossing is not None and (crossing.look.number, crossing.z) == (2, -3.1)
    upwards = first_crossing(looks, [None, -3.1, 0.0, 2.5], sides=1)
    assert upwards is not None and upwards.look.number == 4
    assert first_crossing(looks, [1.0, 1.0, 1.0, 1.0]) is None
    with pytest.raises(ValueError):
        first_crossing(looks, [1.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"information": [1.0]}, "1 looks at information, but 2 fractions"),
        ({"fractions": [0.9, 0.5]}, "go backwards"),
        ({"information": [1.0, float("nan")]}, "finite"),
        ({"alpha": 5}, "between 0 and 1"),
        ({"sides": 3}, "one side or two"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        boundaries(**{"information": [1.0, 2.0], "fractions": [0.5, 1.0], **change})


def test_without_numpy_it_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(LibraryMissing) as refused:
        boundaries(information=[1.0], fractions=[1.0])
    assert refused.value.hint == 'from the checkout of this program: pip install ".[compare]"'


@pytest.mark.parametrize("spending", SPENDINGS.values(), ids=SPENDINGS)
@pytest.mark.parametrize("sides", [1, 2])
def test_spending_rises_from_nothing_to_alpha(spending, sides) -> None:
    spent = [spending(step / 50, 0.05, sides) for step in range(51)]
    assert spent[0] == 0 and spent[-1] == pytest.approx(0.05) and spent == sorted(spent)
    assert spending(1.4, 0.05, sides) == pytest.approx(0.05) and spending(-1, 0.05, sides) == 0


def test_the_calendar_fraction_is_the_share_of_the_planned_time() -> None:
    begins, ends = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC)
    assert calendar_fraction(begins=begins, ends=ends, at=datetime(2027, 1, 31, tzinfo=UTC)) == pytest.approx(0.5)
    assert calendar_fraction(begins=begins, ends=ends, at=datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert calendar_fraction(begins=begins, ends=ends, at=datetime(2028, 1, 1, tzinfo=UTC)) == 1
    with pytest.raises(ValueError, match="cannot end"):
        calendar_fraction(begins=ends, ends=begins, at=ends)
