"""No deal can ever come into this state.

Neither is it the first state, nor does a transition from a state that can be reached lead to it.

    transitions:
      - {after: 4w, to: check_in}       # now `check_in` can be reached
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding
from engine.core.model import Playbook, To, Track, Transition


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for track in playbook.tracks.values():
        if track.initial not in track.states:
            continue
        reached = _reached(track)
        for state in track.states.values():
            if state.name not in reached:
                yield Finding(
                    path=state.path,
                    rule="unreachable-state",
                    message=f"no deal can come into the state {state.name!r}",
                    hint="lead a transition to it, or delete it",
                    on="key",
                )


def _reached(track: Track) -> set[str]:
    reached: set[str] = set()
    waiting = [track.initial, *_targets(track.anywhere)]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in track.states:
            continue
        reached.add(name)
        waiting += _targets(track.states[name].transitions)
    return reached


def _targets(transitions: tuple[Transition, ...]) -> list[str]:
    return [transition.target.state for transition in transitions if isinstance(transition.target, To)]
