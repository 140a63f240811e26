"""What went back and forth with a customer for one deal: what came in, what went out, what was done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.durations import Instant
from engine.core.enrolment import Event
from engine.core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from engine.reports.reading import Dossier
    from engine.store.reported import ReportedAction

INBOUND_NEEDS = ("events", "activities")
_NO_OUTCOMES = ("answered", "command")  # families of events that name an action and are not how it went
OUTBOUND_NEEDS = ("actions", "events", "activities", "touches")


def inbound(found: Dossier, deal: Deal, vocabulary: Vocabulary) -> set[Instant]:
    """When the customer answered or got in touch. An activity that is an event too counts once."""
    replies = {event.happened_at for event in found.events_around(deal) if vocabulary.is_reply(event.name)}
    return replies | {one.at for one in found.activities_around(deal) if one.direction == "inbound"}


def outbound(found: Dossier, deal: Deal) -> set[Instant]:
    """When we approached the customer: customer-facing actions that were done, and approaches made elsewhere."""
    done = {at for action, at in done_actions(found, deal) if action.facing}
    elsewhere = {one.at for one in found.activities_around(deal) if one.direction == "outbound"}
    return done | elsewhere | set(found.touches(deal))


def done_actions(found: Dossier, deal: Deal) -> Iterator[tuple[ReportedAction, Instant]]:
    """The deal's actions that were done, with when: what the person said, else when it was closed."""
    said = reports_of(found, deal)
    for action in found.actions(deal):
        if action.status == "done" and action.closed_at is not None:
            event = said.get(action.id)
            yield action, event.happened_at if event else action.closed_at


def reports_of(found: Dossier, deal: Deal) -> dict[str, Event]:
    """What people reported of the deal's actions, by action: the last outcome of each."""
    reports = (event for event in found.events(deal) if event.action)
    return {event.action: event for event in reports if event.name.partition(".")[0] not in _NO_OUTCOMES}
