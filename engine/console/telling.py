"""History, timers and transitions in words. What a step did comes as tuples (`Draft.note`); each has a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.answering import is_answers
from engine.core.conditions import describe
from engine.core.enrolment import Event, Instant, Paused, Position, Timer
from engine.core.model import End, Finish, Playbook, To, Transition
from engine.core.plural import count
from engine.core.rendering import shown
from engine.core.wording import target_in_words

Did = Sequence[Any]


@dataclass(kw_only=True, slots=True)
class Telling:
    """Tells what happened in one playbook. `local` turns an instant into text; `contacts` are names by id."""

    playbook: Playbook
    local: Callable[[Instant], str]
    contacts: Mapping[str, str] = field(default_factory=dict)
    _places: dict[int, Transition] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {transition.place: transition for transition in self.playbook.transitions()}

    def contact(self, identity: str) -> str:
        return self.contacts.get(identity) or identity

    # --- what began a step -------------------------------------------------------------------------------------------

    def trigger(self, content: Mapping[str, Any]) -> str:
        """Why a step was taken, from its `trigger` in the history."""
        if "start" in content:
            return f"enrolled in {self.playbook.name}"
        if "event" in content:
            return self.event(Event.from_json(content["event"]))
        if "timer" in content:
            return _came(Timer.from_json(content["timer"]), late=content.get("late", False))
        return _no_contact(self.contact(content.get("suppress", "")), content)

    def event(self, event: Event) -> str:
        return event_words(event, self.local, self.contacts)

    # --- what a step did ---------------------------------------------------------------------------------------------

    def lines(self, did: Sequence[Did]) -> list[str]:
        """One line for each thing done; what only the engine cares for is left out."""
        told = (self.line(one) for one in did)
        return [line for line in told if line]

    def line(self, did: Did) -> str:
        """One thing done, in words; "" if it says nothing to people."""
        tell = _LINES.get(str(did[0]))
        return tell(self, did) if tell is not None else " ".join(str(part) for part in did)

    def transition(self, place: int) -> str:
        """`after 4w → wait`; names the place if the revision does not have it."""
        found = self._places.get(place)
        return target_in_words(found) if found else f"transition {place}"

    def _guard(self, place: int) -> str:
        found = self._places.get(place)
        return describe(found.condition) if found else "its guard"

    # --- where things stand ------------------------------------------------------------------------------------------

    def position(self, position: Position) -> str:
        """`in wait since 2026-03-02 10:00`, with the track where there are several."""
        track = f"{position.track}: " if len(self.playbook.tracks) > 1 else ""
        if position.finished:
            return f"{track}finished ({position.finished})"
        return f"{track}in {position.state} since {self.local(position.entered_at)}"

    def timer(self, timer: Timer, actions: Mapping[str, str]) -> str:
        """What will happen by itself and when; `actions` are names by id."""
        when = self.local(timer.due)
        if timer.kind in ("after", "at", "schedule"):
            return f"{when}  {self.transition(timer.place)}{self._only_if(timer.place)}"
        if timer.kind == "resume":
            return f"{when}  the pause ends ({timer.rule})"
        name = actions.get(timer.action, "the action")
        what = {"due": "is handed out", "remind": "reminder", "escalate": "escalation", "expire": "expires"}[timer.kind]
        return f"{when}  {name}: {what} ({timer.rule})"

    def _only_if(self, place: int) -> str:
        found = self._places.get(place)
        return f", if {describe(found.condition)}" if found and found.condition is not None else ""

    def frozen(self, paused: Paused) -> list[str]:
        """The transitions whose time stands still."""
        return [self.transition(timer.place) for timer, _ in paused.left if timer.kind in ("after", "at", "schedule")]

    def pause(self, paused: Paused) -> str:
        until = f", until {paused.until}" if paused.until not in ("", "command.release") else ", until it is released"
        waiting = f"; {count(len(paused.waiting), 'event waits', 'events wait')}" if paused.waiting else ""
        return f"paused since {self.local(paused.since)}{until}{waiting}"


# --- single lines, for those who tell only one ----------------------------------------------------------------------

Local = Callable[[Instant], str]


def event_words(event: Event, local: Local, contacts: Mapping[str, str]) -> str:
    """`reply of Ann Bell, by kim (answer: wants_to_talk)`; `contacts` are names by id."""
    if event.name == "changed" and "field" in event.fields:
        return _changed(event, contacts)
    fields = event.fields.get("answers") if is_answers(event.name) else event.fields
    said = ", ".join(f"{name}: {_said(name, item, local)}" for name, item in (fields or {}).items())
    whose = f" of {contacts.get(event.contact) or event.contact}" if event.contact and not event.action else ""
    happened = event.occurred_at
    when = f", happened {local(happened)}" if happened is not None and happened != event.recorded_at else ""
    by = f", by {event.by}" if event.by else ""
    return f"{order_words(event.name)}{whose}{by}{when}{f' ({said})' if said else ''}"


def _changed(event: Event, contacts: Mapping[str, str]) -> str:
    """`permission of Ann Bell changed from nothing to granted`"""
    field, old, new = (event.fields.get(name) for name in ("field", "old", "new"))
    whose = f" of {contacts.get(event.contact) or event.contact}" if event.contact else ""
    return f"{field}{whose} changed from {_plain(old)} to {_plain(new)}"


def _said(name: str, item: Any, local: Local) -> str:
    return local(item) if name == "until" and isinstance(item, int) else _plain(item)


def order_words(name: str) -> str:
    """An event's name, or what the command ordered."""
    return _ORDERS.get(name, name)


