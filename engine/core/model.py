"""A playbook as the engine sees it: what the author wrote, with every name resolved and every duration parsed.

Frozen values, built once per revision by `core/building`. `path` says where in the file a piece was written, so that
a problem can point there. `place` is a piece's rank in the file, which settles ties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.core.conditions import Condition
from engine.core.enrolment import Scope, is_of
from engine.core.questionnaires import Questionnaire
from engine.core.scores import Score
from engine.core.values import Value

Path: TypeAlias = tuple[str | int, ...]

CUSTOMER_KINDS = frozenset({"call", "email", "letter", "card", "meeting", "sms", "social"})
INTERNAL_KINDS = frozenset({"task", "review", "approval", "notify"})
CLOSINGS = frozenset({"skipped", "suppressed", "expired", "missed"})  # outcomes that only the engine or a person gives
NOT_DONE = CLOSINGS | {"withdrawn"}  # how an action closes that nobody has done
BUILT_IN_ENDS = ("won", "lost", "reopened", "deleted")  # from an import; every playbook has them
LOSS_TAKEN_BACK = ("won", "reopened", "deleted")  # those that say that the deal is not lost
ENDED_BY_HAND = "ended_by_hand"  # by a person's order; no playbook can end itself so


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """`at:`: a date fact (or a literal date), moved by a duration. `sign` is -1 for before, +1 for after."""

    date: Value
    offset: Value | None = None
    sign: int = 1
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnEvent:
    name: str
    origin: Scope = "deal"

    def takes(self, event: str) -> bool:
        """A family (`signal`) takes its members (`signal.funding`)."""
        return is_of(event, self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class After:
    delay: Value  # of Duration
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class At:
    moment: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class OnSchedule:
    name: str


Cause: TypeAlias = OnEvent | After | At | OnSchedule | None  # None: a decision


@dataclass(frozen=True, kw_only=True, slots=True)
class To:
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    end: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    end: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """It ends with the event `until`, or on the day they named (`at`), or where none was named after `at_most`."""

    until: str
    at_most: Value | None = None
    at: Moment | None = None


Target: TypeAlias = To | End | Finish | Stay | Pause


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppress:
    scope: Literal["contact", "account", "channel"]
    channel: str | None = None
    lasting: Value | None = None  # of Duration; None: for good


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    place: int
    cause: Cause
    target: Target
    condition: Condition | None = None
    set: tuple[tuple[str, Value], ...] = ()  # canonical name -> value
    suppress: Suppress | None = None
    note: str = ""
    skip_if_late: bool = False
    run_if_past: bool = False
    path: Path = field(default=(), compare=False)

    @property
    def certain(self) -> bool:
        """It cannot fail: nothing is asked and nothing drops it."""
        return self.condition is None and not self.skip_if_late


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """One entry of `remind` or `escalate`: when, counted from the due instant or as a moment; `to` whom (escalate)."""

    when: Value | Moment
    to: Value | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallback:
    kind: str
    title: Value | None = None
    template: Value | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    rule: str
    by: str
    on: str
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    name: str
    place: int
    kind: str
    title: Value
    purpose: str = ""
    intent: str = ""  # which content rules hold for it
    assign: Value
    contact: str | None = None  # a role
    due: Value | Moment | None = None  # None: at once
    due_text: str = ""
    window: str | None = None
    minutes: Value | None = None
    template: Value | None = None
    questions: str | None = None
    answers_for: tuple[str, ...] = ()  # the outcomes that need answers to `questions`
    checklist: tuple[str, ...] = ()
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("done",)
    condition: Condition | None = None
    optional: bool = False
    keep: bool = False
    fallback: tuple[Fallback, ...] = ()
    remind: tuple[Reminder, ...] = ()
    escalate: tuple[Reminder, ...] = ()
    expires: Reminder | None = None
    deadline: Reminder | None = None
    priority: Value | None = None
    waive: tuple[Waiver, ...] = ()
    skip_if_late: bool = False
    path: Path = field(default=(), compare=False)

    @property
    def customer_facing(self) -> bool:
        return self.kind in CUSTOMER_KINDS


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    name: str
    place: int
    title: str = ""
    actions: tuple[Action, ...] = ()
    transitions: tuple[Transition, ...] = ()
    path: Path = field(default=(), compare=False)
    decides: bool = field(init=False, compare=False)  # left at once: its transitions have no trigger

    def __post_init__(self) -> None:
        object.__setattr__(self, "decides", any(transition.cause is None for transition in self.transitions))


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    name: str
    initial: str
    states: Mapping[str, State]
    anywhere: tuple[Transition, ...] = ()
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    name: str  # canonical field
    first: Literal["newest", "oldest", "highest", "lowest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    deals: int
    per: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrol:
    condition: Condition | None = None
    event: str | None = None
    again: Value | None = None  # of Duration
    schedule: str | None = None
    order: tuple[Order, ...] = ()
    batch: Batch | None = None
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    touches: int | None = None
    per: Value | None = None  # of Duration
    gap: Value | None = None  # of Duration
    kind: str | None = None
    hours: str | None = None  # a named window
    unanswered: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    name: str
    title: str = ""
    success: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Playbook:
    name: str
    title: str
    tracks: Mapping[str, Track]
    ends: Mapping[str, Ending]
    enrol: Enrol
    anywhere: tuple[Transition, ...] = ()
    limits: tuple[Limit, ...] = ()
    calendar: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)  # those that it reads
    team_params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as written; merged by `for_team`
    _by_name: Mapping[str, Action] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {action.name: action for action in self.actions()})

    @property
    def customer_facing(self) -> bool:
        return any(
            action.customer_facing or any(fallback.kind in CUSTOMER_KINDS for fallback in action.fallback)
            for action in self.actions()
        )

    def action(self, name: str) -> Action:
        """The action with this name. Raises KeyError."""
        return self._by_name[name]

    def has_action(self, name: str) -> bool:
        return name in self._by_name

    def actions(self) -> Iterator[Action]:
        """Every action, in the order of the file."""
        for track in self.tracks.values():
            for state in track.states.values():
                yield from state.actions

    def transitions(self) -> Iterator[Transition]:
        """Every transition: the playbook's and the tracks' `anywhere`, then state by state."""
        yield from self.anywhere
        for track in self.tracks.values():
            yield from track.anywhere
            for state in track.states.values():
                yield from state.transitions


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A playbook pinned with the text of every template and every questionnaire it names. `hash` is its identity."""

    hash: str
    playbook: Playbook
    templates: Mapping[str, str] = field(default_factory=dict)
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
