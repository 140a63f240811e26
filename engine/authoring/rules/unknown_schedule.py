"""A transition or an `enrol` names a schedule that library/calendars.yaml does not have.

A schedule is a cron line with a name, such as the first business day of each month. Declare it there.

    schedules:
      loss_meeting: {cron: "0 9 1 * *", roll: forward}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import transitions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import OnSchedule, Path, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for path, name in _named(playbook):
        if name not in context.world.schedules:
            yield Finding(
                path=path,
                rule="unknown-schedule",
                message=f"there is no schedule {name!r}",
                hint=did_you_mean(name, context.world.schedules) or "declare it in library/calendars.yaml",
            )


def _named(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    if playbook.enrol.schedule is not None:
        yield ("enrol", "schedule"), playbook.enrol.schedule
    for transition in transitions(playbook):
        if isinstance(transition.cause, OnSchedule):
            yield (*transition.path, "schedule"), transition.cause.name
