"""The records of playbooks that nobody drew, out of a store: which deal got which, and what the log says of it since.

As good as `reading` of an experiment in what happened; in who got what, it is what people chose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.assigning import team_of
from engine.core.durations import Instant, parse_duration
from engine.core.experiment import Draw, Metric, Phase
from engine.core.world import World
from engine.core.zones import local_date, zone
from engine.experiments.observational import as_experiment
from engine.experiments.reading import PAGE, Reader, settled_of
from engine.experiments.records import Records, Unit

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedAccount

PRIMARY = Metric(event="won", within=parse_duration("180d"))


def observed_records(
    store: Store, world: World, playbooks: Sequence[str], until: Instant, primary: Metric = PRIMARY
) -> Records | None:
    """Each deal in the arm of the first of the `playbooks` that it was enrolled in by `until`, "drawn" then.

    None if there is no such deal. What was handed out is not read: `handed` is empty.
    """
    reader = Reader(world.vocabulary, zone(world.zone), frozenset({primary.event, "deleted"}))
    units = [unit for found in _accounts(store) for unit in _units(world, found, reader, playbooks, until)]
    if not units:
        return None
    units.sort(key=lambda unit: (unit.drawn_at, unit.id))
    began = units[0].drawn_at
    experiment = as_experiment(playbooks, primary, local_date(began, zone(world.zone)))
    return Records(
        phases=(Phase(number=1, began_at=began, experiment=experiment),),
        units=tuple(units),
        settled=settled_of(store),
        zone=world.zone,
    )


def _accounts(store: Store) -> Iterator[ReportedAccount]:
    after = ""
    while page := store.report_page(after, PAGE, needs=("enrolments", "events")):
        yield from page
        after = page[-1].account.id


def _units(
    world: World, found: ReportedAccount, reader: Reader, playbooks: Sequence[str], until: Instant
) -> Iterator[Unit]:
    from engine.store.reported import DrawnAccount

    began: dict[str, tuple[Instant, str, str]] = {}  # deal -> when, in which, and when it had been lost
    for enrolment in found.enrolments:
        if enrolment.playbook in playbooks and enrolment.enrolled_at <= until:
            entered = (enrolment.enrolled_at, enrolment.playbook, enrolment.loss)
            began[enrolment.deal] = min(began.get(enrolment.deal, entered), entered)
    deals = found.account.deals
    draws = [_as_if_drawn(world, deals[deal], *entered) for deal, entered in began.items() if deal in deals]
    taken = DrawnAccount(id=found.account.id, draws=draws, events=list(found.account.log))
    yield from (replace(unit, probability=None) for unit in reader.units(taken))


def _as_if_drawn(world: World, deal: Deal, at: Instant, playbook: str, lost: str) -> Draw:
    return Draw(
        experiment="", phase=1, unit=deal.id, account=deal.account, deal=deal.id, team=team_of(world, deal),
        arm=playbook, probability=1.0, weights={}, drawn_at=at, locked_until=at, revision="", playbook=playbook,
        snapshot={"status": "lost", "lost_at": lost}, contacts=tuple(contact for contact, _ in deal.contacts),
    )  # fmt: skip
