"""What arms that come later do to those that were there."""

from __future__ import annotations

from dataclasses import replace

from engine.core.experiment import Phase
from engine.experiments.comparing import compare
from tests.experiments.making import at, counted, experiment, records

TALLIES = {("west", "old"): (20, 250), ("west", "new"): (20, 250), ("west", "third"): (60, 250)}


def test_an_arm_of_the_third_phase_takes_nothing_back_from_one_of_the_second() -> None:
    second = Phase(number=2, began_at=at(20), experiment=experiment("old", "new", "third"))
    third = Phase(number=3, began_at=at(149), experiment=experiment("old", "new", "third", "fourth"))
    given = records(counted(TALLIES), experiment("old", "new"), later=[second])
    before = {one.arm: one for one in compare(given, at(150)).contrasts}
    after = {one.arm: one for one in compare(replace(given, phases=(*given.phases, third)), at(150)).contrasts}
    assert (before["third"].verdict, before["third"].alpha) == (after["third"].verdict, 0.025)
    assert (after["new"].alpha, after["fourth"].alpha) == (0.05, 0.05 / 3)
