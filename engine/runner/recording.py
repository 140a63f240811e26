"""What people say, checked and recorded. Nothing is advanced here: the next tick handles it in its order.

Each verb of `Recording` that prepares looks things up and raises `NotRecordable`, naming what is possible; `record`
writes. Both belong into one transaction, so that nothing changes in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.runner.about_deals import AboutDeals
from engine.runner.any_event import AnyEvent
from engine.runner.one_address import for_the_others
from engine.runner.said import Prepared as Prepared  # for those who record
from engine.runner.said import Said as Said
from engine.runner.undoing import Undoing
from engine.store.base import NewEvent


@dataclass(kw_only=True, slots=True)
class Recording(AnyEvent, AboutDeals, Undoing):
    """One command's work, of all that can be said."""

    def record(self, prepared: Sequence[Prepared]) -> list[int | None]:
        """Ids of the events; None where the key was known. Joins the transaction in force."""
        others = [each for one in prepared for each in for_the_others(self.store, one.event)]
        ids = self.store.record([*(one.event for one in prepared), *others])[: len(prepared)]
        told = {
            (one.event.account, deal)
            for one, number in zip(prepared, ids, strict=True)
            if one.examine and number is not None
            for deal in self._concerned(one.event)
        }
        self.store.set_examined([(account, deal, self.now) for account, deal in sorted(told)])
        return ids

    def _concerned(self, event: NewEvent) -> list[str]:
        """Its deal; without one every deal of the contact, or of the account: their conditions may count it."""
        return [event.deal] if event.deal else self.store.deals_with(event.account, event.contact)
