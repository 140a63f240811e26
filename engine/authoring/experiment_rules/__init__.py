"""The rules for experiments: one file per rule, in the order in which people look for causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.authoring.experiment_rules import (
    broken_playbook,
    ends_before_start,
    file_name,
    holdout_approaches,
    ignored_enrolment,
    long_window,
    never_ends,
    never_enrolled,
    one_sided_metric,
    overlapping_experiments,
    same_arms,
    unknown_arm,
    unknown_event,
    unknown_parameter,
    unknown_playbook,
    unknown_team,
)
from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment

Rule: TypeAlias = Callable[[Experiment, Context], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "file-name": file_name.check,
    "unknown-playbook": unknown_playbook.check,
    "broken-playbook": broken_playbook.check,
    "unknown-parameter": unknown_parameter.check,
    "unknown-arm": unknown_arm.check,
    "unknown-team": unknown_team.check,
    "unknown-event": unknown_event.check,
    "one-sided-metric": one_sided_metric.check,
    "never-ends": never_ends.check,
    "ends-before-start": ends_before_start.check,
    "long-window": long_window.check,
    "same-arms": same_arms.check,
    "ignored-enrolment": ignored_enrolment.check,
    "holdout-approaches": holdout_approaches.check,
    "never-enrolled": never_enrolled.check,
    "overlapping-experiments": overlapping_experiments.check,
}
