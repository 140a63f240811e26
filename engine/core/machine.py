"""The kernel: which transition a track takes. The only module that imports `transitions`.

One `Machine(model=None)` per track, shared by every enrolment of the revision; a light record carries the state. Names
from YAML never reach the library: states and triggers get generated ids, guards are our own callables that return real
bools, and there is no other callback, no queue and no `'*'` (docs/decisions.md, "transitions behind one module").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from transitions import Machine

from engine.core.model import End, Finish, OnEvent, Playbook, State, To, Track, Transition

Ask: TypeAlias = Callable[[Transition], bool]  # whether the guard of this transition holds now
DECIDE = "decide"
_OUT = "out"  # the one terminal state: what ends a track or an enrolment leads there


class UnknownTarget(ValueError):
    """A transition leads to a state that its track does not have."""


class _Record:
    """What the library moves: thrown away after each question."""

    __slots__ = ("chosen", "state")

    def __init__(self, state: str) -> None:
        self.state = state
        self.chosen: Transition | None = None


@dataclass(frozen=True, slots=True)
class _Next:
    """After a row of truths: the transition that is asked next, or the one (None: no one) that is chosen."""

    asked: bool
    transition: Transition | None


_Known: TypeAlias = dict[tuple[bool, ...], _Next]


class TrackMachine:
    """Answers, for one track: in this state, on this trigger, which transition?"""

    def __init__(self, track: Track, anywhere: tuple[Transition, ...]) -> None:
        self._ids = {name: f"s{index}" for index, name in enumerate(track.states)}
        self._events = sorted({cause.name for cause in _causes(track, anywhere) if isinstance(cause, OnEvent)})
        self._triggers: dict[str, str] = {}  # trigger key -> id in the library
        self._known: dict[tuple[str, str], _Known] = {}  # by state and trigger
        rows = [row for state in track.states.values() for row in self._rows(track, state, anywhere)]
        self._machine = Machine(
            model=None,
            states=[*self._ids.values(), _OUT],
            transitions=rows,
            initial=self._ids[track.initial],
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=True,
        )

    def choose(self, state: str, trigger: str, ask: Ask) -> Transition | None:
        """The first transition whose guard holds, in the order of the file; None if the track stays as it is.

        Depends only on state, trigger and the truth of every guard asked, so that is remembered: the library runs once
        for each new row of truths, not once per deal.
        """
        if trigger not in self._triggers:
            return None
        known = self._known.setdefault((state, trigger), {})
        truths: tuple[bool, ...] = ()
        while (next_step := known.get(truths)) is not None:
            if not next_step.asked:
                return next_step.transition
            assert next_step.transition is not None
            truths = (*truths, ask(next_step.transition))
        return self._run(state, trigger, ask, truths, known)

    def _run(self, state: str, trigger: str, ask: Ask, given: tuple[bool, ...], known: _Known) -> Transition | None:
        """Let the library choose, and remember how it came to its choice. `given` are answers known already."""
        seen: list[bool] = []

        def asked(transition: Transition) -> bool:
            known[tuple(seen)] = _Next(asked=True, transition=transition)
            answer = given[len(seen)] if len(seen) < len(given) else ask(transition)
            seen.append(answer)
            return answer

        record = _Record(self._ids[state])
        self._machine.events[self._triggers[trigger]].trigger(record, ask=asked)
        known[tuple(seen)] = _Next(asked=False, transition=record.chosen)
        return record.chosen

    def event_trigger(self, name: str) -> str:
        """The trigger key under which an event is asked: its own name, or the nearest family that is listened to."""
        while name and f"event {name}" not in self._triggers:
            name = name.rpartition(".")[0]
        return f"event {name}" if name else ""

    def _rows(self, track: Track, state: State, anywhere: tuple[Transition, ...]) -> list[dict[str, Any]]:
        listed = (*state.transitions, *track.anywhere, *anywhere)
        return [
            self._row(track, state, transition, trigger)
            for transition in listed
            for trigger in self._triggers_of(transition)
        ]

    def _triggers_of(self, transition: Transition) -> list[str]:
        cause = transition.cause
        if cause is None:
            return [DECIDE]
        if isinstance(cause, OnEvent):
            return [f"event {name}" for name in self._events if cause.takes(name)]
        return [timer_trigger(transition.place)]

    def _row(self, track: Track, state: State, transition: Transition, trigger: str) -> dict[str, Any]:
        trigger_id = self._triggers.setdefault(trigger, f"t{len(self._triggers)}")
        return {
            "trigger": trigger_id,
            "source": self._ids[state.name],
            "dest": self._destination(track, transition),
            "conditions": [_guard(transition)],
        }

    def _destination(self, track: Track, transition: Transition) -> str | None:
        target = transition.target
        if isinstance(target, To):
            if target.state not in self._ids:
                raise UnknownTarget(f"track {track.name!r} has no state {target.state!r}")
            return self._ids[target.state]
        return _OUT if isinstance(target, (End, Finish)) else None  # stay and pause leave nothing


def _causes(track: Track, anywhere: tuple[Transition, ...]) -> list[Any]:
    listed = [*track.anywhere, *anywhere]
    for state in track.states.values():
        listed.extend(state.transitions)
    return [transition.cause for transition in listed]


def _guard(transition: Transition) -> Callable[[Any], bool]:
    def holds(event: Any) -> bool:
        if event.kwargs["ask"](transition) is not True:
            return False
        event.model.chosen = transition
        return True

    return holds


def timer_trigger(place: int) -> str:
    """The trigger key of the timer of the transition at `place`."""
    return f"timer {place}"


def machines(playbook: Playbook) -> dict[str, TrackMachine]:
    """One machine per track, in the order of the file."""
    return {name: TrackMachine(track, playbook.anywhere) for name, track in playbook.tracks.items()}
