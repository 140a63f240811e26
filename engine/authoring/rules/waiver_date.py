"""A waiver was decided on a day that is in no calendar.

Whoever asks later why a rule did not hold reads this date in the history.

    waive:
      - {rule: no_price_offer, by: ana, on: 2026-03-02, because: They asked us for a new quote}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.dates import DateError, parse_date_fact
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for action in actions(playbook):
        for index, waiver in enumerate(action.waive):
            try:
                parse_date_fact(waiver.on)
            except DateError as error:
                path = (*action.path, "waive", index, "on")
                hint = "write the day of the decision: 2026-03-02"
                yield Finding(path=path, rule="waiver-date", message=error.message, hint=hint)
