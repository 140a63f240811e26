"""A metric counts what nobody could ever record, or what says nothing about a way of following up.

Counted can be: won, reopened, reply, opted_out; an event of library/events.yaml, or a family of them; the answers to a
questionnaire (answered.QUESTIONNAIRE); and the outcome of an action of one of the arms' playbooks (ACTION.OUTCOME).

    primary: {event: won, within: 180d}
    secondary: [{event: answered.debrief_short, within: 30d}]
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context, metrics
from engine.core.building.findings import Finding, did_you_mean
from engine.core.experiment import Experiment
from engine.core.model import CLOSINGS

_ALONE = ("won", "reopened")  # from the CRM: no family
_OF_THE_ENGINE = ("lost", "deleted", "changed", "all_closed")


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    outcomes = _outcomes(context)
    for path, metric in metrics(experiment):
        if metric.event in outcomes or _declared(metric.event, context):
            continue
        if "." in metric.event and context.arms.keys() != experiment.arms.keys():
            continue  # perhaps of an arm whose playbook has to be mended first
        yield Finding(
            path=(*path, "event"),
            rule="unknown-event",
            message=f"there is no event {metric.event!r} that could be counted",
            hint=did_you_mean(metric.event, [*_countable(context), *outcomes]),
        )


def _outcomes(context: Context) -> set[str]:
    """ACTION.OUTCOME of every action of the arms' playbooks."""
    actions = [action for playbook in context.arms.values() for action in playbook.actions()]
    return {f"{action.name}.{word}" for action in actions for word in (*action.outcomes, "done", *CLOSINGS)}


def _declared(name: str, context: Context) -> bool:
    root, _, rest = name.partition(".")
    if root == "answered":
        return not rest or rest in context.vocabulary.questionnaires
    if root in _ALONE or root in _OF_THE_ENGINE:
        return name in _ALONE
    known = context.vocabulary.events
    return context.vocabulary.event(name) is not None or any(each.startswith(f"{name}.") for each in known)


def _countable(context: Context) -> list[str]:
    answered = [f"answered.{name}" for name in context.vocabulary.questionnaires]
    return [*(name for name in context.vocabulary.events if name not in _OF_THE_ENGINE), *answered]
