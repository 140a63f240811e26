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

_DAY = 86_400  # seconds: when to look again at what no other instant tells


def ask_experiment(
    world: World, one: InForce, account: Account, deal: Deal, past: Sequence[PastEnrolment], draws: Sequence[Draw],
    now: Instant,
) -> Verdict:  # fmt: skip
    """What the experiment says to the deal; `past` and `draws` are those of its account."""
    experiment, team = one.experiment, team_of(world, deal)
    own = next((draw for draw in draws if draw.experiment == experiment.name and draw.deal == deal.id), None)
    if own is not None:
        return _says(experiment, False, f"it has drawn this deal: arm {own.arm}")
    refused = _closed(world, one, now) or _taken_elsewhere(experiment, deal, past, draws, now)
    if refused is not None:
        return refused
    arms = arms_for(one, deal, draws, team, now)
    if not arms:
        return _says(experiment, False, f"the team {team or '(none)'} takes no part in it")
    return _asked(world, one, arms, team, account, deal, [other for other in past if other.deal == deal.id], now)


def pending(draws: Sequence[Draw], deal: Deal, past: Sequence[PastEnrolment], now: Instant) -> Draw | None:
    """The draw of this deal that no enrolment has followed yet: its account could not be advanced then."""
    for draw in draws:
        late = draw.drawn_at >= draw.locked_until  # a later deal of an account, drawn after the account's window
        if draw.deal == deal.id and (late or now < draw.locked_until):
            begun = (one for one in past if one.deal == deal.id and one.enrolled_at >= draw.drawn_at)
            if not any(one.playbook == draw.playbook for one in begun):
                return draw
    return None


def arms_for(one: InForce, deal: Deal, draws: Sequence[Draw], team: str, now: Instant) -> list[str]:
    """The arms that must be able to take the deal: all that it may be drawn into, or the single one that it has to
    have: its account's, or the one adopted. None: its team takes no part."""
    unit = drawn_unit(one, deal, draws)
    if unit is not None and (now < unit.locked_until or not one.adopted):
        return [unit.arm]
    weights = one.experiment.weights(team)
    return [one.adopted] if one.adopted and weights else list(weights)


def drawn_unit(one: InForce, deal: Deal, draws: Sequence[Draw]) -> Draw | None:
    """The draw of the deal's account, where accounts are drawn as a whole."""
    unit = unit_of(one.experiment.unit, deal.account, deal.id)
    return next((draw for draw in draws if draw.experiment == one.experiment.name and draw.unit == unit), None)


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


def _taken_elsewhere(
    experiment: Experiment, deal: Deal, past: Sequence[PastEnrolment], draws: Sequence[Draw], now: Instant
) -> Verdict | None:
    """While another experiment's window runs, a deal is not drawn; and an account as a whole neither while one of its
    deals is in another experiment, or followed."""
    held = lock(draws, deal, now, but=experiment.name)
    if experiment.unit == "account" and held is None:
        others = [draw for draw in draws if draw.experiment != experiment.name and now < draw.locked_until]
        held = max(others, key=lambda draw: draw.locked_until, default=None)
    if held is not None:
        return _says(experiment, False, f"the experiment {held.experiment} has drawn it", held.locked_until)
    if experiment.unit == "account" and not any(draw.experiment == experiment.name for draw in draws):
        running = next((one for one in past if one.customer_facing and not one.end and one.deal != deal.id), None)
        if running is not None:
            told = f"{running.playbook} follows {running.deal}, and the account is drawn as a whole"
            return _says(experiment, False, told, now + _DAY)
    return None


def _asked(
    world: World, one: InForce, arms: Sequence[str], team: str, account: Account, deal: Deal,
    past: Sequence[PastEnrolment], now: Instant,
) -> Verdict:  # fmt: skip
    for arm in arms:
        playbook = one.playbook(arm, team)
        if playbook is None:
            return _says(one.experiment, False, f"the playbook of its arm {arm} cannot be used now", now + _DAY)
        verdict = could_take(world, playbook, account, deal, past, now)
        if not verdict.takes:
            told = f"its arm {arm} could not take it: {verdict.why}"
            return _says(one.experiment, False, told, verdict.again_at)
        if one.experiment.condition is not None:
            view = View(world, account, deal, playbook, now)
            asked = ask_condition(one.experiment.name, one.experiment.condition, view, playbook.scores)
            if not asked.takes:
                return _says(one.experiment, False, asked.why, asked.again_at)
    return _says(one.experiment, True, "every arm could take it" if len(arms) > 1 else f"it gets the arm {arms[0]}")


def _says(experiment: Experiment, takes: bool, why: str, again_at: Instant | None = None) -> Verdict:
    return Verdict(experiment.name, takes, why, again_at, experiment=True)


def team_of(world: World, deal: Deal) -> str:
    return world.roster.team_of(deal.fields)


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
    given = known if known is not None and arm not in experiment.arms else experiment.arms[arm]  # a change may drop it
    return Draw(
        experiment=experiment.name, phase=phase.number, unit=unit, account=deal.account, deal=deal.id, team=team,
        arm=arm, probability=probability, weights=weights, drawn_at=now,
        locked_until=last_of_day(last, where) if known is None else known.locked_until,
        revision="", playbook=given.playbook, holdout=given.holdout, first=known is None,
        position=-1 if known is not None or position is None else position, block=block, place=place,
        snapshot={name: value for name, value in deal.fields.items() if name != "custom"},
        contacts=tuple(dict.fromkeys(contact for contact, _ in deal.contacts)),
        rivals=tuple(dict.fromkeys(one.playbook for one in experiment.arms.values())),
    )  # fmt: skip
