"""Finding what a command names, by unique beginnings of ids, and the times it names. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.core import dates, delays, likeness
from engine.core.account import Contact
from engine.core.durations import Instant, TimeError, parse_duration
from engine.core.enrolment import Enrolment
from engine.core.likeness import listed_names as listed_names
from engine.core.model import Action, Playbook
from engine.core.world import ALWAYS_OPEN, World
from engine.core.zones import wall_text, zone
from engine.runner.payload import NotRecordable
from engine.runner.said_dates import as_written
from engine.runner.shelf import RevisionShelf
from engine.store.base import ActionRow, DealFilter, DealRow, NotFound, Store

_LENGTH = re.compile(r"\d+\s*[A-Za-z]+")
_NEAREST_OF = 5000  # ids that a mistyped one is compared with


@dataclass(kw_only=True, slots=True)
class Lookup:
    """What one command looks at. `now` is its instant. Every verb raises NotRecordable where nothing fits."""

    store: Store
    world: World
    shelf: RevisionShelf
    now: Instant

    # --- looking up --------------------------------------------------------------------------------------------------

    def action(self, prefix: str) -> ActionRow:
        """By its id or a unique beginning of it."""
        try:
            return self.store.action(prefix)
        except NotFound as error:
            raise NotRecordable(error.message, _hint(error, self._instead_of(prefix)), "action") from None

    def _instead_of(self, prefix: str) -> str:
        """What may have been meant by an action's id that nothing has."""
        if prefix and self._is_deal(prefix):
            return f"that is a deal: `playbook due --deal {prefix}` lists its actions"
        near = nearest(prefix, (row.id for row in self.store.open_actions()), len(prefix))
        return near or "`playbook due` lists ids"

    def _is_deal(self, identity: str) -> bool:
        try:
            return self.store.deal(identity).deal.id == identity
        except NotFound:
            return False

    def deal(self, prefix: str) -> DealRow:
        """By its id or a unique beginning of it."""
        try:
            return self.store.deal(prefix)
        except NotFound as error:
            known = (row.deal.id for row in self.store.deals(DealFilter(limit=_NEAREST_OF)))
            hint = _hint(error, nearest(prefix, known) or "`playbook deals` lists ids")
            raise NotRecordable(error.message, hint, "deal") from None

    def contact(self, prefix: str, account: str = "") -> Contact:
        """By its id or a unique beginning of it; of `account` if that is given."""
        found = [one for one in self.store.contacts_beginning(prefix) if account in ("", one.account)]
        exact = [one for one in found if one.id == prefix] or found
        if len(exact) == 1:
            return exact[0]
        if not found:
            raise NotRecordable(f"no contact{' of this account' if account else ''} has the id {prefix!r}",
                                "`playbook show DEAL` lists the contacts of a deal", "contact")  # fmt: skip
        listed = ", ".join(one.id for one in found)
        raise NotRecordable(f"several contacts begin with {prefix!r}: {listed}", "write more of the id", "contact")

    def account(self, text: str) -> str:
        """The id of the account with this id or name, or with a unique beginning of one of them."""
        by_id = self.store.accounts_beginning(text)
        exact = [number for number, _ in by_id if number == text]
        found = dict(by_id) | dict(self.store.accounts_named(text.strip()))
        named = [number for number, name in found.items() if name.casefold() == text.strip().casefold()]
        for meant in (exact, named, list(found)):
            if len(meant) == 1:
                return meant[0]
        if not found:
            hint = "`playbook deals` lists deals with the id and the name of their account"
            raise NotRecordable(f"no account has the id or the name {text!r}", hint, "account")
        listed = "".join(f"\n  - {number}  {name}".rstrip() for number, name in found.items())
        raise NotRecordable(f"several accounts may be meant by {text!r}:{listed}", "write the id", "account")

    def open_enrolments(self, deal: str) -> list[Enrolment]:
        return [enrolment for enrolment in self.store.enrolments_of(deal) if enrolment.open]

    def declared(self, row: ActionRow) -> Action:
        """The action as its enrolment's revision declares it."""
        playbook = self.playbook(self.store.enrolment(row.enrolment))
        return next(action for action in playbook.actions() if action.name == row.name)

    def playbook(self, enrolment: Enrolment) -> Playbook:
        return self.shelf[enrolment.revision].revision.playbook

    # --- time --------------------------------------------------------------------------------------------------------

    def occurred(self, text: str) -> Instant:
        """When something happened: a date or time in the workspace's zone, not in the future."""
        found = self._moment(text, opening=False, column="occurred_at")
        if found > self.now:
            raise NotRecordable(f"{text} is in the future", "record it when it has happened", "occurred_at")
        return found

    def later(self, text: str) -> Instant:
        """Until when: a duration from now, a date (its opening minute) or a time; not in the past."""
        where, calendar = zone(self.world.zone), self.world.calendar_named(None)
        if _LENGTH.fullmatch(text):
            try:
                found = delays.add(self.now, parse_duration(text), where, calendar)
            except TimeError as error:
                raise NotRecordable(error.message, error.hint, "until") from None
        else:
            found = self._moment(text, opening=True, column="until")
        if found <= self.now:
            raise NotRecordable(f"{text} is in the past", f"it is {self.local(self.now)} now", "until")
        return found

    def _moment(self, text: str, *, opening: bool, column: str) -> Instant:
        calendar = self.world.calendar_named(None) if opening else ALWAYS_OPEN
        try:
            return dates.moment(as_written(text), None, 1, zone(self.world.zone), calendar)
        except TimeError as error:
            hint = f"{error.hint}, or a duration such as 2bd" if opening and error.hint else error.hint
            raise NotRecordable(error.message, hint, column) from None

    def local(self, instant: Instant) -> str:
        """On the workspace's wall."""
        return wall_text(instant, zone(self.world.zone))


def nearest(word: str, known: Iterable[str], length: int = 0) -> str:
    """`did you mean x?`, or nothing. Only the first `length` characters of what is known are compared."""
    listed = [one[:length] if length else one for one in known]
    near = likeness.nearest(word, listed)
    return f"did you mean {near}?" if near else ""


def _hint(error: NotFound, otherwise: str) -> str:
    return (error.hint or "write more of the id") if error.message.startswith("several") else otherwise
