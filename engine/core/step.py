"""THE semantics: `step` decides what one trigger does to one enrolment. It is pure and the only place that decides.

`tick`, `why`, previews, tests and simulations all call it. In reading order: take the trigger, let every track choose
on what held before, carry out the choices, decide until nothing is left to decide, handle raised events first in first
out, recompute the dates in force, return a `Step`. docs/semantics.md says the same in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from engine.core import arming, commanding, handing, life, pausing, recounting
from engine.core.account import HistoryEntry
from engine.core.carrying import carry_out, end_enrolment, enter
from engine.core.draft import Draft, Effect
from engine.core.enrolment import Enrolment, Event, Instant, Position, Scope, Timer
from engine.core.machine import DECIDE, TrackMachine, machines, timer_trigger
from engine.core.model import BUILT_IN_ENDS, CUSTOMER_KINDS, End, OnEvent, Revision, Transition
from engine.core.reads import Reads

MOST_TRANSITIONS = 50  # of one enrolment at one instant; more is a loop


class Runaway(Exception):
    """The enrolment takes transition after transition without time passing."""


@dataclass(frozen=True, slots=True)
class Started:
    """The enrolment begins."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event was recorded. `reach` says as whose it counts here: the deal's, a contact's, the account's."""

    event: Event
    reach: tuple[Scope, ...] = ("deal", "contact", "account")


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer is due. `late`: so late that the outage counts as a pause; the rest of the enrolment moved."""

    timer: Timer
    late: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Customer-facing actions to a contact are no longer allowed: an opt-out, or a person's order (`because`)."""

    contact: str
    channel: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Recounted:
    """The calendars were edited: what they count is counted again."""


Trigger: TypeAlias = Started | Happened | Fired | Suppressed | Recounted


@dataclass(frozen=True, slots=True)
class Step:
    """What one trigger did. `before` and `after` are whole enrolments; `reads` what a replay must feed back."""

    before: Enrolment
    after: Enrolment
    trigger: Trigger
    at: Instant
    reads: dict[str, Any]
    did: tuple[tuple[Any, ...], ...]
    actions: dict[str, dict[str, Any]]
    handed_out: tuple[str, ...]
    effects: tuple[Effect, ...]
    suppressions: tuple[tuple[str, str, str, Instant | None, str], ...]
    touches: tuple[tuple[str, str], ...]
    transitions: int
    taken: bool
    then: int  # how many actions due at once were handed out in this same step

    def entry(self) -> HistoryEntry:
        """The history entry: enough to explain this step and to replay it."""
        return HistoryEntry(
            account=self.before.account,
            enrolment=self.before.id,
            number=self.after.steps,
            at=self.at,
            trigger=trigger_json(self.trigger) | ({"then": self.then} if self.then else {}),
            reads=self.reads,
            did=self.did,
        )


class Compiled:
    """A revision with its machines built: made once per process and revision."""

    __slots__ = ("machines", "revision")

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.machines: dict[str, TrackMachine] = machines(revision.playbook)


def step(
    compiled: Compiled, enrolment: Enrolment, reads: Reads, trigger: Trigger, at: Instant, alone: bool = False
) -> Step:
    """Decide what `trigger` does to `enrolment` at the instant `at`.

    `alone`: nothing else of its account happens at this instant, so what is due at once need not wait for its turn.
    `enrolment` is left as it was. Raises `Runaway` when a loop never lets time pass.
    """
    draft = Draft(
        playbook=compiled.revision.playbook,
        machines=compiled.machines,
        enrolment=enrolment.copy(),
        reads=reads,
        at=at,
    )
    _TAKE[type(trigger)](draft, trigger)
    _settle(draft)
    then = _hand_out_at_once(draft) if alone else 0
    pausing.freeze(draft)
    draft.enrolment.steps += 1
    return Step(
        before=enrolment,
        after=draft.enrolment,
        trigger=trigger,
        at=at,
        reads=reads.made,
        did=tuple(draft.did),
        actions=draft.actions,
        handed_out=tuple(draft.handed_out),
        effects=tuple(draft.effects),
        suppressions=tuple(draft.suppressions),
        touches=tuple(draft.touches),
        transitions=draft.transitions,
        taken=draft.taken,
        then=then,
    )


def replay(compiled: Compiled, before: Enrolment, entry: HistoryEntry) -> Step:
    """Do again what `entry` records, with the answers it recorded. Raises `ReplayMismatch` where it would ask more."""
    alone = "then" in entry.trigger
    return step(compiled, before, Reads(None, dict(entry.reads)), trigger_from_json(entry.trigger), entry.at, alone)


