"""`playbook experiment`: start one, see how it stands, change it, stop it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from engine.authoring.shelf import EXPERIMENTS
from engine.console.desk import FINE, Desk, Refused
from engine.console.drawn import state_of
from engine.console.options import by_option, format_option, now_option, person, refusing
from engine.console.tables import Column, listing
from engine.core.plural import count
from engine.core.zones import local_date, zone
from engine.experiments.orders import Orders, differences, spelled_out
from engine.runner.lookup import listed_names, nearest

if TYPE_CHECKING:
    from engine.core.durations import Instant
    from engine.core.experiment import Experiment
    from engine.runner.drawing import Trial
    from engine.runner.inflow import Inflow


@click.group("experiment", invoke_without_command=True, epilog="Example: playbook experiment start check-in-timing")
@format_option
@now_option
@click.pass_context
def experiment(ctx: click.Context, form: str, now: str | None) -> None:
    """Which arms lost deals are drawn into: start, status, change, stop. `playbook compare` says what came of it.

    Alone it lists the experiments.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(status, form=form, now=now)


_RATE = "The share of the control that you expect to succeed (default: `expect.rate` of the file, else 0.05)."
_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask (scripts).")


# --- status ---------------------------------------------------------------------------------------------------------

_COLUMNS = (
    Column(title="experiment", show=lambda record: record["experiment"]),
    Column(title="state", show=lambda record: record["state"]),
    Column(title="draws", show=lambda record: f"{record['starts']} to {record['ends'] or 'no end'}"),
    Column(title="team", show=lambda record: record["team"] or ""),
    Column(title="phase", show=lambda record: str(record["phase"] or "")),
    Column(title="arm", show=lambda record: record["arm"] or ""),
    Column(title="units", show=lambda record: str(record["units"]), right=True),
)
_FIELDS = ("experiment", "state", "starts", "ends", "phase", "team", "arm", "units")


@experiment.command()
@click.argument("name", default="")
@format_option
@now_option
@click.pass_obj
def status(desk: Desk, name: str = "", form: str = "text", now: str | None = None) -> int:
    """Which experiments there are, whether they run, and how many units each arm has."""
    desk.now_text = now or desk.now_text
    if name:
        _known(desk, name)
    names = [name] if name else sorted({*desk.workspace.experiments, *desk.experiments})
    records = [record for one in names for record in _records(desk, one)]
    if records or form != "text":
        click.echo(listing(records, _COLUMNS, _FIELDS, form))
    else:
        desk.say(f"there is no experiment: write one into {EXPERIMENTS}, or see docs/compare.md")
    for one in names:
        for remark in _remarks(desk, one):
            desk.say(f"{one}: {remark}")
    return FINE


def _records(desk: Desk, name: str) -> list[dict[str, Any]]:
    ordered = desk.experiments.get(name)
    one = ordered.experiment if ordered else desk.workspace.experiments[name]
    base = {
        "experiment": name, "state": state_of(desk, ordered), "starts": str(one.starts),
        "ends": str(one.ends) if one.ends else None,
    }  # fmt: skip
    counted = [row for row in desk.store.count_draws() if row[0] == name]
    if not counted:
        return [{**base, "phase": None, "team": None, "arm": None, "units": 0}]
    return [
        {**base, "phase": phase, "team": team, "arm": arm, "units": units} for _, phase, team, arm, units in counted
    ]


def _remarks(desk: Desk, name: str) -> Iterator[str]:
    ordered, file = desk.experiments.get(name), desk.workspace.experiment_contents.get(name)
    if ordered is None:
        return
    if file is None:
        yield f"its file is gone or broken; what was started on {desk.local(ordered.phases[0].began_at)} goes on"
    elif spelled_out(file) != spelled_out(ordered.content) and ordered.stopped_at is None:
        yield f"its file says something else than what is in force: `playbook experiment change {name}`"
    usable = {arm for arm, _ in desk.trial(ordered).offers}
    if missing := [arm for arm in ordered.experiment.arms if arm not in usable]:
        yield f"nothing is drawn: the playbook of {', '.join(missing)} cannot be used"


