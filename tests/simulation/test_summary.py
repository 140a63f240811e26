"""What is told of a simulation: quantiles, peaks, differences, and how likely an experiment is to find them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.console.simulated_words import detection_words
from engine.core.durations import parse_duration
from engine.core.experiment import Arm, Experiment, Metric
from engine.experiments.statistics.samples import power
from engine.simulation.behaviour import NOBODY
from engine.simulation.making import made_deals
from engine.simulation.planned import detections
from engine.simulation.summary import Spread, begins, summed_up
from engine.simulation.tally import Tally
from tests.simulation.lives import LIVELY, MONDAY, play, question, subjects, way

WEEK_OF_MARCH = date(2026, 3, 2).toordinal() // 7


@given(values=st.lists(st.integers(0, 1_000), min_size=1, max_size=40))
def test_a_spread_keeps_its_order_and_stays_within_the_values(values):
    spread = Spread.of(values)
    assert min(values) <= spread.low <= spread.middle <= spread.high <= max(values)
    assert min(values) <= spread.mean <= max(values)


def test_the_quantiles_are_those_of_a_line_through_the_ranks():
    found = Spread.of(range(101))
    assert (found.low, found.middle, found.high, found.mean) == (5, 50, 95, 50)
    assert Spread.of([1, 2]).middle == 1.5
    with pytest.raises(ValueError, match="nothing was played"):
        Spread.of([])


def test_the_peak_is_the_fullest_week_of_each_replicate(workspace):
    asked = question(workspace, behaviour=NOBODY, cast=subjects(1), replicates=3)
    tallies = [
        [Tally(lives=1, load=Counter({"ana|10": 3, "ana|11": top, "ben|11": 1}), load_minutes=Counter({"ana|10": 60}))]
        for top in (5, 7, 2)
    ]
    [played] = summed_up(asked, tallies).played
    ana, ben = played.people
    assert (ana.person, ana.peak.low, ana.peak.middle, ana.peak.high) == ("ana", 3, 5, 7), (
        "of few: the least and the most"
    )
    assert ana.fullest == begins(11)
    assert ana.weekly.middle == 4
    assert (ben.peak.middle, ben.fullest) == (1, begins(11))
    assert [week.actions.middle for week in played.weeks] == [3, 6]


def test_a_week_begins_on_its_monday(workspace):
    asked = question(workspace, behaviour=NOBODY)
    [played] = summed_up(asked, play(asked)).played
    assert played.weeks[0].begins == date(2026, 3, 2)
    assert begins(WEEK_OF_MARCH).isoweekday() == 1


def test_differences_are_taken_replicate_by_replicate(workspace):
    """Replicates differ by more than the playbooks do: side by side they say little, in pairs they say it clearly."""
    short, long = way(workspace, "letters", "short"), way(workspace, "letters", "long", wait="12w")
    behaviour = replace(LIVELY, happens={"reply": LIVELY.wins["success"]})
    found = summed_up(
        (asked := question(workspace, short, long, behaviour=behaviour, replicates=9, cast=subjects(150))), play(asked)
    )
    [apart] = found.differences
    assert (apart.base, apart.name) == ("short", "long")
    assert apart.figures["actions"].high < 0
    own = found.played[0].figures["actions"]
    assert apart.figures["actions"].high - apart.figures["actions"].low < own.high - own.low
    assert apart.better["actions"] == 0


def test_how_likely_the_planned_comparison_finds_it_is_the_power_of_its_test(workspace):
    ways = (way(workspace, "letters", "a"), way(workspace, "letters", "b"), way(workspace, "silence", "c"))
    won = Metric(event="won", within=parse_duration("180d"))
    experiment = Experiment(
        name="x", starts=date(2026, 3, 2), control="a", primary=won, expected=900,
        arms={name: Arm(name=name, playbook="letters") for name in "abc"},
    )  # fmt: skip
    asked = question(workspace, *ways, behaviour=NOBODY, replicates=1, metrics=(won,))
    tallies = [[Tally(lives=4000, metrics=Counter({0: wins})) for wins in (200, 600, 200)]]
    first, second = detections(asked, tallies, experiment)
    assert (first.arm, first.control, first.deals) == ("b", "a", 600)
    assert first.found.mean == pytest.approx(power(base=0.05, other=0.15, per_arm=300, alpha=0.025))
    assert first.found.low < first.found.mean < first.found.high
    assert second.found.mean == second.differing == 0, "equal shares: there is nothing to find"
    assert "there is nothing to find" in detection_words(second)


def test_shares_of_all_replicates_together_are_compared_and_few_deals_tell_nothing(workspace):
    """One replicate of few deals differs by chance; that is no difference that an experiment would find."""
    ways = (way(workspace, "letters", "a"), way(workspace, "letters", "b"))
    won = Metric(event="won", within=parse_duration("180d"))
    experiment = Experiment(
        name="x", starts=date(2026, 3, 2), control="a", primary=won, expected=600,
        arms={name: Arm(name=name, playbook="letters") for name in "ab"},
    )  # fmt: skip
    asked = question(workspace, *ways, behaviour=NOBODY, replicates=200, metrics=(won,))
    chance = [(0, 2), (2, 0), (1, 1), (1, 1)] * 50
    tallies = [[Tally(lives=20, metrics=Counter({0: wins})) for wins in pair] for pair in chance]
    [found] = detections(asked, tallies, experiment)
    assert (found.played, found.base, found.other, found.differing) == (4000, 0.05, 0.05, 0.5)
    assert found.found.mean == 0
    [few] = detections(replace(asked, replicates=20), tallies[:20], experiment)
    assert few.found is None
    assert "Too few deals were played" in detection_words(few)


def test_arms_that_win_nothing_or_all_never_differ():
    assert power(base=0, other=0, per_arm=500) == power(base=1, other=1, per_arm=500) == 0


# --- made deals -----------------------------------------------------------------------------------------------------


def test_made_deals_are_lost_on_working_days_of_a_year_and_owned_by_the_roster(workspace):
    playbooks = [workspace.playbooks["letters"]]
    made = made_deals(workspace.world, playbooks, 200, 1, date(2026, 3, 2))
    assert len({subject.account.id for subject in made}) == 200
    days = [date.fromisoformat(subject.account.deals[subject.starts[0].deal].fields["lost_at"]) for subject in made]
    assert min(days) >= date(2026, 3, 2)
    assert max(days) < date(2027, 3, 1)
    assert all(day.isoweekday() <= 5 for day in days)
    owners = Counter(subject.account.deals[subject.starts[0].deal].fields["owner"] for subject in made)
    assert set(owners) == {"ana", "ben"}
    assert min(owners.values()) > 60
    assert [subject.starts[0].at for subject in made] == sorted(subject.starts[0].at for subject in made)
    assert made == made_deals(workspace.world, playbooks, 200, 1, date(2026, 3, 2))
    assert made[:5] != made_deals(workspace.world, playbooks, 5, 2, date(2026, 3, 2))


def test_the_first_of_many_made_deals_are_those_of_few(workspace):
    """So that more deals can be asked for without meeting others."""
    few = made_deals(workspace.world, [], 20, 1, date(2026, 3, 2))
    many = made_deals(workspace.world, [], 60, 1, date(2026, 3, 2))
    assert {subject.account.id: subject for subject in few}.items() <= {one.account.id: one for one in many}.items()


def test_the_room_reads_no_clock_and_no_shared_randomness():
    for path in (Path(__file__).resolve().parents[2] / "engine" / "simulation").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import time" not in text, path
        assert ".now(" not in text, path
        for line in text.splitlines():
            assert "random." not in line or "random.Random" in line or "numpy.random." in line, (path, line)


def test_a_deal_enters_at_its_opening_minute(workspace):
    assert subjects(1)[0].starts[0].at == MONDAY
    made = made_deals(workspace.world, [], 30, 1, date(2026, 3, 2))
    assert {subject.starts[0].at % 86_400 for subject in made} == {9 * 3_600}


# --- ties and edges -------------------------------------------------------------------------------------------------


def test_in_how_many_replicates_it_was_more_or_the_same_is_counted_apart_from_where_it_was_less(workspace):
    ways = (way(workspace, "letters", "a"), way(workspace, "letters", "b"))
    asked = question(workspace, *ways, behaviour=NOBODY, replicates=5)
    tallies = [[Tally(lives=9, wins=4), Tally(lives=9, wins=wins)] for wins in (3, 2, 4, 4, 6)]
    [apart] = summed_up(asked, tallies).differences
    assert (apart.better["wins"], apart.equal["wins"]) == (1 / 5, 2 / 5)


@pytest.mark.parametrize(
    ("days", "quarters"),
    [
        ({1: 1, 2: 1, 3: 1, 4: 1}, (1, 2, 3)),
        ({1: 1, 2: 1, 3: 1, 4: 1, 5: 1}, (2, 3, 4)),
        ({7: 3, 9: 1}, (7, 7, 7)),
        ({7: 1}, (7, 7, 7)),
    ],
)
def test_a_quarter_of_them_came_within_the_day_on_which_exactly_a_quarter_had_come(days, quarters, workspace):
    asked = question(workspace, behaviour=NOBODY, cast=subjects(1))
    [played] = summed_up(asked, [[Tally(lives=1, days_to_end=Counter(days))]]).played
    assert (played.days_to_end, played.ended, played.days_to_win) == (quarters, sum(days.values()), None)


@pytest.mark.parametrize(
    "loads",
    [
        [{"ana|10": 3, "ana|11": 3}],
        [{"ana|11": 3, "ana|10": 3}],
        [{"ana|11": 5}, {"ana|10": 2}],
        [{"ana|10": 2}, {"ana|11": 5}],
    ],
)
def test_of_weeks_that_were_the_fullest_equally_often_the_first_is_named(loads, workspace):
    asked = question(workspace, behaviour=NOBODY, cast=subjects(1), replicates=len(loads))
    [played] = summed_up(asked, [[Tally(lives=1, load=Counter(load))] for load in loads]).played
    assert played.people[0].fullest == begins(10)
