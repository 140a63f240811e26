"""A playbook names a calendar that library/calendars.yaml does not have.

Without it nobody knows which days are business days. Write the name of a calendar of that file, or none: then the
workspace's calendar holds.

    calendar: office
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    name = playbook.calendar
    if name is not None and name not in context.world.calendars:
        yield Finding(
            path=("calendar",),
            rule="unknown-calendar",
            message=f"there is no calendar {name!r}",
            hint=did_you_mean(name, context.world.calendars),
        )
