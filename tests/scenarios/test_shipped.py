"""The shipped scenarios hold, and the engineers' own file reaches everything in its playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.authoring.workspace import load_workspace
from engine.scenarios import reading
from engine.scenarios.bench import Bench
from engine.scenarios.coverage import coverage
from engine.scenarios.running import run, schedules

ROOT = Path(__file__).resolve().parents[2]
LETTER = f"{reading.FOLDER}/silent-prospect-letter.yaml"


@pytest.fixture(scope="module")
def workspace():
    return load_workspace(ROOT, {})


def test_s2_7_a_more_senior_colleague_revives_the_deal_and_all_of_the_letter_is_reached(workspace):
    [file] = reading.read_scenarios(workspace, [LETTER])
    assert file.problems == ()
    bench = Bench.of(workspace, "silent-prospect-letter")
    played = [run(file, scenario, bench, schedules(bench), 11) for scenario in file.scenarios]
    assert [one.failure and one.failure.message for one in played] == [None] * len(played)
    assert played[0].scenario.name == "a more senior colleague answers the letter"
    [reached] = coverage(workspace, played, ["silent-prospect-letter"])
    assert reached.unreached == []