# --- one line per kind of thing done --------------------------------------------------------------------------------

_ORDERS = {
    "command.defer": "order to defer", "command.reassign": "order to reassign", "command.pause": "order to pause",
    "command.release": "order to release", "command.enrol": "order to enrol", "command.end": "order to end it",
    "command.consent": "permission", "command.suppress": "order not to contact",
    "command.lift": "order to allow contact again", "command.touch": "touch",
}  # fmt: skip


def _came(timer: Timer, *, late: bool) -> str:
    what = {
        "after": f"{timer.rule} passed", "at": f"the date {timer.rule} has come",
        "schedule": f"{timer.rule} has come round", "due": f"due: {timer.rule}", "remind": "a reminder",
        "escalate": "an escalation", "expire": "its time is over", "resume": "the pause is over",
    }[timer.kind]  # fmt: skip
    return what + (" (late: no tick ran)" if late else "")


def _plain(item: Any) -> str:
    if isinstance(item, Mapping) and "primary" in item:  # an answer with a main one
        return ", ".join([item["primary"], *item.get("also", ())])
    if item is None:
        return "nothing"
    if isinstance(item, bool):
        return "yes" if item else "no"
    return str(shown(item))


def _no_contact(whom: str, trigger: Mapping[str, Any]) -> str:
    """Of an opt-out, or of a person's order, which has a reason."""
    channel = _by_channel(trigger.get("channel", ""))
    because = trigger.get("because", "")
    if because:
        return f"no more contact with {whom or 'the account'}{channel}: {because}"
    return f"{whom} opted out{channel}"


def _by_channel(channel: str) -> str:
    return f" by {channel}" if channel else ""


def _because(reason: Any) -> str:
    return f" ({reason})" if reason else ""


def _due(telling: Telling, did: Did) -> str:
    _, name, _, assignee, contact, kind = did
    whom = f", {kind} to {telling.contact(contact)}" if contact else ""
    return f"{name} is due: for {assignee or 'nobody'}{whom}"


def _closed(_telling: Telling, did: Did) -> str:
    _, name, _, how, why = did
    return f"{name} closed: {how}{_because(why)}"


def _moved(telling: Telling, did: Did) -> str:
    when = telling.local(did[2]) if did[2] is not None else "when its date is filled"
    return f"{did[1]} moved to {when}{_because(did[3] if len(did) > 3 else '')}"


def _took(telling: Telling, did: Did) -> str:
    _, _track, state, place, _cause = did
    return f"left {state} by: {telling.transition(place)}" if _leaves(telling, place) else (
        f"in {state}: {telling.transition(place)}"
    )  # fmt: skip


def _leaves(telling: Telling, place: int) -> bool:
    found = telling._places.get(place)
    return found is not None and isinstance(found.target, (To, End, Finish))


def _held_back(_telling: Telling, did: Did) -> str:
    _, name, rule, row, words = did
    said = f": “{words}”" if words else ""
    return f"{name} is held back, a person has to look: its text breaks {rule}{_because(row)}{said}"


