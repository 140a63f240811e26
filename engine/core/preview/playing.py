"""Playing one enrolment on a copy of its account, instant by instant, with the steps of the tick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from engine.core.account import Account, Changes
from engine.core.advance import Advancing, Revisions, next_instant
from engine.core.durations import Instant
from engine.core.enrolling import Candidate, begin
from engine.core.enrolment import Enrolment, Event
from engine.core.model import CUSTOMER_KINDS, Playbook
from engine.core.preview.model import HandedOut, Happening, Stuck
from engine.core.step import Runaway, Step
from engine.core.templates import TemplateError
from engine.core.values import resolve
from engine.core.view import View
from engine.core.world import World

# Lines of a step that somebody would notice; the rest is the engine's own business.
SHOWN = frozenset({
    "took", "due", "remind", "escalate", "closed", "moved", "ruled out", "not planned", "paused", "pause restarted",
    "released", "suppressed", "held back", "missed", "finished", "ended",
})  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Playing:
    """One enrolment on its way. `account` is the player's own and is changed; `now` is as far as it was played."""

    world: World
    revisions: Revisions
    account: Account
    enrolment: str  # its id
    playbook: Playbook
    deal: str
    now: Instant

    @property
    def standing(self) -> Enrolment | None:
        """The enrolment as it stands; None once it is over."""
        return self.account.enrolments.get(self.enrolment)

    def fork(self) -> Playing:
        """The same from here on, with an account of its own."""
        return replace(self, account=copied(self.account))

    def begin(self, candidate: Candidate, revision: str) -> list[Happening]:
        """Enrol the deal now; returns what happens at once."""
        enrolment = begin(candidate, revision, self.now)
        self.enrolment = enrolment.id
        return self._advance(enrolment)

    def in_hand(self, titles: Mapping[str, str]) -> tuple[Happening, ...]:
        """What is handed out and open now, as it was handed out. `titles` by the id of the action, as people have
        read them; without one it is called by its name."""
        standing, found = self.standing, []
        for one in standing.actions if standing is not None else ():
            if one.status == "due" and standing is not None:
                line = ("due", one.name, one.id, one.assignee, one.contact, one.kind)
                handed = self._handed_out(line, titles.get(one.id) or one.name, standing, self.now)
                found.append(Happening(at=self.now if one.due_at is None else one.due_at, line=line, handed=handed))
        return tuple(found)

    def catch_up(self) -> list[Happening]:
        """What is due or recorded by now and not handled yet."""
        return self._advance()

    def tell(self, event: Event) -> list[Happening]:
        """Record an event now; returns what comes of it at once."""
        self.account.events.append(replace(event, recorded_at=self.now))
        return self._advance()

    def ahead(self, until: Instant) -> Iterator[list[Happening]]:
        """What happens by itself, one instant after the other, as long as the enrolment goes on."""
        while self.standing is not None:
            coming = next_instant(self.account)
            if coming is None or coming > until:
                return
            self.now = max(coming, self.now)
            yield self._advance()

    def _advance(self, starting: Enrolment | None = None) -> list[Happening]:
        steps: list[Step] = []
        advancing = Advancing(self.world, self.revisions, self.account, self.now, steps.append)
        try:
            if starting is not None:
                advancing.starting = 1
                advancing.start(starting)
            changes = advancing.run()
        except (Runaway, TemplateError) as error:
            raise Stuck(str(error), self.now) from error
        return [one for step in steps if step.after.id == self.enrolment for one in self._happenings(step, changes)]

    def _happenings(self, step: Step, changes: Changes) -> Iterator[Happening]:
        for line in step.did:
            if line[0] in SHOWN:
                handed = None
                if line[0] == "due":
                    title = str(changes.actions[line[2]].get("title") or line[1])
                    handed = self._handed_out(line, title, step.after, step.at)
                yield Happening(at=step.at, line=line, handed=handed)

    def _handed_out(self, line: tuple[Any, ...], title: str, enrolment: Enrolment, at: Instant) -> HandedOut:
        _, name, identity, assignee, contact, kind = line
        return HandedOut(
            id=identity, name=name, kind=kind, title=title, contact=contact, assignee=assignee,
            minutes=self._minutes(enrolment, at, name, contact), facing=kind in CUSTOMER_KINDS,
        )  # fmt: skip

    def _minutes(self, enrolment: Enrolment, at: Instant, name: str, contact: str) -> float | None:
        declared = self.playbook.action(name).minutes
        view = View(self.world, self.account, self.account.deals[self.deal], self.playbook, at)

        def read(wanted: str) -> Any:
            root, _, rest = wanted.partition(".")
            return enrolment.facts.get(rest) if root == "facts" else view.value(wanted, contact)

        found = resolve(declared, read) if declared is not None else None
        return float(found) if isinstance(found, (int, float)) else None


def copied(account: Account) -> Account:
    """An account that can be played on without a trace in this one. Values that never change are shared."""
    return replace(
        account,
        fields=dict(account.fields),
        deals={key: replace(deal, fields=dict(deal.fields), contacts=list(deal.contacts), asked=list(deal.asked),
                            answers=deepcopy(deal.answers)) for key, deal in account.deals.items()},
        contacts={key: replace(one, fields=dict(one.fields), consent=_two_deep(one.consent))
                  for key, one in account.contacts.items()},
        enrolments={key: one.copy() for key, one in account.enrolments.items()},
        events=list(account.events), log=list(account.log), touches=[replace(one) for one in account.touches],
        suppressions=list(account.suppressions),
    )  # fmt: skip


def _two_deep(content: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: dict(inner) for key, inner in content.items()}
