"""What happens to one deal in one playbook: the enrolment, its positions, timers and open actions, and events.

These are working values: `step` copies an enrolment, changes the copy and returns it. They turn into JSON and back
without loss, for the store and for the replay of history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.core.durations import Instant as Instant  # for those who work with what is here

NEVER: Instant = 1 << 62  # later than anything that will happen
Scope: TypeAlias = Literal["deal", "contact", "account"]

TimerKind: TypeAlias = Literal["after", "at", "schedule", "due", "remind", "escalate", "expire", "resume"]
SETTLED = "settled"  # the unit of a due instant that was set anew after an outage


def is_of(event: str, wanted: str) -> bool:
    """Whether the event of this name is the wanted one, or one of the family `wanted`."""
    return event == wanted or event.startswith(f"{wanted}.")


@dataclass(slots=True, frozen=True)
class Timer:
    """Something that will happen by itself.

    `kind` after, at, schedule: a transition (`place`; `entry` 0 for a playbook's or track's `anywhere`). due, remind,
    escalate, expire: an open action (`action` is its id, `place` the index of the reminder). resume: a pause ends.
    `due` is the instant it will be handled at, `base` the instant from which its delay counts (kept for `why` and for
    what is left in a pause), `unit` the unit it was written in, `rule` the author's words. `delay` is the duration that
    counts from `base`; "" for a date or schedule, and once it stood still: then it counts from no single instant.
    """

    kind: TimerKind
    due: Instant
    base: Instant
    unit: str
    rule: str
    place: int
    track: str = ""
    entry: int = 0
    action: str = ""
    delay: str = ""

    @property
    def fixed(self) -> bool:
        """A date or schedule does not move when the enrolment pauses, nor does the day to which a person deferred."""
        return self.unit in ("at", "schedule", "deferred")

    def to_json(self) -> list[Any]:
        delay = [self.delay] if self.delay else []
        return [
            self.kind, self.due, self.base, self.unit, self.rule, self.place, self.track, self.entry, self.action,
            *delay,
        ]  # fmt: skip

    @staticmethod
    def from_json(content: list[Any]) -> Timer:
        return Timer(*content)


@dataclass(slots=True)
class Position:
    """Where one track stands. `entry` numbers the visit; `spent` are places of timers asked and refused this visit."""

    track: str
    state: str
    entry: int
    entered_at: Instant
    spent: list[int] = field(default_factory=list)
    all_closed: bool = False  # raised for this visit
    finished: str = ""  # the end of this track, once finished

    def copy(self) -> Position:
        return Position(
            self.track, self.state, self.entry, self.entered_at, self.spent[:], self.all_closed, self.finished
        )

    def to_json(self) -> list[Any]:
        return [
            self.track, self.state, self.entry, self.entered_at, self.spent, int(self.all_closed), self.finished,
        ]  # fmt: skip

    @staticmethod
    def from_json(content: list[Any]) -> Position:
        track, state, entry, entered_at, spent, all_closed, finished = content
        return Position(track, state, entry, entered_at, list(spent), bool(all_closed), finished)


@dataclass(slots=True, frozen=True)
class OpenAction:
    """An action planned or handed out. `kind` may be a fallback's; `fallback` counts those already ruled out."""

    id: str
    name: str
    track: str
    entry: int
    status: Literal["planned", "due", "deferred"]
    planned_at: Instant
    due_at: Instant | None  # None: waits for an empty date
    kind: str
    fallback: int = 0
    contact: str = ""
    assignee: str = ""
    given: bool = False  # a person reassigned it; a new owner does not take it back
    remarks: tuple[str, ...] = ()  # "contact missing", reminders and escalations that went out

    def to_json(self) -> list[Any]:
        return [
            self.id, self.name, self.track, self.entry, self.status, self.planned_at, self.due_at, self.kind,
            self.fallback, self.contact, self.assignee, self.given, list(self.remarks),
        ]  # fmt: skip

    @staticmethod
    def from_json(content: list[Any]) -> OpenAction:
        return OpenAction(*[*content[:-1], tuple(content[-1])])


