"""What somebody says, as a value, and the event that is made of it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.durations import Instant
from engine.core.enrolment import Enrolment
from engine.runner.lookup import Lookup
from engine.store.base import ActionRow, NewEvent


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is said beside an event, whatever the event. `occurred_at` None: as it is recorded. The same `key` is
    recorded once. `checked`: all of the action's checklist is so."""

    occurred_at: Instant | None = None
    key: str | None = None
    note: str = ""
    checked: bool = False


NOTHING_MORE = Said()


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """Whose event it is, by ids; "" where it is about none."""

    account: str
    deal: str = ""
    contact: str = ""
    enrolment: str = ""
    action: str = ""

    @staticmethod
    def action_of(row: ActionRow) -> About:
        return replace(About.asked_in(row), enrolment=row.enrolment)

    @staticmethod
    def asked_in(row: ActionRow, contact: str = "") -> About:
        """Answers stay with the deal, whatever becomes of the enrolment. `contact`: who gave them, if somebody else."""
        return About(account=row.account, deal=row.deal, contact=contact or row.contact, action=row.id)

    @staticmethod
    def enrolled(enrolment: Enrolment) -> About:
        return About(account=enrolment.account, deal=enrolment.deal, enrolment=enrolment.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """An event ready to be recorded. `examine`: whose it is is looked at for enrolment by the next tick. `unheard`:
    nothing that follows the deal waits for it."""

    event: NewEvent
    notices: tuple[str, ...] = ()
    examine: bool = False
    unheard: bool = False


@dataclass(kw_only=True, slots=True)
class Saying(Lookup):
    """One command's words. `now` is the instant of recording, `by` the person who says so."""

    by: str

    def _event(
        self, name: str, about: About, said: Said = NOTHING_MORE, fields: Mapping[str, Any] | None = None
    ) -> NewEvent:
        """The note of `said` is not in the fields unless they have it: answers and orders keep theirs elsewhere."""
        return NewEvent(
            account=about.account, name=name, recorded_at=self.now, deal=about.deal, contact=about.contact,
            enrolment=about.enrolment, action=about.action, occurred_at=said.occurred_at, by=self.by, key=said.key,
            fields=fields or {},
        )  # fmt: skip
