"""What `compare` says, in each of the cases that can come up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.core.experiment import Arm, Phase
from engine.experiments.comparing import compare
from engine.experiments.comparison import Comparison
from engine.experiments.records import Happened, Records, Unit
from tests.experiments.making import STARTS, at, counted, experiment, handed, records, unit, weekly, won

END = at(400)
CLEAR = {("west", "old"): (10, 200), ("west", "new"): (50, 200)}
ALIKE = {("west", "old"): (20, 200), ("west", "new"): (21, 200)}


def compared(tallies: dict[tuple[str, str], tuple[int, int]], asked: int = END) -> Comparison:
    return compare(records(counted(tallies)), asked)


def test_a_clear_difference_is_a_winner_with_its_look_and_its_numbers() -> None:
    verdict = compared(CLEAR).verdict
    assert (verdict.state, verdict.arm) == ("winner", "new")
    assert verdict.words.startswith(
        "new wins back more than old: 25 % against 5 % of the deals whose 28 days are over (at the look of 2027-08-08, "
        "which sees the import of that day: 50 of 200 and 10 of 200), a difference of 20 points (between "
    )
    assert f"It was decided at look {verdict.look} of 26, on " in verdict.words
    assert "likely a bit overstated" in verdict.words


def test_a_winner_at_the_last_look_is_not_said_to_be_overstated() -> None:
    verdict = compare(records(counted(CLEAR), settled=weekly()[-3:]), END).verdict
    assert (verdict.state, verdict.look) == ("winner", 26)
    assert "overstated" not in verdict.words


def test_a_winner_stays_one_whatever_comes_later() -> None:
    early = [replace(one, id=f"early-{one.id}") for one in counted(CLEAR, over=90)]
    turned = {("west", "old"): (90, 100), ("west", "new"): (0, 100)}
    late = [replace(one, id=f"late-{one.id}") for one in counted(turned, first=130, over=50)]
    verdict = compare(records([*early, *late]), END).verdict
    assert (verdict.state, verdict.arm) == ("winner", "new")
    assert "changed places" in verdict.words


def test_the_arm_that_wins_back_less_is_a_loser() -> None:
    verdict = compared({("west", "old"): (50, 200), ("west", "new"): (10, 200)}).verdict
    assert (verdict.state, verdict.arm) == ("loser", "new")
    assert verdict.words.startswith("new wins back less than old: 5 % against 25 %")


def test_past_the_end_the_last_look_waits_for_an_import() -> None:
    verdict = compare(records(counted(ALIKE), settled=weekly(209)), at(215)).verdict
    assert verdict.state == "running"
    assert "The last windows were over on 2027-08-01: the last look waits for the first import" in verdict.words


def test_no_difference_needs_the_planned_end_and_a_range_inside_the_margin() -> None:
    units = counted({("west", "old"): (200, 2000), ("west", "new"): (201, 2000)})
    wide, narrow = (compare(records(units, experiment(margin=margin)), END).verdict for margin in (0.05, 0.001))
    assert (wide.state, narrow.state) == ("no_difference", "inconclusive")
    assert "you said that up to 5 points would not matter" in wide.words
    assert compare(records(units, experiment(margin=0.05)), at(150)).verdict.state == "running"


def test_past_the_end_without_a_decision_it_is_inconclusive_and_stays_so() -> None:
    found, later = compared(ALIKE), compared(ALIKE, at(900))
    assert found.verdict.state == later.verdict.state == "inconclusive"
    assert "The planned end is past, and nothing was decided" in found.verdict.words
    assert found.next_look is None


def test_meanwhile_it_is_running_with_what_is_still_needed_and_by_when() -> None:
    verdict = compared({("west", "old"): (15, 300), ("west", "new"): (34, 300)}, at(110)).verdict
    assert verdict.state == "running"
    assert verdict.needed is not None and verdict.by is not None
    assert at(110) < at(verdict.by) <= at(STARTS + timedelta(days=182 + 28))
    assert f"about {verdict.needed} more deals" in verdict.words
    assert "The next look is on 2027-04-25." in verdict.words


def test_what_the_plan_cannot_reach_is_said() -> None:
    verdict = compared({("west", "old"): (20, 200), ("west", "new"): (26, 200)}, at(150)).verdict
    assert verdict.by is None
    assert "more than will be by the last look (after 2027-08-01)" in verdict.words


def test_before_the_first_look_it_is_too_early_and_says_when() -> None:
    found = compared(CLEAR, at(20))
    assert found.verdict.state == "too_early"
    assert "The first look is on 2027-02-07." in found.verdict.words
    assert str(found.next_look) == "2027-02-07"


def test_fewer_than_ten_wins_are_too_few() -> None:
    verdict = compared({("west", "old"): (0, 200), ("west", "new"): (9, 200)}, at(190)).verdict
    assert verdict.state == "too_early"
    assert "at least 10 are needed" in verdict.words
    ended = compared({("west", "old"): (0, 200), ("west", "new"): (9, 200)}).verdict
    assert (ended.state, "too few" in ended.words) == ("inconclusive", True)


def test_at_the_first_looks_no_outcome_could_be_told_from_chance() -> None:
    verdict = compared({("west", "old"): (100, 200), ("west", "new"): (100, 200)}, at(45)).verdict
    assert (verdict.state, "however clear" in verdict.words) == ("too_early", True)


def test_where_all_are_won_in_both_arms_that_is_said_and_not_that_there_are_few() -> None:
    verdict = compared({("west", "old"): (200, 200), ("west", "new"): (200, 200)}, at(190)).verdict
    assert verdict.state == "too_early" and "however clear" not in verdict.words
    assert "all of them were won back in both arms: nothing tells the arms apart" in verdict.words


def test_an_experiment_that_has_not_begun_says_so() -> None:
    begun = compare(records([], experiment(starts=STARTS + timedelta(days=60))), at(3))
    assert (begun.verdict.state, "begins on 2027-03-05" in begun.verdict.words) == ("too_early", True)
    before = compare(records([]), at(-5))
    assert (before.experiment, before.verdict.state) == ("timing", "too_early")
    assert "had not been started" in before.verdict.words


def test_nobody_drawn_and_one_arm_only_are_said() -> None:
    assert "no deal was drawn yet" in compare(records([]), at(100)).verdict.words
    lone = compare(records(counted({("west", "new"): (5, 20)})), at(100)).verdict
    assert "Nothing to compare" in lone.words or "no deal was drawn" in lone.words
    single = compare(records([], experiment("old")), at(100)).verdict
    assert (single.state, "one arm only" in single.words) == ("too_early", True)


def test_without_any_import_nothing_is_known() -> None:
    found = compare(records(counted(CLEAR), settled=[]), END)
    assert (found.verdict.state, found.as_of, found.days_behind) == ("too_early", None, None)
    assert [arm.drawn for arm in found.arms] == [200, 200]
    assert [arm.mature for arm in found.arms] == [0, 0]


def test_a_stale_import_is_said_in_the_verdict() -> None:
    found = compare(records(counted(ALIKE), settled=weekly(100)), at(130))
    assert found.days_behind == 33
    assert "The newest import of deals that a tick has handled is of 2027-04-11, 33 days" in found.verdict.words
    assert "stale" not in compare(records(counted(ALIKE)), at(130)).verdict.words


def test_every_verdict_says_which_look_it_speaks_of_and_what_that_sees() -> None:
    said = "at the look of 2027-05-23, which sees the import of 2027-05-16: "
    settled = [one for one in weekly() if one.imported_at < at(133)]
    for yes, state in ((21, "running"), (9, "too_early")):
        units = counted({("west", "old"): (0 if yes == 9 else 20, 200), ("west", "new"): (yes, 200)})
        verdict = compare(records(units, settled=settled), at(141)).verdict
        assert (verdict.state, said.rstrip(": ") in verdict.words) == (state, False)  # nothing new: an older look
        assert "at the look of 2027-05-16, which sees the import of that day" in verdict.words
    late = [*settled, replace(settled[-1], imported_at=at(138), ticked_at=at(138, 1))]
    words = compare(records(counted(ALIKE), settled=late), at(141)).verdict.words
    assert "at the look of 2027-05-23, which sees the import of 2027-05-22: " in words


def test_what_came_of_the_arms_is_as_of_the_look_that_the_verdict_speaks_of() -> None:
    """Wins that are told after the last look are in no figure: they would contradict the verdict beside them."""
    told = Happened(event="won", on=STARTS + timedelta(days=3), recorded_at=at(250))
    units = [
        replace(one, happened=(told,)) if one.arm == "new" and one.drawn_on == STARTS and not one.happened else one
        for one in counted({("west", "old"): (20, 200), ("west", "new"): (30, 200)}, over=100)
    ]
    found = compare(records(units, settled=weekly(270)), at(268))
    (contrast,) = found.contrasts
    assert [arm.count for arm in found.arms] == [contrast.a, contrast.b]
    assert (found.look_on, found.as_of_on) == (date(2027, 8, 8), date(2027, 9, 26))
    assert sum(any(one is told for one in unit.happened) for unit in units) > 0


def test_a_look_beyond_its_boundary_with_few_wins_says_why_it_decides_nothing() -> None:
    found = compare(records(counted({("west", "old"): (0, 200), ("west", "new"): (9, 200)})), END)
    looks = found.contrasts[0].looks
    beyond = [look for look in looks if look.bound is not None and look.z is not None and look.z >= look.bound]
    assert beyond and {look.reason for look in beyond} == {"fewer than ten wins"}
    assert found.verdict.state == "inconclusive"


# -- arms and teams


def test_deals_without_a_team_have_a_row_of_their_own() -> None:
    units = counted(
        {("west", "old"): (20, 200), ("west", "new"): (50, 200), ("", "old"): (1, 40), ("", "new"): (1, 40)}
    )
    found = compare(records(units), END)
    rows = {row.team: row for row in found.contrasts[0].teams}
    assert [(row.b.of, row.a.of) for row in rows.values()] == [(40, 40), (200, 200)]
    assert rows[""].verdict.words.startswith("Too little data alone among deals without a team: 2 deals of both arms")
    assert [one.team for one in found.mismatches] == ["", "(none)", "west"]


@pytest.mark.parametrize("ends", [STARTS + timedelta(days=181), None])
def test_an_arm_that_comes_later_takes_nothing_back(ends: date | None) -> None:
    three = experiment("old", "new", "third", ends=ends)
    later = [Phase(number=2, began_at=at(149), experiment=three)]
    states = set()
    for yes in range(44, 90, 3):
        given = records(counted({("west", "old"): (20, 250), ("west", "new"): (yes, 250)}), experiment(ends=ends))
        (before,) = compare(given, at(150)).contrasts
        first, third = compare(replace(given, phases=(*given.phases, *later)), at(150)).contrasts
        assert (first.verdict, first.looks, first.alpha) == (before.verdict, before.looks, 0.05)
        assert (third.arm, third.alpha) == ("third", 0.025)
        states.add(first.verdict.state)
    assert states == {"running", "winner"}


def test_what_a_later_arm_does_to_the_chance_of_a_false_winner_is_said() -> None:
    later = [Phase(number=2, began_at=at(100), experiment=experiment("old", "new", "third"))]
    found = compare(records(counted(ALIKE), later=later), at(150))
    (remark,) = [one for one in found.remarks if one.startswith("third came in a later phase")]
    assert "1/2 of the chance" in remark and "up to 7.5 % of such experiments" in remark


# -- what counts


def test_every_unit_counts_in_the_arm_it_was_drawn_into_also_if_it_was_moved() -> None:
    moved = [replace(one, overridden_at=at(60)) if one.arm == "new" else one for one in counted(CLEAR)]
    found = compare(records(moved), END)
    assert [(arm.count.yes, arm.count.of) for arm in found.arms] == [(10, 200), (50, 200)]
    assert found.verdict.state == "winner"
    assert any("Moved by hand" in remark for remark in found.remarks)
    assert any("leans" in remark for remark in found.remarks)


def test_a_few_moves_alike_in_both_arms_are_not_worth_a_remark() -> None:
    few = [replace(one, overridden_at=at(60)) if one.id.endswith("-7") else one for one in counted(CLEAR)]
    assert compare(records(few), END).remarks == ()


def test_an_arm_whose_playbook_ends_after_one_day_loses_no_win() -> None:
    """Nothing but the draw and the log count: the win may come long after the playbook has ended."""
    quick = [unit(f"q{n}", "new", n % 180, happened=[("won", 27)] if n % 4 == 0 else []) for n in range(200)]
    slow = [
        unit(f"s{n}", "old", n % 180, happened=[("won", 27)] if n % 4 == 0 else [], handed=(handed(n % 180 + 20),))
        for n in range(200)
    ]
    found = compare(records([*quick, *slow]), END)
    assert [arm.count.yes for arm in found.arms] == [50, 50]
    assert found.contrasts[0].difference.estimate == 0


@pytest.mark.parametrize(("later", "counts"), [(28, 1), (29, 0)])
def test_the_last_day_of_the_window_counts_and_the_next_does_not(later: int, counts: int) -> None:
    found = compare(records([unit("u", "new", 0, happened=[("won", later)]), unit("v", "old", 0)]), END)
    assert found.arms[1].count.yes == counts


def test_a_unit_is_mature_once_its_last_day_is_wholly_past() -> None:
    units = [unit("u", "new", 0), unit("v", "old", 0)]
    settled = [
        replace(weekly()[0], imported_at=at(day, hour), ticked_at=at(day, hour)) for day, hour in ((28, 23), (29, 0))
    ]
    for seen, mature in ((1, 0), (2, 1)):
        found = compare(records(units, settled=settled[:seen]), at(29, 1))
        assert [arm.mature for arm in found.arms] == [mature, mature]


def test_a_win_that_is_known_later_counts_from_the_import_that_told_it() -> None:
    late = Happened(event="won", on=STARTS + timedelta(days=3), recorded_at=at(97, 20))
    units = [unit(f"{arm}-{day}", arm, day) for arm in ("old", "new") for day in range(100)]
    units = [replace(one, happened=(late,)) if one.id == "new-0" else one for one in units]
    assert compare(records(units), at(95)).arms[1].count.yes == 0
    assert compare(records(units), at(98)).arms[1].count.yes == 1


def test_a_win_before_the_draw_does_not_count() -> None:
    units = [unit("u", "new", 9, happened=[("won", -1)]), unit("v", "old", 0)]
    assert compare(records(units), END).arms[1].count.yes == 0


# -- damage


def spoiled(units: list[Unit], *names: str, **changes: object) -> list[Unit]:
    return [replace(one, **changes) if one.id in names else one for one in units]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([*counted(CLEAR), unit("west-new-1", "new", 3)], "1 deal (west-new-1) stands in the records twice"),
        (spoiled(counted(CLEAR), "west-new-1", probability=None), "without a sound record of the draw"),
        (spoiled(counted(CLEAR), "west-new-1", weights={}), "without a sound record of the draw"),
        (spoiled(counted(CLEAR), "west-new-1", probability=0.9), "without a sound record of the draw"),
        (counted({("west", "old"): (10, 100), ("west", "new"): (50, 200)}), "units or records were lost"),
        ([replace(one, position=2 * n) for n, one in enumerate(counted(CLEAR))], "are missing from the records"),
        ([replace(one, position=n // 2) for n, one in enumerate(counted(CLEAR))], "was given twice"),
    ],
)
def test_damaged_records_give_no_verdict(units: list[Unit], words: str) -> None:
    found = compare(records(units), END)
    assert found.verdict.state == "invalid"
    assert words.replace("units or", "deals or") in found.verdict.words
    assert {team.verdict.state for one in found.contrasts for team in one.teams} == {"invalid"}


def test_shares_are_not_judged_with_fewer_than_eight_expected() -> None:
    found = compare(records([unit(f"u{n}", "new", n) for n in range(10)]), END)
    assert [(one.flagged, "too few to tell" in one.reason) for one in found.mismatches] == [(False, True)]


def test_the_shares_are_held_against_the_recorded_weights() -> None:
    uneven = {"old": 1.0, "new": 4.0}
    drawn = [unit(f"u{n}", "old" if n % 5 == 0 else "new", n % 180, weights=uneven) for n in range(400)]
    found = compare(records(drawn), END)
    assert found.verdict.state != "invalid"
    assert [round(arm.expected) for arm in found.arms] == [80, 320]


# -- teams, arms, phases


def test_a_team_with_too_few_wins_is_too_little_data_alone() -> None:
    found = compared({**CLEAR, ("east", "old"): (1, 20), ("east", "new"): (2, 20)}, at(190))
    east, west = found.contrasts[0].teams
    assert (east.verdict.state, "Too little data alone in team east" in east.verdict.words) == ("too_early", True)
    assert west.verdict.state == "winner"
    assert west.alpha == 0.025
    ended = compared({**CLEAR, ("east", "old"): (1, 20), ("east", "new"): (2, 20)}).contrasts[0].teams[0]
    assert (ended.verdict.state, ended.b.yes) == ("too_early", 2)


def test_one_team_asked_for_alone_gets_the_verdict_of_its_row() -> None:
    found = records(counted({**CLEAR, ("east", "old"): (20, 100), ("east", "new"): (21, 100)}))
    rows = {team.team: team.verdict.state for team in compare(found, END).contrasts[0].teams}
    for team, state in rows.items():
        alone = compare(found, END, team=team)
        assert (alone.verdict.state, alone.contrasts[0].alpha) == (state, 0.025)
    unknown = compare(found, END, team="nort")
    assert unknown.verdict.words == "Nothing was drawn in team nort. Units were drawn in east and west."


def test_a_team_with_one_arm_stands_in_no_figure() -> None:
    apart = [unit(f"n{n}", "new", n, team="north", weights={"new": 1.0}, happened=[("won", 2)]) for n in range(50)]
    plain, found = compared(CLEAR), compare(records([*counted(CLEAR), *apart]), END)
    assert found.not_randomised == {"north": 50}
    assert found.contrasts == plain.contrasts
    assert any("north (50 deals) has one arm only" in remark for remark in found.remarks)
    alone = compare(records([*counted(CLEAR), *apart]), END, team="north")
    assert alone.verdict.words == "Team north has one arm only: there is nothing to compare."


def test_three_arms_share_alpha_and_the_best_must_beat_the_other_winner_too() -> None:
    plan = experiment("none", "mens", "womens")
    far = {("w", "none"): (10, 300), ("w", "mens"): (150, 300), ("w", "womens"): (60, 300)}
    near = {**far, ("w", "womens"): (145, 300)}
    best = compare(records(counted(far), plan), END)
    assert [one.alpha for one in best.contrasts] == [0.025, 0.025]
    assert (best.verdict.state, best.verdict.arm, best.verdict.arms) == ("winner", "mens", ("mens", "womens"))
    assert best.verdict.words.startswith("mens is the best: it is better than none, and than womens too.")
    both = compare(records(counted(near), plan), END).verdict
    assert (both.state, both.arm, both.arms) == ("winner", "", ("mens", "womens"))
    assert "mens and womens are each better than none. Which of them is the best is not decided" in both.words


def test_with_several_arms_one_that_is_still_open_keeps_the_question_open() -> None:
    plan = experiment("none", "good", "bad")
    found = compare(
        records(counted({("w", "none"): (60, 300), ("w", "good"): (66, 300), ("w", "bad"): (5, 300)}), plan), at(190)
    )
    assert [one.verdict.state for one in found.contrasts] == ["running", "loser"]
    assert found.verdict.state == "running"
    assert "bad wins back less" in found.verdict.words


def test_arms_are_compared_within_a_phase_and_the_plan_of_the_start_holds() -> None:
    changed = replace(
        experiment(),
        ends=STARTS + timedelta(days=20),
        arms={**experiment().arms, "third": Arm(name="third", playbook="c")},
    )
    later = Phase(number=2, began_at=at(60), experiment=changed)
    found = compare(records(counted(CLEAR), later=[later]), END)
    assert [one.arm for one in found.contrasts] == ["new", "third"]
    assert found.ends == experiment().ends
    assert any("Changed after the start, and not followed: the last day." in remark for remark in found.remarks)
    assert compare(records(counted(CLEAR), later=[later]), at(59)).phases == 1


def test_teams_that_differ_are_to_be_read_one_by_one() -> None:
    found = compared(
        {("e", "old"): (10, 200), ("e", "new"): (60, 200), ("w", "old"): (60, 200), ("w", "new"): (10, 200)}
    )
    assert found.contrasts[0].teams_differ
    assert any("read the teams one by one" in remark for remark in found.remarks)


def test_a_stop_and_what_was_adopted_are_said_from_then_on() -> None:
    stopped = records(counted(CLEAR), stopped_at=at(100), adopted="new")
    after, before = compare(stopped, at(101)), compare(stopped, at(99))
    assert any("was stopped on 2027-04-14" in one and "get new since then" in one for one in after.remarks)
    assert not any("stopped" in one for one in before.remarks)


# -- without a planned end


OPEN = experiment(ends=None, expected=400)


def test_without_an_end_a_confidence_sequence_decides() -> None:
    found = compare(records(counted(CLEAR), OPEN, settled=weekly(400)), END)
    assert (found.verdict.state, found.looks_planned) == ("winner", None)
    assert "confidence sequence" in found.contrasts[0].method
    assert f"decided at look {found.verdict.look}, on" in found.verdict.words
    assert found.contrasts[0].looks[-1].low is not None


def test_without_an_end_it_goes_on_for_ever() -> None:
    found = compare(records(counted(ALIKE), OPEN, settled=weekly(800)), at(date(2029, 1, 1)))
    assert found.verdict.state == "running"


def test_without_an_end_it_takes_more_to_be_sure() -> None:
    units = counted({("west", "old"): (20, 200), ("west", "new"): (38, 200)})
    assert compare(records(units, settled=weekly(400)), END).verdict.state == "winner"
    assert compare(records(units, OPEN, settled=weekly(400)), END).verdict.state == "running"


def test_the_same_question_gets_the_same_answer() -> None:
    found: Records = records(counted(CLEAR))
    assert compare(found, END) == compare(found, END)
    assert won().name == found.phases[0].experiment.primary.name


# -- the edges


@pytest.mark.parametrize(("old", "new"), [(200, 180), (180, 200)], ids=["below", "above"])
def test_a_range_that_leaves_the_margin_at_either_end_is_not_called_no_difference(old: int, new: int) -> None:
    """An arm that may be far worse is not alike, nor is one that may be far better."""
    units = counted({("west", "old"): (old, 2000), ("west", "new"): (new, 2000)})
    found = compare(records(units, experiment(margin=0.02)), END)
    low, high = found.contrasts[0].difference.low, found.contrasts[0].difference.high
    assert low is not None and high is not None
    assert (low >= -0.02, high <= 0.02) == ((False, True) if new < old else (True, False))
    assert found.verdict.state == "inconclusive"
    assert compare(records(units, experiment(margin=0.05)), END).verdict.state == "no_difference"


def test_a_win_on_the_day_of_the_draw_counts() -> None:
    units = [unit("u", "new", 9, happened=[("won", 0)]), unit("v", "old", 0)]
    assert compare(records(units), END).arms[1].count.yes == 1
