"""Work is given to somebody whom the roster does not know.

`assign` and `to` take owner, manager, a role, or a person of library/roster.yaml; a waiver is `by` a person.

    assign: manager
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, possible
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path, Playbook
from engine.core.values import Value


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    roster = context.world.roster
    for path, value in _named(playbook):
        for name in possible(value):
            if name is not None and not roster.knows(str(name)):
                yield Finding(
                    path=path,
                    rule="unknown-person",
                    message=f"the roster knows no person and no role {str(name)!r}",
                    hint=did_you_mean(str(name), ["owner", "manager", *roster.roles, *roster.people]),
                )
    yield from _waived_by_nobody(playbook, context)


def _waived_by_nobody(playbook: Playbook, context: Context) -> Iterator[Finding]:
    """A waiver is a person's decision: of somebody whom one can ask."""
    people = context.world.roster.people
    for action in actions(playbook):
        for index, waiver in enumerate(action.waive):
            if people and waiver.by not in people:
                yield Finding(
                    path=(*action.path, "waive", index, "by"),
                    rule="unknown-person",
                    message=f"the roster knows no person {waiver.by!r}",
                    hint=did_you_mean(waiver.by, people),
                )


def _named(playbook: Playbook) -> Iterator[tuple[Path, Value]]:
    for action in actions(playbook):
        yield (*action.path, "assign"), action.assign
        for index, step in enumerate(action.escalate):
            if step.to is not None:
                yield (*action.path, "escalate", index, "to"), step.to
