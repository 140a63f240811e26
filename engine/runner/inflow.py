"""How many units an experiment could draw: the losses of the last half year that its condition takes, team by team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.account import Account, Deal
from engine.core.assigning import team_of
from engine.core.conditions import holds
from engine.core.dates import moment
from engine.core.durations import Instant, TimeError
from engine.core.experiment import Experiment, unit_of
from engine.core.looking import Looking
from engine.core.model import Playbook
from engine.core.view import View
from engine.core.world import World
from engine.core.zones import zone
from engine.store.base import Store

WEEKS = 26
_PAGE = 500  # accounts
_WEEK = 7 * 86_400  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Inflow:
    """`per_week`: units by team ("" for none), the most first; `weeks`: how long that was watched."""

    per_week: Mapping[str, float]
    weeks: float

    @property
    def total(self) -> float:
        return sum(self.per_week.values())


def inflow(store: Store, world: World, experiment: Experiment, playbook: Playbook, now: Instant) -> Inflow:
    """Each deal is asked as it stands now, on the day of its loss. A history of less than half a year counts as long as
    it is, four weeks at least."""
    found: Counter[str] = Counter()
    since = now - WEEKS * _WEEK
    seen: set[str] = set()
    earliest = now
    after = ""
    while page := store.report_page(after, _PAGE, ("contacts",), ("lost",)):
        for account in (one.account for one in page):
            for deal in account.deals.values():
                lost = _lost(world, deal)
                if lost is None or deal.excused or not since <= lost <= now:
                    continue
                earliest = min(earliest, lost)
                unit = unit_of(experiment.unit, account.id, deal.id)
                if unit not in seen and _is_taken(world, experiment, playbook, account, deal, lost):
                    seen.add(unit)
                    found[team_of(world, deal)] += 1
        after = page[-1].account.id
    weeks = max((now - earliest) / _WEEK, 4.0)
    units = {team: count / weeks for team, count in found.most_common() if experiment.weights(team)}
    return Inflow(per_week=units, weeks=weeks)


def _lost(world: World, deal: Deal) -> Instant | None:
    try:
        return moment(str(deal.fields.get("lost_at") or ""), None, 1, zone(world.zone), world.calendar_named(None))
    except TimeError:
        return None


def _is_taken(
    world: World, experiment: Experiment, playbook: Playbook, account: Account, deal: Deal, lost: Instant
) -> bool:
    """Whether the condition took it on the day of its loss."""
    view = View(world, account, deal, playbook, lost)
    return holds(experiment.condition, Looking(view, playbook.scores)) if experiment.condition else True


def expected(experiment: Experiment, per_week: Mapping[str, float]) -> Mapping[str, float]:
    """Units per week as the file declares them, in the proportions of `per_week`; without a declaration those."""
    if experiment.expected is None or experiment.ends is None:
        return per_week
    weeks = max((experiment.ends - experiment.starts).days + 1, 1) / 7
    total = sum(per_week.values())
    if not total:
        return {"": experiment.expected / weeks}
    return {team: experiment.expected / weeks * count / total for team, count in per_week.items()}
