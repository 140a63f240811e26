"""An experiment, from plain data that fits schemas/experiment.schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.core.building.guards import optional_condition
from engine.core.building.words import Words
from engine.core.durations import Duration
from engine.core.experiment import ALPHA, Arm, Experiment, Metric
from engine.core.model import Path
from engine.core.vocabulary import Vocabulary

_NEVER = date.max  # stands for a day that the calendar does not have, until somebody mends it
_NO_TIME = Duration(amount=0, unit="d")


def build_experiment(content: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Experiment, Words]:
    """The experiment, and the words it was built with: their `findings` say what is wrong with its condition, its days
    and its windows. One with an error among them must not be used.
    """
    words = Words(vocabulary=vocabulary)
    arms = {name: _arm(name, item) for name, item in content["arms"].items()}
    expect = content.get("expect", {})
    experiment = Experiment(
        name=content["experiment"],
        question=content.get("question", ""),
        starts=_day(words, content["starts"], ("starts",)),
        ends=_day(words, content["ends"], ("ends",)) if "ends" in content else None,
        expected=expect.get("deals"),
        rate=expect.get("rate"),
        unit=content.get("unit", "deal"),
        assign=content.get("assign", "blocks"),
        condition=optional_condition(words, content.get("enrol", {}), ("enrol",)),
        arms=arms,
        control=content.get("control", next(iter(arms))),
        teams={team: _weights(arms, own) for team, own in content.get("teams", {}).items()},
        primary=_metric(words, content["primary"], ("primary",)),
        secondary=_metrics(words, content, "secondary"),
        guardrails=_metrics(words, content, "guardrails"),
        margin=content.get("margin"),
        alpha=content.get("alpha", ALPHA),
    )
    return experiment, words


def _day(words: Words, text: Any, path: Path) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        words.findings.add(path, "bad-date", f"the calendar has no day {text}", "write a date: 2027-01-04")
        return _NEVER


def _arm(name: str, content: Mapping[str, Any]) -> Arm:
    return Arm(
        name=name, playbook=content["playbook"], weight=content.get("weight", 1), params=content.get("params", {}),
        holdout=content.get("holdout", False),
    )  # fmt: skip


def _weights(arms: Mapping[str, Arm], own: Mapping[str, Any]) -> dict[str, float]:
    """A team's own: `arms` are those it takes part with, `weights` go over those of the arms."""
    weights = own.get("weights", {})
    return {name: weights.get(name, arm.weight) for name, arm in arms.items() if name in own.get("arms", arms)}


def _metrics(words: Words, content: Mapping[str, Any], key: str) -> tuple[Metric, ...]:
    return tuple(_metric(words, item, (key, index)) for index, item in enumerate(content.get(key, ())))


def _metric(words: Words, content: Mapping[str, Any], path: Path) -> Metric:
    within = words.plain_duration(content["within"], (*path, "within"))
    return Metric(event=content["event"], within=within or _NO_TIME)
