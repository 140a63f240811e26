from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.outlook import LOOKING
from engine.experiments.statistics.boundaries import boundaries
from engine.experiments.statistics.samples import (
    Sizes,
    detectable,
    detectable_of,
    needed_per_arm,
    power,
    power_of,
    times_needed,
)

SIZES = (50, 100, 250, 500, 1000, 2000)
SHARES = st.floats(0.01, 0.99)


def test_the_deals_needed_are_those_of_r() -> None:
    assert needed_per_arm(base=0.50, other=0.75, power=0.90) == pytest.approx(76.7, abs=0.05)  # ?power.prop.test
    assert needed_per_arm(base=0.05, other=0.10) == pytest.approx(434.4, abs=0.05)
    assert power(base=0.50, other=0.75, per_arm=50) == pytest.approx(0.7401659, abs=5e-8)  # the same page: 0.740


@pytest.mark.parametrize(
    ("base", "rates"),
    [
        (0.05, (24.7, 17.4, 12.0, 9.6, 8.1, 7.1)),
        (0.10, (32.7, 25.0, 18.8, 15.9, 14.1, 12.8)),
        (0.20, (46.0, 37.9, 30.9, 27.5, 25.2, 23.7)),
    ],
)
def test_few_deals_tell_only_large_differences(base: float, rates: tuple[float, ...]) -> None:
    assert tuple(round(100 * detectable(base=base, per_arm=size), 1) for size in SIZES) == rates


@given(SHARES, SHARES, st.floats(0.5, 0.99))
def test_the_needed_deals_have_the_wanted_power(base: float, other: float, wanted: float) -> None:
    needed = needed_per_arm(base=base, other=other, power=wanted)
    if needed is None or abs(base - other) < 1e-3:
        return
    assert power(base=base, other=other, per_arm=needed) == pytest.approx(wanted, abs=1e-9)
    assert needed_per_arm(base=other, other=base, power=wanted) == pytest.approx(needed)


@given(SHARES, st.integers(1, 5000))
def test_what_is_detectable_just_needs_the_deals_there_are(base: float, per_arm: int) -> None:
    found = detectable(base=base, per_arm=per_arm)
    if found is None:
        assert power(base=base, other=1, per_arm=per_arm) < 0.8 + 1e-9
    else:
        assert base < found <= 1
        assert needed_per_arm(base=base, other=found) == pytest.approx(per_arm, rel=1e-4) or found == 1


def test_what_cannot_be_told_is_none() -> None:
    assert needed_per_arm(base=0.1, other=0.1) is None
    assert detectable(base=0.1, per_arm=2) is None and detectable(base=0.1, per_arm=0) is None
    assert detectable(base=1, per_arm=1000) is None


def test_all_against_nothing_needs_few_deals() -> None:
    needed = needed_per_arm(base=0, other=1)
    assert needed is not None and power(base=0, other=1, per_arm=math.ceil(needed)) == 1
    assert power(base=0, other=1, per_arm=1) == 0


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    for asked in (
        lambda: needed_per_arm(base=share, other=0.1),
        lambda: power(base=0.1, other=share, per_arm=5),
        lambda: detectable(base=share, per_arm=5),
    ):
        with pytest.raises(ValueError, match="a share lies between"):
            asked()
    with pytest.raises(ValueError, match="cannot have -1 deals"):
        power(base=0.1, other=0.2, per_arm=-1)


@given(SHARES, SHARES, st.integers(1, 5000), st.integers(1, 5000))
def test_what_is_detectable_with_uneven_arms_has_the_power_and_a_little_less_has_not(
    base: float, lower: float, other: int, control: int
) -> None:
    sizes = [Sizes(other=other, base=control)]
    found = detectable_of(base=base, sizes=sizes)
    if found is None:
        assert power_of(base=base, other=1, sizes=sizes) < 0.8 + 1e-9
    else:
        assert power_of(base=base, other=found, sizes=sizes) >= 0.8 - 1e-6
        assert power_of(base=base, other=base + (found - base) * lower, sizes=sizes) < 0.8 + 1e-6


def test_strata_with_the_same_split_are_worth_as_much_as_their_sum() -> None:
    together, apart = [Sizes(other=100, base=400)], [Sizes(other=25, base=100), Sizes(other=75, base=300)]
    assert detectable_of(base=0.05, sizes=apart) == pytest.approx(detectable_of(base=0.05, sizes=together))
    assert times_needed(base=0.05, other=0.1, sizes=apart) == pytest.approx(
        times_needed(base=0.05, other=0.1, sizes=together)
    )
    assert detectable_of(base=0.05, sizes=[*together, Sizes(other=0, base=900)]) == detectable_of(
        base=0.05, sizes=together
    )


@pytest.mark.parametrize(("control", "arm"), [(250, 250), (100, 400), (400, 100), (60, 540)])
@pytest.mark.parametrize("base", [0.05, 0.2])
def test_four_times_out_of_five_is_true_whatever_the_sizes_of_the_arms(base: float, control: int, arm: int) -> None:
    times = 1 / LOOKING
    other = detectable_of(base=base, sizes=[Sizes(other=arm * times, base=control * times)])
    assert other is not None
    assert 0.78 <= _found_at_some_look(control, arm, base, other) <= 0.82


def _found_at_some_look(
    control: int, arm: int, base: float, other: float, runs: int = 20_000, looks: int = 26
) -> float:
    """How often weekly looks find it: 26 of them, O'Brien-Fleming bounds, at least ten wins."""
    draw = np.random.default_rng(20270104)
    ends = np.arange(1, looks + 1) / looks
    of_control, of_arm = (np.rint(ends * size) for size in (control, arm))
    plan = boundaries(information=list(of_control * of_arm / (of_control + of_arm)), fractions=list(ends))
    bounds = np.array([math.inf if look.bound is None else look.bound for look in plan])
    won_control, won_arm = (
        draw.binomial(np.diff(sizes, prepend=0).astype(int), share, (runs, looks)).cumsum(axis=1)
        for sizes, share in ((of_control, base), (of_arm, other))
    )
    units, won = of_control + of_arm, won_control + won_arm
    error = np.sqrt(of_control * of_arm * won * (units - won) / (units**2 * (units - 1)))
    z = (won_arm - of_arm * won / units) / np.where(error > 0, error, math.inf)
    return float(((z >= bounds) & (won >= 10)).any(axis=1).mean())
