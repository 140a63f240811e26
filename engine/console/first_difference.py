"""When two arms of an experiment first do something different for a customer, if nobody answers."""

from __future__ import annotations

from engine.console.desk import Desk
from engine.core.experiment import Arm, Experiment
from engine.core.preview.model import Stuck
from engine.core.preview.previewing import preview_of_new
from engine.core.preview.sample import DEAL, candidate_of, sample

_WEEKS = 104


def first_difference(desk: Desk, experiment: Experiment, arm: str) -> int | None:
    """Days after the draw; None if they do the same for two years, or cannot be played."""
    try:
        plans = [_plan(desk, experiment.arms[name]) for name in (arm, experiment.control)]
    except (Stuck, KeyError):
        return None
    differing = set(plans[0]) ^ set(plans[1])
    return min((day for day, _ in differing), default=None)


def _plan(desk: Desk, arm: Arm) -> list[tuple[int, str]]:
    """(day, kind) of everything that is handed out for a sample deal: what the customer gets, and what reps do."""
    from engine.runner.shelf import RevisionShelf

    offer = desk.offer_of(arm)
    now = desk.clock(dry_run=True)
    made = sample(desk.world, offer.playbook, now)
    shelf = RevisionShelf(desk.store, [offer])
    candidate = candidate_of(offer.playbook, made.account, made.account.deals[DEAL])
    preview = preview_of_new(
        desk.world, shelf, offer.revision.hash, made.account, candidate, now, weeks=_WEEKS, depth=0
    )
    handed = [(one.at, one.handed) for one in preview.calendar.happenings if one.handed is not None]
    return [((at - now) // 86_400, one.kind) for at, one in handed if one.facing]
