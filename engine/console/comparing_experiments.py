"""`playbook compare`: which arm of an experiment wins more deals back, and how sure that is; its self-test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.console.desk import FINE, Desk, Refused
from engine.console.options import looking_at, now_option
from engine.console.output import FORMATS, day, form_of, give, table_for_csv_only
from engine.core.durations import Instant
from engine.runner.lookup import nearest

if TYPE_CHECKING:
    from engine.console.compare_tables import Table
    from engine.experiments.comparison import Comparison
    from engine.experiments.records import Records

_EXAMPLES = (
    "Examples: playbook compare check-in-timing    playbook compare check-in-timing --output timing.html    "
    "playbook compare --selftest"
)


@click.command("compare", epilog=_EXAMPLES)
@click.argument("names", nargs=-1, metavar="[EXPERIMENT]")
@click.option(
    "--observational", is_flag=True, help="Compare playbooks that nobody drew: PLAYBOOK PLAYBOOK. No evidence."
)
@click.option("--team", default="", help="Only deals of this team.")
@click.option("--as-of", help="As it was known on this day: 2027-09-14 (default: today).")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="How to show it (default: as --output ends, else text)."
)
@click.option("--table", help="csv: which table (default: the first).")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file.")
@click.option("--selftest", is_flag=True, help="Run made experiments without a difference: how many false winners?")
@click.option("--full", is_flag=True, help="selftest: 10,000 experiments of each set-up instead of some.")
@click.option("--seed", type=click.IntRange(min=0), help="selftest: another seed makes other experiments (default: 1).")
@click.option("--workers", type=click.IntRange(min=1), help="selftest: processes (default: 1).")
@now_option
@click.pass_obj
def compare_experiment(
    desk: Desk,
    names: Sequence[str],
    observational: bool,
    team: str,
    as_of: str | None,
    form: str | None,
    table: str | None,
    output: Path | None,
    selftest: bool,
    full: bool,
    seed: int | None,
    workers: int | None,
    now: str | None,
) -> int:
    """Does an arm win back more than the control, and how sure is that?

    EXPERIMENT may be left out where there is only one.
    """
    form = form or form_of(output)
    table_for_csv_only(table, form)
    if selftest:
        _alone(names, observational or bool(team or as_of or table))
        from engine.console.compare_selftest import run

        return run(desk, form, output, full=full, seed=1 if seed is None else seed, workers=workers or 1)
    if full or seed is not None or workers is not None:
        raise Refused("--full, --seed and --workers go with --selftest", "leave them out, or add --selftest")
    asked = _asked(desk, as_of, now)
    compare = _observed if observational else _experiment
    comparison = _with_its_library(lambda: compare(desk, names, asked, team))
    give(desk, _rendered(desk, comparison, form, table), output)
    return FINE


def _alone(names: Sequence[str], others: bool) -> None:
    if names or others:
        raise Refused("--selftest looks at made experiments, not at yours", "leave the name and the other options out")


def _asked(desk: Desk, as_of: str | None, now: str | None) -> Instant:
    """The last second of the day asked for, else this instant."""
    from engine.core.zones import last_of_day, local_date, zone

    clock = looking_at(desk, now)
    wanted, where = day(as_of, "--as-of"), zone(desk.world.zone)
    if wanted is None:
        return clock
    today = local_date(clock, where)
    if wanted > today:
        raise Refused(f"--as-of {as_of} has not come yet", f"today is {today}")
    return last_of_day(wanted, where) - 1


def _with_its_library(compare: Callable[[], Comparison]) -> Comparison:
    """Raises Refused where numpy is missing."""
    from engine.experiments.statistics.recursion import LibraryMissing

    try:
        return compare()
    except LibraryMissing as error:
        raise Refused(error.message, error.hint) from None


# --- an experiment --------------------------------------------------------------------------------------------------


def _experiment(desk: Desk, names: Sequence[str], asked: Instant, team: str) -> Comparison:
    from engine.experiments.comparing import compare
    from engine.experiments.reading import records_of

    name = _name(desk, names)
    try:
        records = records_of(desk.store, desk.world, name, asked)
    except KeyError:
        raise Refused(f"{name} had not been started by then", "ask for a later day, or leave --as-of out") from None
    _check_team(desk, records, team)
    return compare(records, asked, team=team)


def _name(desk: Desk, names: Sequence[str]) -> str:
    """Which experiment is meant. Raises Refused where that is open, or it is none, or it has not been started."""
    from engine.experiments.reading import experiment_names

    started = experiment_names(desk.store)
    if len(names) > 1:
        raise Refused("one experiment at a time", "two playbooks side by side: --observational")
    if not names:
        return _only(started, desk)
    name = names[0]
    if name in started:
        return name
    if name in desk.workspace.experiments:
        raise Refused(f"{name} has not been started, so nothing was drawn", f"`playbook experiment start {name}`")
    known = {*started, *desk.workspace.experiments}
    hint = nearest(name.lower(), known) or (f"there is {', '.join(sorted(known))}" if known else "there is none yet")
    if name in desk.workspace.contents:
        hint = "that is a playbook: two of them can be compared with --observational"
    raise Refused(f"there is no experiment {name!r}", hint)


def _only(started: Sequence[str], desk: Desk) -> str:
    if len(started) == 1:
        return started[0]
    if started:
        raise Refused("which experiment?", f"one of {', '.join(started)}")
    waiting = sorted(desk.workspace.experiments)
    hint = f"`playbook experiment start {waiting[0]}`" if waiting else "docs/compare.md says how to write and start one"
    raise Refused("no experiment has been started", hint)


def _check_team(desk: Desk, records: Records, team: str) -> None:
    """A team without units is a slip, unless the roster or the experiment has it."""
    if not team:
        return
    known = {unit.team for unit in records.units if unit.team} | set(desk.world.roster.teams)
    known |= {name for phase in records.phases for name in phase.experiment.teams}
    if team not in known:
        hint = nearest(team.lower(), known) or (
            f"there is {', '.join(sorted(known))}" if known else "there are no teams"
        )
        raise Refused(f"there is no team {team!r}", hint)


# --- playbooks side by side -----------------------------------------------------------------------------------------


def _observed(desk: Desk, names: Sequence[str], asked: Instant, team: str) -> Comparison:
    from engine.experiments.observational import observe
    from engine.experiments.observing import observed_records

    if len(set(names)) < 2:
        raise Refused("--observational compares two playbooks or more", "playbook compare --observational ONE OTHER")
    for name in names:
        if name not in desk.workspace.contents:
            hint = (
                nearest(name.lower(), desk.workspace.contents) or f"one of {', '.join(sorted(desk.workspace.contents))}"
            )
            raise Refused(f"there is no playbook {name!r}", hint)
    records = observed_records(desk.store, desk.world, tuple(dict.fromkeys(names)), asked)
    if records is None:
        raise Refused(f"no deal was in {' or '.join(names)} by then", "there is nothing to put side by side")
    _check_team(desk, records, team)
    found = observe(records, asked, team=team)
    arms = tuple(replace(arm, actions_per_unit=None) for arm in found.arms)  # what was handed out is not read
    return replace(found, arms=arms)


# --- showing it -----------------------------------------------------------------------------------------------------


def _rendered(desk: Desk, comparison: Comparison, form: str, table: str | None) -> str:
    if form == "json":
        from engine.console.compare_files import comparison_json

        return comparison_json(comparison, desk.world.zone)
    if form == "html":
        from engine.console.compare_page import comparison_page

        return comparison_page(comparison)
    if form == "csv":
        return _csv(desk, comparison, table)
    from engine.console.compare_text import comparison_text
    from engine.console.tables import terminal_width

    return comparison_text(comparison, terminal_width())


def _csv(desk: Desk, comparison: Comparison, name: str | None) -> str:
    """The table asked for, else the first; which others there are is said beside it."""
    from engine.console.compare_files import comparison_csv
    from engine.console.compare_tables import tables

    filled = [one for one in tables(comparison) if one.rows]
    if not filled:
        desk.say(comparison.verdict.words)
        return ""
    chosen = _chosen(filled, name, comparison)
    others = [one.name for one in filled if one is not chosen]
    if not name and others:
        desk.say(f"this is the table {chosen.name}; --table has also {', '.join(others)}")
    return comparison_csv(chosen, desk.world.zone)


def _chosen(filled: Sequence[Table], name: str | None, comparison: Comparison) -> Table:
    found = next((one for one in filled if name in (None, one.name)), None)
    if found is None:
        names = ", ".join(one.name for one in filled)
        raise Refused(f"{comparison.experiment} has no table {name!r}", f"now it has {names}")
    return found


COMMANDS = {"compare": compare_experiment}
