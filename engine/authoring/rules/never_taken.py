"""A transition that can never be taken, because one before it always comes first.

For one event and among decisions the order in the list decides; among delays the shorter one goes first. What an action
raises reaches only its own deal, so `from: contact` or `from: account` cannot hear it.

    transitions:
      - {event: ask.no_answer, if: {visits: {less_than: 3}}, to: ask_again}
      - {event: ask.no_answer, to: thank_you}   # without `if`: last
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, leaves, transitions
from engine.core.building.findings import Finding
from engine.core.durations import Duration
from engine.core.model import After, OnEvent, Playbook, Transition
from engine.core.values import Literal


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for listed in _lists(playbook):
        for index, later in enumerate(listed):
            first = next((each for each in listed[:index] if _comes_first(each, later)), None)
            first = first or next((each for each in listed if _is_sooner(each, later)), None)
            if first is not None:
                yield _finding(later, f"the transition {_nth(listed, first)} of this list always comes first")
    own = {action.name for action in actions(playbook)}
    for transition in transitions(playbook):
        cause = transition.cause
        if isinstance(cause, OnEvent) and cause.origin != "deal" and cause.name.partition(".")[0] in own:
            hint = "delete `from`: the outcome of an action reaches only its own deal"
            yield _finding(transition, f"{cause.name} never comes from another deal", hint)


def _lists(playbook: Playbook) -> Iterator[Sequence[Transition]]:
    yield playbook.anywhere
    for track in playbook.tracks.values():
        yield track.anywhere
        for state in track.states.values():
            yield state.transitions


def _comes_first(earlier: Transition, later: Transition) -> bool:
    """Whether `earlier` is taken at every instant at which `later` could be."""
    if earlier.condition is not None:
        return False
    if earlier.cause is None and later.cause is None:
        return True
    if not isinstance(earlier.cause, OnEvent) or not isinstance(later.cause, OnEvent):
        return False
    reach = ("deal", "contact", "account")
    wider = reach.index(earlier.cause.origin) >= reach.index(later.cause.origin)
    return wider and earlier.cause.takes(later.cause.name)


def _is_sooner(one: Transition, other: Transition) -> bool:
    """Whether `one` leaves the state before the delay of `other` is over."""
    if one is other or not one.certain or not leaves(one):
        return False
    here, there = _delay(one), _delay(other)
    if here is None or there is None or here.unit != there.unit:
        return False
    return (here.amount, one.place) < (there.amount, other.place)


def _delay(transition: Transition) -> Duration | None:
    cause = transition.cause
    if isinstance(cause, After) and isinstance(cause.delay, Literal) and isinstance(cause.delay.content, Duration):
        return cause.delay.content
    return None


def _nth(listed: Sequence[Transition], transition: Transition) -> str:
    return f"number {[each is transition for each in listed].index(True) + 1}"


def _finding(transition: Transition, message: str, hint: str = "put it first, or delete it") -> Finding:
    return Finding(path=transition.path, rule="never-taken", message=f"this can never happen: {message}", hint=hint)
