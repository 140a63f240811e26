"""Reviews of a loss that took place: reviewed among ourselves, or talked over with the customer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.answering import FAMILY
from engine.core.durations import Instant
from engine.reports.outcomes import outcomes
from engine.reports.reading import Dossier

if TYPE_CHECKING:
    from engine.store.reported import ReportedAction

_NAMES = ("review", "post_mortem", "self_analysis", "analyze", "debrief", "winloss", "win_loss", "research")
_TELLING = ("notify", "approval")  # these review nothing
_TALKS = ("call", "meeting")
_NOT_HELD = frozenset(
    ("expired", "skipped", "missed", "declined", "refused", "no_answer", "not_asked", "not_held", "not_now",
     "not_reached", "not_yet", "postponed", "cancelled", "agreed", "call_agreed", "scheduled")
)  # fmt: skip
_OTHERWISE = "rather_"  # rather_by_phone, rather_not: it did not take place this time


def reviews(found: Dossier, deal: Deal) -> Iterator[Instant]:
    """When each review of the deal took place."""
    answered = {event.action for event in found.events(deal) if event.name.partition(".")[0] == FAMILY}
    for action, word, at in outcomes(found, deal):
        if _is_review(action) and _took_place(action, word, answered=action.id in answered):
            yield at


def _is_review(action: ReportedAction) -> bool:
    return action.kind == "review" or (action.kind not in _TELLING and any(word in action.name for word in _NAMES))


def _took_place(action: ReportedAction, word: str, *, answered: bool) -> bool:
    """A letter or mail that went out asks for a review and is none, unless its questionnaire was answered."""
    if word in _NOT_HELD or word.startswith(_OTHERWISE):
        return False
    return answered or not action.facing or action.kind in _TALKS
