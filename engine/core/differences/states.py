"""What is different in the states of a track: those that went, came or have another name, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.differences.actions import action_differences
from engine.core.differences.difference import Difference, Found, Where, changed, order
from engine.core.differences.pairing import Renames, renamed_states
from engine.core.differences.transitions import transition_differences
from engine.core.model import CUSTOMER_KINDS, Action, Playbook, State, Track
from engine.core.values import value_words
from engine.core.wording import due_words, target_in_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Where an action stands."""

    action: Action
    track: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Homes:
    """Every action of the old playbook and of the new one, by its name."""

    old: Mapping[str, Home]
    new: Mapping[str, Home]


def homes(playbook: Playbook) -> dict[str, Home]:
    return {
        action.name: Home(action=action, track=track.name, state=state.name)
        for track in playbook.tracks.values()
        for state in track.states.values()
        for action in state.actions
    }


def track_differences(where: Where, old: Track, new: Track, known: Homes) -> Found:
    """One track that both playbooks have. `where` is () for the only one of a playbook."""
    names = renamed_states(old.states, new.states)
    yield from changed(where or ("playbook",), "initial", names.get(old.initial, old.initial), new.initial)
    yield from transition_differences((*where, "anywhere"), old.anywhere, new.anywhere, names)
    before = {names.get(name, name): state for name, state in old.states.items()}
    for name, state in before.items():
        if name not in new.states:
            told = _outline(state, known.new)
            yield Difference(where=(*where, f"state {name}"), what="state", kind="removed", lines=told)
    for name, state in new.states.items():
        place = (*where, f"state {name}")
        if name not in before:
            yield Difference(where=place, what="state", kind="added", lines=_outline(state, known.old))
            yield from _moved_in(place, new.name, state, known, names)
        elif before[name].name != name:
            yield Difference(where=place, what="state", kind="renamed", old=before[name].name, new=name)
        else:
            yield from _state(place, new.name, before[name], state, (known, names))


def _outline(state: State, elsewhere: Mapping[str, Home]) -> tuple[str, ...]:
    """What stands in a state, in a line for each; without the actions that the other playbook has too."""
    own = (action for action in state.actions if action.name not in elsewhere)
    return (
        *(f"{action.name}: {_short(action)}" for action in own),
        *(target_in_words(way) for way in state.transitions),
    )


def _state(where: Where, track: str, old: State, new: State, around: tuple[Homes, Renames]) -> Found:
    known, names = around
    yield from changed(where, "title", old.title, new.title)
    before = {action.name: action for action in old.actions}
    for action in old.actions:
        if action.name not in known.new:
            yield Difference(where=where, what=f"action {action.name}", kind="removed", old=_short(action))
    for action in new.actions:
        if action.name in before:
            yield from action_differences((*where, f"action {action.name}"), before[action.name], action)
        elif action.name not in known.old:
            yield Difference(where=where, what=f"action {action.name}", kind="added", new=_short(action))
    # of two touches due at one instant the first goes out, and the limits of the second see it
    yield from order(where, "touches", _touches(old), _touches(new))
    yield from _moved_in(where, track, new, known, names)
    yield from transition_differences(where, old.transitions, new.transitions, names)


def _touches(state: State) -> list[str]:
    return [one.name for one in state.actions if {one.kind, *(way.kind for way in one.fallback)} & CUSTOMER_KINDS]


def _moved_in(where: Where, track: str, state: State, known: Homes, names: Renames) -> Found:
    """Actions that stood in another state before."""
    for action in state.actions:
        home = known.old.get(action.name)
        if home is not None and (home.track, names.get(home.state, home.state)) != (track, state.name):
            was = home.state if home.track == track else f"{home.track}, {home.state}"
            yield Difference(where=where, what=f"action {action.name}", kind="moved", old=was, new=state.name)
            yield from action_differences((*where, f"action {action.name}"), home.action, action)


def _short(action: Action) -> str:
    contact = f" to {action.contact}" if action.contact else ""
    return f"{action.kind}{contact}, {due_words(action)}: {value_words(action.title)}"
