"""Draws and the experiments that make them, in words and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.console.desk import Desk
from engine.core.experiment import Draw
from engine.core.shares import percent

if TYPE_CHECKING:
    from engine.experiments.ordered import Ordered


def draw_words(desk: Desk, draw: Draw) -> str:
    """`drawn on 2026-03-02 10:00 by the experiment timing: arm a (unit 3 of team west, with a chance of 50 %)…`"""
    chance = percent(draw.probability, whole=True)
    if not draw.first:
        how = "as its account was drawn before"
    elif draw.position < 0:
        how = f"by hash, with a chance of {chance}"
    else:
        team = f" of team {draw.team}" if draw.team else ""
        how = f"unit {draw.position + 1}{team}, with a chance of {chance}"
    phase = f", phase {draw.phase}" if draw.phase > 1 else ""
    told = f"drawn on {desk.local(draw.drawn_at)} by the experiment {draw.experiment}{phase}: arm {draw.arm} ({how})"
    if desk.clock(dry_run=True) >= draw.locked_until:
        return told
    return f"{told}; until {desk.local(draw.locked_until)} no other playbook may approach the customer"


def draws_told(draws: Sequence[Draw], deal: str) -> list[Draw]:
    """Those that say something of this deal: its own, and where it was not drawn itself the one of its account."""
    own = [draw for draw in draws if draw.deal == deal]
    named = {draw.experiment for draw in own}
    return [*own, *(draw for draw in draws if draw.first and draw.experiment not in named)]


def draw_record(desk: Desk, draw: Draw) -> dict[str, Any]:
    return {
        "experiment": draw.experiment, "phase": draw.phase, "unit": draw.unit, "deal": draw.deal, "arm": draw.arm,
        "playbook": draw.playbook, "revision": draw.revision, "holdout": draw.holdout, "team": draw.team,
        "probability": draw.probability, "first": draw.first,
        "position": draw.position if draw.position >= 0 else None, "drawn_at": desk.iso(draw.drawn_at),
        "locked_until": desk.iso(draw.locked_until),
    }  # fmt: skip


def state_of(desk: Desk, ordered: Ordered | None) -> str:
    """Whether an experiment draws, in a few words; None: nobody has started it."""
    if ordered is None:
        return "not started"
    if ordered.stopped_at is not None:
        return f"stopped, {ordered.adopted} adopted" if ordered.adopted else "stopped"
    today, one = desk.local(desk.clock(dry_run=True), "%Y-%m-%d"), ordered.experiment
    if today < str(one.starts):
        return "started, draws later"
    return "drawing" if one.ends is None or today <= str(one.ends) else "drawn"
