"""What somebody probably meant: the nearest known word, and the word for an operator sign."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import likeness

_SAME_MEANING = {
    "=": "is",
    "==": "is",
    "eq": "is",
    "equals": "is",
    "!=": "is_not",
    "ne": "is_not",
    "not_equals": "is_not",
    "in": "any_of",
    "one_of": "any_of",
    "not_in": "none_of",
    ">=": "at_least",
    "gte": "at_least",
    "min": "at_least",
    "<=": "at_most",
    "lte": "at_most",
    "max": "at_most",
    ">": "more_than",
    "gt": "more_than",
    "greater_than": "more_than",
    "<": "less_than",
    "lt": "less_than",
    "empty": "is_empty",
    "includes": "contains",
    "goto": "to",
    "target": "to",
    "next": "to",
    "go": "to",
    "then": "to",
    "phone": "call",
    "telephone": "call",
    "mail": "email",
    "text": "sms",
    "linkedin": "social",
    "todo": "task",
    "when": "if",
    "on": "event",
    "when_event": "event",
    "wait": "after",
    "delay": "after",
    "type": "kind",
    "name": "title",
    "assignee": "assign",
    "owner": "assign",
    "enroll": "enrol",
    "start": "initial",
    "parameters": "params",
    "variables": "params",
    "set": "with",
    "fields": "with",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the known word that is most like `word`, or `""` if none is."""
    found = nearest_word(word, list(known))
    return f"; did you mean '{found}'?" if found else ""


def nearest_word(word: str, known: list[str]) -> str:
    """The known word that is most like `word`, whatever its case and separators; `""` if none is."""
    found = _synonym(word, known) or likeness.nearest(word, known)
    return "" if found == word else found


def _synonym(word: str, known: list[str]) -> str:
    meant = _SAME_MEANING.get(word.strip().lower(), "")
    return meant if meant in known else ""