# --- start ----------------------------------------------------------------------------------------------------------


@experiment.command()
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Only say how many deals it needs and what it can tell.")
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), help=_RATE)
@_yes
@by_option
@now_option
@click.pass_obj
def start(desk: Desk, name: str, dry_run: bool, rate: float | None, yes: bool, by: str | None, now: str | None) -> int:
    """Say how many deals it needs and what it can tell with those it will get; then let ticks draw."""
    desk.now_text = now or desk.now_text
    one = _known(desk, name)
    if name not in desk.workspace.experiments:
        raise Refused(f"the file of {name} is gone or broken", "`playbook validate` says what is wrong")
    orders = _orders(desk, by)
    today = local_date(orders.now, zone(desk.zone))
    if one.ends is not None and one.ends < today:
        raise Refused(f"{name} was to draw until {one.ends}, and that is over", "write later days into its file")
    if name not in orders.known:
        click.echo("\n".join(_planned(desk, one, rate)))
    if dry_run:
        return FINE
    _confirm(desk, yes, f"Start {name}?")
    with refusing():
        orders.start(name, desk.workspace.experiment_contents[name])
    desk.say(f"{name} is started; the next tick draws from {one.starts} on. `playbook experiment` shows how it stands")
    return FINE


def _planned(desk: Desk, one: Experiment, rate: float | None) -> list[str]:
    """What it needs and what it can tell, in words, and where the numbers of units come from."""
    from engine.experiments.planning import plan
    from engine.runner.inflow import expected, inflow

    now = desk.clock(dry_run=True)
    today = local_date(now, zone(desk.zone))
    found = inflow(desk.store, desk.world, _trial(desk, one, now).in_force, now)
    words = [*plan(one, expected(one, found.per_week), rate, today).words, *_alike(desk, one)]
    return [*words, *_to_come(one, found, today), *_at_once(one, found)]


def _trial(desk: Desk, one: Experiment, now: Instant) -> Trial:
    """As a tick would meet it, were it started."""
    from engine.core.experiment import Phase
    from engine.experiments.ordered import Ordered

    phase = Phase(number=1, began_at=now, experiment=one)
    return desk.trial(Ordered(name=one.name, phases=(phase,), content=desk.workspace.experiment_contents[one.name]))


def _to_come(one: Experiment, found: Inflow, today: date) -> Iterator[str]:
    """Where the number of units comes from, and whether the losses so far speak against it."""
    from engine.experiments.planning import weeks_to_come

    counted = f"the last {found.weeks:,.0f} weeks had {found.total:,.1f} a week that it would have taken"
    if one.expected is None or one.ends is None:
        yield f"(Units to come: {counted}.)"
        return
    weeks, whole = weeks_to_come(one, today), weeks_to_come(one)
    part = weeks / whole if whole else 0.0
    declared = round(one.expected * part)
    late = f", {declared:,} of them on the days still to come" if part < 1 else ""
    if found.total * weeks + found.at_once < declared / 2:
        yield (
            f"Careful: the file expects {one.expected:,}{late}, but {counted}; until {one.ends} that makes about "
            f"{found.total * weeks:,.0f}. Everything above is for {declared:,}."
        )
    yield f"(Units to come: as `expect.deals` of the file says{late}; {counted}.)"


def _at_once(one: Experiment, found: Inflow) -> Iterator[str]:
    """What waits already comes with the first tick and not week by week."""
    if found.at_once:
        beside = "" if one.expected is not None else ", on top of these numbers"
        yield (
            f"({count(found.at_once, one.unit)} on record now would be drawn at once by the first tick{beside}. "
            "For new losses only, ask for them in its `enrol`: `since.lost_at: {at_most: 14d}`.)"
        )


