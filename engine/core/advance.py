"""Advancing one account to an instant: everything that is due or was recorded, in the one order of instants.

The order is (instant, original due, events before timers before actions becoming due, enrolment, place in the file).
What is more than `late_grace` late happens now instead, after the events of the outage. `tick`, `why` and every
preview call this; only what they do with the `Changes` differs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from engine.core import permitting
from engine.core.account import Account, Changes, Deal, Suppression, Touch
from engine.core.answering import apply_answers, is_answers
from engine.core.draft import Effect
from engine.core.enrolment import NEVER, Enrolment, Event, Instant, is_of
from engine.core.imported import apply_imported
from engine.core.model import CLOSINGS, CUSTOMER_KINDS
from engine.core.reads import Reads
from engine.core.rendering import Line, check_words, render_action
from engine.core.step import (
    MOST_TRANSITIONS,
    Compiled,
    Fired,
    Happened,
    Recounted,
    Runaway,
    Started,
    Step,
    Suppressed,
    Trigger,
    step,
)
from engine.core.view import View, reach
from engine.core.world import World

Revisions: TypeAlias = Mapping[str, Compiled]
Watch: TypeAlias = Callable[[Step], None]

_EVENT, _TIMER, _DUE = 0, 1, 2


@dataclass(frozen=True, slots=True, order=True)
class _Turn:
    """What comes next. The fields up to `index` are the one order; `place` is that in the file, `index` that among
    the timers of the enrolment."""

    instant: Instant
    original: Instant
    rank: int
    enrolment: str
    place: int
    index: int = 0
    late: bool = False


class Advancing:
    """One account on its way to `now`. `account` is changed in place; `changes` says what must be written."""

    def __init__(
        self, world: World, revisions: Revisions, account: Account, now: Instant, watch: Watch | None = None,
        inviting: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.world = world
        self.revisions = revisions
        self.account = account
        self.now = now
        self.watch = watch
        self.inviting = inviting  # events that playbooks begin with
        self.changes = Changes(account.id, now)
        self.starting = 0  # enrolments that begin at `now`
        self._queue = sorted(account.events, key=lambda event: (event.recorded_at, event.id))
        self._views: dict[str, View] = {}
        self._reached: dict[str, Instant] = {}  # the instant of each enrolment's last step
        self._loops: dict[str, int] = {}  # transitions of each enrolment at that instant
        self._turns = {one.id: self._turn_of(one) for one in account.enrolments.values()}
        self._touched = {touch.action: touch for touch in account.touches if touch.action}

    def run(self) -> Changes:
        """Handle everything up to `now`."""
        while (turn := self._next()) is not None:
            if turn.rank == _EVENT:
                self._handle(self._queue.pop(0), turn.instant)
            else:
                self._fire(turn)
        self.account.events = self._queue
        return self.changes

    def start(self, enrolment: Enrolment) -> None:
        """Enrol a deal at `now`; what becomes due at once is handled by `run`."""
        self.account.enrolments[enrolment.id] = enrolment
        self.changes.new_enrolments.add(enrolment.id)
        self._step(enrolment, Started(), self.now)

    def recount(self) -> None:
        """The calendars were edited: count again what they count, after everything due by the old ones."""
        self.run()
        for enrolment in list(self.account.enrolments.values()):
            self._step_if(enrolment, Recounted(), self.now)

    # --- the one order -----------------------------------------------------------------------------------------------

    def _next(self) -> _Turn | None:
        turns = [turn for turn in self._turns.values() if turn is not None]
        if self._queue and self._queue[0].recorded_at <= self.now:
            event = self._queue[0]
            turns.append(_Turn(event.recorded_at, event.recorded_at, _EVENT, "", event.id))
        return min(turns, default=None)

    def _turn_of(self, enrolment: Enrolment) -> _Turn | None:
        """The first thing due in one enrolment, at the instant at which it will happen."""
        first: _Turn | None = None
        earliest = min((timer.due for timer in enrolment.timers), default=NEVER)
        if earliest > self.now:
            return None
        for index, timer in enumerate(enrolment.timers):
            if timer.due != earliest:
                continue
            late = self.now - earliest > self.world.late_grace
            # after something late happened now, nothing of this enrolment happens before now
            instant = self.now if late else max(timer.due, self._reached.get(enrolment.id, timer.due))
            rank = _DUE if timer.kind == "due" else _TIMER
            turn = _Turn(instant, timer.due, rank, enrolment.id, timer.place, index, late)
            first = turn if first is None or turn < first else first
        return first

    def _fire(self, turn: _Turn) -> None:
        enrolment = self.account.enrolments[turn.enrolment]
        timer = enrolment.timers[turn.index]
        self._step(enrolment, Fired(timer, turn.late), turn.instant)

    # --- events ------------------------------------------------------------------------------------------------------

    def _handle(self, event: Event, at: Instant) -> None:
        if event.id:
            self.changes.handled.append(event.id)
        if event.name == "imported":
            self._views.clear()
            self._queue[:0] = apply_imported(self.account, self.changes, event)
            return
        if event.name == "opted_out":
            self._suppress_contact(event, at)
        self.account.log.append(event)
        if (told := permitting.take(self.account, self.changes, event, at)) is not None:
            self._tell(told, at)
            if event.name == permitting.TOUCH:  # dates that count from the last touch move
                for enrolment in list(self.account.enrolments.values()):
                    self._offer(enrolment, event, at)
            return
        apply_answers(self.account, self.changes, event)
        self._invite(event)
        taken = [self._offer(enrolment, event, at) for enrolment in list(self.account.enrolments.values())]
        if event.name == "opted_out" and event.contact:
            for enrolment in list(self.account.enrolments.values()):
                self._step_if(enrolment, Suppressed(event.contact, str(event.fields.get("channel", ""))), at)
        begun = [enrolment.enrolled_at for enrolment in self.account.enrolments.values()]
        quiet = any(taken) or _acts_by_itself(event) or permitting.is_history_everywhere(event, begun)
        if event.id and not quiet:
            self.changes.late.append((event.id, "nothing was waiting for it"))

    def _tell(self, told: Collection[Trigger], at: Instant) -> None:
        """Let every open enrolment take these steps, one after the other."""
        for trigger in told:
            for enrolment in list(self.account.enrolments.values()):
                self._step_if(enrolment, trigger, at)

    def _invite(self, event: Event) -> None:
        """Remember with the deal that a playbook may begin with this event, or that a person ordered one."""
        deal = self.account.deals.get(event.deal)
        if deal is None or (permitting.is_imported(event) and not self._is_after_loss(event, deal)):
            return
        if event.name == "command.enrol":
            deal.asked.append(f"command.enrol {event.fields.get('playbook', '')}")
        elif any(is_of(event.name, name) for name in self.inviting):
            deal.asked.append(event.name)
        else:
            return
        self.changes.changed_deals.add(deal.id)
        self.changes.examine.add(deal.id)

    def _is_after_loss(self, event: Event, deal: Deal) -> bool:
        return permitting.is_after_loss(event.occurred_at or event.recorded_at, deal.fields, self.world.zone)

    def _offer(self, enrolment: Enrolment, event: Event, at: Instant) -> bool:
        if event.enrolment and event.enrolment != enrolment.id:
            return False
        if event.recorded_at < enrolment.enrolled_at or permitting.is_history(event, enrolment.enrolled_at):
            return False
        whose = reach(event, self.account.deals[enrolment.deal])
        # recorded while a tick was at work: it happens in the states that this tick led to
        at = max(at, *(position.entered_at for position in enrolment.positions))
        return self._step_if(enrolment, Happened(event, whose), at)

    def _suppress_contact(self, event: Event, at: Instant) -> None:
        if not event.contact:
            return
        channel = str(event.fields.get("channel", ""))
        scope = "channel" if channel else "contact"
        self._add_suppression(Suppression(scope, event.contact, channel, at, None, "the contact opted out"))

    # --- one step ----------------------------------------------------------------------------------------------------

    def _step_if(self, enrolment: Enrolment, trigger: Trigger, at: Instant) -> bool:
        """Step, but keep no trace when nothing came of it."""
        done = self._decide(enrolment, trigger, at)
        if done.taken or done.did:
            self._apply(done)
        return done.taken

    def _step(self, enrolment: Enrolment, trigger: Trigger, at: Instant) -> None:
        self._apply(self._decide(enrolment, trigger, at))

    def _decide(self, enrolment: Enrolment, trigger: Trigger, at: Instant) -> Step:
        compiled = self.revisions[enrolment.revision]
        return step(compiled, enrolment, Reads(self._view(enrolment, at)), trigger, at, self._alone(trigger, at))

    def _alone(self, trigger: Trigger, at: Instant) -> bool:
        """Whether nothing else of this account happens at this instant."""
        waiting = bool(self._queue) and self._queue[0].recorded_at <= at
        opting_out = isinstance(trigger, Happened) and trigger.event.name == "opted_out"
        return len(self.account.enrolments) == 1 and self.starting <= 1 and not waiting and not opting_out

    def _view(self, enrolment: Enrolment, at: Instant) -> View:
        """How the enrolment sees its account; made anew when facts have changed, because it remembers zones."""
        view = self._views.get(enrolment.id)
        if view is None:
            playbook = self.revisions[enrolment.revision].revision.playbook
            deal = self.account.deals[enrolment.deal]
            view = self._views[enrolment.id] = View(self.world, self.account, deal, playbook, at)
        view.at = at
        return view

    def _apply(self, done: Step) -> None:
        """Take over what a step decided: into the account at once, into `changes` for the store."""
        after, changes = done.after, self.changes
        self._guard_against_loops(done)
        if after.open:
            self.account.enrolments[after.id] = after
            self._turns[after.id] = self._turn_of(after)
        else:
            self.account.enrolments.pop(after.id, None)
            self._turns.pop(after.id, None)
            changes.examine.add(after.deal)  # another playbook may follow
        changes.enrolments[after.id] = after
        said: list[Line] = []
        for identity, columns in done.actions.items():
            said += self._apply_action(done, identity, columns)
        entry = done.entry()
        changes.history.append(replace(entry, did=(*entry.did, *said)) if said else entry)
        changes.transitions += done.transitions
        for effect in done.effects:
            self._apply_effect(done, effect)
        for contact, kind in done.touches:
            touch = Touch(Touch.key_of(contact, after.deal), done.at, kind)
            self.account.touches.append(touch)
            changes.touches.append(touch)
        self._log_closings(done)
        for scope, contact, channel, until, because in done.suppressions:
            self._add_suppression(Suppression(scope, contact, channel, done.at, until, because))
        if self.watch is not None:
            self.watch(done)

    def _log_closings(self, done: Step) -> None:
        """What the engine itself closed is an event like any other for `count` and `last`; the store finds it again
        among the closed actions."""
        recorded = done.trigger.event.name if isinstance(done.trigger, Happened) else ""
        for line in done.did:
            if line[0] == "closed" and line[3] in CLOSINGS and (name := f"{line[1]}.{line[3]}") != recorded:
                event = Event(name, done.at, deal=done.after.deal, enrolment=done.after.id)
                self.account.log.append(event)

    def _guard_against_loops(self, done: Step) -> None:
        """Raises Runaway when an enrolment takes transition after transition and no time passes."""
        identity = done.after.id
        if self._reached.get(identity) != done.at:
            self._reached[identity], self._loops[identity] = done.at, 0
        self._loops[identity] += done.transitions
        if self._loops[identity] > MOST_TRANSITIONS:
            raise Runaway(f"enrolment {identity} takes transition after transition at one instant")

    def _apply_action(self, done: Step, identity: str, columns: dict[str, Any]) -> list[Line]:
        """Write its columns; returns what the history says of its text."""
        enrolment = done.after
        columns = dict(columns)
        said = self._write_text(done, identity, columns) if identity in done.handed_out else []
        if "name" in columns:  # its row begins here
            self.changes.new_actions.add(identity)
            columns.update(enrolment_id=enrolment.id, deal_id=enrolment.deal, playbook=enrolment.playbook)
        if "touch_at" in columns:
            self._touch(enrolment, identity, columns)
        self.changes.actions.setdefault(identity, {}).update(columns)
        return said

    def _write_text(self, done: Step, identity: str, columns: dict[str, Any]) -> list[Line]:
        """Title and text as it is handed out now; words that no customer may read hold it back."""
        enrolment = done.after
        revision = self.revisions[enrolment.revision].revision
        name = next(line[1] for line in done.did if line[0] == "due" and line[2] == identity)
        columns.update(render_action(revision, self._view(enrolment, done.at), enrolment, identity, columns))
        self.changes.handed_out.append(identity)
        declared = revision.playbook.action(name)
        held, said = check_words(self.world.content_rules, declared, columns["kind"], columns["text"])
        if held:
            columns["held"] = held
        return said

    def _touch(self, enrolment: Enrolment, identity: str, columns: dict[str, Any]) -> None:
        """Keep the account's touches as the limits count them."""
        known = self._touched.get(identity)
        if columns["touch_at"] is None:
            if known is not None:
                self.account.touches.remove(self._touched.pop(identity))
            return
        if known is not None:
            known.at = columns["touch_at"]
        elif columns.get("kind", "") in CUSTOMER_KINDS:
            key = Touch.key_of(columns.get("contact_id") or "", enrolment.deal)
            self._touched[identity] = Touch(key, columns["touch_at"], columns["kind"], identity)
            self.account.touches.append(self._touched[identity])
            columns["touch_key"] = key

    def _add_suppression(self, suppression: Suppression) -> None:
        self.account.suppressions.append(suppression)
        self.changes.suppressions.append(suppression)

    # --- facts set by playbooks --------------------------------------------------------------------------------------

    def _apply_effect(self, done: Step, effect: Effect) -> None:
        """Set the fact, and tell every deal that it concerns: `changed` comes next in the queue."""
        if effect.entity == "consent":
            self._consent(done, effect)
            return
        fields = self._fields_of(effect)
        if fields is None or fields.get(effect.name) == effect.value:
            return
        old, fields[effect.name] = fields.get(effect.name), effect.value
        self._views.clear()
        self._mark_changed(effect)
        concerned = self._concerned(effect)
        self.changes.examine.update(concerned)
        told = {"field": effect.name, "old": old, "new": effect.value}
        self._queue[:0] = [
            Event("changed", done.at, deal=deal, contact=effect.id if effect.entity == "contact" else "", fields=told)
            for deal in concerned
        ]

    def _fields_of(self, effect: Effect) -> dict[str, Any] | None:
        if effect.entity == "account":
            return self.account.fields
        holders: Mapping[str, Any] = self.account.deals if effect.entity == "deal" else self.account.contacts
        holder = holders.get(effect.id)
        return holder.fields if holder is not None else None

    def _mark_changed(self, effect: Effect) -> None:
        if effect.entity == "deal":
            self.changes.changed_deals.add(effect.id)
        elif effect.entity == "account":
            self.changes.account_changed = True
        else:
            self.changes.changed_contacts.add(effect.id)

    def _concerned(self, effect: Effect) -> list[str]:
        if effect.entity == "deal":
            return [effect.id]
        if effect.entity == "account":
            return sorted(self.account.deals)
        return self.account.deals_of(effect.id)

    def _consent(self, done: Step, effect: Effect) -> None:
        contact = self.account.contacts.get(effect.id)
        if contact is None:
            return
        event = done.trigger.event.id if isinstance(done.trigger, Happened) else 0
        contact.consent[effect.name] = {
            "value": effect.value, "at": done.at, "by": effect.by, "channel": effect.channel, "event": event,
        }  # fmt: skip
        self.changes.changed_contacts.add(effect.id)


def _acts_by_itself(event: Event) -> bool:
    """It has its effect whether a playbook takes it or not."""
    if event.name == "opted_out":
        return bool(event.contact)
    return event.name == "command.enrol" or is_answers(event.name)


def advance(world: World, revisions: Revisions, account: Account, now: Instant, watch: Watch | None = None) -> Changes:
    """Bring `account` to `now`. It is changed in place. Raises `Runaway` for a loop; then throw the account away."""
    return Advancing(world, revisions, account, now, watch).run()


def next_instant(account: Account) -> Instant | None:
    """When something will happen to the account by itself; None if never."""
    instants = [next_at for enrolment in account.enrolments.values() if (next_at := enrolment.next_at) is not None]
    return min(instants, default=None)
