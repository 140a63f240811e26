from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.experiments.outlook import LOOKING
from engine.experiments.planning import plan
from engine.experiments.statistics.samples import detectable
from tests.experiments.making import STARTS, experiment

WEEKS = experiment(ends=STARTS + timedelta(days=26 * 7 - 1))


def test_what_each_number_of_deals_can_tell_is_that_of_the_published_table() -> None:
    found = [round(100 * (detectable(base=0.05, per_arm=size) or 0), 1) for size in (50, 100, 250, 500, 1000, 2000)]
    assert found == [24.7, 17.4, 12.0, 9.6, 8.1, 7.1]


def test_looking_every_week_is_in_the_numbers() -> None:
    found = plan(WEEKS, {"west": 200 * LOOKING / 26}, 0.05)
    assert found.overall.detectable == pytest.approx(0.174, abs=5e-4)
    assert found.units == pytest.approx(208)
    assert "Looking every week takes about 4 % more than one look at the end" in " ".join(found.words)


def test_what_a_team_alone_can_tell_is_said_in_a_sentence() -> None:
    found = plan(WEEKS, {"west": 100 / 26, "east": 100 / 26}, 0.05)
    assert found.words[0].startswith(
        "With 200 deals until 2027-07-04 (100 deals an arm), this can tell 5 % from 17.8 %"
    )
    assert "With 100 deals, team west alone can only tell 5 % from 28 %." in found.words
    assert found.team_alpha == 0.025


def test_to_find_a_doubling_it_needs_more_than_it_gets() -> None:
    doubled = next(need for need in plan(WEEKS, {"west": 4}, 0.05).needs if need.share == 0.1)
    assert not doubled.enough
    assert (doubled.arm, doubled.control) == (452, 452)  # 434.4 of R's power.prop.test, times 1.04
    assert next(need for need in plan(WEEKS, {"west": 40}, 0.05).needs if need.share == 0.1).enough


def test_more_arms_need_more() -> None:
    two, three = (
        plan(replace(WEEKS, arms=arms), {"west": 8}, 0.1)
        for arms in (experiment().arms, experiment("old", "new", "x").arms)
    )
    assert three.alpha == two.alpha / 2
    assert (three.overall.detectable or 0) > (two.overall.detectable or 0)
    assert "With 2 arms against old each has to be clearer" in " ".join(three.words)


def test_an_uneven_draw_tells_less() -> None:
    even, uneven = (
        plan(WEEKS, {"west": 8}, 0.1),
        plan(replace(WEEKS, teams={"west": {"old": 1, "new": 9}}), {"west": 8}, 0.1),
    )
    assert (uneven.overall.arm_units, uneven.overall.control_units) == pytest.approx((187.2, 20.8))
    assert (uneven.overall.detectable or 0) > (even.overall.detectable or 0) + 0.1


def test_a_team_with_one_arm_tells_nothing_and_is_not_counted() -> None:
    found = plan(replace(WEEKS, teams={"east": {"old": 1}}), {"west": 4, "east": 4}, 0.05)
    assert "Team east has nothing to compare: its deals all get the same." in found.words
    assert found.overall.units == pytest.approx(104)


def test_a_team_that_takes_no_part_is_not_mentioned() -> None:
    assert not any("east" in line for line in plan(replace(WEEKS, teams={"east": {}}), {"west": 4, "east": 4}).words)


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("teams", [{}, {"west": 0.0}, {"west": 3.0}, {"west": 1e6}])
def test_there_is_always_an_answer(rate: float, teams: dict[str, float]) -> None:
    for ends, expected in ((WEEKS.ends, None), (None, 400), (None, None), (STARTS - timedelta(days=9), None)):
        assert plan(replace(WEEKS, ends=ends, expected=expected), teams, rate).words


def test_without_an_end_it_takes_twice_as_many() -> None:
    found = plan(replace(WEEKS, ends=None, expected=400), {"west": 2}, 0.05)
    assert found.units == 400
    assert "declare `ends`" in " ".join(found.words)


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="a share lies between 0 and 1"):
        plan(WEEKS, {}, 5)


def test_arms_of_unlike_size_are_told_with_their_own_sizes() -> None:
    found = plan(replace(WEEKS, teams={"west": {"old": 4, "new": 1}}), {"west": 500 / 26}, 0.05)
    assert found.words[0].startswith(
        "With 500 deals until 2027-07-04 (100 deals in new, 400 in old), this can tell 5 %"
    )
    assert any(line.startswith("To tell 5 % from 10 % takes ") and "deals in new" in line for line in found.words)


def test_a_small_arm_with_the_higher_share_is_told_better_than_a_small_control() -> None:
    """The test takes the variance of both arms together, which the large arm settles."""
    small_arm, small_control = (
        plan(replace(WEEKS, teams={"west": weights}), {"west": 500 / 26}, 0.05).overall.detectable or 0
        for weights in ({"old": 4, "new": 1}, {"old": 1, "new": 4})
    )
    assert small_arm < small_control - 0.01


def test_what_is_needed_of_uneven_arms_is_enough_for_it() -> None:
    uneven = replace(WEEKS, teams={"west": {"old": 4, "new": 1}})
    need = next(one for one in plan(uneven, {"west": 1}, 0.05).needs if one.share == 0.1)
    weekly = (need.arm + need.control) / 26
    again = plan(uneven, {"west": weekly + 0.1}, 0.05)
    assert again.overall.detectable == pytest.approx(0.1, abs=1e-3)
    assert next(one for one in again.needs if one.share == 0.1).enough


def test_only_the_days_still_to_come_are_counted() -> None:
    assert plan(WEEKS, {"west": 8}, today=STARTS - timedelta(days=30)).units == pytest.approx(208)
    assert plan(WEEKS, {"west": 8}, today=WEEKS.ends - timedelta(days=6)).units == pytest.approx(8)
    assert plan(WEEKS, {"west": 8}, today=WEEKS.ends + timedelta(days=1)).units == 0


def test_a_team_that_has_one_of_the_two_arms_adds_nothing_to_their_difference() -> None:
    three = replace(WEEKS, arms=experiment("old", "new", "x").arms, teams={"east": {"old": 1, "x": 1}})
    new = next(reach for reach in plan(three, {"west": 9, "east": 6}, 0.05).arms if reach.arm == "new")
    assert (new.arm_units, new.control_units) == pytest.approx((78, 78))


def test_without_known_numbers_what_is_needed_follows_the_weights_of_the_arms() -> None:
    arms = {**experiment().arms, "new": replace(experiment().arms["new"], weight=4)}
    need = next(one for one in plan(replace(WEEKS, arms=arms), {}, 0.05).needs if one.share == 0.1)
    assert need.arm == pytest.approx(4 * need.control, abs=4) and not need.enough
