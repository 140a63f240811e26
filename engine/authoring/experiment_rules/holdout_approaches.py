"""A holdout is to show who comes back unasked, and its playbook goes to customers by itself.

A call or a letter may be there in answer to them: in a state that deals reach by a reply only (an event with
`reply: true` in library/events.yaml). All else that goes to customers makes it a way of following up like the others.

    arms:
      nothing: {playbook: no-follow-up, holdout: true}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.experiment_rules.context import Context
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment
from engine.core.model import CUSTOMER_KINDS, Action, OnEvent, Playbook, To, Track, Transition
from engine.core.vocabulary import Vocabulary


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    for name, playbook in context.arms.items():
        action = _approach(playbook, context.vocabulary) if experiment.arms[name].holdout else None
        if action is not None:
            yield Finding(
                path=("arms", name, "playbook"),
                rule="holdout-approaches",
                message=f"a holdout leaves customers alone, and {playbook.name} goes to them with {action.name!r}",
                hint="take a playbook such as no-follow-up, or delete `holdout: true`",
            )


def _approach(playbook: Playbook, vocabulary: Vocabulary) -> Action | None:
    """The first action that goes to a customer who did not come to us."""
    for track in playbook.tracks.values():
        unasked = _unasked(track, vocabulary)
        for state in track.states.values():
            for action in state.actions:
                if state.name in unasked and _goes_out(action):
                    return action
    return None


def _goes_out(action: Action) -> bool:
    return action.customer_facing or any(fallback.kind in CUSTOMER_KINDS for fallback in action.fallback)


def _unasked(track: Track, vocabulary: Vocabulary) -> set[str]:
    """The states that a deal can reach without anything from the customer."""
    reached: set[str] = set()
    ahead = [track.initial, *_targets(track.anywhere, vocabulary)]
    while ahead:
        name = ahead.pop()
        if name in track.states and name not in reached:
            reached.add(name)
            ahead += _targets(track.states[name].transitions, vocabulary)
    return reached


def _targets(transitions: tuple[Transition, ...], vocabulary: Vocabulary) -> Iterator[str]:
    for transition in transitions:
        if isinstance(transition.target, To) and not _by_customer(transition, vocabulary):
            yield transition.target.state


def _by_customer(transition: Transition, vocabulary: Vocabulary) -> bool:
    return isinstance(transition.cause, OnEvent) and vocabulary.is_reply(transition.cause.name)
