"""A transition leads to a state that does not exist in its track, or the first state does not exist.

Usually a state was renamed and one mention of it was not.

    transitions:
      - {after: 7bd, to: thank_you}     # there must be a state `thank_you`
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path, Playbook, To, Track


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for track in playbook.tracks.values():
        if track.initial not in track.states:
            yield _finding(track, track.initial, (*track.path, "initial"))
        for state in track.states.values():
            for transition in (*state.transitions,):
                if isinstance(transition.target, To) and transition.target.state not in track.states:
                    yield _finding(track, transition.target.state, (*transition.path, "to"))
        for transition in track.anywhere:
            if isinstance(transition.target, To) and transition.target.state not in track.states:
                yield _finding(track, transition.target.state, (*transition.path, "to"))


def _finding(track: Track, name: str, path: Path) -> Finding:
    return Finding(
        path=path, rule="unknown-state", message=f"there is no state {name!r}", hint=did_you_mean(name, track.states)
    )
