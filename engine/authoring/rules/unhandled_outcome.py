"""The only outcome of an action that no transition names, in a state that waits for `all_closed`, which then takes it.

Perhaps that is meant, perhaps the outcome was forgotten. Name it; `stay: true` says that `all_closed` may take it.
Where several are left, `all_closed` plainly stands for the rest, and nothing is said.

    outcomes: [granted, refused, no_answer]
    …
    transitions:
      - {event: ask.granted, to: thank_you}
      - {event: ask.refused, end: declined}
      - {event: ask.no_answer, stay: true}      # nothing special: wait for the other actions
      - {event: all_closed, to: learn_more}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import states, waits_for_all_closed
from engine.core.building.findings import Finding
from engine.core.conditions import Clause, Count, Elapsed, parts
from engine.core.model import Action, OnEvent, Playbook, State, Track, Transition


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for track, state in states(playbook):
        if not any(waits_for_all_closed(way) for way in state.transitions):
            continue
        named = _named(_heard(playbook, track, state))
        for action in state.actions:
            unnamed = [word for word in action.outcomes if not _is_named(action, word, named)]
            if len(unnamed) == 1 < len(action.outcomes) and unnamed != ["done"]:
                yield _finding(action, unnamed[0])


def _is_named(action: Action, outcome: str, named: set[str]) -> bool:
    return action.name in named or f"{action.name}.{outcome}" in named


def _heard(playbook: Playbook, track: Track, state: State) -> list[Transition]:
    """The transitions that hold in `state`; those of other states too if one of its actions stays open there."""
    if any(action.keep for action in state.actions):
        own = [way for each in track.states.values() for way in each.transitions]
    else:
        own = list(state.transitions)
    return [*playbook.anywhere, *track.anywhere, *own]


def _named(ways: list[Transition]) -> set[str]:
    """The events that a transition is taken by, or that its condition asks about."""
    found = {way.cause.name for way in ways if isinstance(way.cause, OnEvent)}
    for way in ways:
        for part in parts(way.condition):
            if isinstance(part, Count):
                found.add(part.of)
            elif isinstance(part, (Clause, Elapsed)):
                found.add(part.name.removeprefix("last."))
    return found


def _finding(action: Action, outcome: str) -> Finding:
    event = f"{action.name}.{outcome}"
    return Finding(
        path=(*action.path, "outcomes", action.outcomes.index(outcome)),
        rule="unhandled-outcome",
        message=f"what happens on {event}? all_closed takes it",
        hint=f"write a transition for it; {{event: {event}, stay: true}} says that this is meant",
        level="warning",
    )
