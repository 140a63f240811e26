"""The records of an experiment out of a store: its units, and what the log says of each.

What became of a unit stands in the log of its deal and of the deals that an import linked to it, whether or not a
playbook followed it to its end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.core.dates import parse_date_fact
from engine.core.durations import Instant, TimeError
from engine.core.enrolment import Event
from engine.core.experiment import Draw, Phase
from engine.core.imported import LINK, LINKED, status_event
from engine.core.model import CUSTOMER_KINDS, ENDED_BY_HAND
from engine.core.vocabulary import Vocabulary
from engine.core.world import World
from engine.core.zones import local_date, zone
from engine.experiments.ordered import ordered
from engine.experiments.records import Handed, Happened, Records, Settled, Unit

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import DrawnAccount, EnrolledDeal, HandedOut

PAGE = 500  # accounts
_CLOSINGS = ("won", "lost", "reopened", "deleted")


def experiment_names(store: Store) -> list[str]:
    """Those that were ever started, by name."""
    return sorted({order.experiment for order in store.experiment_orders()})


def records_of(store: Store, world: World, name: str, until: Instant | None = None) -> Records:
    """Everything on record of an experiment that was started; orders given after `until` are left out.

    Raises KeyError if it was not started (by then).
    """
    found = ordered(store, world.vocabulary, until)[name]
    phases = found.phases
    metrics = {one.event for phase in phases for one in _metrics(phase)}
    settled = settled_of(store)
    reader = Reader(world.vocabulary, zone(world.zone), frozenset(metrics | {"deleted"}), settled)
    units = [unit for page in _pages(store, name) for found in page for unit in reader.units(found)]
    return Records(
        name=name,
        phases=phases,
        units=tuple(sorted(units, key=lambda unit: (unit.drawn_at, unit.id))),
        settled=settled,
        zone=world.zone,
        stopped_at=found.stopped_at,
        adopted=found.adopted,
    )


def settled_of(store: Store) -> tuple[Settled, ...]:
    """The imports by which a comparison knows what became of its units."""
    return tuple(Settled(imported_at=at, ticked_at=by, source=source) for at, by, source in store.settled_imports())


def _metrics(phase: Phase) -> Iterator[Any]:
    one = phase.experiment
    yield from (one.primary, *one.secondary, *one.guardrails)


def _pages(store: Store, name: str) -> Iterator[list[DrawnAccount]]:
    after = ""
    while page := store.drawn_accounts(name, after, PAGE):
        yield page
        after = page[-1].id


@dataclass(slots=True)
class Told:
    """What is on record of one account, by deal: events each with its place in the order of recording."""

    found: DrawnAccount
    drawn: dict[str, Draw]  # deal -> its first draw
    of_deal: dict[str, list[tuple[int, Event]]] = field(default_factory=lambda: defaultdict(list))
    of_contact: dict[str, list[tuple[int, Event]]] = field(default_factory=lambda: defaultdict(list))  # and no deal
    of_account: list[tuple[int, Event]] = field(default_factory=list)  # that name neither
    won_after: dict[str, list[tuple[int, Event]]] = field(default_factory=lambda: defaultdict(list))
    """lost deal -> wins of deals that came from it"""
    handed: dict[str, list[HandedOut]] = field(default_factory=lambda: defaultdict(list))
    enrolled: dict[str, list[EnrolledDeal]] = field(default_factory=lambda: defaultdict(list))

    def take(self, place: int, event: Event) -> None:
        if event.deal:
            self.of_deal[event.deal].append((place, event))
        elif event.contact:
            self.of_contact[event.contact].append((place, event))
        else:
            self.of_account.append((place, event))

    def follow(self, deal: str) -> None:
        """Whose win that of `deal` is: of the lost deal that it was said to come from when that was first known. A link
        that the CRM corrects later changes nothing any more."""
        lost = winner = ""
        for place, event in self.of_deal[deal]:
            if event.name == LINKED:
                lost = str(event.fields.get(LINK) or "")
            if lost and lost != deal and winner in ("", lost) and _is_won(event):
                winner = lost
                self.won_after[lost].append((place, event))

    def without_deal(self, draw: Draw) -> Iterator[tuple[int, Event]]:
        """Those of the account, and of the contacts that the deal had when it was drawn: one who opts out is often
        replaced in the CRM. Of all contacts where the account was drawn."""
        yield from self.of_account
        for contact in self.of_contact if _is_whole(draw) else draw.contacts:
            yield from self.of_contact.get(contact, ())

    def enrolments(self, draw: Draw) -> Iterator[EnrolledDeal]:
        """Of the deal, or of all deals of an account that was drawn; the oldest first."""
        return iter(self.found.enrolled if _is_whole(draw) else self.enrolled.get(draw.deal, ()))


def told_of(found: DrawnAccount) -> Told:
    told = Told(found=found, drawn={draw.deal: draw for draw in reversed(found.draws)})
    for place, event in enumerate(found.events):
        told.take(place, event)
    for deal in list(told.of_deal):
        told.follow(deal)
    for one in found.handed:
        told.handed[one.deal].append(one)
    for enrolled in found.enrolled:
        told.enrolled[enrolled.deal].append(enrolled)
    return told


def _is_whole(draw: Draw) -> bool:
    """Whether an account was drawn, and not a deal."""
    return draw.unit.startswith("account:")


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns accounts into units. `metrics` are the events that are counted; `settled` as in Records."""

    vocabulary: Vocabulary
    zone: ZoneInfo
    metrics: frozenset[str]
    settled: Sequence[Settled] = ()

    def units(self, found: DrawnAccount) -> Iterator[Unit]:
        """Those of one account, each with all of its deals.

        A win counts for one unit: that of a new deal counts for the lost deal that it came from, unless the new deal
        was drawn as a unit of its own by then. An event that names a contact and no deal happened to the deals of that
        contact; one that names neither, to all deals of the account.
        """
        drawn: dict[str, list[Draw]] = defaultdict(list)
        for draw in found.draws:
            drawn[draw.unit].append(draw)
        told = told_of(found)
        for draw in found.draws:
            if draw.first:
                yield self._unit(told, draw, drawn[draw.unit])

    def _unit(self, told: Told, draw: Draw, drawn: Sequence[Draw]) -> Unit:
        """`drawn`: the draws of all deals of the unit, `draw` among them."""
        happened = [
            *self._of_nobody(told, draw),
            *(one for each in drawn for one in self._of_deal(told, each, counted=each is draw)),
        ]
        return Unit(
            id=draw.unit, account=draw.account, deal=draw.deal, team=draw.team, phase=draw.phase, arm=draw.arm,
            probability=draw.probability, drawn_at=draw.drawn_at, drawn_on=local_date(draw.drawn_at, self.zone),
            weights=draw.weights, position=draw.position,
            happened=tuple(one for _, one in sorted(dict.fromkeys(happened), key=lambda placed: placed[0])),
            overridden_at=_overridden_at(told, draw),
            handed=tuple(self._handed(told, draw, {one.deal for one in drawn})),
        )  # fmt: skip

    def _handed(self, told: Told, draw: Draw, deals: set[str]) -> Iterator[Handed]:
        taken = [one for deal in deals for one in told.handed.get(deal, ()) if one.at >= draw.drawn_at]
        for one in sorted(taken, key=lambda one: (one.at, one.action)):
            on, facing = local_date(one.at, self.zone), one.kind in CUSTOMER_KINDS
            yield Handed(action=one.action, at=one.at, on=on, assignee=one.assignee, facing=facing)

    def _of_deal(self, told: Told, draw: Draw, *, counted: bool) -> Iterator[tuple[int, Happened]]:
        """What happened to a deal of the unit. Where an account was drawn, a deal beside the one that is `counted` may
        be deleted, and the account is still there."""
        for place, one in (*self._own(told, draw), *self._won_elsewhere(told, draw)):
            if counted or one.event != "deleted":
                yield place, one

    def _own(self, told: Told, draw: Draw) -> Iterator[tuple[int, Happened]]:
        """What happened to the drawn deal itself. An import only says how a deal is: what that means follows from how
        it was before, which is as it was drawn, and as each import since has left it."""
        known: dict[str, Any] = {"status": "lost", **draw.snapshot}
        for place, event in told.of_deal.get(draw.deal, ()):
            if event.recorded_at < draw.drawn_at:
                continue
            before = dict(known)
            known.update(_laid_over(event))
            names = [status_event(before, known)] if event.name in ("imported", LINKED) else self._closings(event)
            yield from self._counted(told, place, event, [*names, *self._named(event)])

    def _of_nobody(self, told: Told, draw: Draw) -> Iterator[tuple[int, Happened]]:
        """What happened to no deal, but to a contact or the account."""
        for place, event in told.without_deal(draw):
            if event.recorded_at >= draw.drawn_at:
                yield from self._counted(told, place, event, [*self._closings(event), *self._named(event)])

    def _won_elsewhere(self, told: Told, draw: Draw) -> Iterator[tuple[int, Happened]]:
        """Of a deal that came from the drawn one only that it was won, once that was known."""
        for place, event in told.won_after.get(draw.deal, ()):
            own = told.drawn.get(event.deal)
            taken = own is not None and own.unit != draw.unit and event.recorded_at >= own.drawn_at
            if event.recorded_at >= draw.drawn_at and not taken:
                yield from self._counted(told, place, event, ["won"])

    def _counted(self, told: Told, place: int, event: Event, names: Sequence[str]) -> Iterator[tuple[int, Happened]]:
        for name in dict.fromkeys(names):
            if name in self.metrics:
                yield place, Happened(event=name, on=self._day(event, name), recorded_at=self._known_at(told, event))

    def _known_at(self, told: Told, event: Event) -> Instant:
        """When it was recorded; but if its account could not be advanced in the tick that settled the next import, when
        a later tick took it: what a look has seen stays what it saw."""
        handled = told.found.handled_at.get(event.id)
        following = bisect_left(self.settled, event.recorded_at, key=lambda one: one.imported_at)
        late = handled is not None and following < len(self.settled) and handled > self.settled[following].ticked_at
        return handled if late and handled is not None else event.recorded_at

    def _closings(self, event: Event) -> list[str]:
        return [event.name] if event.name in _CLOSINGS else []

    def _named(self, event: Event) -> list[str]:
        """The counted events that it is: itself, its family, any reply."""
        if event.name in (*_CLOSINGS, "imported", LINKED):
            return []
        return [name for name in self.metrics if self.vocabulary.counts_as(event.name, name)]

    def _day(self, event: Event, name: str) -> date:
        """The day that the CRM names, else the one on which it happened, else on which it was recorded."""
        told: Mapping[str, Any] = event.fields.get("deal") or {} if event.name == "imported" else event.fields
        said = _day_of(told.get("on") or told.get(f"{name}_at"), self.zone) if name in _CLOSINGS else None
        return said or local_date(event.happened_at, self.zone)


