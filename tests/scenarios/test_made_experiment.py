"""Experiments of the self-test, lived through in a real SQLite file by imports and ticks."""

from contextlib import closing

import pytest

pytest.importorskip("numpy", reason="comparing needs the extra `compare`")

from engine.experiments.comparing import compare
from engine.experiments.selftest.making import asked_at, made
from engine.experiments.selftest.running import verdict_of
from engine.experiments.selftest.setups import SETUPS
from engine.scenarios.made_experiment import lived_through
from engine.store.sqlite import create


@pytest.mark.parametrize(("setup", "number"), [("plain", 3), ("simpson", 1), ("power", 2)])
def test_ticks_draw_the_same_arms_and_the_verdict_is_the_same(setup, number, tmp_path):
    records = made(SETUPS[setup], 11, number)
    with closing(create(tmp_path / "playbook.db")) as store:
        lived = lived_through(records, store)
        assert [unit.arm for unit in in_order(lived)] == [unit.arm for unit in in_order(records)]
        assert verdict_of(lived) == verdict_of(records)


def test_an_arm_whose_playbook_ends_after_one_day_loses_no_win(tmp_path):
    records = made(SETUPS["plain"], 5, 0)
    with closing(create(tmp_path / "playbook.db")) as store:
        lived = lived_through(records, store)
        over = [one for unit in lived.units for one in store.enrolments_of(unit.deal)
                if (one.playbook, one.end) == ("old", "over")]  # fmt: skip
        assert len(over) > 240 and min(one.ended_at - one.enrolled_at for one in over) <= 86_400
        found, wanted = (
            {arm.arm: arm.count for arm in compare(one, asked_at(records)).arms} for one in (lived, records)
        )
    assert found == wanted and found["control"].yes > 5


def in_order(records):
    return sorted(records.units, key=lambda unit: (unit.team, unit.position))
