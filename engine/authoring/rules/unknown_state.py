"""A transition leads to a state that does not exist in its track, or the first state does not exist.

Usually a state was renamed and one mention of it was not.

    transitions:
      - {after: 7bd, to: thank_you}     # there must be a state `thank_you`
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import BUILT_IN_ENDS, Path, Playbook, To, Track


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for track in playbook.tracks.values():
        if track.initial not in track.states:
            yield _finding(track.initial, (*track.path, "initial"), did_you_mean(track.initial, track.states))
        for transition in (*(way for state in track.states.values() for way in state.transitions), *track.anywhere):
            target = transition.target
            if isinstance(target, To) and target.state not in track.states:
                yield _finding(target.state, (*transition.path, "to"), _meant(target.state, track, playbook))


def _meant(name: str, track: Track, playbook: Playbook) -> str:
    if name in playbook.ends or name in BUILT_IN_ENDS:
        return f"{name!r} is an end: write `end: {name}`"
    if any(name in other.states for other in playbook.tracks.values()):
        return "that state is in another track, and a transition stays in its own"
    return did_you_mean(name, track.states)


def _finding(name: str, path: Path, hint: str) -> Finding:
    return Finding(path=path, rule="unknown-state", message=f"there is no state {name!r}", hint=hint)
