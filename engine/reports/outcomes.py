"""How the asks of a playbook went: for each action the last word of a person, else how it closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.durations import Instant
from engine.reports.approaches import reports_of
from engine.reports.reading import Dossier

if TYPE_CHECKING:
    from engine.store.reported import ReportedAction

NEEDS = ("actions", "events")
_UNANSWERED = ("expired", "skipped", "missed")


def outcomes(found: Dossier, deal: Deal, playbook: str = "") -> Iterator[tuple[ReportedAction, str, Instant]]:
    """(action, outcome, when) of every action of the deal that was handed out and is over, the earliest first.

    An outcome that came after the action had expired counts all the same. Withdrawn and suppressed ones were never
    asked. What nobody did in time has the outcome `expired`, `skipped` or `missed`.
    """
    said = reports_of(found, deal)
    told: list[tuple[Instant, str, ReportedAction, str]] = []
    for action in found.actions(deal):
        if playbook not in ("", action.playbook):
            continue
        event = said.get(action.id)
        word = event.name.rpartition(".")[2] if event and event.name.startswith(f"{action.name}.") else ""
        if event and word and word not in _UNANSWERED:
            told.append((event.happened_at, action.id, action, word))
        elif action.status == "done" and action.closed_at is not None:
            told.append((action.closed_at, action.id, action, action.outcome or "done"))
        elif action.status in _UNANSWERED and action.closed_at is not None:
            told.append((action.closed_at, action.id, action, action.status))
    for at, _, action, word in sorted(told, key=lambda one: one[:2]):
        yield action, word, at
