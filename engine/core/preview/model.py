"""A preview as values: what happens when, what repeats, what an event would lead to, and the totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.core.durations import Instant

Close: TypeAlias = Literal["ends", "repeats", "waits", "goes on"]


class Stuck(Exception):
    """The deal could not be played on: `message` in words, `at` where in time."""

    def __init__(self, message: str, at: Instant) -> None:
        super().__init__(message)
        self.message, self.at = message, at


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """An action as it reaches its person. `kind` may be a fallback's; `minutes` None: the playbook does not say."""

    id: str
    name: str
    kind: str
    title: str
    contact: str
    assignee: str
    minutes: float | None
    facing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One thing that a person would see happen. `line` is as the history has it; `handed` is set for a hand-out."""

    at: Instant
    line: tuple[Any, ...]
    handed: HandedOut | None = None

    @property
    def kind(self) -> str:
        """The first word of its history line: `took`, `due`, `remind`, `escalate`, `closed`, `ended`, …"""
        return str(self.line[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class Lap:
    """From `begins` on the same things happen again, every `seconds` on average, `times` more times as far as seen.

    `again_at`: when the second lap begins. `over_at`: when something else happens at last; None: never within the
    horizon.
    """

    begins: Instant
    first_ends: Instant
    again_at: Instant
    seconds: int
    times: int
    over_at: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """Counted up to the end of the weeks that were asked for, laps that are not shown included.

    `gap`: the shortest time between two touches, in seconds; None with fewer than two.
    """

    actions: Mapping[str, int]
    minutes: float
    touches: int
    gap: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What happens from `start` if nobody answers. `until` bounds what is shown and counted.

    `in_hand`: what was handed out before `start` and is still open then, each at the instant of its hand-out.
    `end` and `ends_at`: how it ends by itself, perhaps long after `until`; "" and None if it does not.
    """

    start: Instant
    until: Instant
    in_hand: tuple[Happening, ...]
    happenings: tuple[Happening, ...]
    close: Close
    end: str
    ends_at: Instant | None
    lap: Lap | None
    totals: Totals

    @property
    def shown_until(self) -> Instant:
        """How far the picture of it reaches: to the end, to where it begins anew, or as far as was asked for."""
        if self.close == "ends" and self.ends_at is not None:
            return self.ends_at
        return self.until if self.lap is None else min(self.until, self.lap.again_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An event that could be recorded. `action` is the name of the action whose outcome it is, else ""."""

    name: str
    action: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    general: bool = False  # listened to in every state


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """What `told`, recorded at `at`, leads to: the states entered, or the end; and the next thing with a date."""

    told: Told
    at: Instant
    states: tuple[tuple[str, str], ...]  # (track, state) entered
    end: str
    finished: tuple[tuple[str, str], ...]  # (track, end of the track)
    paused: str  # the event that ends the pause; "" if it does not pause
    released: bool  # it ends a pause
    taken: bool  # whether anything came of it
    then: Happening | None
    places: tuple[Place, ...] = ()  # what can follow from the states entered, where that is told nowhere else


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One state and what can happen in it besides time. `at`: when it would happen.

    `paused`: everything stands still there until this event; "" if not.
    """

    track: str
    state: str
    at: Instant
    paused: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """The whole answer: the calendar, what every state has in common, and the states one after the other."""

    calendar: Calendar
    general: tuple[Branch, ...]
    places: tuple[Place, ...]
