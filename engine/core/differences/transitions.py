"""What is different in a list of transitions: those that went and came, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.core.conditions import describe
from engine.core.differences.difference import Difference, Found, Where, changed, condition, lines
from engine.core.differences.pairing import Renames, overtaken, pairs, renamed, same_cause
from engine.core.model import Transition
from engine.core.values import value_words
from engine.core.wording import full_cause, full_target, suppress_words, target_in_words


def transition_differences(where: Where, old: Sequence[Transition], new: Sequence[Transition], names: Renames) -> Found:
    found = pairs([renamed(way, names) for way in old], new)
    for one, other in found:
        if one is None and other is not None:
            yield Difference(where=where, what="transition", kind="added", new=_whole(other))
        elif other is None and one is not None:
            yield Difference(where=where, what="transition", kind="removed", old=_whole(one))
        elif one is not None and other is not None:
            yield from _transition((*where, f"transition {_label(one, other)}"), one, other)
    for first, second in overtaken(found):
        words = f"{target_in_words(second)}, then {target_in_words(first)}"
        now = f"{target_in_words(first)}, then {target_in_words(second)}"
        yield Difference(where=where, what="asked first", old=words, new=now)


def _label(old: Transition, new: Transition) -> str:
    """What both have in common."""
    cause = full_cause(new) if same_cause(old.cause, new.cause) else ""
    target = f"→ {full_target(new)}" if old.target == new.target else ""
    return f"{cause} {target}".strip()


def _transition(where: Where, old: Transition, new: Transition) -> Found:
    if not same_cause(old.cause, new.cause):
        yield from changed(where, "when", full_cause(old), full_cause(new))
    if old.target != new.target:
        yield from changed(where, "leads to", full_target(old), full_target(new))
    yield from condition(where, old.condition, new.condition)
    yield from lines(where, "set", _sets(old), _sets(new))
    for what, words in _REST.items():
        yield from changed(where, what, words(old), words(new))


def _sets(way: Transition) -> list[str]:
    return [f"{name.removeprefix('facts.')}: {value_words(value)}" for name, value in way.set]


def _whole(way: Transition) -> str:
    """A transition with all that belongs to it, in one line."""
    asked = f", if {describe(way.condition)}" if way.condition is not None else ""
    sets = f", sets {', '.join(_sets(way))}" if way.set else ""
    rest = "".join(f", {words(way)}" for what, words in _REST.items() if what != "note" and words(way))
    return f"{full_cause(way)} → {full_target(way)}{asked}{sets}{rest}"


_REST: dict[str, Callable[[Transition], str]] = {
    "suppress": lambda way: suppress_words(way.suppress) if way.suppress is not None else "",
    "on_late": lambda way: "skip" if way.skip_if_late else "",
    "if_past": lambda way: "run" if way.run_if_past else "",
    "note": lambda way: way.note,
}
