"""The accounts of a store, one at a time, however many there are; and what belongs to which of an account's deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from engine.core.account import Account, Deal, Touch
from engine.core.enrolment import Event, Instant
from engine.core.roster import Roster

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedAccount, ReportedAction, ReportedActivity, ReportedEnrolment

PAGE = 500  # accounts


def accounts(store: Store, roster: Roster, *needs: str, statuses: Collection[str] = ()) -> Iterator[Dossier]:
    """Every account by id, with its deals of these statuses (none given: all) and what `needs` names: contacts,
    actions, enrolments, events, activities, touches. A deal without a team has its owner's."""
    after = ""
    while page := store.report_page(after, PAGE, dict.fromkeys(needs), statuses):
        for found in page:
            for deal in found.account.deals.values():
                deal.fields["team"] = roster.team_of(deal.fields) or None
            yield Dossier(found)
        after = page[-1].account.id


class Dossier:
    """One account. Its rows are sorted by deal once: an account may have thousands of deals."""

    def __init__(self, found: ReportedAccount) -> None:
        self.found = found
        self.account: Account = found.account
        self.deals: Collection[Deal] = found.account.deals.values()

    def actions(self, deal: Deal) -> list[ReportedAction]:
        return self._actions.get(deal.id, [])

    def enrolments(self, deal: Deal) -> list[ReportedEnrolment]:
        """Oldest first."""
        return self._enrolments.get(deal.id, [])

    def events(self, deal: Deal) -> list[Event]:
        """Recorded for the deal itself, in the order of recording."""
        return self._events.get((deal.id, ""), [])

    def events_around(self, deal: Deal) -> Iterator[Event]:
        """Those, and what was recorded for one of its contacts without naming a deal."""
        yield from self.events(deal)
        for contact in deal.people:
            yield from self._events.get(("", contact), [])

    def activities(self, deal: Deal) -> list[ReportedActivity]:
        return self._activities.get((deal.id, ""), [])

    def activities_around(self, deal: Deal) -> Iterator[ReportedActivity]:
        """Of the deal, and of its contacts where no deal is named."""
        yield from self.activities(deal)
        for contact in deal.people:
            yield from self._activities.get(("", contact), [])

    def touches(self, deal: Deal) -> Iterator[Instant]:
        """Approaches made elsewhere, to one of its contacts or for the deal."""
        for key in (Touch.key_of("", deal.id), *deal.people):
            yield from self._touches.get(key, [])

    @cached_property
    def _actions(self) -> dict[str, list[ReportedAction]]:
        sorted_out: defaultdict[str, list[ReportedAction]] = defaultdict(list)
        for action in self.found.actions:
            sorted_out[action.deal].append(action)
        return sorted_out

    @cached_property
    def _enrolments(self) -> dict[str, list[ReportedEnrolment]]:
        sorted_out: defaultdict[str, list[ReportedEnrolment]] = defaultdict(list)
        for enrolment in self.found.enrolments:
            sorted_out[enrolment.deal].append(enrolment)
        return sorted_out

    @cached_property
    def _events(self) -> dict[tuple[str, str], list[Event]]:
        sorted_out: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in self.account.log:
            sorted_out[(event.deal, "" if event.deal else event.contact)].append(event)
        return sorted_out

    @cached_property
    def _activities(self) -> dict[tuple[str, str], list[ReportedActivity]]:
        sorted_out: defaultdict[tuple[str, str], list[ReportedActivity]] = defaultdict(list)
        for activity in self.found.activities:
            sorted_out[(activity.deal, "" if activity.deal else activity.contact)].append(activity)
        return sorted_out

    @cached_property
    def _touches(self) -> dict[str, list[Instant]]:
        sorted_out: defaultdict[str, list[Instant]] = defaultdict(list)
        for touch in self.account.touches:
            sorted_out[touch.key].append(touch.at)
        return sorted_out
