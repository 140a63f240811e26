"""The working copy that one step changes, and who asks while it does.

A `Draft` is made by `step`, changed by the phases, and turned into a `Step`. Nothing outside `core` sees one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from engine.core.asking import OF_A_CONTACT, Asker
from engine.core.conditions import holds
from engine.core.enrolment import Enrolment, Event, Instant, OpenAction, Position, Scope, Timer
from engine.core.machine import TrackMachine
from engine.core.model import Action, Playbook, State, Transition
from engine.core.reads import Reads
from engine.core.scores import scored
from engine.core.values import Literal, Value, resolve
from engine.core.zones import date_text


@dataclass(frozen=True, slots=True)
class Effect:
    """A fact that a transition sets outside its enrolment. `entity` is deal, contact, account or consent."""

    entity: str
    id: str
    name: str
    value: Any
    by: str = ""
    channel: str = ""


@dataclass(slots=True)
class Draft:
    """One step in the making. `did` collects what people will read; `actions` the columns that changed by action id."""

    playbook: Playbook
    machines: dict[str, TrackMachine]
    enrolment: Enrolment
    reads: Reads
    at: Instant
    event: Event | None = None  # the one being handled now
    closed: OpenAction | None = None  # the action that it has closed
    did: list[tuple[Any, ...]] = field(default_factory=list)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    new_actions: set[str] = field(default_factory=set)
    handed_out: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    suppressions: list[tuple[str, str, str, Instant | None, str]] = field(default_factory=list)
    touches: list[tuple[str, str]] = field(default_factory=list)  # (contact, kind) of outcomes that came late
    raised: deque[tuple[Event, tuple[Scope, ...]]] = field(default_factory=deque)  # with as whose each counts
    overlay: dict[str, Any] = field(default_factory=dict)  # set in this step, by canonical name, or `contact_key`
    transitions: int = 0
    taken: bool = False  # something took the trigger
    dates_may_move: bool = False  # a fact changed: dates in force are computed again

    def note(self, *line: Any) -> None:
        self.did.append(line)

    # --- where things stand ------------------------------------------------------------------------------------------

    def state(self, position: Position) -> State:
        return self.playbook.tracks[position.track].states[position.state]

    def standing(self) -> list[Position]:
        """The positions of the tracks that have not finished, in the order of the file."""
        return [position for position in self.enrolment.positions if not position.finished]

    def find_action(self, action_id: str) -> OpenAction | None:
        return next((action for action in self.enrolment.actions if action.id == action_id), None)

    def find_action_named(self, name: str) -> OpenAction | None:
        return next((action for action in self.enrolment.actions if action.name == name), None)

    def declared(self, action: OpenAction) -> Action:
        """The action as the playbook declares it. Names are unique in a playbook."""
        return self.playbook.action(action.name)

    # --- changing the copy -------------------------------------------------------------------------------------------

    def arm(self, timer: Timer) -> None:
        self.enrolment.timers.append(timer)

    def drop_timers(self, **wanted: Any) -> None:
        """Forget the timers whose fields all equal `wanted`."""
        self.enrolment.timers = [
            timer
            for timer in self.enrolment.timers
            if not all(getattr(timer, name) == value for name, value in wanted.items())
        ]

    def replace_action(self, old: OpenAction, new: OpenAction | None) -> None:
        """Put `new` where `old` stood; None removes it."""
        self.enrolment.actions = [
            new if action.id == old.id and new is not None else action
            for action in self.enrolment.actions
            if new is not None or action.id != old.id
        ]

    def write_action(self, action: OpenAction, **columns: Any) -> None:
        """Remember columns for the action's row. A row begins when it is handed out or closed."""
        self.actions.setdefault(action.id, {}).update(columns)

    # --- asking ------------------------------------------------------------------------------------------------------

    def ask(self, transition: Transition, position: Position) -> bool:
        """Whether the guard of `transition` holds for the track at `position`."""
        if transition.condition is None:
            return True
        verdict = holds(transition.condition, Standpoint(self, position.track, self.event_contact()))
        self.note("asked", transition.place, verdict)
        return verdict

    def event_contact(self) -> str:
        return self.event.contact if self.event is not None else ""

    def resolve(self, value: Value, track: str = "", contact: str = "") -> Any:
        if isinstance(value, Literal):
            return value.content
        return resolve(value, Standpoint(self, track, contact or self.event_contact()).value)


class Standpoint(Asker):
    """Who asks: one track of the draft, with the contact that `contact.X` means there. Implements `Asking`."""

    __slots__ = ("draft", "track")

    def __init__(self, draft: Draft, track: str = "", contact: str = "") -> None:
        super().__init__(draft.reads, contact)
        self.draft = draft
        self.track = track

    def value(self, name: str) -> Any:
        root, _, rest = name.partition(".")
        draft = self.draft
        if root == "facts":
            return draft.enrolment.facts.get(rest)
        if root == "event":
            return _event_field(draft.event, rest)
        if root == "params":
            return resolve(draft.playbook.params[rest], self.value)
        if root == "visits":
            position = draft.enrolment.position(self.track)
            return draft.enrolment.visits.get(f"{position.track}.{position.state}", 0)
        if root == "track":
            position = draft.enrolment.position(rest)
            return position.finished or position.state
        if root == "score":
            return self._score(rest)
        if draft.overlay and (key := self._key(name, root, rest)) in draft.overlay:
            return draft.overlay[key]
        return self.reads.value(name, self.contact if root in OF_A_CONTACT else "")

    def _key(self, name: str, root: str, rest: str) -> str:
        """Under which a value of this step is laid over what the account knows: what is a contact's is that one's."""
        if root not in OF_A_CONTACT:
            return name
        role, _, bare = rest.rpartition(".") if root == "contact" else ("", "", rest)
        whose = self.reads.contact(role) if role else self.contact or self.reads.contact("")
        return contact_key(f"{root}.{bare}", whose)

    def _score(self, name: str) -> float:
        """The points, with their breakdown in the history."""
        found = scored(self.draft.playbook.scores[name], self)
        line = ("score", name, found.total, [list(pair) for pair in found.breakdown])
        if line not in self.draft.did:
            self.draft.note(*line)
        return found.total

    def other_currency(self, name: str) -> None:
        self.draft.note("currency", name)


def contact_key(name: str, contact: str) -> str:
    """The key in `Draft.overlay` of what a step lays over one contact."""
    return f"{name}@{contact}"


def _event_field(event: Event | None, name: str) -> Any:
    if event is None:
        return None
    if name in ("name", "by", "contact", "deal"):
        return getattr(event, name) or None
    if name == "at":
        return date_text(event.happened_at)
    return event.fields.get(name)
