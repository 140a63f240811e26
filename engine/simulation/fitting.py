"""A behaviour from one's own history: what reps and customers did in the events and actions of a store.

Nothing is asked about what has not had its time yet: every case counts for as long as it was watched (`watching`).
Where the history has too little, the value of the behaviour that one begins with is kept, and that is said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.durations import Instant
from engine.core.enrolment import Event
from engine.core.experiment import Draw
from engine.core.model import CLOSINGS
from engine.core.vocabulary import Vocabulary
from engine.core.world import World
from engine.experiments.statistics.incidence import Watched
from engine.simulation.behaviour import ANY, BY_ITSELF, SUCCESS, Behaviour, Chance
from engine.simulation.losses import Loss, losses, recorded_accounts, told_events
from engine.simulation.question import DAY
from engine.simulation.watching import FEWEST_ENDINGS, Seen, seen

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedAccount, ReportedAction

LONGEST = 180 * DAY  # after a touch; what comes later is no answer to it any more
_YEAR = 365 * DAY
_CLOSE = 0.1  # of the touches
_UNTOLD = ("planned", "suppressed", "missed")  # nobody was told of the action
Key = tuple[str, str]  # group of the behaviour file, and the entry in it


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """What the history says, beside what one began with. `seen` by (group, key); weights by action or by event and
    field."""

    base: Behaviour
    seen: Mapping[Key, Seen]
    outcomes: Mapping[str, Mapping[str, int]]
    fields: Mapping[str, Mapping[str, Mapping[str, int]]]
    deals: int
    touches: int
    close: frozenset[Key] = frozenset()  # touches that follow each other faster than what comes of them

    def chance(self, group: str, key: str) -> Chance | None:
        """What one began with, for this very entry or for any."""
        table = dict(self.base.chances())[group]
        return table.get(key) or table.get(ANY)


@dataclass(kw_only=True, slots=True)
class _Cases:
    """Everything that was watched, as it is collected account by account."""

    vocabulary: Vocabulary
    now: Instant
    successes: Mapping[str, frozenset[str]]  # playbook: ends that are successes
    world: World
    watched: defaultdict[Key, list[Watched]] = field(default_factory=lambda: defaultdict(list))
    outcomes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    fields: defaultdict[str, defaultdict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    close: Counter[Key] = field(default_factory=Counter)  # touches with another one before their time was over
    deals: int = 0
    touches: int = 0

    def watch(self, key: Key, since: Instant, longest: int, *what: tuple[str, Instant | None]) -> None:
        """One case: the first of `what` (ending, when; "" ends the watch) after `since` counts."""
        ends = [("", since + longest), ("", self.now), *what]
        ending, at = min(
            ((name, at) for name, at in ends if at is not None and at >= since),
            key=lambda pair: (pair[1], not pair[0]), default=("", since),
        )  # fmt: skip
        self.watched[key].append(Watched(days=at - since, ending=ending))


def fit(
    store: Store, world: World, base: Behaviour, successes: Mapping[str, frozenset[str]], now: Instant
) -> Fitted:  # fmt: skip
    """`base` is what is kept where the history has too little."""
    cases = _Cases(vocabulary=world.vocabulary, now=now, successes=successes, world=world)
    for found, draws in recorded_accounts(store):
        _look_at(found, draws, cases, base)
    endings = {"reps": "done", "replies": "reply", "opt_outs": "opted_out", "wins": "won", "happens": "happened"}
    return Fitted(
        base=base,
        seen={
            key: seen(watched, endings[key[0]], _expected(base, key)) for key, watched in sorted(cases.watched.items())
        },
        outcomes={name: dict(one) for name, one in sorted(cases.outcomes.items()) if one.total() >= FEWEST_ENDINGS},
        fields={event: _enough(one) for event, one in sorted(cases.fields.items()) if _enough(one)},
        deals=cases.deals,
        touches=cases.touches,
        close=frozenset(key for key, number in cases.close.items() if number > _CLOSE * len(cases.watched[key])),
    )


def _expected(base: Behaviour, key: Key) -> float:
    """How long nine of ten take, as far as one believed when one began (seconds)."""
    table = dict(base.chances())[key[0]]
    chance = table.get(key[1]) or table.get(ANY)
    return chance.p90 if chance is not None else 0.0


def _enough(fields: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {name: dict(one) for name, one in sorted(fields.items()) if one.total() >= FEWEST_ENDINGS}


def _look_at(found: ReportedAccount, draws: Sequence[Draw], cases: _Cases, base: Behaviour) -> None:
    events = told_events(cases.world, found)
    for event in events:
        _what_it_says(event, cases)
    for action in found.actions:
        _rep(action, cases)
    touches = sorted(
        (one for one in found.actions if one.facing and one.status == "done" and one.closed_at is not None),
        key=lambda one: (one.closed_at or 0, one.id),
    )
    for place, touch in enumerate(touches):
        _customer(touch, touches[place + 1 :], events, cases, base)
    listed = [one for one in losses(cases.world, found, draws) if one.at <= cases.now]
    for place, loss in enumerate(listed):
        again = next((one.at for one in listed[place + 1 :] if one.deal == loss.deal and one.at > loss.at), None)
        _deal(found, loss, again, touches, events, cases, base)


# --- reps -----------------------------------------------------------------------------------------------------------


def _rep(action: ReportedAction, cases: _Cases) -> None:
    """Handed out, and done or not. What expired or was withdrawn was watched until then."""
    if action.due_at is None or action.due_at > cases.now or action.status in _UNTOLD:
        return
    closed, done = action.closed_at, action.status == "done"
    for key in (action.kind, ANY):
        cases.watch(("reps", key), action.due_at, LONGEST, ("done" if done else "", closed))
    if done and action.outcome and action.outcome not in CLOSINGS and action.outcome != "done":
        cases.outcomes[action.name][action.outcome] += 1


# --- customers ------------------------------------------------------------------------------------------------------


def _customer(
    touch: ReportedAction, later: Iterable[ReportedAction], events: Iterable[Event], cases: _Cases, base: Behaviour
) -> None:
    """What came of one touch, until the next one to the same contact."""
    cases.touches += 1
    since = touch.closed_at or 0
    following = next((one.closed_at for one in later if one.contact == touch.contact), None)
    after = [event for event in events if event.happened_at >= since and _concerns(event, touch)]
    reply = _first(after, cases.vocabulary.is_reply)
    opted_out = _first(after, lambda name: name == "opted_out")
    over = _first((event for event in after if event.deal == touch.deal), lambda name: name in ("won", "deleted"))
    for key in (touch.kind, ANY):
        cases.watch(("replies", key), since, LONGEST, ("reply", reply), ("", following), ("opted_out", opted_out),
                    ("over", over))  # fmt: skip
        cases.watch(("opt_outs", key), since, LONGEST, ("opted_out", opted_out), ("", following), ("over", over))
        for group in ("replies", "opt_outs"):
            if following is not None and following - since < _expected(base, (group, key)):
                cases.close[group, key] += 1


def _concerns(event: Event, touch: ReportedAction) -> bool:
    if event.contact:
        return event.contact == touch.contact
    return event.deal == touch.deal


def _first(events: Iterable[Event], wanted: Callable[[str], bool]) -> Instant | None:
    return next((event.happened_at for event in events if wanted(event.name)), None)


def _what_it_says(event: Event, cases: _Cases) -> None:
    kind = cases.vocabulary.event(event.name)
    for name, declared in kind.fields.items() if kind is not None else ():
        value = event.fields.get(name)
        if declared.values and value in declared.values:
            cases.fields[event.name][name][str(value)] += 1


# --- deals ----------------------------------------------------------------------------------------------------------


def _deal(
    found: ReportedAccount, loss: Loss, again: Instant | None, touches: Iterable[ReportedAction],
    events: Iterable[Event], cases: _Cases, base: Behaviour,
) -> None:  # fmt: skip
    """What came of one loss, until the deal was lost again (`again`). Only a deal that something has followed is
    watched: of the others imports keep no record, and those that were won would all be missing."""
    cases.deals += 1
    if loss.followed is None or loss.followed > cases.now:
        return
    since = max(loss.at, loss.followed)
    own = [one for one in events if one.deal == loss.deal and one.happened_at >= loss.at]
    won, deleted = _first(own, lambda name: name == "won"), _first(own, lambda name: name == "deleted")
    ends = (("won", won), ("deleted", deleted), ("", again))
    touched = next((one.closed_at for one in touches if one.deal == loss.deal and (one.closed_at or 0) >= since), None)
    cases.watch(("wins", BY_ITSELF), since, _YEAR, *ends, ("", touched))
    replied = _first(own, cases.vocabulary.is_reply)
    if replied is not None and (again is None or replied < again):
        cases.watch(("wins", "reply"), replied, _YEAR, *ends)
    for one in found.enrolments:
        success = one.end in cases.successes.get(one.playbook, ())
        if one.deal == loss.deal and one.loss == loss.day and one.ended_at is not None and success:
            cases.watch(("wins", SUCCESS), one.ended_at, _YEAR, *ends)
    for name in base.happens:
        at = _first(own, name.__eq__)
        cases.watch(("happens", name), since, _YEAR, ("happened", at), ("over", won), ("over", deleted), ("", again))
