"""What people say, checked and recorded. Nothing is advanced here: the next tick handles it in its order.

Each `…` of `Recording` that prepares looks things up and raises `NotRecordable`, naming what is possible; `record`
writes. Both belong into one transaction, so that nothing changes in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.answering import FAMILY, answers_event, is_answers
from engine.core.durations import Instant
from engine.core.enrolling import examine, lock
from engine.core.enrolment import Enrolment, Event
from engine.core.experiment import Draw
from engine.core.imported import LINKED
from engine.core.model import BUILT_IN_ENDS, CLOSINGS, Action, OnEvent, Playbook
from engine.core.permitting import TOUCH
from engine.core.vocabulary import EventKind
from engine.runner.answering import Asked, Given, asked_of, checked_answers
from engine.runner.lookup import Lookup, listed_names, nearest
from engine.runner.payload import NotRecordable, checked_person, payload
from engine.runner.touching import BY_HAND, touch_fields
from engine.store.base import ActionRow, DealRow, NewEvent, NotFound, RecordedEvent

# told by imports and by the engine
ENGINE_OWN = frozenset({*BUILT_IN_ENDS, "changed", "all_closed", "imported", LINKED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """An event ready to be recorded. `examine`: whose it is is looked at for enrolment by the next tick. `unheard`:
    nothing that follows the deal waits for it."""

    event: NewEvent
    notices: tuple[str, ...] = ()
    examine: bool = False
    unheard: bool = False


@dataclass(kw_only=True, slots=True)
class Recording(Lookup):
    """One command's work. `now` is the instant of recording, `by` the person who says so."""

    by: str
    reported: set[str] = field(default_factory=set)  # actions whose outcome this command has prepared
    answered: dict[str, Given] = field(default_factory=dict)  # by action: the answers that this command has prepared

    # --- about an action ---------------------------------------------------------------------------------------------

    def outcome(
        self, row: ActionRow, outcome: str = "", *, note: str = "", checked: bool = False,
        occurred_at: Instant | None = None, key: str | None = None,
    ) -> Prepared:  # fmt: skip
        """The action is done; `outcome` may be left out where there is only one."""
        declared = self.declared(row)
        if outcome in CLOSINGS:
            raise NotRecordable(f"{outcome} is not an outcome", f"`playbook skip {row.id}` skips an action", "outcome")
        chosen = _outcome(declared, outcome)
        asked = self.asked(row)
        if declared.checklist and not (checked or (asked is not None and asked.given.checked)):
            raise _unchecked(declared)
        if asked is not None and _waits_for_answers(declared, chosen):
            _refuse_unanswered(asked)
        return self._about(row, f"{row.name}.{chosen}", {"note": note} if note else {}, occurred_at, key)

    def answers(
        self, row: ActionRow, answers: Mapping[str, Any], *, checked: bool = False, occurred_at: Instant | None = None,
        key: str | None = None, contact: str = "", note: str = "", outcome: str = "",
    ) -> Prepared:  # fmt: skip
        """Answers to the questions of an action, as people or files write them, by question; also long after it closed.

        `outcome`: the outcome that the same command reports, so that both are taken back together.
        Raises WrongAnswers with everything that is wrong.
        """
        asked = self.asked(row)
        if asked is None:
            raise NotRecordable(f"{row.name} asks no questions", f"`playbook done {row.id}` says how it went", "action")
        if asked.unchecked and not checked:
            raise _unchecked(asked.declared)
        found = checked_answers(asked, answers, self.world.roster)
        if not found:
            hint = f"`playbook answer {row.id} --show` lists the questions"
            raise NotRecordable(f"there are no answers to {asked.questionnaire.name}", hint, "answer")
        fields = {"questionnaire": asked.questionnaire.name, "answers": found}
        more = {"checked": bool(asked.declared.checklist), "outcome": outcome, "note": note}
        event = NewEvent(
            account=row.account, name=answers_event(asked.questionnaire.name), recorded_at=self.now, deal=row.deal,
            contact=contact or row.contact, action=row.id, occurred_at=occurred_at, by=self.by, key=key,
            fields={**fields, **{name: item for name, item in more.items() if item}},
        )  # fmt: skip
        self.answered[row.id] = Given(answers=found, checked=checked).over(self.answered.get(row.id, Given()))
        return Prepared(event=event)

    def asked(self, row: ActionRow) -> Asked | None:
        """What is asked in an action, with everything answered for it, by this command too; None if nothing is."""
        asked = asked_of(self, row)
        if asked is None or row.id not in self.answered:
            return asked
        return replace(asked, given=self.answered[row.id].over(asked.given))

    def skip(
        self, row: ActionRow, reason: str, *, occurred_at: Instant | None = None, key: str | None = None
    ) -> Prepared:
        """It will not be done; the reason is kept."""
        if not reason.strip():
            raise NotRecordable("skipping needs a reason", "write why: it is what the team learns from", "reason")
        self._only_open(row, "skipped")
        return self._about(row, f"{row.name}.skipped", {"reason": reason.strip()}, occurred_at, key)

    def defer(self, row: ActionRow, until: Instant) -> Prepared:
        self._only_open(row, "deferred")
        return self._about(row, "command.defer", {"until": until})

    def reassign(self, row: ActionRow, to: str) -> Prepared:
        self._only_open(row, "reassigned")
        person = checked_person(to, self.world.roster, "to")
        if person == row.assignee:
            raise NotRecordable(f"{person} has it already", "", "to")
        return self._about(row, "command.reassign", {"to": person})

    def _about(
        self, row: ActionRow, name: str, fields: Mapping[str, Any],
        occurred_at: Instant | None = None, key: str | None = None,
    ) -> Prepared:  # fmt: skip
        notices = []
        if not name.startswith("command."):
            self._refuse_second(row)
            self.reported.add(row.id)
            if row.closed_at is not None:
                how = row.outcome or row.status
                notices.append(f"{row.name} was closed on {self.local(row.closed_at)} ({how}): recorded as late")
        event = NewEvent(
            account=row.account, name=name, recorded_at=self.now, deal=row.deal, contact=row.contact,
            enrolment=row.enrolment, action=row.id, occurred_at=occurred_at, by=self.by, key=key, fields=fields,
        )  # fmt: skip
        return Prepared(event=event, notices=tuple(notices))

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
        if row.closed_at is not None:
            how = row.outcome or row.status
            raise NotRecordable(
                f"{row.name} was closed on {self.local(row.closed_at)} ({how}): it cannot be {what}",
                "`playbook due` lists what is open", "action",
            )  # fmt: skip

    # --- about an enrolment or a deal --------------------------------------------------------------------------------

    def pause(self, target: str, playbook: str = "") -> list[Prepared]:
        """One event for each open enrolment meant by a deal's or an enrolment's id."""
        running = [enrolment for enrolment in self._meant(target, playbook) if enrolment.paused is None]
        if not running:
            raise NotRecordable(f"everything of {target} is paused already", f"`playbook release {target}` goes on")
        return [self._order(enrolment, "command.pause") for enrolment in running]

    def release(self, target: str, playbook: str = "") -> list[Prepared]:
        """The enrolments that are paused, or that a pending order pauses, go on."""
        meant = self._meant(target, playbook)
        paused = [one for one in meant if one.paused is not None or self._pending(one, "command.pause")]
        if not paused:
            raise NotRecordable(f"nothing of {target} is paused", f"`playbook show {target}` shows where it stands")
        return [self._order(enrolment, "command.release") for enrolment in paused]

    def _pending(self, enrolment: Enrolment, order: str) -> bool:
        return any(
            pending.event.name == order and pending.event.enrolment == enrolment.id
            for pending in self.store.pending_events(enrolment.deal)
        )

    def _meant(self, target: str, playbook: str) -> list[Enrolment]:
        try:
            found = self.open_enrolments(self.store.deal(target).deal.id)
        except NotFound:
            try:
                found = [self.store.enrolment(target)]
            except NotFound:
                found = self.open_enrolments(self.deal(target).deal.id)  # raises, with the nearest deal
        meant = [one for one in found if one.open and playbook in ("", one.playbook)]
        if not meant:
            running = ", ".join(one.playbook for one in found if one.open)
            hint = f"running: {running}" if running else "`playbook enrol DEAL PLAYBOOK` starts one"
            raise NotRecordable(f"no {playbook or 'playbook'} runs for {target}", hint)
        return meant

    def _order(self, enrolment: Enrolment, name: str, fields: Mapping[str, Any] | None = None) -> Prepared:
        event = NewEvent(
            account=enrolment.account, name=name, recorded_at=self.now, deal=enrolment.deal,
            enrolment=enrolment.id, by=self.by, fields=fields or {},
        )  # fmt: skip
        return Prepared(event=event)

    def end(self, target: str, reason: str, playbook: str = "") -> list[Prepared]:
        """One event for each open enrolment meant by a deal's or an enrolment's id; the reason is kept."""
        if not reason.strip():
            raise NotRecordable("ending a follow-up needs a reason", "write why: the team learns from it", "reason")
        meant = [one for one in self._meant(target, playbook) if not self._pending(one, "command.end")]
        if not meant:
            raise NotRecordable(f"the end of everything of {target} is ordered already; the next tick handles it")
        return [self._ending(one, reason.strip()) for one in meant]

    def _ending(self, enrolment: Enrolment, reason: str) -> Prepared:
        ordered = self._order(enrolment, "command.end", {"playbook": enrolment.playbook, "reason": reason})
        if not self.playbook(enrolment).customer_facing:
            return ordered
        draws = [one for one in self.store.draws_of([enrolment.account]) if enrolment.enrolled_at >= one.drawn_at]
        drawn = lock(draws, self.store.deal(enrolment.deal).deal, self.now)
        return replace(ordered, notices=(_overridden(drawn),)) if drawn is not None else ordered

    def enrol(self, row: DealRow, name: str, playbooks: Mapping[str, Playbook]) -> Prepared:
        """A person's order counts more than the enrol condition, but not more than the rules that keep order."""
        if name not in playbooks:
            raise NotRecordable(f"there is no playbook {name!r}", nearest(name, playbooks) or listed_names(playbooks))
        key = (row.deal.account, row.deal.id)
        account = self.store.load_accounts([key[0]], self.now, {"log", "touches"}, [key])[0]
        past = [one for one in self.store.past_enrolments([key[0]]) if one.deal == key[1]]
        every = examine(self.world, playbooks, account, row.deal, past, self.now, asked_for=name)
        verdict = next((one for one in every if one.playbook == name), None)
        if verdict is None or not verdict.takes:
            why = verdict.why if verdict else "it is not among `playbooks` in playbook.toml"
            raise NotRecordable(f"{name} cannot take {row.deal.id}: {why}", f"`playbook show {row.deal.id}` tells more")
        event = NewEvent(
            account=key[0], name="command.enrol", recorded_at=self.now, deal=key[1], by=self.by,
            fields={"playbook": name},
        )  # fmt: skip
        drawn = lock(self.store.draws_of([key[0]]), row.deal, self.now)
        return Prepared(event=event, examine=True, notices=(_overridden(drawn),) if drawn is not None else ())

    def excuse(self, row: DealRow, because: str) -> None:
        """Say why this loss needs no follow-up; written at once, nothing else changes."""
        if not because.strip():
            raise NotRecordable("an excuse needs a reason", "write why this loss needs no follow-up")
        if row.deal.status != "lost":
            raise NotRecordable(f"{row.deal.id} is {row.deal.status}, not lost", "only a loss can be excused")
        self.store.excuse(row.deal.id, f"{because.strip()} ({self.by}, {self.local(self.now)})")

    def take_back_excuse(self, row: DealRow) -> None:
        if not row.deal.excused:
            raise NotRecordable(f"{row.deal.id} is not excused")
        self.store.excuse(row.deal.id, "", self.now)

    # --- any declared event ------------------------------------------------------------------------------------------

    def event(
        self, name: str, *, deal: str = "", contact: str = "", account: str = "", said: Mapping[str, Any] | None = None,
        note: str = "", occurred_at: Instant | None = None, key: str | None = None, checked: bool = False,
    ) -> Prepared:  # fmt: skip
        """A declared event for a deal, a contact or an account; `ACTION.OUTCOME` for a deal; or a `touch`."""
        row = self.deal(deal) if deal else None
        enrolled = self._enrolled_with(name, row)
        if row is not None and enrolled is not None:
            return self._outcome_by_deal(row, enrolled, name, note, occurred_at, key, checked)
        kind = None if name == BY_HAND else self._kind(name, row)
        where = self._whose(row, contact, account)
        if kind is None:
            fields = touch_fields(said or {}, note, named=row is not None or bool(where[1]))
            return Prepared(examine=True, event=NewEvent(
                account=where[0], name=TOUCH, recorded_at=self.now, deal=row.deal.id if row else "", contact=where[1],
                occurred_at=occurred_at, by=self.by, key=key, fields=fields,
            ))  # fmt: skip
        event = NewEvent(
            account=where[0], name=name, recorded_at=self.now, deal=row.deal.id if row else "",
            contact=where[1] or self._contact_needed(name, row), occurred_at=occurred_at, by=self.by, key=key,
            fields={**payload(kind, said or {}, self.world.roster), **({"note": note} if note else {})},
        )  # fmt: skip
        notices = self._unheard(name, row)
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

    def _whose(self, row: DealRow | None, contact: str, account: str) -> tuple[str, str]:
        """(account id, contact id)"""
        if row is None and not contact and not account:
            raise NotRecordable("whose event is it?", "say --deal, --contact or --account", "deal")
        owner = self.account(account) if account else row.deal.account if row else ""
        if row is not None and owner != row.deal.account:
            raise NotRecordable(f"{row.deal.id} belongs to the account {row.deal.account}", "", "account")
        found = self.contact(contact, owner) if contact else None
        return (found.account if found else owner), (found.id if found else "")

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

    def _outcome_by_deal(
        self, row: DealRow, enrolled: tuple[Enrolment, Action], name: str, note: str,
        occurred_at: Instant | None, key: str | None, checked: bool,
    ) -> Prepared:  # fmt: skip
        enrolment, action = enrolled
        outcome = name.partition(".")[2]
        for open_row in self.store.open_actions(deal=row.deal.id):
            if open_row.enrolment == enrolment.id and open_row.name == action.name:
                if outcome == "skipped":
                    return self.skip(open_row, note, occurred_at=occurred_at, key=key)
                return self.outcome(open_row, outcome, note=note, checked=checked, occurred_at=occurred_at, key=key)
        _outcome(action, outcome)
        event = NewEvent(
            account=row.deal.account, name=name, recorded_at=self.now, deal=row.deal.id, enrolment=enrolment.id,
            occurred_at=occurred_at, by=self.by, key=key, fields={"note": note} if note else {},
        )  # fmt: skip
        return Prepared(event=event, notices=(f"{action.name} is not open for {row.deal.id}: it may be kept as late",))

    # --- writing -----------------------------------------------------------------------------------------------------

    def record(self, prepared: Sequence[Prepared]) -> list[int | None]:
        """Ids of the events; None where the key was known. Joins the transaction in force."""
        ids = self.store.record([one.event for one in prepared])
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

    def undo(self, deal: str) -> tuple[list[Event], RecordedEvent | None]:
        """Take back the last command on a deal, if it is pending: (what was taken back, what was too late for that).

        What one command recorded for several enrolments is taken back together.
        """
        last = self.store.last_command(deal)
        if last is None:
            hint = f"`playbook show {deal}` tells its story; what is a contact's: undo --contact"
            raise NotRecordable(f"nobody has recorded anything for {deal}", hint)
        if last.state != "pending":
            return [], last
        alike = [one.event for one in self.store.pending_events(deal) if _one_command(one.event, last.event)]
        return self._taken_back(alike), None

    def undo_of(self, account: str, contact: str = "") -> tuple[list[Event], RecordedEvent | None]:
        """As `undo`, of what was recorded for a contact or, without one, for an account as a whole, and for no deal."""
        said = [
            one for one in self.store.events_of(account, "")
            if (one.event.deal, one.event.contact) == ("", contact) and one.event.by and one.state != "undone"
        ]  # fmt: skip
        if not said:
            whom = contact or f"the account {account}"
            raise NotRecordable(f"nobody has recorded anything for {whom}", "what was recorded for a deal: undo DEAL")
        last = max(said, key=lambda one: one.event.id)
        return ([], last) if last.state != "pending" else (self._taken_back([last.event]), None)

    def _taken_back(self, events: Sequence[Event]) -> list[Event]:
        return [event for event in events if self.store.withdraw_event(event.id, f"taken back by {self.by}")]


def _overridden(draw: Draw) -> str:
    return (
        f"the experiment {draw.experiment} has drawn it into the arm {draw.arm}, and there it is counted "
        "whatever you do; such exceptions make its result weaker"
    )


def _one_command(event: Event, last: Event) -> bool:
    if event.id == last.id:
        return True
    if (event.recorded_at, event.by) != (last.recorded_at, last.by):
        return False
    if is_answers(event.name) and event.action == last.action:
        return event.fields.get("outcome") == last.name.partition(".")[2]
    return event.name == last.name and event.name in ("command.pause", "command.release", "command.end")


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


def _outcome(declared: Action, said: str) -> str:
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