# --- taking a trigger -----------------------------------------------------------------------------------------------


def _start(draft: Draft, _trigger: Started) -> None:
    draft.taken = True
    arming.arm_anywhere(draft)
    for track in draft.playbook.tracks.values():
        draft.enrolment.positions.append(Position(track.name, track.initial, 0, draft.at))
    for position in draft.enrolment.positions:
        enter(draft, position, position.state)


def _happened(draft: Draft, trigger: Happened) -> None:
    event = trigger.event
    draft.dates_may_move = True
    if pausing.holds_back(draft, event, trigger.reach):
        pausing.keep_waiting(draft, event, trigger.reach)
        return
    if pausing.ends_pause(draft, event, trigger.reach):
        pausing.release(draft, event.name)
        draft.taken = True
    if commanding.command(draft, event):
        draft.taken = True
        return
    draft.taken = _event(draft, event, trigger.reach) or draft.taken


def _fired(draft: Draft, trigger: Fired) -> None:
    timer = trigger.timer
    draft.enrolment.timers.remove(timer)
    if trigger.late:
        pausing.shift(draft, timer)
    if draft.enrolment.paused and timer.kind != "resume":
        pausing.keep_passed(draft, timer)
    elif timer.kind == "resume":
        pausing.release(draft, "the time given")
    elif timer.kind in ("after", "at", "schedule"):
        _timer_transition(draft, timer, trigger.late)
    else:
        handing.timer(draft, timer, trigger.late)
    draft.taken = True


def _suppressed(draft: Draft, trigger: Suppressed) -> None:
    life.suppress_open(draft, trigger.contact, trigger.channel, trigger.because)


def _recounted(draft: Draft, _trigger: Recounted) -> None:
    recounting.recount(draft)
    draft.dates_may_move = True


_TAKE: dict[type, Any] = {
    Started: _start, Happened: _happened, Fired: _fired, Suppressed: _suppressed, Recounted: _recounted,
}  # fmt: skip


