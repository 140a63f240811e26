"""Real losses to play: deals of a store that were lost in a period, as they stand, entering on the day of the loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from engine.core.account import Account, Deal
from engine.core.assigning import team_of
from engine.core.conditions import AllOf, Condition, describe, holds
from engine.core.durations import Instant
from engine.core.enrolling import examine
from engine.core.looking import looking_at
from engine.core.model import Playbook
from engine.core.world import World
from engine.core.zones import local_date, zone
from engine.simulation.losses import Loss, losses, recorded_accounts
from engine.simulation.question import Start, Subject, Way

if TYPE_CHECKING:
    from engine.core.experiment import Draw
    from engine.store.base import Store
    from engine.store.reported import ReportedAccount

    _Recorded = tuple[ReportedAccount, list[Draw]]

_PAGE = 500  # accounts
_NO_DATE = "the day of the loss is not known"
_NOT_ASKED = "the experiment does not take it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Which losses: of a team, from a day on, up to a day (both included); None: no bound."""

    team: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(kw_only=True, slots=True)
class Chosen:
    """The deals to be played, and how many losses of the period are not played, by the reason. `come_back`: how many of
    those played were won or reopened since. `earlier`: by way, how many of them a playbook before it would take first,
    by that playbook's name."""

    subjects: tuple[Subject, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    come_back: int = 0
    earlier: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """What every loss is held against."""

    world: World
    ways: Sequence[Way]
    period: Period
    condition: Condition | None
    playbooks: Mapping[str, Playbook]
    chosen: Chosen


def lost_deals(
    store: Store, world: World, ways: Sequence[Way], period: Period, now: Instant, condition: Condition | None = None,
    playbooks: Mapping[str, Playbook] | None = None,
) -> Chosen:  # fmt: skip
    """Every loss of the period that one of the playbooks takes by its own conditions, or `condition` if it is given.

    A deal that was won back or reopened since was a loss once, and is played; of several losses of one deal the last
    one of the period is. What the playbooks did with it is forgotten; what is known of the deal is what is known today.
    `playbooks` are those of the workspace: which of them would have come before.
    """
    asking = _Asking(
        world=world, ways=ways, period=period, condition=condition, playbooks=playbooks or {}, chosen=Chosen()
    )  # fmt: skip
    subjects = [
        subject
        for account, found in _lost(store, asking, now)
        if (subject := _subject(asking, account, found)) is not None
    ]
    asking.chosen.subjects = tuple(sorted(subjects, key=lambda one: (one.starts[0].at, one.account.id)))
    return asking.chosen


def _lost(store: Store, asking: _Asking, now: Instant) -> Iterator[tuple[Account, dict[str, Loss]]]:
    """Accounts with all that is known of them, and by deal its last loss in the period."""
    world, period = asking.world, asking.period
    for page in _pages(recorded_accounts(store, ("enrolments", "events"))):
        wanted: dict[str, dict[str, Loss]] = {}
        for found, draws in page:
            listed = losses(world, found, draws)
            undated = {deal.id for deal in found.account.deals.values() if deal.status == "lost"}
            asking.chosen.left_out.update([_NO_DATE] * len(undated - {one.deal for one in listed}))
            if chosen := {one.deal: one for one in listed if one.at <= now and _within(world, one, period)}:
                wanted[found.account.id] = chosen
        keys = [(account, deal) for account, chosen in wanted.items() for deal in chosen]
        for account in store.load_accounts(list(wanted), now, {"touches", "log"}, keys):
            yield account, wanted[account.id]


def _pages(found: Iterator[_Recorded]) -> Iterator[list[_Recorded]]:
    while page := list(islice(found, _PAGE)):
        yield page


def _subject(asking: _Asking, account: Account, found: Mapping[str, Loss]) -> Subject | None:
    starts = []
    come_back = 0
    for identity, loss in sorted(found.items()):
        deal, team = account.deals[identity], team_of(asking.world, account.deals[identity])
        if asking.period.team and team != asking.period.team:
            continue
        here = _as_it_was(account, [loss], loss.at)
        why = _refusal(asking, here, here.deals[identity], loss.at)
        if why:
            asking.chosen.left_out[why] += 1
            continue
        starts.append(Start(deal=identity, at=loss.at, team=team))
        come_back += deal.status in ("won", "open")
        _note_earlier(asking, here, here.deals[identity], loss.at)
    if not starts:
        return None
    asking.chosen.come_back += come_back
    starts.sort(key=lambda start: (start.at, start.deal))
    return Subject(
        account=_as_it_was(account, [found[start.deal] for start in starts], starts[0].at), starts=tuple(starts)
    )  # fmt: skip


def _within(world: World, loss: Loss, period: Period) -> bool:
    day = local_date(loss.at, zone(world.zone))
    return (period.since is None or day >= period.since) and (period.until is None or day <= period.until)


def _as_it_was(account: Account, found: Sequence[Loss], at: Instant) -> Account:
    """On the day of the loss: lost, followed by nobody, with what had happened by then."""
    return replace(
        account,
        deals={loss.deal: _lost_again(account.deals[loss.deal], loss) for loss in found},
        enrolments={},
        events=[],
        log=[event for event in account.log if event.recorded_at < at],
        touches=[touch for touch in account.touches if touch.at < at],
        suppressions=[one for one in account.suppressions if one.since <= at],
        failures=0,
    )


def _lost_again(deal: Deal, loss: Loss) -> Deal:
    fields = {name: value for name, value in deal.fields.items() if name != "won_at"}
    return replace(deal, fields={**fields, "status": "lost", "lost_at": loss.day}, asked=[])


# --- who takes them -------------------------------------------------------------------------------------------------


def _refusal(asking: _Asking, account: Account, deal: Deal, at: Instant) -> str:
    """Why the deal is not played; "" if it is."""
    world, condition = asking.world, asking.condition
    if condition is not None:
        looking = looking_at(world, account, deal, at)
        failing = next((part for part in _parts(condition) if not holds(part, looking)), None)
        return f"{_NOT_ASKED} ({_in_words(failing)})" if failing is not None else ""
    whys = []
    for way in asking.ways:
        why = _says_no(world, way.revision(team_of(world, deal)).playbook, account, deal, at)
        if not why:
            return ""
        whys.append(why)
    return whys[0]


def _says_no(world: World, playbook: Playbook, account: Account, deal: Deal, at: Instant) -> str:
    """Why the playbook does not take the deal, with the part of its condition that does not hold; "" if it does."""
    why = _asked(world, playbook, account, deal, at)
    condition = playbook.enrol.condition
    if not why or condition is None:
        return why
    for part in _parts(condition):
        alone = replace(playbook, enrol=replace(playbook.enrol, condition=part))
        if _asked(world, alone, account, deal, at):
            bare = replace(playbook, enrol=replace(playbook.enrol, condition=None))
            other = _asked(world, bare, account, deal, at)
            return other or f"{why} ({_in_words(part)})"
    return why


def _asked(world: World, playbook: Playbook, account: Account, deal: Deal, at: Instant) -> str:
    told = frozenset({playbook.enrol.event} if playbook.enrol.event else ())
    alone = replace(world, playbooks=(playbook.name,))
    [verdict] = examine(alone, {playbook.name: playbook}, account, deal, [], at, told=told)
    return "" if verdict.takes else verdict.why


def _parts(condition: Condition) -> Sequence[Condition]:
    """Each of them must hold."""
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def _in_words(part: Condition) -> str:
    return describe(part).replace("deal.", "")


def _note_earlier(asking: _Asking, account: Account, deal: Deal, at: Instant) -> None:
    """Which playbook of the workspace would take it before the one that is played."""
    order = asking.world.playbooks
    for way in asking.ways:
        own = way.revision(team_of(asking.world, deal)).playbook
        if not own.customer_facing or way.playbook not in order:
            continue
        for name in order[: order.index(way.playbook)]:
            playbook = asking.playbooks.get(name)
            if playbook is None or not playbook.customer_facing or playbook.enrol.event:
                continue
            if not _asked(asking.world, playbook, account, deal, at):
                asking.chosen.earlier.setdefault(way.name, Counter())[name] += 1
                break
