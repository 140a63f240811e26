"""Any event that the workspace declares, an outcome by the deal instead of the action, or a touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.answering import FAMILY, is_answers
from engine.core.enrolment import Enrolment
from engine.core.imported import LINKED
from engine.core.model import BUILT_IN_ENDS, Action, OnEvent
from engine.core.permitting import TOUCH
from engine.core.vocabulary import EventKind
from engine.runner.about_actions import AboutActions, outcome_meant
from engine.runner.lookup import listed_names, nearest
from engine.runner.payload import NotRecordable, payload
from engine.runner.said import NOTHING_MORE, About, Prepared, Said
from engine.runner.touching import BY_HAND, touch_fields
from engine.store.base import DealRow

# told by imports and by the engine
ENGINE_OWN = frozenset({*BUILT_IN_ENDS, "changed", "all_closed", "imported", LINKED})


@dataclass(kw_only=True, slots=True)
class AnyEvent(AboutActions):
    """Raises NotRecordable, naming what is possible."""

    def event(
        self, name: str, said: Said = NOTHING_MORE, *, deal: str = "", contact: str = "", account: str = "",
        fields: Mapping[str, Any] | None = None,
    ) -> Prepared:  # fmt: skip
        """A declared event for a deal, a contact or an account; `ACTION.OUTCOME` for a deal; or a `touch`.

        `fields` are those of the event, as people or files write them.
        """
        row = self.deal(deal) if deal else None
        enrolled = self._enrolled_with(name, row)
        if row is not None and enrolled is not None:
            return self._outcome_by_deal(row, enrolled, name.partition(".")[2], said)
        kind = None if name == BY_HAND else self._kind(name, row)
        about = self._whose(row, contact, account)
        if kind is None:
            told = touch_fields(fields or {}, said.note, named=row is not None or bool(about.contact))
            return Prepared(event=self._event(TOUCH, about, said, told), examine=True)
        if not about.contact:
            about = replace(about, contact=self._contact_needed(name, row))
        told = {**payload(kind, fields or {}, self.world.roster), **({"note": said.note} if said.note else {})}
        notices = self._unheard(name, row)
        event = self._event(name, about, said, told)
        return Prepared(event=event, notices=notices, examine=True, unheard=bool(notices))

    def _unheard(self, name: str, row: DealRow | None) -> tuple[str, ...]:
        """Says so where nothing that follows the deal takes the event from where it stands."""
        running = self.open_enrolments(row.deal.id) if row is not None else []
        if row is None or not running or name == "opted_out" or any(self._takes(one, name) for one in running):
            return ()
        followers = ", ".join(one.playbook for one in running)
        return (f"{followers} does not wait for {name} where {row.deal.id} stands: it is kept, and moves nothing",)

    def _takes(self, enrolment: Enrolment, name: str) -> bool:
        playbook = self.playbook(enrolment)
        listening = [*playbook.anywhere]
        for position in enrolment.positions:
            track = playbook.tracks[position.track]
            state = track.states.get(position.state)
            listening += [*track.anywhere, *(state.transitions if state else ())]
        if enrolment.paused is not None and name == enrolment.paused.until:
            return True
        return any(isinstance(one.cause, OnEvent) and one.cause.takes(name) for one in listening)

    def _kind(self, name: str, row: DealRow | None) -> EventKind:
        if name == FAMILY or is_answers(name):
            hint = "`playbook answer ACTION` records answers"
            raise NotRecordable(f"{name} is not recorded by itself", hint, "event")
        if name in ENGINE_OWN or name.startswith("command."):
            raise NotRecordable(f"{name} is not recorded by people",
                                "change the deal in the CRM and import it" if name in ENGINE_OWN else
                                "there is a command for it: `playbook --help`", "event")  # fmt: skip
        kind = self.world.vocabulary.event(name)
        if kind is None:
            known = [*(set(self.world.vocabulary.events) - ENGINE_OWN), *self._outcomes_of(row)]
            hint = nearest(name, known) or listed_names(known)
            raise NotRecordable(f"{name} is not declared in events.yaml", hint, "event")
        return kind

    def _whose(self, row: DealRow | None, contact: str, account: str) -> About:
        if row is None and not contact and not account:
            raise NotRecordable("whose event is it?", "say --deal, --contact or --account", "deal")
        owner = self.account(account) if account else row.deal.account if row else ""
        if row is not None and owner != row.deal.account:
            raise NotRecordable(f"{row.deal.id} belongs to the account {row.deal.account}", "", "account")
        found = self.contact(contact, owner) if contact else None
        deal = row.deal.id if row is not None else ""
        return About(account=found.account if found else owner, deal=deal, contact=found.id if found else "")

    def _contact_needed(self, name: str, row: DealRow | None) -> str:
        """An opt-out is a person's: taken for granted only where the deal has one contact."""
        if name != "opted_out":
            return ""
        known = [number for number, _ in row.deal.contacts] if row else []
        if len(set(known)) != 1:
            hint = f"say --contact: {', '.join(known)}" if known else "say --contact"
            raise NotRecordable("who opted out?", hint, "contact")
        return known[0]

    def _outcomes_of(self, row: DealRow | None) -> list[str]:
        if row is None:
            return []
        return [
            f"{action.name}.{outcome}"
            for enrolment in self.open_enrolments(row.deal.id)
            for action in self.playbook(enrolment).actions()
            for outcome in action.outcomes
        ]

    def _enrolled_with(self, name: str, row: DealRow | None) -> tuple[Enrolment, Action] | None:
        """The open enrolment whose playbook has the action that `name` begins with."""
        head, dot, _ = name.partition(".")
        if row is None or not dot:
            return None
        for enrolment in self.open_enrolments(row.deal.id):
            for action in self.playbook(enrolment).actions():
                if action.name == head:
                    return enrolment, action
        return None

    def _outcome_by_deal(self, row: DealRow, enrolled: tuple[Enrolment, Action], outcome: str, said: Said) -> Prepared:
        enrolment, action = enrolled
        for open_row in self.store.open_actions(deal=row.deal.id):
            if open_row.enrolment == enrolment.id and open_row.name == action.name:
                if outcome == "skipped":
                    return self.skip(open_row, said.note, said)
                return self.outcome(open_row, outcome, said)
        outcome_meant(action, outcome)
        about = About(account=row.deal.account, deal=row.deal.id, enrolment=enrolment.id)
        event = self._event(f"{action.name}.{outcome}", about, said, {"note": said.note} if said.note else {})
        return Prepared(event=event, notices=(f"{action.name} is not open for {row.deal.id}: it may be kept as late",))