def _event(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> bool:
    """Close what the event closes, let the tracks choose, carry out. Whether anything came of it."""
    draft.event, draft.closed = event, None
    closed = life.close_by_event(draft, event, reach)
    chosen = [
        (position, transition)
        for position in draft.standing()
        if (transition := _choose_for_event(draft, position, event, reach))
    ]
    if not chosen and event.name in BUILT_IN_ENDS and "deal" in reach:
        end_enrolment(draft, event.name)
        return True
    _carry_out_all(draft, chosen)
    if event.name == "changed" and event.fields.get("field") == "owner":
        commanding.follow_owner(draft)
    return closed or bool(chosen)


def _choose_for_event(draft: Draft, position: Position, event: Event, reach: tuple[Scope, ...]) -> Transition | None:
    machine = draft.machines[position.track]

    def ask(transition: Transition) -> bool:
        assert isinstance(transition.cause, OnEvent)
        return transition.cause.origin in reach and draft.ask(transition, position)

    return machine.choose(position.state, machine.event_trigger(event.name), ask)


def _timer_transition(draft: Draft, timer: Timer, late: bool) -> None:
    """A delay, date or schedule of a transition has come: asked once, then spent for this visit."""
    draft.event = None
    chosen = []
    for position in draft.standing():
        if timer.entry and position.entry != timer.entry:
            continue
        ask = partial(_may_run, draft, position, late)
        transition = draft.machines[position.track].choose(position.state, timer_trigger(timer.place), ask)
        if transition is not None:
            chosen.append((position, transition))
        if timer.kind != "schedule":
            (position.spent if timer.entry else draft.enrolment.spent).append(timer.place)
    if not chosen:
        draft.note("refused", timer.place)
    _carry_out_all(draft, chosen)
    arming.rearm_schedule(draft, timer)


def _may_run(draft: Draft, position: Position, late: bool, transition: Transition) -> bool:
    if late and transition.skip_if_late:
        draft.note("missed", transition.place)
        return False
    return draft.ask(transition, position)


def _hand_out_at_once(draft: Draft) -> int:
    """Hand out what is due at this very instant, as the turns after this one would; how many actions that were.

    What a transition set or suppressed outside the enrolment is news for others, and comes first: then nothing is done.
    """
    count = 0
    while draft.enrolment.open and not draft.enrolment.paused and not draft.effects and not draft.suppressions:
        ready = [timer for timer in draft.enrolment.timers if timer.due <= draft.at]
        if not ready or any(timer.kind != "due" or timer.due != draft.at for timer in ready):
            break
        first = min(ready, key=lambda timer: timer.place)
        if _touched(draft) and _may_touch(draft, first):
            break  # its limits must see the touch of this step, which the account learns at its end
        draft.enrolment.timers.remove(first)
        draft.event = None
        handing.timer(draft, first, late=False)
        _settle(draft)
        count += 1
    return count


def _touched(draft: Draft) -> bool:
    return bool(draft.touches) or any("touch_at" in columns for columns in draft.actions.values())


def _may_touch(draft: Draft, timer: Timer) -> bool:
    action = draft.find_action(timer.action)
    if action is None:
        return False
    declared = draft.declared(action)
    return declared.customer_facing or any(way.kind in CUSTOMER_KINDS for way in declared.fallback)


# --- carrying out and settling --------------------------------------------------------------------------------------


def _carry_out_all(draft: Draft, chosen: list[tuple[Position, Transition]]) -> None:
    """Each track's choice in the order of the file; one that ends the enrolment wins over the rest."""
    ending = next((pair for pair in chosen if isinstance(pair[1].target, End)), None)
    done: set[int] = set()
    for position, transition in [ending] if ending else chosen:
        if transition.place in done:  # the playbook's own `anywhere` is one for all tracks
            continue
        done.add(transition.place)
        _count_transition(draft)
        carry_out(draft, position, transition)


def _settle(draft: Draft) -> None:
    """Decisions until none is left, then raised events first in, first out; then the dates in force."""
    while draft.enrolment.open:
        if _decide(draft):
            continue
        if draft.raised:
            _raised(draft, *draft.raised.popleft())
        elif not _announce_all_closed(draft):
            break
    if draft.dates_may_move and draft.enrolment.open:
        arming.follow_dates(draft)
        life.follow_due_dates(draft)


def _raised(draft: Draft, event: Event, reach: tuple[Scope, ...]) -> None:
    if pausing.holds_back(draft, event, reach):
        pausing.keep_waiting(draft, event, reach)
    else:
        _event(draft, event, reach)


def _decide(draft: Draft) -> bool:
    """One round of decisions: every standing track chooses on what holds now."""
    if draft.enrolment.paused:
        return False
    chosen = []
    for position in draft.standing():
        if not draft.state(position).decides:
            continue
        ask = partial(draft.ask, position=position)
        transition = draft.machines[position.track].choose(position.state, DECIDE, ask)
        if transition is not None:
            chosen.append((position, transition))
    _carry_out_all(draft, chosen)
    return bool(chosen)


def _announce_all_closed(draft: Draft) -> bool:
    """Once per visit, when the last required action of a state has closed: `all_closed`, to that track alone."""
    if draft.enrolment.paused:
        return False  # announced at the release
    for position in draft.standing():
        if position.all_closed or not life.all_required_closed(draft, position):
            continue
        position.all_closed = True
        draft.event = Event("all_closed", draft.at)
        transition = _choose_for_event(draft, position, draft.event, ("deal",))
        if transition is not None:
            _carry_out_all(draft, [(position, transition)])
            return True
    return False


def _count_transition(draft: Draft) -> None:
    draft.transitions += 1
    if draft.transitions > MOST_TRANSITIONS:
        raise Runaway(
            f"more than {MOST_TRANSITIONS} transitions of enrolment {draft.enrolment.id} at one instant, "
            f"last in state {draft.enrolment.positions[0].state!r}"
        )


# --- triggers as JSON -----------------------------------------------------------------------------------------------


def trigger_json(trigger: Trigger) -> dict[str, Any]:
    if isinstance(trigger, Started):
        return {"start": True}
    if isinstance(trigger, Happened):
        return {"event": trigger.event.to_json(), "reach": list(trigger.reach)}
    if isinstance(trigger, Fired):
        return {"timer": trigger.timer.to_json(), **({"late": True} if trigger.late else {})}
    if isinstance(trigger, Recounted):
        return {"recount": True}
    because = {"because": trigger.because} if trigger.because else {}
    return {"suppress": trigger.contact, "channel": trigger.channel, **because}


def trigger_from_json(content: Any) -> Trigger:
    if "start" in content:
        return Started()
    if "event" in content:
        return Happened(Event.from_json(content["event"]), tuple(content["reach"]))
    if "timer" in content:
        return Fired(Timer.from_json(content["timer"]), content.get("late", False))
    if "recount" in content:
        return Recounted()
    return Suppressed(content["suppress"], content["channel"], content.get("because", ""))
