from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from engine.core.zones import zone
from engine.experiments.looks import imports_by, schedule
from engine.experiments.records import Settled
from tests.experiments.making import HOUR, STARTS, at, experiment, weekly, won

UTC = zone("UTC")
FAR = at(2_000)


def test_a_look_a_week_from_the_day_on_which_the_first_week_s_windows_are_over() -> None:
    plan = schedule(experiment(), won(), UTC)
    first, second = [look for look, _ in zip(plan.weekly(), range(2), strict=False)]
    assert first.on == STARTS + timedelta(days=28 + 6)
    assert second.on == first.on + timedelta(days=7)
    assert first.fraction == 7 / 182


def test_the_planned_looks_are_the_weeks_of_drawing_and_the_last_is_counted_once() -> None:
    assert schedule(experiment(), won(), UTC).planned == 26
    assert schedule(experiment(ends=STARTS), won(), UTC).planned == 1
    assert schedule(experiment(ends=None, expected=100), won(), UTC).planned is None


def test_a_look_sees_the_newest_import_that_was_settled_by_then() -> None:
    plan = schedule(experiment(), won(), UTC)
    early, late = Settled(imported_at=at(10), ticked_at=at(11)), Settled(imported_at=at(30), ticked_at=at(40))
    looks = plan.taken(imports_by([early, late], FAR), FAR)
    assert [look.sees for look in looks[:2]] == [at(10), at(30)]  # that of day 30 waits for its tick until day 40


def test_a_look_without_a_new_import_is_not_fresh() -> None:
    looks = schedule(experiment(), won(), UTC).taken(imports_by(weekly()[:8], FAR), FAR)
    assert [look.fresh for look in looks[:5]] == [True, True, True, True, False]


def test_an_import_before_any_look_leaves_the_look_blind() -> None:
    looks = schedule(experiment(), won(), UTC).taken(imports_by([], FAR), FAR)
    assert {look.sees for look in looks} == {None}
    assert not any(look.last for look in looks)


def test_the_last_look_is_the_first_import_after_everything_is_over() -> None:
    plan = schedule(experiment(), won(), UTC)
    over = (plan.ends or STARTS) - STARTS
    same_day, next_day = at(over.days, 23), at(over.days + 1)
    settled = [Settled(imported_at=made, ticked_at=made + HOUR) for made in (same_day, next_day, next_day + 9 * HOUR)]
    looks = plan.taken(imports_by(settled, FAR), FAR)
    assert looks[-1].last
    assert (looks[-1].sees, looks[-1].fraction, looks[-1].number) == (next_day, 1.0, 26)


def test_no_look_is_taken_before_its_day_is_over() -> None:
    plan, imports = schedule(experiment(), won(), UTC), imports_by(weekly(), at(35))
    on = STARTS + timedelta(days=34)
    assert plan.taken(imports, at(on, 23)) == ()
    assert len(plan.taken(imports, at(on + timedelta(days=1)))) == 1
    assert plan.next(at(on, 23)) == on


def test_a_tick_after_the_day_asked_for_settles_nothing() -> None:
    assert imports_by([Settled(imported_at=5, ticked_at=10)], 9).newest(100) is None
    assert imports_by([Settled(imported_at=10, ticked_at=5)], 99).newest(100) is None


def imported(source: str, *days: int) -> list[Settled]:
    return [Settled(imported_at=at(day), ticked_at=at(day, 20), source=source) for day in days]


def test_of_two_crms_the_one_that_is_behind_says_what_is_known() -> None:
    both = imports_by([*imported("north", 3, 10, 17), *imported("south", 4, 12)], FAR)
    assert [both.newest(at(day, 23)) for day in (3, 4, 10, 12, 17)] == [at(3), at(3), at(4), at(10), at(12)]
    assert (both.lagging, both.first_after(at(11))) == ("south", at(12))


def test_a_crm_of_which_nothing_came_for_four_weeks_is_waited_for_no_more() -> None:
    both = imports_by([*imported("north", 3), *imported("south", 4, 11, 18, 25, 30, 31)], FAR)
    assert [both.newest(at(day, 23)) for day in (25, 30, 31)] == [at(3), at(3), at(31)]
    assert both.lagging == ""


def test_what_the_last_look_sees_waits_for_every_crm() -> None:
    plan = schedule(experiment(), won(), UTC)
    over = ((plan.ends or STARTS) - STARTS).days
    north, south = imported("north", over - 5, over + 1), imported("south", over - 4, over + 6)
    assert not plan.taken(imports_by([*north, *south[:1]], FAR), FAR)[-1].last
    last = plan.taken(imports_by([*north, *south], FAR), FAR)[-1]
    assert (last.last, last.sees) == (True, at(over + 1))


def test_looks_go_on_for_ever_without_an_end() -> None:
    plan = schedule(replace(experiment(), ends=None, expected=10), won(), UTC)
    assert len(plan.taken(imports_by(weekly(), FAR), at(date(2037, 1, 4)))) > 500


def test_an_end_before_the_start_counts_as_the_start() -> None:
    plan = schedule(experiment(ends=STARTS - timedelta(days=9)), won(), UTC)
    assert plan.ends == STARTS + timedelta(days=28)


def test_an_import_that_was_ticked_in_the_very_second_of_a_look_is_seen_by_it_and_a_second_later_is_not() -> None:
    plan = schedule(experiment(), won(), UTC)
    first = next(plan.weekly())
    for late, sees in ((0, at(30)), (1, None)):
        imports = imports_by([Settled(imported_at=at(30), ticked_at=first.at + late)], FAR)
        assert plan.taken(imports, FAR)[0].sees == sees


def test_the_next_look_after_all_weekly_ones_is_on_the_first_day_whose_import_can_bring_the_last() -> None:
    plan = schedule(experiment(), won(), UTC)
    over = plan.ends or STARTS
    weekly_ones = list(plan.weekly())
    assert plan.next(weekly_ones[-1].at - 1) == weekly_ones[-1].on
    assert plan.next(weekly_ones[-1].at) == over + timedelta(days=1)
    for on, brings in ((over, False), (over + timedelta(days=1), True)):
        looks = plan.taken(imports_by([Settled(imported_at=at(on), ticked_at=at(on))], FAR), FAR)
        assert looks[-1].last == brings