def _laid_over(event: Event) -> Mapping[str, Any]:
    """What an import says of a deal: its new values where a playbook follows the deal, else how it was closed."""
    if event.name == "imported":
        return event.fields.get("deal") or {}
    if event.name not in (*_CLOSINGS, LINKED) or "status" not in event.fields:
        return {}
    lost = {"lost_at": event.fields["on"]} if event.name == "lost" and event.fields.get("on") else {}
    return {"status": event.fields["status"], **lost}


def _is_won(event: Event) -> bool:
    told = event.fields.get("deal") or {} if event.name == "imported" else event.fields
    return event.name == "won" or (event.name in ("imported", LINKED) and told.get("status") == "won")


def _day_of(text: Any, where: ZoneInfo) -> date | None:
    try:
        fact = parse_date_fact(text)
    except TimeError:
        return None
    if fact.instant is not None:
        return local_date(fact.instant, where)
    return fact.day or (fact.wall.date() if fact.wall else None)


def _overridden_at(told: Told, draw: Draw) -> Instant | None:
    """When a person first went against the draw while the window of the unit ran: another playbook, or an early end."""
    instants = (_moved_at(told, draw), _ended_at(told, draw))
    return min((at for at in instants if at is not None), default=None)


def _ended_at(told: Told, draw: Draw) -> Instant | None:
    """When a tick carried out that a person ended what approached the customer."""
    for one in told.enrolments(draw):
        by_hand = one.facing and one.end == ENDED_BY_HAND and one.enrolled_at >= draw.drawn_at
        for _, event in told.of_deal.get(one.deal, ()) if by_hand else ():
            meant = event.name == "command.end" and event.fields.get("playbook") == one.playbook
            if meant and event.recorded_at == one.ended_at and one.ended_at < draw.locked_until:
                return told.found.handled_at.get(event.id) or event.recorded_at
    return None


def _moved_at(told: Told, draw: Draw) -> Instant | None:
    """When a deal of the unit first got a playbook that approaches the customer because a person ordered it. An order
    that nothing came of changes nothing."""
    begun: set[str] = set()  # deals in which the playbook of their draw has begun
    for one in told.enrolments(draw):
        its = told.drawn.get(one.deal)
        if its and its.playbook == one.playbook and one.enrolled_at >= its.drawn_at and one.deal not in begun:
            begun.add(one.deal)
        elif one.facing and draw.drawn_at <= one.enrolled_at < draw.locked_until and _ordered(told, one, draw):
            return one.enrolled_at
    return None


def _ordered(told: Told, enrolled: EnrolledDeal, draw: Draw) -> bool:
    return any(
        event.name == "command.enrol"
        and event.fields.get("playbook") == enrolled.playbook
        and draw.drawn_at <= event.recorded_at <= enrolled.enrolled_at
        for _, event in told.of_deal.get(enrolled.deal, ())
    )
