"""What an enrolment waits for, what its guards say now, and what comes next if nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.core.account import Account
from engine.core.advance import Advancing, Revisions, next_instant
from engine.core.conditions import AllOf, AnyOf, Condition, Count, Not, describe, holds
from engine.core.draft import Draft, Standpoint
from engine.core.enrolment import Enrolment, Instant, Position
from engine.core.model import Transition
from engine.core.reads import Reads
from engine.core.step import Compiled, Step
from engine.core.view import View
from engine.core.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One question of a guard: its words, whether it holds, and the value that decided it."""

    words: str
    holds: bool
    value: Any
    depth: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A transition out of the present state, and what its guard says now. `due`: when its timer runs out."""

    track: str
    transition: Transition
    holds: bool
    answers: tuple[Answer, ...]
    due: Instant | None
    spent: bool


def steps_ahead(world: World, revisions: Revisions, account: Account, until: Instant) -> Iterator[Step]:
    """Every step that `account` will take by itself up to `until`, in order. The account is changed."""
    while (instant := next_instant(account)) is not None and instant <= until:
        found: list[Step] = []
        Advancing(world, revisions, account, instant, found.append).run()
        yield from found


def next_transitions(world: World, revisions: Revisions, account: Account, until: Instant) -> dict[str, Step]:
    """The first step with a transition of each open enrolment, if nothing happens. The account is changed."""
    waiting = set(account.enrolments)
    found: dict[str, Step] = {}
    for step in steps_ahead(world, revisions, account, until):
        if step.transitions and step.after.id in waiting:
            found[step.after.id] = step
            waiting.discard(step.after.id)
        if not waiting:
            break
    return found


def ways(world: World, compiled: Compiled, account: Account, enrolment: Enrolment, at: Instant) -> list[Way]:
    """Every transition that could be taken from where `enrolment` stands, in the order in which they are asked."""
    playbook = compiled.revision.playbook
    view = View(world, account, account.deals[enrolment.deal], playbook, at)
    draft = Draft(playbook, compiled.machines, enrolment.copy(), Reads(view), at)
    found = []
    for position in draft.standing():
        listed = (*draft.state(position).transitions, *playbook.tracks[position.track].anywhere, *playbook.anywhere)
        found += [_way(draft, position, transition) for transition in listed]
    return found


def _way(draft: Draft, position: Position, transition: Transition) -> Way:
    asking = Standpoint(draft, position.track)
    timers = [timer for timer in draft.enrolment.timers if timer.place == transition.place and not timer.action]
    return Way(
        track=position.track,
        transition=transition,
        holds=holds(transition.condition, asking),
        answers=tuple(_answers(transition.condition, asking)),
        due=min((timer.due for timer in timers), default=None),
        spent=transition.place in position.spent or transition.place in draft.enrolment.spent,
    )


def _answers(condition: Condition | None, asking: Standpoint, depth: int = 0) -> Iterator[Answer]:
    if condition is None:
        return
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _answers(part, asking, depth)
    elif isinstance(condition, (AnyOf, Not)):
        words = "one of these" if isinstance(condition, AnyOf) else "not this"
        yield Answer(words=words, holds=holds(condition, asking), value=None, depth=depth)
        for part in condition.parts if isinstance(condition, AnyOf) else (condition.part,):
            yield from _answers(part, asking, depth + 1)
    else:
        value = asking.count(condition) if isinstance(condition, Count) else asking.value(condition.name)
        yield Answer(words=describe(condition), holds=holds(condition, asking), value=value, depth=depth)