@dataclass(slots=True, frozen=True)
class Event:
    """Something that was recorded. `id` 0: raised by the engine itself and never stored on its own.

    `enrolment` limits it to one (an action's outcome); `action` is the action it closes.
    """

    name: str
    recorded_at: Instant
    id: int = 0
    deal: str = ""
    contact: str = ""
    enrolment: str = ""
    action: str = ""
    occurred_at: Instant | None = None
    by: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def happened_at(self) -> Instant:
        """When it happened, as far as anybody said; else when it was recorded. Never later than that."""
        return self.recorded_at if self.occurred_at is None else min(self.occurred_at, self.recorded_at)

    def to_json(self) -> dict[str, Any]:
        """Only what is set, so that history rows stay narrow."""
        content: dict[str, Any] = {"name": self.name, "recorded_at": self.recorded_at}
        for key in ("id", "deal", "contact", "enrolment", "action", "occurred_at", "by"):
            if getattr(self, key):
                content[key] = getattr(self, key)
        if self.fields:
            content["fields"] = dict(self.fields)
        return content

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Event:
        return Event(**content)


@dataclass(slots=True, frozen=True)
class Paused:
    """A pause in force: since when, until which event, and what each frozen timer had left (`Left.to_text`)."""

    since: Instant
    until: str  # an event's name; "" when a person paused it
    began: str = ""  # the event that began it; it comes again: `at_most` starts anew
    at_most: str = ""  # a duration
    left: tuple[tuple[Timer, str], ...] = ()
    waiting: tuple[tuple[Event, tuple[Scope, ...]], ...] = ()  # with as whose each counts
    due: tuple[Timer, ...] = ()  # dates and schedules that passed meanwhile

    def to_json(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "began": self.began,
            "at_most": self.at_most,
            "left": [[timer.to_json(), left] for timer, left in self.left],
            "waiting": [[event.to_json(), list(reach)] for event, reach in self.waiting],
            "due": [timer.to_json() for timer in self.due],
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Paused:
        return Paused(
            since=content["since"],
            until=content["until"],
            began=content["began"],
            at_most=content.get("at_most", ""),  # older releases did not keep it
            left=tuple((Timer.from_json(timer), left) for timer, left in content["left"]),
            waiting=tuple((Event.from_json(event), tuple(reach)) for event, reach in content["waiting"]),
            due=tuple(Timer.from_json(timer) for timer in content["due"]),
        )


@dataclass(slots=True)
class Enrolment:
    """One deal inside one revision of one playbook. `id` = hash(account, deal, playbook, n-th)."""

    id: str
    account: str
    deal: str
    playbook: str
    revision: str
    number: int
    enrolled_at: Instant
    positions: list[Position] = field(default_factory=list)
    visits: dict[str, int] = field(default_factory=dict)  # "track.state" -> entries
    facts: dict[str, Any] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    actions: list[OpenAction] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)  # places of `anywhere` timers asked and refused
    entries: int = 0  # entry numbers given out
    steps: int = 0  # history entries written
    paused: Paused | None = None
    end: str = ""  # "" while open
    ended_at: Instant | None = None

    @property
    def open(self) -> bool:
        return not self.end

    @property
    def next_at(self) -> Instant | None:
        """When something will happen by itself; None: only an event can move it."""
        return min((timer.due for timer in self.timers), default=None) if self.open else None

    def copy(self) -> Enrolment:
        return Enrolment(  # by position: `replace` costs more than the rest of a small step
            self.id, self.account, self.deal, self.playbook, self.revision, self.number, self.enrolled_at,
            [position.copy() for position in self.positions], self.visits.copy(), self.facts.copy(), self.timers[:],
            self.actions[:], self.spent[:], self.entries, self.steps, self.paused, self.end, self.ended_at,
        )  # fmt: skip

    def position(self, track: str) -> Position:
        for position in self.positions:
            if position.track == track:
                return position
        raise KeyError(track)

    def body(self) -> dict[str, Any]:
        """Everything that the store keeps beside the columns it asks by."""
        content: dict[str, Any] = {
            "positions": [position.to_json() for position in self.positions],
            "timers": [timer.to_json() for timer in self.timers],
            "entries": self.entries,
            "visits": self.visits,
        }
        if self.actions:
            content["actions"] = [action.to_json() for action in self.actions]
        if self.facts:
            content["facts"] = self.facts
        if self.spent:
            content["spent"] = self.spent
        if self.paused:
            content["paused"] = self.paused.to_json()
        return content

    def load_body(self, content: Mapping[str, Any]) -> Enrolment:
        """Fill this enrolment from `body()`; returns itself."""
        self.positions = [Position.from_json(position) for position in content["positions"]]
        self.timers = [Timer.from_json(timer) for timer in content["timers"]]
        self.entries = content["entries"]
        self.visits = dict(content["visits"])
        self.actions = [OpenAction.from_json(action) for action in content.get("actions", ())]
        self.facts = dict(content.get("facts", {}))
        self.spent = list(content.get("spent", ()))
        self.paused = Paused.from_json(content["paused"]) if "paused" in content else None
        return self
