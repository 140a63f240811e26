from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from engine.core.drawing import draw_from_block
from engine.core.durations import parse_duration
from engine.core.experiment import Arm, Experiment, Metric, Phase
from engine.experiments.comparing import compare
from engine.experiments.records import Happened, Records, Settled, Unit
from engine.experiments.selftest import SETUPS, selftest
from engine.experiments.selftest.making import asked_at, made, rows_of
from engine.experiments.selftest.running import null_experiments, verdict_of
from engine.experiments.selftest.setups import A, B


def test_a_made_experiment_is_drawn_as_the_engine_draws() -> None:
    found = made(SETUPS["simpson"], 3, 0)
    plan = found.phases[0].experiment
    for one in found.units:
        drawn = draw_from_block(plan.name, 1, one.team, plan.weights(one.team), one.position)
        assert (one.arm, one.probability) == (drawn.arm, drawn.probability)
    assert len(found.units) == 500
    assert {one.drawn_on for one in found.units} <= {plan.starts, *(one.drawn_on for one in found.units)}


def test_everything_is_known_by_the_end_and_wins_lie_in_the_window() -> None:
    found = made(SETUPS["faster"], 3, 1)
    last = found.phases[0].experiment.primary.last_day
    wins = [(one, event) for one in found.units for event in one.happened]
    assert 20 < len(wins) < 90
    assert all(one.drawn_on <= event.on <= last(one.drawn_on) for one, event in wins)
    assert all(event.recorded_at <= found.settled[-1].imported_at for _, event in wins)
    early = {arm: [(event.on - one.drawn_on).days for one, event in wins if one.arm == arm] for arm in (A, B)}
    assert sum(early[B]) / len(early[B]) < sum(early[A]) / len(early[A]) / 2


def test_an_experiment_depends_on_its_seed_and_number_only() -> None:
    setup = SETUPS["plain"]
    assert made(setup, 1, 7) == made(setup, 1, 7)
    assert made(setup, 1, 7) != made(setup, 1, 8) != made(setup, 2, 7)


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize("part", [0.3, 0.6, 1.0])
def test_the_self_test_counts_what_compare_says(name: str, part: float) -> None:
    found = made(SETUPS[name], 5, 2)
    first, last = found.settled[0].ticked_at, asked_at(found)
    asked = first + int((last - first) * part)
    answer = compare(found, asked)
    contrast, verdict = verdict_of(found, asked)
    assert verdict == answer.verdict
    assert (contrast.looks, contrast.difference) == (answer.contrasts[0].looks, answer.contrasts[0].difference)


def test_the_number_of_workers_changes_nothing() -> None:
    seen: list[int] = []
    alone = selftest(["plain", "coverage"], 28, 9)
    assert selftest(["plain", "coverage"], 28, 9, workers=2, progress=seen.append) == alone
    assert sum(seen) == 56
    assert [one.count for one in alone] == [28, 28]
    assert all(one.seed == 9 for one in alone)


def test_more_experiments_are_the_same_ones_and_some_more() -> None:
    few, more = (null_experiments(count, 4, SETUPS["plain"]) for count in (5, 10))
    assert few.experiments == 5
    assert more.naively >= few.naively


def test_without_a_difference_winners_are_rare_and_reading_every_week_is_not() -> None:
    (found,) = selftest(["plain"], 60, 1)
    assert found.low <= 0.06 and found.rate < 0.12
    assert found.naive > 2 * found.rate
    assert found.invalid == 0
    assert found.words.startswith("plain: 60 experiments (250 deals an arm in two teams")
    assert "A winner was called in" in found.words


def test_a_difference_is_found_and_the_range_holds() -> None:
    power, coverage = selftest(["power", "coverage"], 30, 1)
    assert power.rate > 0.7 and power.passed
    assert coverage.rate > 0.85 and coverage.passed


def test_nothing_of_the_comparison_imports_numpy_before_it_is_needed() -> None:
    rooms = "engine.experiments.comparing, engine.experiments.planning, engine.experiments.selftest"
    code = f"import sys, {rooms}; print('numpy' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True).stdout
    assert told.strip() == "False"


def test_an_experiment_written_as_rows_is_the_same_experiment() -> None:
    found = made(SETUPS["power"], 5, 3)
    again = _from_rows(rows_of(found))
    assert again == found
    assert verdict_of(again) == verdict_of(found)


def _from_rows(rows: dict[str, list[dict[str, object]]]) -> Records:
    """As somebody would who writes them into a workspace and reads them again."""
    (told,) = rows["experiment"]
    plan = Experiment(
        name=str(told["name"]),
        starts=date.fromisoformat(str(told["starts"])),
        ends=date.fromisoformat(str(told["ends"])),
        arms={name: Arm(name=name, playbook=playbook) for name, playbook in told["arms"].items()},  # type: ignore[attr-defined]
        control=str(told["control"]),
        primary=Metric(event=told["primary"]["event"], within=parse_duration(told["primary"]["within"])),  # type: ignore[index]
        teams=told["teams"],  # type: ignore[arg-type]
    )
    wins: dict[object, list[Happened]] = {}
    for row in rows["events"]:
        happened = Happened(
            event=str(row["event"]),
            on=date.fromisoformat(str(row["on"])),
            recorded_at=int(row["recorded_at"]),  # type: ignore[call-overload]
        )
        wins.setdefault(row["deal"], []).append(happened)
    units = []
    for row in rows["draws"]:
        drawn_on = date.fromisoformat(str(row.pop("drawn_on")))
        units.append(
            Unit(id=row.pop("unit"), drawn_on=drawn_on, happened=tuple(wins.get(row["deal"], ())), **row)  # type: ignore[arg-type]
        )
    settled = [
        Settled(imported_at=made["at"], ticked_at=ticked["at"])  # type: ignore[arg-type]
        for made, ticked in zip(rows["imports"], rows["ticks"], strict=True)
    ]
    return Records(
        phases=(Phase(number=1, began_at=told["began_at"], experiment=plan),),  # type: ignore[arg-type]
        units=tuple(units),
        settled=tuple(settled),
        zone=str(told["zone"]),
        name=plan.name,
    )
