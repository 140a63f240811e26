"""Whether an experiment draws a deal: only one that every arm of its team could take, so that no arm is favoured."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.account import Account, Deal, PastEnrolment
from engine.core.drawing import draw_by_hash, draw_from_block
from engine.core.durations import Instant
from engine.core.enrolling import Verdict, ask_condition, could_take, lock
from engine.core.experiment import Draw, Experiment, InForce, Phase, unit_of
from engine.core.view import View
from engine.core.world import World
from engine.core.zones import last_of_day, local_date, start_of_day, zone


def ask_experiment(
    world: World, one: InForce, account: Account, deal: Deal, past: Sequence[PastEnrolment], draws: Sequence[Draw],
    now: Instant,
) -> Verdict:  # fmt: skip
    """What the experiment says to the deal; `draws` are those of its account."""
    experiment, team = one.experiment, team_of(world, deal)
    own = next((draw for draw in draws if draw.experiment == experiment.name and draw.deal == deal.id), None)
    if own is not None and (one.adopted or now >= own.locked_until or was_enrolled(own, past)):
        return _says(experiment, False, f"it has drawn this deal: arm {own.arm}")
    refused = _closed(world, one, now) if own is None else None
    refused = refused or _locked(experiment, deal, draws, now)
    if refused is not None:
        return refused
    arms = _arms(one, deal, draws, team)
    if not arms:
        return _says(experiment, False, f"the team {team or '(none)'} takes no part in it")
    return _asked(world, one, arms, team, account, deal, past, now)


def _closed(world: World, one: InForce, now: Instant) -> Verdict | None:
    """It draws from its first day to its last; what was adopted goes on without an end."""
    experiment, where = one.experiment, zone(world.zone)
    if one.adopted:
        return None
    today = local_date(now, where)
    if today < experiment.starts:
        opens = start_of_day(experiment.starts, where)
        return _says(experiment, False, f"it begins to draw on {experiment.starts}", opens)
    if experiment.ends is not None and today > experiment.ends:
        return _says(experiment, False, f"it has drawn until {experiment.ends}")
    return None


def _locked(experiment: Experiment, deal: Deal, draws: Sequence[Draw], now: Instant) -> Verdict | None:
    """While another experiment's window runs, a deal is not drawn."""
    held = lock(draws, deal, now, but=experiment.name)
    if held is None:
        return None
    return _says(experiment, False, f"the experiment {held.experiment} has drawn it", held.locked_until)


def _arms(one: InForce, deal: Deal, draws: Sequence[Draw], team: str) -> list[str]:
    """The arms that must be able to take the deal: all that it may be drawn into, or the one that it has to have."""
    unit = drawn_unit(one, deal, draws)
    if unit is not None:
        return [unit.arm]
    return [one.adopted] if one.adopted else list(one.experiment.weights(team))


def was_enrolled(draw: Draw, past: Sequence[PastEnrolment]) -> bool:
    """Whether the enrolment that belongs to the draw is there: without it the account could not be advanced then."""
    return any(one.playbook == draw.playbook and one.enrolled_at >= draw.drawn_at for one in past)


def drawn_unit(one: InForce, deal: Deal, draws: Sequence[Draw]) -> Draw | None:
    """The draw of the deal's account, where accounts are drawn as a whole."""
    unit = unit_of(one.experiment.unit, deal.account, deal.id)
    return next((draw for draw in draws if draw.experiment == one.experiment.name and draw.unit == unit), None)


def _asked(
    world: World, one: InForce, arms: Sequence[str], team: str, account: Account, deal: Deal,
    past: Sequence[PastEnrolment], now: Instant,
) -> Verdict:  # fmt: skip
    for arm in arms:
        playbook = one.playbook(arm, team)
        if playbook is None:
            return _says(one.experiment, False, f"the playbook of its arm {arm} cannot be used now")
        verdict = could_take(world, playbook, account, deal, past, now)
        if verdict.takes and one.experiment.condition is not None:
            view = View(world, account, deal, playbook, now)
            asked = ask_condition(one.experiment.name, one.experiment.condition, view, playbook.scores)
            if not asked.takes:
                return _says(one.experiment, False, asked.why, asked.again_at)
        elif not verdict.takes:
            return _says(one.experiment, False, f"its arm {arm} could not take it: {verdict.why}", verdict.again_at)
    return _says(one.experiment, True, "every arm could take it")


def _says(experiment: Experiment, takes: bool, why: str, again_at: Instant | None = None) -> Verdict:
    return Verdict(experiment.name, takes, why, again_at, experiment=True)


def team_of(world: World, deal: Deal) -> str:
    """The deal's team, else its owner's; "" for none."""
    owner = world.roster.people.get(str(deal.fields.get("owner") or ""))
    return str(deal.fields.get("team") or (owner.team if owner else ""))


def make_draw(
    world: World, phase: Phase, deal: Deal, team: str, now: Instant, *, position: int | None, known: Draw | None
) -> Draw:
    """The draw of a deal, still without a revision: at this `position` of its team, by hash (None), or as its account
    was drawn before (`known`)."""
    experiment = phase.experiment
    unit = unit_of(experiment.unit, deal.account, deal.id)
    weights = dict(experiment.weights(team))
    if known is not None:
        arm, probability, block, place = known.arm, known.probability, -1, -1
    else:
        drawn = (
            draw_by_hash(experiment.name, phase.number, unit, weights) if position is None
            else draw_from_block(experiment.name, phase.number, team, weights, position)
        )  # fmt: skip
        arm, probability, block, place = drawn.arm, drawn.probability, drawn.block, drawn.place
    where = zone(world.zone)
    last = experiment.primary.last_day(local_date(now, where))
    return Draw(
        experiment=experiment.name, phase=phase.number, unit=unit, account=deal.account, deal=deal.id, team=team,
        arm=arm, probability=probability, weights=weights, drawn_at=now,
        locked_until=last_of_day(last, where) if known is None else known.locked_until,
        revision="", playbook=experiment.arms[arm].playbook, holdout=experiment.arms[arm].holdout, first=known is None,
        position=-1 if known is not None or position is None else position, block=block, place=place,
        snapshot={name: value for name, value in deal.fields.items() if name != "custom"},
    )  # fmt: skip
