"""What decides can happen in some of the arms only, so that these are ahead whatever customers do.

An outcome of an action, or the answers to a questionnaire, cannot come where no such action is. Count something that
can happen in every arm: a win, a reply, or answers that all of them ask for.

    primary: {event: won, within: 180d}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment
from engine.core.model import Playbook


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    event = experiment.primary.event
    able = {name for name, playbook in context.arms.items() if _can_happen(event, playbook)}
    if able and able != context.arms.keys():
        without = ", ".join(name for name in context.arms if name not in able)
        yield Finding(
            path=("primary", "event"),
            rule="one-sided-metric",
            message=f"{event} never happens in {without}: no action there leads to it",
            hint="count something that can happen in every arm, such as won or reply",
            level="warning",
        )


def _can_happen(event: str, playbook: Playbook) -> bool:
    """Whether one of its actions leads to the event; of an event that needs no action this is asked in vain."""
    root, _, rest = event.partition(".")
    if root == "answered":
        return any(action.questions == rest for action in playbook.actions())
    return bool(rest) and playbook.has_action(root)
