"""The names that conditions, values and templates may use, with their types, and the events that may be named.

Authors write short names (`amount`, `lost_reason`); the engine knows canonical ones (`deal.amount`). Built-in fields
need no declaration; `fields.yaml` adds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from engine.core.enrolment import is_of

if TYPE_CHECKING:
    from engine.core.questionnaires import Questionnaire

FieldType: TypeAlias = Literal[
    "text", "choice", "choices", "number", "money", "date", "yes_no", "person", "zone", "duration", "unknown"
]
ENTITIES = ("deal", "account", "contact")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One declared or built-in name. `address_of` are the kinds of action that it is the address of."""

    name: str  # canonical: deal.amount
    type: FieldType
    values: tuple[str, ...] = ()
    currency: str = ""
    title: str = ""
    may_be_empty: bool = True
    playbooks_may_write: bool = False
    address_of: tuple[str, ...] = ()
    required: Mapping[str, Any] | None = field(default=None, compare=False)  # the condition for it, as written

    @property
    def bare(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventKind:
    name: str
    means: str = ""
    recorded_by: str = "rep"
    reply: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)


def _built_in(name: str, kind: FieldType, *, empty: bool = True, values: tuple[str, ...] = ()) -> Field:
    return Field(name=name, type=kind, may_be_empty=empty, values=values)


BUILT_IN = MappingProxyType(
    {
        built.name: built
        for built in (
            _built_in("deal.id", "text", empty=False),
            _built_in("deal.name", "text"),
            _built_in("deal.status", "choice", empty=False, values=("open", "won", "lost", "deleted")),
            _built_in("deal.lost_at", "date"),
            _built_in("deal.won_at", "date"),
            _built_in("deal.created_at", "date"),
            _built_in("deal.modified_at", "date"),
            _built_in("deal.owner", "person"),
            _built_in("deal.team", "text"),
            _built_in("deal.amount", "money"),
            _built_in("deal.zone", "zone"),
            _built_in("deal.source", "text"),
            _built_in("account.id", "text", empty=False),
            _built_in("account.name", "text"),
            _built_in("account.zone", "zone"),
            _built_in("contact.id", "text"),
            _built_in("contact.name", "text"),
            _built_in("contact.zone", "zone"),
        )
    }
)

BUILT_IN_EVENTS = MappingProxyType(
    {
        event.name: event
        for event in (
            EventKind(name="won", means="The deal was won after all", recorded_by="system"),
            EventKind(name="lost", means="The deal was lost (again)", recorded_by="system"),
            EventKind(name="reopened", means="The deal is open again", recorded_by="system"),
            EventKind(name="deleted", means="The deal was deleted", recorded_by="system"),
            EventKind(
                name="changed",
                means="A field changed",
                recorded_by="system",
                fields={
                    name: Field(name=f"event.{name}", type="unknown" if name != "field" else "text")
                    for name in ("field", "old", "new")
                },
            ),
            EventKind(name="all_closed", means="The state's last required action was closed", recorded_by="system"),
            EventKind(name="opted_out", means="The contact wants no more messages", recorded_by="customer",
                      fields={"channel": Field(name="event.channel", type="text")}),
            EventKind(name="reply", means="The customer answered", recorded_by="rep", reply=True),
            EventKind(name="answered", means="Questions were answered; with the questionnaire behind a dot",
                      recorded_by="system", fields={"questionnaire": Field(name="event.questionnaire", type="text")}),
        )
    }
)  # fmt: skip