def _alike(desk: Desk, one: Experiment) -> Iterator[str]:
    """Arms that do the same for most of the window have nothing to differ by in it."""
    from engine.console.first_difference import first_difference

    window = (one.primary.last_day(one.starts) - one.starts).days
    for arm in one.others:
        days = first_difference(desk, one, arm)
        if days is None:
            yield f"Careful: where nobody answers, {arm} and {one.control} do the same."
        elif days * 2 > window:
            when = f"the {window} days in which {one.primary.event} counts"
            yield f"Careful: where nobody answers, {arm} and {one.control} do the same for {days} days, of {when}."


# --- change, stop ---------------------------------------------------------------------------------------------------


@experiment.command()
@click.argument("name")
@_yes
@by_option
@now_option
@click.pass_obj
def change(desk: Desk, name: str, yes: bool, by: str | None, now: str | None) -> int:
    """Put the file as it is now in force. New arms, weights or teams begin a new phase, for new units only."""
    desk.now_text = now or desk.now_text
    _known(desk, name)
    content = desk.workspace.experiment_contents.get(name)
    if content is None:
        raise Refused(f"the file of {name} is gone or broken", "`playbook validate` says what is wrong")
    before = desk.experiments[name].content if name in desk.experiments else {}
    for line in differences(spelled_out(before, content), spelled_out(content, before)) if before else ():
        desk.say(f"  {line}")
    _confirm(desk, yes, f"Change {name}? Units that were drawn keep their arm.")
    orders = _orders(desk, by)
    today = local_date(orders.now, zone(desk.zone))
    with refusing():
        phase = orders.change(name, content, today)
    ends = desk.experiments[name].experiment.ends
    over = ends is not None and today > ends
    drawn = f"nothing is drawn any more, its last day was {ends}" if over else f"new units are drawn in phase {phase}"
    desk.say(f"{name} is changed: {drawn}")
    return FINE


@experiment.command()
@click.argument("name")
@click.option("--adopt", "arm", default="", help="New deals get this arm from now on, without a draw.")
@_yes
@by_option
@now_option
@click.pass_obj
def stop(desk: Desk, name: str, arm: str, yes: bool, by: str | None, now: str | None) -> int:
    """Draw nothing more. What was drawn runs on, and is compared to its end."""
    desk.now_text = now or desk.now_text
    _known(desk, name)
    adopted = desk.experiments[name].adopted if name in desk.experiments else ""
    if adopted and adopted != arm:
        desk.say(f"until now new deals get {adopted}; that ends")
    _confirm(desk, yes, f"Stop {name}{f' and give new deals the arm {arm}' if arm else ''}?")
    with refusing():
        _orders(desk, by).stop(name, arm)
    desk.say(f"{name} is stopped; {f'new deals get {arm}' if arm else 'new deals go the way of all others'}")
    return FINE


# --- what they share ------------------------------------------------------------------------------------------------


def _known(desk: Desk, name: str) -> Experiment:
    """The experiment of that name: as it was started, else as its file says. Raises Refused."""
    ordered = desk.experiments.get(name)
    if ordered is not None:
        return ordered.experiment
    if name not in desk.workspace.experiments:
        known = sorted({*desk.workspace.experiments, *desk.experiments})
        broken = f"{EXPERIMENTS}/{name}.yaml"
        if (desk.folder / broken).exists():
            raise Refused(f"{broken} has mistakes and cannot be used", "`playbook validate` says which")
        hint = nearest(name.lower(), known) or (listed_names(known) if known else f"write one into {EXPERIMENTS}")
        raise Refused(f"there is no experiment {name!r}", hint)
    return desk.workspace.experiments[name]


def _orders(desk: Desk, by: str | None) -> Orders:
    return Orders(
        store=desk.store, known=desk.experiments, now=desk.instant_now(), by=person(by), local=desk.local
    )  # fmt: skip


def _confirm(desk: Desk, yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to be asked", "say --yes")
    click.confirm(question, abort=True, err=True)


COMMANDS = {"experiment": experiment}