def _waived(_telling: Telling, did: Did) -> str:
    _, name, rule, words, by, on, because = did
    said = f" for “{words}”" if words else ""
    return f"{name}: {rule} waived{said}, by {by} on {on}: {because}"


def _breakdown(lines: Sequence[Sequence[Any]]) -> str:
    return f" ({', '.join(f'{points:+g} {because}' for points, because in lines)})" if lines else ""


def _asked(telling: Telling, did: Did) -> str:
    return f"asked whether {telling._guard(did[1])}: {'yes' if did[2] else 'no'}"


def _track(telling: Telling, name: str) -> str:
    return f" (track {name})" if len(telling.playbook.tracks) > 1 else ""


def _suppressed(telling: Telling, did: Did) -> str:
    _, scope, contact, channel = did
    whom = "the account" if scope == "account" else telling.contact(contact)
    return f"no more contact with {whom}{_by_channel(channel)}"


def _restarted(telling: Telling, did: Did) -> str:
    if did[3] is not None:
        return f"the pause lasts until {telling.local(did[3])} now"
    return f"the pause begins again{_ending(telling, did)}"


_LINES: dict[str, Callable[[Telling, Did], str]] = {
    "asked": _asked,
    "closed": _closed,
    "currency": lambda t, did: f"{did[1]} is in another currency: the comparison is false",
    "dated": lambda t, did: f"{t.transition(did[1])}: on {t.local(did[2])}",
    "deferred": lambda t, did: f"{did[1]} deferred to {t.local(did[3])}{_because(did[4] and f'by {did[4]}')}",
    "due": _due,
    "ended": lambda t, did: f"ended: {did[1]}",
    "entered": lambda t, did: f"entered {did[2]}{_track(t, did[1])}",
    "escalate": lambda t, did: f"{did[1]}: {did[3]}",
    "finished": lambda t, did: f"track {did[1]} finished: {did[2]}",
    "held back": _held_back,
    "kept": lambda t, did: f"{did[1]} stays open from before",
    "late": lambda t, did: f"{did[1]} was missed on {t.local(did[2])} because no tick ran: the plan moves on",
    "late outcome": lambda t, did: f"{did[1]} came for an action that is closed: kept as late",
    "missed": lambda t, did: f"too late for: {t.transition(did[1])}",
    "moved": _moved,
    "not planned": lambda t, did: f"{did[1]} is not planned: its condition does not hold",
    "not set": lambda t, did: f"{did[1]} stays as it was: there is no answer",
    "note": lambda t, did: f"note: {did[1]}",
    "past": lambda t, did: f"{t.transition(did[1])}: {t.local(did[2])} is past, so it is spent",
    "pause restarted": _restarted,
    "paused": lambda t, did: f"paused until {_until(did[1])}{_ending(t, did)}",
    "planned": lambda t, did: f"planned {did[1]}",
    "recounted": lambda t, did: f"{did[1]} counts by the new calendar: {t.local(did[2])}",
    "reassigned": lambda t, did: f"{did[1]} goes to {did[3] or 'nobody'}{_because(did[4])}",
    "refused": lambda t, did: f"not taken: {t.transition(did[1])}",
    "released": lambda t, did: "released" if did[1] == "command.release" else f"released: {did[1]}",
    "remind": lambda t, did: f"{did[1]}: {did[3]}",
    "ruled out": lambda t, did: f"{did[1]}: no {did[2]} ({did[3]})",
    "score": lambda t, did: f"score {did[1]}: {did[2]:g}{_breakdown(did[3])}",
    "set": lambda t, did: f"set {did[1]}: {_plain(did[2])}",
    "suppressed": _suppressed,
    "took": _took,
    "waived": _waived,
    "unarmed": lambda t, did: f"{t.transition(did[1])}: not running, {did[2]} is empty",
    "waits": lambda t, did: f"{did[1]} waits for the end of the pause",
}


def _ending(t: Telling, did: Sequence[Any]) -> str:
    """The day that was named, or how long the pause lasts at most."""
    if did[3] is not None:
        return f", or {t.local(did[3])} as they said"
    return f", at most {did[2]}" if did[2] else ""


def _until(event: str) -> str:
    return "it is released" if event == "command.release" else str(event)