# What only the score that orders the due list may read: the action in its row.
ON_THE_LIST = MappingProxyType(
    {
        built.name: built
        for built in (
            _built_in("action.name", "text", empty=False),
            _built_in("action.kind", "text", empty=False),
            _built_in("action.priority", "number", empty=False),
            _built_in("action.due_at", "date"),
            _built_in("action.deadline", "date"),
        )
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Everything that may be named. `answers` are the fields that `answers.` may have behind it; `scores` are lines of
    scores.yaml as written, by the score's name; `acting` whether the names of an action on the due list are known."""

    fields: Mapping[str, Field] = field(default_factory=lambda: dict(BUILT_IN))
    events: Mapping[str, EventKind] = field(default_factory=lambda: dict(BUILT_IN_EVENTS))
    facts: Mapping[str, Field] = field(default_factory=dict)
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    answers: Mapping[str, Field] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    acting: bool = False

    def find(self, name: str) -> Field | None:
        """The field that `name` means: canonical, or bare (a fact, a deal's field, then an account's); None if none."""
        root, _, rest = name.partition(".")
        if not rest:
            return self._bare(name)
        if root == "facts":
            return self.facts.get(rest)
        if root == "contact" and "." in rest:
            role, _, bare = rest.partition(".")
            declared = self.fields.get(f"contact.{bare}")
            return _renamed(declared, f"contact.{role}.{bare}") if declared else None
        if root in ENTITIES:
            return self.fields.get(name)
        return self._special(root, rest)

    def _bare(self, name: str) -> Field | None:
        if name in self.facts:
            return self.facts[name]
        if name == "visits":
            return Field(name="visits", type="number", may_be_empty=False)
        if name == "weekday":
            days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            return Field(name="weekday", type="choice", values=days, may_be_empty=False)
        return self.fields.get(f"deal.{name}") or self.fields.get(f"account.{name}")

    def _special(self, root: str, rest: str) -> Field | None:
        if root == "consent":
            return Field(name=f"consent.{rest}", type="choice", values=("granted", "refused"))
        family = any(name.startswith(f"{rest}.") for name in self.events)
        if root == "last" and (rest in ("touch", "reply") or family or self.event(rest) is not None):
            return Field(name=f"last.{rest}", type="date")
        if root == "track":
            return Field(name=f"track.{rest}", type="text", may_be_empty=False)
        if root == "answers":
            return self.answers.get(rest)
        if root == "score":
            return Field(name=f"score.{rest}", type="number", may_be_empty=False) if rest in self.scores else None
        return ON_THE_LIST.get(f"action.{rest}") if self.acting and root == "action" else None

    def event(self, name: str) -> EventKind | None:
        """The event, or the family it belongs to."""
        while name:
            if name in self.events:
                return self.events[name]
            name = name.rpartition(".")[0]
        return None

    def is_reply(self, event: str) -> bool:
        kind = self.event(event)
        return kind is not None and kind.reply

    def counts_as(self, event: str, wanted: str) -> bool:
        """Whether the event of this name is the wanted one or of its family; `reply` stands for every reply."""
        return self.is_reply(event) if wanted == "reply" else is_of(event, wanted)

    def names(self) -> list[str]:
        """Every name that can be suggested, short where it may be short."""
        short = [declared.bare if declared.name.startswith("deal.") else name for name, declared in self.fields.items()]
        answers = [f"answers.{name}" for name in self.answers]
        return [*short, *self.facts, *answers, *(f"score.{name}" for name in self.scores), "visits", "weekday"]

    def addresses(self, kind: str) -> tuple[str, ...]:
        """The contact fields of which one must be filled for an action of this kind; () if none is declared."""
        return tuple(declared.bare for declared in self.fields.values() if kind in declared.address_of)


def _renamed(declared: Field, name: str) -> Field:
    return Field(
        name=name, type=declared.type, values=declared.values, currency=declared.currency, title=declared.title
    )  # fmt: skip


def vocabulary(fields: Iterable[Field], events: Iterable[EventKind]) -> Vocabulary:
    """The built-in names with the declared ones over them."""
    return Vocabulary(
        fields={**BUILT_IN, **{declared.name: declared for declared in fields}},
        events={**BUILT_IN_EVENTS, **{event.name: event for event in events}},
    )
