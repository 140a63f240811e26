"""Which piece of one playbook is which piece of another: states by name or by what they do, transitions by what they
wait for and where they lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from engine.core.conditions import AllOf, AnyOf, Condition, Not, describe
from engine.core.model import After, At, Cause, Moment, OnEvent, State, To, Transition
from engine.core.values import Literal, Value

Renames: TypeAlias = Mapping[str, str]  # a state's old name -> its new one
Pair: TypeAlias = tuple[Transition | None, Transition | None]


# --- conditions and delays: equal if they mean the same ---------------------------------------------------------------


def settled(condition: Condition | None) -> Condition | None:
    """`condition` with its parts in one order: what stands first in an `if` makes no difference."""
    if isinstance(condition, Not):
        return Not(part=_settled(condition.part))
    if isinstance(condition, (AllOf, AnyOf)):
        parts = sorted((_settled(part) for part in condition.parts), key=describe)
        return parts[0] if len(parts) == 1 else replace(condition, parts=tuple(parts))
    return condition


def _settled(condition: Condition) -> Condition:
    found = settled(condition)
    assert found is not None
    return found


def same_cause(one: Cause, other: Cause) -> bool:
    """A parameter that both name is one and the same, whatever it comes to: its own change is told once."""
    if isinstance(one, After) and isinstance(other, After):
        return one.text == other.text or one.delay == other.delay
    if isinstance(one, At) and isinstance(other, At):
        return same_moment(one.moment, other.moment)
    return one == other


def same_moment(one: Moment, other: Moment) -> bool:
    return one.text == other.text or replace(one, text="") == replace(other, text="")


# --- states -----------------------------------------------------------------------------------------------------------


def renamed_states(old: Mapping[str, State], new: Mapping[str, State]) -> dict[str, str]:
    """States that are the same but for their names: old name -> new. Only where there is no doubt which is which."""
    gone = {name: state for name, state in old.items() if name not in new}
    come = {name: state for name, state in new.items() if name not in old}
    unclear = {*gone, *come}
    shapes = {name: _shape(state, unclear) for name, state in (*gone.items(), *come.items())}
    found: dict[str, str] = {}
    for name in gone:
        fits = [other for other in come if shapes[other] == shapes[name]]
        rivals = [other for other in gone if shapes[other] == shapes[name]]
        if len(fits) == len(rivals) == 1:
            found[name] = fits[0]
    return found


def _shape(state: State, unclear: set[str]) -> Any:
    """All that a state is, beside its name; where a transition leads to a state with an unclear name is left open."""
    actions = {action.name: replace(action, place=0) for action in state.actions}
    ways = [
        replace(way, place=0, target=To(state="") if isinstance(way.target, To) and way.target.state in unclear
                else way.target)
        for way in state.transitions
    ]  # fmt: skip
    return state.title, actions, ways


def renamed(transition: Transition, names: Renames) -> Transition:
    """`transition` leading to the new name of its state."""
    target = transition.target
    if isinstance(target, To) and target.state in names:
        return replace(transition, target=To(state=names[target.state]))
    return transition


# --- transitions ------------------------------------------------------------------------------------------------------


def pairs(old: Sequence[Transition], new: Sequence[Transition]) -> list[Pair]:
    """Each transition with its counterpart, in the order of `new`; those that are gone come before what followed them.

    The surest pairs are made first: all alike, then one trigger and target, then one trigger, then one target.
    """
    partner: dict[int, int] = {}  # place in `new` -> place in `old`
    for alike in _ALIKE:
        for here, way in enumerate(new):
            if here in partner:
                continue
            free = (there for there in range(len(old)) if there not in partner.values())
            found = next((there for there in free if alike(old[there], way)), None)
            if found is not None:
                partner[here] = found
    return list(_in_order(old, new, partner))


def _in_order(old: Sequence[Transition], new: Sequence[Transition], partner: Mapping[int, int]) -> Iterator[Pair]:
    gone = [there for there in range(len(old)) if there not in partner.values()]
    for here, way in enumerate(new):
        there = partner.get(here)
        upto = next((partner[later] for later in range(here, len(new)) if later in partner), len(old))
        while gone and gone[0] < upto:
            yield old[gone.pop(0)], None
        yield (old[there] if there is not None else None), way
    yield from ((old[there], None) for there in gone)


def _alike(one: Transition, other: Transition) -> bool:
    return replace(one, place=0) == replace(other, place=0)


def _one_way(one: Transition, other: Transition) -> bool:
    return same_cause(one.cause, other.cause) and one.target == other.target


def _one_cause(one: Transition, other: Transition) -> bool:
    return same_cause(one.cause, other.cause) and one.cause is not None


def _one_target(one: Transition, other: Transition) -> bool:
    return one.target == other.target and type(one.cause) is type(other.cause) and not isinstance(one.cause, OnEvent)


_ALIKE: tuple[Callable[[Transition, Transition], bool], ...] = (_alike, _one_way, _one_cause, _one_target)


def overtaken(found: Sequence[Pair]) -> Iterator[tuple[Transition, Transition]]:
    """(first, second) of transitions that compete and were asked the other way round before."""
    both = [(one, other) for one, other in found if one is not None and other is not None]
    for index, (old_first, first) in enumerate(both):
        for old_second, second in both[index + 1 :]:
            if old_first.place > old_second.place and _compete(first, second):
                yield first, second


def _compete(one: Transition, other: Transition) -> bool:
    """Whether their order in the list can decide which of them is taken."""
    first, second = one.cause, other.cause
    if isinstance(first, OnEvent) and isinstance(second, OnEvent):
        return first.takes(second.name) or second.takes(first.name)
    if first is None or second is None:
        return first is second
    if isinstance(first, OnEvent) or isinstance(second, OnEvent):
        return False
    return not (isinstance(first, After) and isinstance(second, After)) or _may_be_equal(first.delay, second.delay)


def _may_be_equal(one: Value, other: Value) -> bool:
    """Whether two delays can come to the same time: of two literals, only if they are the same."""
    return one == other or not (isinstance(one, Literal) and isinstance(other, Literal)) or _days(one) == _days(other)


def _days(delay: Literal) -> Any:
    """`4w` and `28d` are the same time; every other delay is compared as it is written."""
    written = delay.content
    unit = getattr(written, "unit", "")
    return written.amount * {"d": 1, "w": 7}[unit] if unit in ("d", "w") else written
