"""What is different in one action: who does it, when, for whom, with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from engine.core.differences.difference import Found, Where, changed, condition, lines, order
from engine.core.differences.pairing import same_moment
from engine.core.model import Action, Moment, Reminder
from engine.core.values import FieldRef, Literal, Lookup, Value, value_words
from engine.core.wording import due_words, fallback_words, reminder_words

_SILENT = frozenset({"name", "place", "path", "due_text", "condition"})
_LISTS = frozenset({"checklist", "do", "avoid", "outcomes"})
_ORDERED = frozenset({"checklist", "do"})  # what is read first is done first
_KEYS = {"skip_if_late": "on_late"}  # a field of the model -> the key that people write
_WORDS: dict[str, Callable[[Action], str]] = {
    "due": due_words,
    "fallback": lambda action: ", then ".join(map(fallback_words, action.fallback)),
    "remind": lambda action: "; ".join(sorted(map(reminder_words, action.remind))),
    "escalate": lambda action: "; ".join(sorted(map(reminder_words, action.escalate))),
    "expires": lambda action: reminder_words(action.expires) if action.expires else "",
    "deadline": lambda action: reminder_words(action.deadline) if action.deadline else "",
    "skip_if_late": lambda action: "skip" if action.skip_if_late else "",
    "waive": lambda action: "; ".join(f"{w.rule} (by {w.by} on {w.on}: {w.because})" for w in action.waive),
}


def action_differences(where: Where, old: Action, new: Action) -> Found:
    """Key by key, in the order of the model; a key that this page does not know is compared all the same."""
    yield from condition(where, old.condition, new.condition)
    for each in fields(Action):
        name = each.name
        if name in _SILENT or getattr(old, name) == getattr(new, name) or _same_time(name, old, new):
            continue
        if name in _LISTS:
            before, after = list(getattr(old, name)), list(getattr(new, name))
            yield from lines(where, name, before, after)
            if name in _ORDERED:
                yield from order(where, name, before, after)
        else:
            words = _WORDS.get(name, lambda action, key=name: _any_words(getattr(action, key)))
            yield from changed(where, _KEYS.get(name, name), words(old), words(new))


def _any_words(given: Any) -> str:
    if given is None or given in ((), ""):
        return ""
    return value_words(given if isinstance(given, (Literal, FieldRef, Lookup)) else Literal(content=given))


def _same_time(name: str, old: Action, new: Action) -> bool:
    """Both name the same parameter, or come to the same time."""
    one, other = getattr(old, name), getattr(new, name)
    if name == "due":
        return old.due_text == new.due_text or _same_when(one, other)
    if name in ("expires", "deadline") and one is not None and other is not None:
        return one.text == other.text or _same_when(one.when, other.when)
    if name in ("remind", "escalate"):
        return any(sorted(map(key, one)) == sorted(map(key, other)) for key in (_as_named, _as_meant))
    return False


def _same_when(one: Value | Moment | None, other: Value | Moment | None) -> bool:
    return same_moment(one, other) if isinstance(one, Moment) and isinstance(other, Moment) else one == other


def _as_named(reminder: Reminder) -> tuple[str, str]:
    return reminder.text, value_words(reminder.to)


def _as_meant(reminder: Reminder) -> tuple[str, str]:
    when = reminder.when
    return when.text if isinstance(when, Moment) else value_words(when), value_words(reminder.to)
