"""The only sure way out of a state is a date that may be empty, or already past.

A deal without that date would wait for ever. Add a second way out.

    transitions:
      - {at: 60d before renewal_date, to: check_in}
      - {after: 3mo, to: check_in}              # for deals without a renewal date
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import cannot_fail, leaves, may_be_empty, states
from engine.core.building.findings import Finding
from engine.core.model import At, Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        if state.decides or any(cannot_fail(state, way, context.vocabulary) for way in state.transitions):
            continue
        for way in state.transitions:
            if isinstance(way.cause, At) and way.certain and leaves(way):
                empty = may_be_empty(way.cause.moment, context.vocabulary)
                trouble = "may be empty" if empty else "may be past already"
                yield Finding(
                    path=(*way.path, "at"),
                    rule="empty-date",
                    message=f"{way.cause.moment.text!r} {trouble}, and no other way out of {state.name!r} is sure",
                    hint="add a transition such as {after: 3mo, to: …}",
                )
                break
