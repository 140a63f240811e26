"""The ways through a playbook, whatever happens: which ends can be reached, and how a state is entered."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.model import Cause, End, Finish, Playbook, To, Track


def ends_reached(playbook: Playbook, *, without: str) -> set[str]:
    """The ends that a deal can come to although it was never in the state `without`."""
    return {end for track in playbook.tracks.values() for end in _ends_of(playbook, track, without)}


def causes_of(playbook: Playbook, state: str) -> set[Cause]:
    """On what a deal comes into `state` from another."""
    return {
        cause
        for track in playbook.tracks.values()
        for name in track.states
        for cause, target in _ahead(playbook, track, name)
        if target == To(state=state)
    }


def _ends_of(playbook: Playbook, track: Track, without: str) -> Iterator[str]:
    seen, ahead = {without}, [track.initial]
    while ahead:
        state = ahead.pop()
        if state in seen:
            continue
        seen.add(state)
        for _, target in _ahead(playbook, track, state):
            if isinstance(target, To):
                ahead.append(target.state)
            else:
                yield target.end


def _ahead(playbook: Playbook, track: Track, state: str) -> Iterator[tuple[Cause, To | End | Finish]]:
    for transition in (*track.states[state].transitions, *track.anywhere, *playbook.anywhere):
        if isinstance(transition.target, To | End | Finish):
            yield transition.cause, transition.target
