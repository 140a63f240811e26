"""The losses that are on record of an account, whatever became of the deals since; and what became of them.

A deal that was won back or reopened has no day of loss any more: the CRM's next export empties it. The day still stands
in the enrolments that followed the loss, in the draw of an experiment, and in what imports said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.core.durations import Instant
from engine.core.enrolment import Event
from engine.core.experiment import Draw
from engine.core.imported import AFTER_LOSS, status_event
from engine.core.world import World
from engine.simulation.making import entry

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedAccount

_PAGE = 500  # accounts
NEEDS = ("actions", "enrolments", "events")
_CLOSINGS = ("won", "lost", "reopened", "deleted")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """One loss of a deal. `day` as the CRM wrote it; `followed`: since when a playbook or an experiment has had it;
    None if none did."""

    deal: str
    day: str
    at: Instant
    followed: Instant | None = None


def recorded_accounts(
    store: Store, needs: tuple[str, ...] = NEEDS
) -> Iterator[tuple[ReportedAccount, list[Draw]]]:  # fmt: skip
    """Every account of the store with its draws."""
    after = ""
    while page := store.report_page(after, _PAGE, needs):
        after = page[-1].account.id
        draws: dict[str, list[Draw]] = defaultdict(list)
        for draw in store.draws_of([one.account.id for one in page]):
            draws[draw.account].append(draw)
        for one in page:
            yield one, draws[one.account.id]


def losses(world: World, found: ReportedAccount, draws: Iterable[Draw]) -> list[Loss]:
    """All losses on record, the oldest first; those whose day is no date are left out."""
    known: dict[tuple[str, str], list[Instant]] = {(deal, day): [] for deal, day in _days(found, draws)}
    for one in found.enrolments:
        if one.loss:
            known.setdefault((one.deal, one.loss), []).append(one.enrolled_at)
    for draw in draws:
        if day := str(draw.snapshot.get("lost_at") or ""):
            known.setdefault((draw.deal, day), []).append(draw.drawn_at)
    listed = [
        Loss(deal=deal, day=day, at=at, followed=min(since, default=None))
        for (deal, day), since in known.items()
        if deal in found.account.deals and (at := entry(world, day)) is not None
    ]
    return sorted(listed, key=lambda one: (one.at, one.deal, one.day))


def _days(found: ReportedAccount, draws: Iterable[Draw]) -> Iterator[tuple[str, str]]:
    """(deal, day of a loss), as the deals stand and as imports have told."""
    for deal in found.account.deals.values():
        if day := str(deal.fields.get("lost_at") or ""):
            yield deal.id, day
    for event in found.account.log:
        told = event.fields.get("deal") if event.name == "imported" else None
        day = str((told or {}).get("lost_at") or "") if event.name == "imported" else ""
        day = str(event.fields.get("on") or "") if event.name == "lost" else day
        for each in (day, str(event.fields.get(AFTER_LOSS) or "")):
            if each and event.deal:
                yield event.deal, each


# --- what became of them --------------------------------------------------------------------------------------------


def told_events(world: World, found: ReportedAccount) -> list[Event]:
    """The events of the account as they happened, the first first. An import only says how a deal is: what that means
    (won, reopened, deleted, lost again) follows from how it was before. A win is dated as the CRM dates it."""
    known: dict[str, dict[str, Any]] = defaultdict(lambda: {"status": "lost"})
    events = []
    won = set()
    for event in found.account.log:
        closed = event if event.name in _CLOSINGS else None
        if event.name == "imported":
            before = dict(known[event.deal])
            known[event.deal].update(event.fields.get("deal") or {})
            name = status_event(before, known[event.deal])
            closed = replace(event, name=name) if name else None
        elif closed is None:
            events.append(event)
        else:
            known[event.deal]["status"] = {"reopened": "open"}.get(event.name, event.name)
        if closed is not None:
            events.append(_dated(world, closed))
            won |= {closed.deal} if closed.name == "won" else set()
    events += _unrecorded(world, found, won)
    return sorted(events, key=lambda event: event.happened_at)


def _dated(world: World, event: Event) -> Event:
    told: Mapping[str, Any] = event.fields.get("deal") or event.fields
    day = str(told.get("won_at") or told.get("on") or "") if event.name == "won" else ""
    at = entry(world, day) if day else None
    return event if at is None or at > event.recorded_at else replace(event, occurred_at=at)


def _unrecorded(world: World, found: ReportedAccount, won: set[str]) -> Iterator[Event]:
    """Wins of deals that nobody followed any more: an import has laid them over without an event."""
    for deal in found.account.deals.values():
        if deal.status == "won" and deal.id not in won:
            at = entry(world, str(deal.fields.get("won_at") or ""))
            if at is not None:
                yield Event("won", at, deal=deal.id)
