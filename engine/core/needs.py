"""What a revision needs loaded beside the account itself, so that a tick loads nothing in vain."""

from __future__ import annotations

from engine.core.conditions import Clause, Condition, Count, Elapsed, parts
from engine.core.model import At, Moment, Playbook
from engine.core.values import Value, names_in


def reads_log(playbook: Playbook, templates: tuple[str, ...] = ()) -> bool:
    """Whether it counts or dates past events (`count`, `last.EVENT`, `unanswered`, an enrol `event`)."""
    if playbook.enrol.event is not None or any(limit.unanswered is not None for limit in playbook.limits):
        return True
    asked = [playbook.enrol.condition, *(item.condition for item in playbook.transitions())]
    asked += [action.condition for action in playbook.actions()]
    if any(_asks_log(condition) for condition in asked):
        return True
    dates = [item.cause.moment.date for item in playbook.transitions() if isinstance(item.cause, At)]
    dates += [action.due.date for action in playbook.actions() if isinstance(action.due, Moment)]
    return any(_is_last(value) for value in dates) or any("last." in text for text in templates)


def _asks_log(condition: Condition | None) -> bool:
    return any(
        isinstance(part, Count) or (isinstance(part, (Clause, Elapsed)) and part.name.startswith("last."))
        for part in parts(condition)
    )


def _is_last(value: Value) -> bool:
    return any(name.startswith("last.") for name in names_in(value))
