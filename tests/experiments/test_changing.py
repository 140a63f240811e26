"""What is a change of an experiment, and what is the same in other words."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from engine.core.building.experiment import build_experiment
from engine.experiments.orders import NotOrderable, differences, draws_otherwise, spelled_out
from engine.store.sqlite import create
from tests.runner.trials import FILE, WORDS, experiment, orders

SCHEMA = json.loads(Path("schemas/experiment.schema.json").read_text(encoding="utf-8"))
SPELLED = experiment(
    unit="deal",
    assign="blocks",
    alpha=0.05,
    control="a",
    arms={
        "a": {"playbook": "soon", "weight": 1, "holdout": False},
        "b": {"playbook": "late", "weight": 1, "holdout": False},
    },
)
LAST, AFTER = date(2026, 5, 31), date(2026, 6, 1)  # of FILE


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        orders(store).start("timing", FILE)
        yield store


def test_a_default_written_out_is_no_change(store) -> None:
    with pytest.raises(NotOrderable, match="says what is in force already"):
        orders(store, 1).change("timing", SPELLED)
    assert list(differences(spelled_out(FILE, SPELLED), spelled_out(SPELLED, FILE))) == []


def test_beside_defaults_written_out_only_what_is_different_counts(store) -> None:
    assert orders(store, 1).change("timing", {**SPELLED, "question": "Which?"}) == 1
    with pytest.raises(NotOrderable, match="alpha of timing cannot"):
        orders(store, 2).change("timing", {**SPELLED, "alpha": 0.1})


def test_a_default_taken_out_again_is_no_change_either(store) -> None:
    orders(store, 1).change("timing", {**SPELLED, "question": "Which?"})
    with pytest.raises(NotOrderable, match="says what is in force already"):
        orders(store, 2).change("timing", experiment(question="Which?"))


def test_spelled_out_means_the_same_as_before() -> None:
    for content in (FILE, experiment(arms={**FILE["arms"], "b": {"playbook": "late", "weight": 3}}), SPELLED):
        assert build_experiment(spelled_out(content), WORDS)[0] == build_experiment(content, WORDS)[0]


def test_everything_with_a_default_in_the_schema_is_spelled_out() -> None:
    arm = SCHEMA["$defs"]["arm"]["properties"]
    for properties, found in ((SCHEMA["properties"], spelled_out(FILE)), (arm, spelled_out(FILE)["arms"]["a"])):
        given = {name: item["default"] for name, item in properties.items() if "default" in item}
        assert given and {name: found.get(name) for name in given} == given


def test_a_team_that_draws_as_all_others_do_begins_no_phase() -> None:
    for own in ({"arms": ["a", "b"]}, {"weights": {"b": 1}}):
        assert not draws_otherwise(FILE, experiment(teams={"west": own}))
    for own in ({"arms": ["a"]}, {"arms": []}, {"weights": {"b": 2}}):
        assert draws_otherwise(FILE, experiment(teams={"west": own}))


def test_a_new_arm_is_told_as_it_stands_in_the_file() -> None:
    three = experiment(arms={**FILE["arms"], "c": {"playbook": "nothing"}})
    assert list(differences(spelled_out(FILE, three), spelled_out(three, FILE))) == [
        "arms.c: nothing -> {'playbook': 'nothing'}"
    ]


def test_after_the_last_day_of_drawing_no_phase_begins(store) -> None:
    arms = {**FILE["arms"], "b": {"playbook": "late", "weight": 3}}
    with pytest.raises(NotOrderable, match="has drawn until 2026-05-31: nothing would be drawn"):
        orders(store, 1).change("timing", experiment(arms=arms), AFTER)
    assert orders(store, 1).change("timing", experiment(question="Which?"), AFTER) == 1
    assert orders(store, 2).change("timing", experiment(question="Which?", arms=arms), LAST) == 2
