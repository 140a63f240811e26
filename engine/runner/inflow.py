"""How many units an experiment could draw: the losses of the last half year that its condition takes, team by team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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


def units_per_week(
    store: Store, world: World, experiment: Experiment, playbook: Playbook, now: Instant
) -> dict[str, float]:
    """By team, "" for none, the most first. Each deal is asked as it stands now, on the day of its loss."""
    found: Counter[str] = Counter()
    since = now - WEEKS * 7 * 86400
    seen: set[str] = set()
    after = ""
    while page := store.report_page(after, _PAGE, ("contacts",), ("lost",)):
        for account in (one.account for one in page):
            for deal in account.deals.values():
                unit = unit_of(experiment.unit, account.id, deal.id)
                if unit not in seen and _is_taken(world, experiment, playbook, account, deal, since, now):
                    seen.add(unit)
                    found[team_of(world, deal)] += 1
        after = page[-1].account.id
    return {team: count / WEEKS for team, count in found.most_common() if experiment.weights(team)}


def _is_taken(
    world: World, experiment: Experiment, playbook: Playbook, account: Account, deal: Deal, since: Instant,
    now: Instant,
) -> bool:  # fmt: skip
    """Whether it was lost since then, and the condition took it on that day."""
    try:
        lost = moment(str(deal.fields.get("lost_at") or ""), None, 1, zone(world.zone), world.calendar_named(None))
    except TimeError:
        return False
    if not since <= lost <= now or deal.excused:
        return False
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
