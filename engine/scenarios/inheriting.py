"""What a variant has from its base as it is, so that the scenarios of the base have shown it already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.core.model import Action, Playbook, State, Transition


def inherited(variant: Playbook, base: Playbook) -> set[tuple[str, str]]:
    """The goals of `variant` (as in coverage.py) that stand in `base` in the same words, parameters put in.

    A state counts as the base's if it is entered under the same name; what differs in it are its actions and
    transitions, which count by themselves.
    """
    return {*_states(variant, base), *_transitions(variant, base), *_outcomes(variant, base)}


def _states(variant: Playbook, base: Playbook) -> Iterator[tuple[str, str]]:
    for track in variant.tracks.values():
        known = base.tracks[track.name].states if track.name in base.tracks else {}
        yield from (("state", f"{track.name}.{name}") for name in track.states if name in known)


def _transitions(variant: Playbook, base: Playbook) -> Iterator[tuple[str, str]]:
    for here, there in _lists(variant, base):
        known = [_unplaced(one) for one in there]
        yield from (("transition", str(one.place)) for one in here if _unplaced(one) in known)


def _lists(variant: Playbook, base: Playbook) -> Iterator[tuple[Sequence[Transition], Sequence[Transition]]]:
    """Each list of transitions, with the one that stands at its place in the base."""
    yield variant.anywhere, base.anywhere
    for name, track in variant.tracks.items():
        if name in base.tracks:
            other = base.tracks[name]
            yield track.anywhere, other.anywhere
            empty = State(name="", place=0)
            yield from (
                (state.transitions, other.states.get(each, empty).transitions) for each, state in track.states.items()
            )


def _unplaced(transition: Transition) -> Transition:
    return replace(transition, place=0)


def _outcomes(variant: Playbook, base: Playbook) -> Iterator[tuple[str, str]]:
    for action in variant.actions():
        same = base.has_action(action.name) and _alike(action, base.action(action.name))
        if same:
            yield from (("outcome", f"{action.name}.{outcome}") for outcome in (*action.outcomes, "expired"))


def _alike(one: Action, other: Action) -> bool:
    return replace(one, place=0) == replace(other, place=0)
