"""Answers taking effect: `answered.QUESTIONNAIRE` lays them over those that the deal has, at its turn."""

from __future__ import annotations

from engine.core.account import Account, Changes
from engine.core.enrolment import Event

FAMILY = "answered"  # of the events under which answers are recorded


def answers_event(questionnaire: str) -> str:
    """The event that records answers to `questionnaire`."""
    return f"{FAMILY}.{questionnaire}"


def is_answers(event: str) -> bool:
    """Whether an event of this name records answers. It tells of an action, but is no outcome of it."""
    return event.startswith(f"{FAMILY}.")


def apply_answers(account: Account, changes: Changes, event: Event) -> None:
    """Keep the answers of `event` with its deal; other events are left alone. The deal is examined again."""
    deal = account.deals.get(event.deal)
    if deal is None or not is_answers(event.name):
        return
    given = event.fields.get("answers") or {}
    deal.answers.setdefault(event.name.partition(".")[2], {}).update(given)
    changes.changed_deals.add(deal.id)
    changes.examine.add(deal.id)
