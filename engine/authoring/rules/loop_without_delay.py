"""States that lead to each other at once, again and again.

The deal would go round without a pause. Put a delay, an event or an action somewhere into the circle.

    try_again_later:
      transitions:
        - {after: 5bd, to: call}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding
from engine.core.durations import Duration
from engine.core.model import After, At, Playbook, To, Track, Transition
from engine.core.values import Literal


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for track in playbook.tracks.values():
        told: set[str] = set()
        for state in track.states.values():
            circle = _circle(track, state.name)
            if circle and not told.intersection(circle):
                told.update(circle)
                yield Finding(
                    path=state.path,
                    rule="loop-without-delay",
                    message=f"a deal would go round without a pause: {' → '.join([*circle, state.name])}",
                    hint="wait somewhere in between, such as {after: 5bd, to: …}",
                    on="key",
                )


def _circle(track: Track, start: str) -> list[str]:
    """The states of a shortest circle through `start` that takes no time; [] if there is none."""
    ways: dict[str, list[str]] = {start: [start]}
    waiting = [start]
    for name in waiting:
        for target in _at_once(track, name):
            if target == start:
                return ways[name]
            if target not in ways:
                ways[target] = [*ways[name], target]
                waiting.append(target)
    return []


def _at_once(track: Track, name: str) -> list[str]:
    found = track.states.get(name)
    transitions = found.transitions if found else ()
    return [way.target.state for way in transitions if isinstance(way.target, To) and _takes_no_time(way)]


def _takes_no_time(transition: Transition) -> bool:
    cause = transition.cause
    if isinstance(cause, After):
        delay = cause.delay.content if isinstance(cause.delay, Literal) else None
        return isinstance(delay, Duration) and delay.amount == 0
    return cause is None or (isinstance(cause, At) and transition.run_if_past)
