"""A deal's whole story as values: facts, contacts, enrolments with their history, everything that was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.account import Account, HistoryEntry
from engine.core.durations import Instant
from engine.core.enrolment import Enrolment
from engine.core.experiment import Draw
from engine.core.model import Action, Playbook
from engine.core.values import resolve
from engine.core.view import View
from engine.core.world import World
from engine.runner.listing import account_of
from engine.runner.shelf import RevisionShelf
from engine.store.base import ActionRow, DealRow, RecordedEvent, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentStory:
    """One enrolment with the playbook as it was pinned, its history and all its actions."""

    enrolment: Enrolment
    playbook: Playbook
    history: Sequence[HistoryEntry]
    actions: Sequence[ActionRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """`account` knows the deal's contacts; `events` concern the deal, one of its contacts or its account. What came
    with another deal is among them where its contact is one of this deal's too."""

    row: DealRow
    account: Account
    enrolments: Sequence[EnrolmentStory]
    events: Sequence[RecordedEvent]
    draws: Sequence[Draw] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What a person needs to do one action. `contacts` are (id, role), those of the action's role first."""

    declared: Action
    minutes: str
    contacts: Sequence[tuple[str, str]]
    account: Account


def story_of(store: Store, shelf: RevisionShelf, row: DealRow, now: Instant) -> Story:
    """Everything about one deal, oldest first."""
    deal = row.deal
    contacts = {number for number, _ in deal.contacts}
    events = [
        recorded
        for recorded in store.events_of(deal.account, deal.id)
        if recorded.event.deal == deal.id
        or (recorded.event.contact in contacts and not _anothers(recorded))
        or not _somebodys(recorded)
    ]
    stories = [
        EnrolmentStory(
            enrolment=enrolment, playbook=shelf[enrolment.revision].revision.playbook,
            history=store.history(enrolment.account, enrolment.id), actions=store.actions_of(enrolment.id),
        )
        for enrolment in store.enrolments_of(deal.id)
    ]  # fmt: skip
    draws = [draw for draw in store.draws_of([deal.account]) if draw.concerns(deal.account, deal.id)]
    return Story(row=row, account=account_of(store, row, now), enrolments=stories, events=events, draws=draws)


def _anothers(recorded: RecordedEvent) -> bool:
    """About an action or an enrolment of another deal: nobody else hears of it."""
    event = recorded.event
    return bool(event.deal and (event.action or event.enrolment))


def _somebodys(recorded: RecordedEvent) -> bool:
    """Recorded for one deal or contact, not for the account as a whole."""
    return bool(recorded.event.deal or recorded.event.contact)


def sheet_of(store: Store, world: World, shelf: RevisionShelf, row: ActionRow, now: Instant) -> Sheet:
    """What the playbook says about an action, with the people it concerns."""
    playbook = shelf[store.enrolment(row.enrolment).revision].revision.playbook
    declared = next(action for action in playbook.actions() if action.name == row.name)
    account = account_of(store, store.deal(row.deal), now)
    deal = account.deals[row.deal]
    view = View(world, account, deal, playbook, now)
    minutes = resolve(declared.minutes, lambda name: view.value(name, row.contact)) if declared.minutes else None
    first = [pair for pair in deal.contacts if pair[0] == row.contact or pair[1] == declared.contact]
    rest = [pair for pair in deal.contacts if pair not in first]
    return Sheet(
        declared=declared, minutes="" if minutes is None else str(minutes), contacts=[*first, *rest], account=account
    )
