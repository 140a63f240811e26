"""An event that is declared nowhere: nobody could ever record it.

An event is declared in library/events.yaml, comes with every CRM (won, lost, reopened, deleted, changed), or is the
outcome of an action of this playbook (ACTION.OUTCOME).

    events:
      not_now: {means: The contact asked us to come back later.}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, conditions, transitions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.conditions import Count, parts
from engine.core.model import OnEvent, Path, Pause, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    own = {action.name for action in actions(playbook)}
    for path, name in _named(playbook):
        if name.partition(".")[0] in own or _declared(name, context):
            continue
        outcomes = [f"{action.name}.{word}" for action in actions(playbook) for word in action.outcomes]
        near = did_you_mean(name, [*context.vocabulary.events, *outcomes])
        yield Finding(
            path=path,
            rule="unknown-event",
            message=f"there is no event {name!r}",
            hint=f"{near} (events are declared in library/events.yaml)",
        )


def _declared(name: str, context: Context) -> bool:
    """An event, a member of a declared family, or a family of declared members."""
    events = context.vocabulary.events
    return context.vocabulary.event(name) is not None or any(each.startswith(name + ".") for each in events)


def _named(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    if playbook.enrol.event:
        yield ("enrol", "event"), playbook.enrol.event
    for transition in transitions(playbook):
        if isinstance(transition.cause, OnEvent):
            yield (*transition.path, "event"), transition.cause.name
        if isinstance(transition.target, Pause):
            yield (*transition.path, "pause", "until"), transition.target.until
    for path, condition in conditions(playbook):
        for part in parts(condition):
            if isinstance(part, Count) and part.of != "touch":
                yield (*path, "count", "of"), part.of
