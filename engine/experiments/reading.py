"""The records of an experiment out of a store: its units, and what the log says of each.

What became of a unit stands in the log of its deal and of the deals that an import linked to it, whether or not a
playbook followed it to its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.core.dates import parse_date_fact
from engine.core.durations import Instant, TimeError
from engine.core.enrolment import Event
from engine.core.experiment import Draw, Phase
from engine.core.imported import LINK, LINKED
from engine.core.model import CUSTOMER_KINDS
from engine.core.vocabulary import Vocabulary
from engine.core.world import World
from engine.core.zones import local_date, zone
from engine.experiments.ordered import ordered
from engine.experiments.records import Handed, Happened, Records, Settled, Unit

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import DrawnAccount

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
    reader = Reader(world.vocabulary, zone(world.zone), frozenset(metrics | {"deleted"}))
    units = [unit for page in _pages(store, name) for found in page for unit in reader.units(found)]
    return Records(
        name=name,
        phases=phases,
        units=tuple(sorted(units, key=lambda unit: (unit.drawn_at, unit.id))),
        settled=tuple(Settled(imported_at=at, ticked_at=ticked) for at, ticked in store.settled_imports()),
        zone=world.zone,
        stopped_at=found.stopped_at,
        adopted=found.adopted,
    )


def _metrics(phase: Phase) -> Iterator[Any]:
    one = phase.experiment
    yield from (one.primary, *one.secondary, *one.guardrails)


def _pages(store: Store, name: str) -> Iterator[list[DrawnAccount]]:
    after = ""
    while page := store.drawn_accounts(name, after, PAGE):
        yield page
        after = page[-1].id


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns accounts into units. `metrics` are the events that are counted."""

    vocabulary: Vocabulary
    zone: ZoneInfo
    metrics: frozenset[str]

    def units(self, found: DrawnAccount) -> Iterator[Unit]:
        """Those of one account, each with all of its deals."""
        deals: dict[str, set[str]] = defaultdict(set)
        for draw in found.draws:
            deals[draw.unit].add(draw.deal)
        for draw in found.draws:
            if draw.first:
                yield self._unit(found, draw, deals[draw.unit])

    def _unit(self, found: DrawnAccount, draw: Draw, deals: set[str]) -> Unit:
        linked: dict[str, Instant] = {}  # deal -> since when that is known
        for event in found.events:
            if _links_to(event, draw.deal):
                linked.setdefault(event.deal, event.recorded_at)
        told = [
            happened
            for event in found.events
            if event.recorded_at >= draw.drawn_at
            for happened in self._happened(event, draw.deal, linked)
        ]
        return Unit(
            id=draw.unit, account=draw.account, deal=draw.deal, team=draw.team, phase=draw.phase, arm=draw.arm,
            probability=draw.probability, drawn_at=draw.drawn_at, drawn_on=local_date(draw.drawn_at, self.zone),
            weights=draw.weights, position=draw.position, happened=tuple(told),
            overridden_at=_overridden_at(found, draw, deals),
            handed=tuple(
                Handed(
                    action=one.action, at=one.at, on=local_date(one.at, self.zone), assignee=one.assignee,
                    facing=one.kind in CUSTOMER_KINDS,
                )
                for one in found.handed if one.deal in deals and one.at >= draw.drawn_at
            ),
        )  # fmt: skip

    def _happened(self, event: Event, deal: str, linked: Mapping[str, Instant]) -> Iterator[Happened]:
        """What an event means for the unit. Of a linked deal only that it was won, once the link was known."""
        if event.deal in linked:
            known = event.recorded_at >= linked[event.deal]
            names = [name for name in self._closings(event) if name == "won" and known]
        elif event.deal == deal:
            names = [*self._closings(event), *self._named(event)]
        else:
            names = self._named(event) if not event.deal else []
        for name in dict.fromkeys(names):
            if name in self.metrics:
                yield Happened(event=name, on=self._day(event, name), recorded_at=event.recorded_at)

    def _closings(self, event: Event) -> list[str]:
        """won, deleted …: as an event of its own, or as what an import lays over a deal that is followed."""
        told = event.fields.get("deal") or {} if event.name == "imported" else event.fields
        if event.name in ("imported", LINKED):
            return [str(told.get("status"))] if told.get("status") in _CLOSINGS else []
        return [event.name] if event.name in _CLOSINGS else []

    def _named(self, event: Event) -> list[str]:
        """The counted events that it is: itself, its family, any reply."""
        found = [name for name in self.metrics if event.name == name or event.name.startswith(f"{name}.")]
        return [*found, *(["reply"] if self.vocabulary.is_reply(event.name) else [])]

    def _day(self, event: Event, name: str) -> date:
        """The day that the CRM names, else the one on which it happened, else on which it was recorded."""
        told: Mapping[str, Any] = event.fields.get("deal") or {} if event.name == "imported" else event.fields
        said = _day_of(told.get("on") or told.get(f"{name}_at"), self.zone) if name in _CLOSINGS else None
        return said or local_date(event.happened_at, self.zone)


def _links_to(event: Event, deal: str) -> bool:
    return event.name == LINKED and event.deal != deal and str(event.fields.get(LINK)) == deal


def _day_of(text: Any, where: ZoneInfo) -> date | None:
    try:
        fact = parse_date_fact(text)
    except TimeError:
        return None
    if fact.instant is not None:
        return local_date(fact.instant, where)
    return fact.day or (fact.wall.date() if fact.wall else None)


def _overridden_at(found: DrawnAccount, draw: Draw, deals: set[str]) -> Instant | None:
    """When a person first ordered another playbook for the unit while its window ran."""
    return next(
        (
            event.recorded_at
            for event in found.events
            if event.name == "command.enrol" and event.deal in deals
            and draw.drawn_at <= event.recorded_at < draw.locked_until
            and event.fields.get("playbook") != draw.playbook
        ),
        None,
    )  # fmt: skip
