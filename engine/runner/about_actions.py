"""What is said about an action: how it went, answers to its questions, or that somebody else or nobody does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.answering import answers_event, is_answers
from engine.core.durations import Instant
from engine.core.model import CLOSINGS, Action
from engine.core.zones import local_date, zone
from engine.runner.answering import Asked, Given, asked_of, checked_answers
from engine.runner.lookup import nearest
from engine.runner.payload import NotRecordable, checked_person
from engine.runner.said import NOTHING_MORE, About, Prepared, Said, Saying
from engine.store.base import ActionRow


@dataclass(kw_only=True, slots=True)
class AboutActions(Saying):
    """Each verb raises NotRecordable where it cannot be so."""

    reported: set[str] = field(default_factory=set)  # actions whose outcome this command has prepared
    answered: dict[str, Given] = field(default_factory=dict)  # by action: the answers that this command has prepared

    def outcome(self, row: ActionRow, outcome: str = "", said: Said = NOTHING_MORE) -> Prepared:
        """The action is done; `outcome` may be left out where there is only one."""
        declared = self.declared(row)
        if outcome in CLOSINGS:
            raise NotRecordable(f"{outcome} is not an outcome", f"`playbook skip {row.id}` skips an action", "outcome")
        chosen = outcome_meant(declared, outcome)
        asked = self.asked(row)
        if declared.checklist and not (said.checked or (asked is not None and asked.given.checked)):
            raise _unchecked(declared)
        if asked is not None and _waits_for_answers(declared, chosen):
            _refuse_unanswered(asked)
        return self._closing(row, chosen, said, {"note": said.note} if said.note else {})

    def answers(
        self, row: ActionRow, answers: Mapping[str, Any], said: Said = NOTHING_MORE, *, contact: str = "",
        outcome: str = "",
    ) -> Prepared:  # fmt: skip
        """Answers to the questions of an action, as people or files write them, by question; also long after it closed.

        `outcome`: the outcome that the same command reports, so that both are taken back together.
        Raises WrongAnswers with everything that is wrong.
        """
        asked = self.asked(row)
        if asked is None:
            raise NotRecordable(f"{row.name} asks no questions", f"`playbook done {row.id}` says how it went", "action")
        if asked.unchecked and not said.checked:
            raise _unchecked(asked.declared)
        found = checked_answers(asked, answers, self.world.roster)
        if not found:
            hint = f"`playbook answer {row.id} --show` lists the questions"
            raise NotRecordable(f"there are no answers to {asked.questionnaire.name}", hint, "answer")
        more = {"checked": bool(asked.declared.checklist), "outcome": outcome, "note": said.note}
        fields = {
            "questionnaire": asked.questionnaire.name, "answers": found,
            **{name: item for name, item in more.items() if item},
        }  # fmt: skip
        event = self._event(answers_event(asked.questionnaire.name), About.asked_in(row, contact), said, fields)
        self.answered[row.id] = Given(answers=found, checked=said.checked).over(self.answered.get(row.id, Given()))
        return Prepared(event=event)

    def asked(self, row: ActionRow) -> Asked | None:
        """What is asked in an action, with everything answered for it, by this command too; None if nothing is."""
        asked = asked_of(self, row)
        if asked is None or row.id not in self.answered:
            return asked
        return replace(asked, given=self.answered[row.id].over(asked.given))

    def skip(self, row: ActionRow, reason: str, said: Said = NOTHING_MORE) -> Prepared:
        """It will not be done; the reason is kept."""
        if not reason.strip():
            raise NotRecordable("skipping needs a reason", "write why: it is what the team learns from", "reason")
        self._only_open(row, "skipped")
        return self._closing(row, "skipped", said, {"reason": reason.strip()})

    def defer(self, row: ActionRow, until: Instant) -> Prepared:
        self._only_open(row, "deferred")
        timers = self.store.enrolment(row.enrolment).timers
        over = [one.due for one in timers if one.kind == "expire" and one.action == row.id and one.due <= until]
        notices = [f"{row.name} expires on {self.local(at)}, before that: it does not come again" for at in over]
        return self._order_of(row, "command.defer", {"until": until}, notices)

    def reassign(self, row: ActionRow, to: str) -> Prepared:
        self._only_open(row, "reassigned")
        person = checked_person(to, self.world.roster, "to")
        if person == row.assignee:
            raise NotRecordable(f"{person} has it already", "", "to")
        return self._order_of(row, "command.reassign", {"to": person}, self._on_leave(person))

    def _on_leave(self, person: str) -> list[str]:
        known = self.world.roster.people.get(person)
        leave = known.away(local_date(self.now, zone(self.world.zone))) if known else None
        return [f"{person} is on leave until {leave.last}"] if leave else []

    def _closing(self, row: ActionRow, outcome: str, said: Said, fields: Mapping[str, Any]) -> Prepared:
        self._refuse_second(row)
        self.reported.add(row.id)
        closed = self._closed(row)
        event = self._event(f"{row.name}.{outcome}", About.action_of(row), said, fields)
        return Prepared(event=event, notices=(f"{closed}: recorded as late",) if closed else ())

    def _order_of(self, row: ActionRow, name: str, fields: Mapping[str, Any], notices: Sequence[str] = ()) -> Prepared:
        return Prepared(event=self._event(name, About.action_of(row), fields=fields), notices=tuple(notices))

    def _closed(self, row: ActionRow) -> str:
        """When and how it was closed, in words; "" if it is open."""
        if row.closed_at is None:
            return ""
        return f"{row.name} was closed on {self.local(row.closed_at)} ({row.outcome or row.status})"

    def _refuse_second(self, row: ActionRow) -> None:
        if row.id in self.reported:
            raise NotRecordable(f"an outcome of {row.id} stands further up already", "keep one of the two", "action")
        for pending in self.store.pending_events(row.deal):
            event = pending.event
            if event.action == row.id and not event.name.startswith("command.") and not is_answers(event.name):
                raise NotRecordable(
                    f"{event.name} is recorded for this action already, by {event.by or 'an import'} at "
                    f"{self.local(event.recorded_at)}; the next tick handles it",
                    f"`playbook undo {row.deal}` takes it back", "action",
                )  # fmt: skip

    def _only_open(self, row: ActionRow, what: str) -> None:
        if closed := self._closed(row):
            raise NotRecordable(f"{closed}: it cannot be {what}", "`playbook due` lists what is open", "action")


def _unchecked(declared: Action) -> NotRecordable:
    listed = "".join(f"\n  - {item}" for item in declared.checklist)
    hint = "when all of it is so, say it with --checked"
    return NotRecordable(f"{declared.name} has a checklist:{listed}", hint, "checked")


def _waits_for_answers(declared: Action, outcome: str) -> bool:
    """Also `done`, where it is none of the outcomes: it would be the way past the questions."""
    return outcome in declared.answers_for or bool(declared.answers_for and outcome not in declared.outcomes)


def _refuse_unanswered(asked: Asked) -> None:
    """An outcome that needs answers waits for those to all required questions."""
    missing = asked.missing
    if missing:
        many = "one required question is" if len(missing) == 1 else f"{len(missing)} required questions are"
        listed = "".join(f"\n  - {one.name}: {one.ask}" for one in missing)
        hint = f"`playbook answer {asked.row.id}` asks them; unknown is an answer too"
        raise NotRecordable(f"{asked.row.name} needs answers first; {many} open:{listed}", hint, "answer")


def outcome_meant(declared: Action, said: str) -> str:
    """The outcome meant. `done` is always possible, and told only where the playbook has it."""
    if not said and len(declared.outcomes) == 1:
        return declared.outcomes[0]
    if said in (*declared.outcomes, "done", "skipped"):
        return said
    listed = f"outcomes are {', '.join(declared.outcomes)}"
    if not said:
        raise NotRecordable(f"how did {declared.name} go?", listed, "outcome")
    near = nearest(said, declared.outcomes)
    hint = f"{near} {listed}" if near else listed
    raise NotRecordable(f"{said!r} is not an outcome of {declared.name}", hint, "outcome")
