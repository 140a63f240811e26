"""A deal can stay in this state for ever.

Each state needs one way out that cannot fail: a transition without `if` and without `on_late`, by `after:`, by
`schedule:`, as the last decision, or by `all_closed` where every required action has `expires`.

    transitions:
      - {event: ask.granted, to: thank_you}
      - {after: 7bd, to: thank_you}             # whatever happens, the deal goes on
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import cannot_fail, closes, leaves, required, states, waits_for_all_closed
from engine.core.building.findings import Finding
from engine.core.model import At, Playbook, State


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for _, state in states(playbook):
        if state.decides or any(cannot_fail(state, way, context.vocabulary) for way in state.transitions):
            continue
        if any(isinstance(way.cause, At) and way.certain and leaves(way) for way in state.transitions):
            continue  # the rule empty_date says why that is not enough
        if _waits_in_vain(state):
            continue  # the rule all_closed_without_action says so
        yield Finding(
            path=state.path,
            rule="dead-end",
            message=f"a deal can stay in {state.name!r} for ever: {_why(state, context)}",
            hint=_cure(state, context),
            on="key",
        )


def _waits_in_vain(state: State) -> bool:
    return not required(state) and any(waits_for_all_closed(way) for way in state.transitions)


def _why(state: State, context: Context) -> str:
    if not any(leaves(way) for way in state.transitions):
        return "it has no way out"
    return "each of its ways out can fail"


def _cure(state: State, context: Context) -> str:
    open_for_ever = [action.name for action in required(state) if not closes(action, context.vocabulary)]
    waiting = any(waits_for_all_closed(way) and way.certain and leaves(way) for way in state.transitions)
    if waiting and open_for_ever:
        return f"give {', '.join(open_for_ever)} an `expires`, or add a transition such as {{after: 10bd, to: …}}"
    return "add a transition that cannot fail, such as {after: 10bd, to: …}"
