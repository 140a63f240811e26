"""Ways through a playbook that several rules take."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.conditions import Condition
from engine.core.model import (
    Action,
    After,
    At,
    End,
    Finish,
    Moment,
    OnEvent,
    OnSchedule,
    Playbook,
    State,
    To,
    Track,
    Transition,
)
from engine.core.values import FieldRef, Literal, Lookup, Value
from engine.core.vocabulary import Vocabulary


def states(playbook: Playbook) -> Iterator[tuple[Track, State]]:
    for track in playbook.tracks.values():
        for state in track.states.values():
            yield track, state


def transitions(playbook: Playbook) -> Iterator[Transition]:
    """Every transition: `anywhere` of the playbook and of its tracks, then those of the states."""
    yield from playbook.anywhere
    for track in playbook.tracks.values():
        yield from track.anywhere
        for state in track.states.values():
            yield from state.transitions


def actions(playbook: Playbook) -> Iterator[Action]:
    for _, state in states(playbook):
        yield from state.actions


def conditions(playbook: Playbook) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    """Every `if`, with its path."""
    if playbook.enrol.condition is not None:
        yield ("enrol", "if"), playbook.enrol.condition
    owners = [(owner.path, owner.condition) for owner in transitions(playbook)]
    owners += [(owner.path, owner.condition) for owner in actions(playbook)]
    yield from (((*path, "if"), condition) for path, condition in owners if condition is not None)


def leaves(transition: Transition) -> bool:
    return isinstance(transition.target, (To, End, Finish))


def required(state: State) -> list[Action]:
    return [action for action in state.actions if not action.optional]


def waits_for_all_closed(transition: Transition) -> bool:
    return isinstance(transition.cause, OnEvent) and transition.cause.name == "all_closed"


def may_be_empty(moment: Moment, vocabulary: Vocabulary) -> bool:
    """Whether the date of `moment` may be unknown for some deals."""
    if not isinstance(moment.date, FieldRef):
        return False
    declared = vocabulary.find(moment.date.name)
    return declared is None or declared.may_be_empty


def possible(value: Value | None) -> list[object]:
    """What a value can be without looking at a deal: a literal, or every entry of a lookup."""
    if isinstance(value, Literal):
        return [value.content]
    return [*value.values.values(), value.otherwise] if isinstance(value, Lookup) else []


def cannot_fail(state: State, transition: Transition, vocabulary: Vocabulary) -> bool:
    """Whether every deal in `state` leaves it by this transition at the latest."""
    if not transition.certain or not leaves(transition):
        return False
    if isinstance(transition.cause, After):
        return not isinstance(transition.cause.delay, FieldRef)
    if isinstance(transition.cause, At):
        return transition.run_if_past and not may_be_empty(transition.cause.moment, vocabulary)
    if waits_for_all_closed(transition):
        return bool(required(state)) and all(closes(action, vocabulary) for action in required(state))
    return transition.cause is None or isinstance(transition.cause, OnSchedule)


def closes(action: Action, vocabulary: Vocabulary) -> bool:
    """Whether the action closes at some time even if nobody touches it."""
    if action.expires is None:
        return False
    if isinstance(action.due, Moment) and may_be_empty(action.due, vocabulary):
        return False
    return not isinstance(action.due, FieldRef) and not isinstance(action.expires.when, FieldRef)
