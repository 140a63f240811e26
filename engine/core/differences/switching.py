"""Parameters that switch pieces on and off: an action or transition whose `if` holds with one value and never with the
other is there in one playbook and gone from the other."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.conditions import AllOf, Clause, Condition
from engine.core.differences.difference import Difference, Found, Where
from engine.core.model import Playbook, State, Transition
from engine.core.values import Literal, Value, value_words
from engine.core.wording import target_in_words

_AGAIN, _AWAY = "it comes in", "it falls away"


def switched(old: Playbook, new: Playbook) -> Found:
    """What the changed parameters of `new` take away from what both playbooks have, or bring back."""
    params = [name for name in new.params if name in old.params and old.params[name] != new.params[name]]
    for where, state in _states(new):
        for action in state.actions:
            if old.has_action(action.name):
                earlier = old.action(action.name).condition
                yield from _told((*where, f"action {action.name}"), earlier, action.condition, (old, new), params)
        for way in state.transitions:
            place = (*where, f"transition {target_in_words(way)}")
            same = (one for one in _ways(old, state.name) if (one.cause, one.target) == (way.cause, way.target))
            for one in list(same)[:1]:
                yield from _told(place, one.condition, way.condition, (old, new), params)


def _states(playbook: Playbook) -> Iterator[tuple[Where, State]]:
    for track in playbook.tracks.values():
        place: Where = (f"track {track.name}",) if len(playbook.tracks) > 1 else ()
        yield from (((*place, f"state {state.name}"), state) for state in track.states.values())


def _ways(playbook: Playbook, state: str) -> Iterator[Transition]:
    for track in playbook.tracks.values():
        if state in track.states:
            yield from track.states[state].transitions


def _told(
    where: Where, earlier: Condition | None, now: Condition | None, both: tuple[Playbook, Playbook], params: list[str]
) -> Found:  # fmt: skip
    for name in params:
        one, other = both[0].params[name], both[1].params[name]
        before, after = _never(earlier, name, one), _never(now, name, other)
        if before != after:
            told = f"{value_words(other)}: {_AWAY if after else _AGAIN}"
            yield Difference(where=where, what=name, old=value_words(one), new=told)


def _never(condition: Condition | None, name: str, value: Value) -> bool:
    """Whether `condition` cannot hold while the parameter `name` is `value`."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    return any(
        isinstance(part, Clause) and part.name == f"params.{name}" and _fails(part, value) for part in parts
    )  # fmt: skip


def _fails(clause: Clause, value: Value) -> bool:
    if not isinstance(value, Literal) or not isinstance(clause.operand, Literal):
        return False  # it depends on the deal
    same = bool(value.content == clause.operand.content)
    return (clause.operator == "is" and not same) or (clause.operator == "is_not" and same)
