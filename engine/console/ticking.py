"""`playbook tick`: what cron runs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import BUSY, FINE, PROBLEMS, Desk
from engine.console.idle import nothing_to_do
from engine.core.plural import count
from engine.core.zones import to_local, zone
from engine.runner.clock import instant_of_tick, note_tick
from engine.store.errors import Busy

if TYPE_CHECKING:
    from engine.console.tables import Column
    from engine.runner.listing import DueAction
    from engine.runner.tick import TickReport


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would happen, now and in the weeks after; change nothing.")
@click.option("--weeks", default=8, show_default=True, help="With --dry-run: how far to look ahead.")
@click.option("--now", "now", help="The time of a sandbox, or of a dry run: 2026-03-02T10:00.")
@click.option("--accept-clock", is_flag=True, help="Go on although the clock jumped.")
@click.option("--max-seconds", type=float, help="Stop after this long; the next tick goes on.")
@click.option("--quiet", is_flag=True, help="Print nothing when nothing became due (for cron).")
@click.option("--quiet-if-running", is_flag=True, help="Exit 0 without a word when another tick is running.")
@click.option("--team", help="List only what became due for this team.")
@click.option("--owner", help="List only what became due for this person.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_obj
def tick(desk: Desk, dry_run: bool, weeks: int, now: str | None, accept_clock: bool, max_seconds: float | None,
         quiet: bool, quiet_if_running: bool, team: str | None, owner: str | None, form: str) -> int:  # fmt: skip
    """Advance every deal to now and hand out the actions that are due.

    Run it from cron as often as you like: how often does not change what happens.
    """
    desk.now_text = now
    try:
        with desk.store.tick_lock():
            clock = desk.clock(dry_run=dry_run)
            at = instant_of_tick(desk.store, clock, accept_clock or dry_run, desk.sandbox, desk.local)
            if dry_run:
                return _dry_run(desk, at, weeks, form)
            if nothing_to_do(desk, at):
                clock = int(time.time())
                note_tick(desk.store, at, clock, clock, {"accounts": 0})
                return _say_nothing(desk, at, quiet, form)
            report = _run(desk, at, max_seconds, _progress(quiet))
            _end_progress(quiet)
    except Busy:
        if quiet_if_running:
            return FINE
        click.echo("playbook: another tick is running; it does the work", err=True)
        return BUSY
    rows = _handed_out(desk, report, team, _owner(desk, owner))
    if not (quiet and not rows and not report.failed and not desk.problems()):
        _tell(desk, report, rows, form)
    broken = any(problem.level == "error" for problem in desk.problems())
    return PROBLEMS if report.failed or report.set_aside or broken else FINE


def _run(desk: Desk, at: int, max_seconds: float | None, progress: Any) -> TickReport:
    from engine.runner.tick import Ticking

    ticking = Ticking(
        desk.store, desk.world, desk.offers, at, trials=desk.trials, max_seconds=max_seconds, progress=progress
    )
    report = ticking.run()
    desk.remember_sources()
    return report


_NOTHING: dict[str, Any] = {
    "accounts": 0, "enrolled": 0, "transitions": 0, "handed_out": 0, "failed": 0, "ended": 0, "by_playbook": {},
    "drawn": {}, "waiting": {}, "set_aside": 0, "due": [], "errors": {}, "unfinished": False,
}  # fmt: skip


def _say_nothing(desk: Desk, at: int, quiet: bool, form: str) -> int:
    if form == "json":
        click.echo(json.dumps({"now": desk.iso(at), **_NOTHING}, indent=2))
    elif form == "csv":
        click.echo(",".join(_FIELDS))
        desk.say(f"tick of {desk.local(at)}: nothing was due")
    elif not quiet:
        desk.say(f"tick of {desk.local(at)}: nothing was due")
    return FINE


def _progress(quiet: bool) -> Any:
    """A line that counts accounts, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        return None
    return lambda done: click.echo(f"\r{done:,} accounts", nl=False, err=True)


def _end_progress(quiet: bool) -> None:
    """Wipe the line, so that the list begins at the margin."""
    if not quiet and sys.stderr.isatty():
        click.echo(f"\r{' ' * 20}\r", nl=False, err=True)


def _owner(desk: Desk, owner: str | None) -> str | None:
    if owner is None:
        return None
    from engine.console.options import who

    return who(desk, owner)


def _handed_out(desk: Desk, report: TickReport, team: str | None, owner: str | None) -> list[DueAction]:
    """What became due, with the same short ids as in `playbook due`."""
    from engine.runner.listing import DueAction, Wanted, is_overdue, short_ids

    wanted = set(report.handed_out)
    if not wanted:
        return []
    members = desk.world.roster.members(team)
    asked = Wanted(owner=owner, team=team, members=members)
    opened = desk.store.open_actions()
    short = short_ids(row.id for row in opened)
    return [
        DueAction(row=row, short=short[row.id], overdue=is_overdue(row, report.now), contact=None)
        for row in opened
        if row.id in wanted and asked.fits(row, report.now)
    ]


_FIELDS = (
    "id", "assignee", "due_at", "deadline", "kind", "title", "deal", "deal_name", "account", "account_name", "contact",
    "playbook", "action", "owner", "team",
)  # fmt: skip  # as in `playbook due`


def _tell(desk: Desk, report: TickReport, rows: list[DueAction], form: str) -> None:
    from engine.console.sheets import record_of
    from engine.console.tables import as_csv, as_json, table, terminal_width

    for problem in desk.problems():
        desk.say(f"{problem.location}: {problem.level}: {problem.message}")
    shown = [record_of(desk, row) for row in rows]
    if form == "json":
        listed = [{name: record[name] for name in _FIELDS} for record in shown]
        click.echo(as_json(_as_json(desk, report, listed)))
    elif form == "csv":
        click.echo(as_csv(_FIELDS, ([record[name] for name in _FIELDS] for record in shown)))
    else:
        if shown:
            click.echo(table([_listed(desk, row) for row in rows], _columns(), terminal_width()))
        hidden = report.handed_out_count - len(shown)
        if hidden > 0 and len(shown) == len(report.handed_out):
            desk.say(f"… and {hidden:,} more: playbook due")
        desk.say(summary(desk, report))
    _name_strangers(desk, rows)
    for account, error in report.failed.items():
        desk.say(f"account {account} was left as it was: {error}")


def _name_strangers(desk: Desk, rows: list[DueAction]) -> None:
    """What was handed to somebody who has left, or to nobody, is done by nobody unless it is said."""
    strangers = Counter(one.row.assignee for one in rows if desk.world.roster.strange(one.row.assignee))
    for person, number in sorted(strangers.items()):
        whom = f"{person}, who is not in library/roster.yaml" if person else "nobody: their deals have no owner"
        desk.say(f"{count(number, 'action')} went to {whom}; `playbook reassign` gives an action to somebody else")


def _listed(desk: Desk, one: DueAction) -> dict[str, str]:
    row = one.row
    deal = f"{row.deal} {row.deal_name}" if row.deal_name not in ("", row.deal) else row.deal
    return {
        "id": one.short, "since": desk.local(row.due_at), "for": row.assignee, "kind": row.kind, "what": row.title,
        "deal": deal, "account": row.account_name, "playbook": row.playbook,
    }  # fmt: skip


def _columns() -> list[Column]:
    from engine.console.tables import Column

    spare = {"since": 1, "account": 2, "playbook": 3}
    names = ("id", "since", "for", "kind", "what", "deal", "account", "playbook")
    shrinking = ("what", "deal", "account", "playbook")
    return [
        Column(title=name, show=itemgetter(name), shrinks=name in shrinking, spare=spare.get(name, 0)) for name in names
    ]


def _as_json(desk: Desk, report: TickReport, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "now": desk.iso(report.now), **report.counts(), "by_playbook": report.enrolled, "drawn": report.drawn,
        "waiting": report.waiting, "set_aside": report.set_aside, "due": rows, "errors": report.failed,
        "unfinished": report.unfinished,
    }  # fmt: skip


def summary(desk: Desk, report: TickReport) -> str:
    """One line: what this tick did."""
    parts = [f"tick of {desk.local(report.now)}: {sum(report.enrolled.values()):,} enrolled"]
    steps = count(report.transitions, "transition")
    parts += [steps, f"{report.handed_out_count:,} became due", f"{report.ended:,} ended"]
    if report.drawn:
        parts.append(", ".join(f"{number:,} drawn by {name}" for name, number in sorted(report.drawn.items())))
    if report.waiting:
        parts.append(f"{sum(report.waiting.values()):,} wait for their batch")
    if report.set_aside:
        parts.append(f"{report.set_aside:,} set aside (playbook status)")
    if report.unfinished:
        parts.append("not finished: --max-seconds; the next tick goes on")
    return ", ".join(parts)


# --- looking ahead --------------------------------------------------------------------------------------------------


def _dry_run(desk: Desk, at: int, weeks: int, form: str) -> int:
    """Run the tick and the weeks after it in a rehearsal of which nothing stays."""
    from engine.console.tables import csv_text, text_table
    from engine.runner.ahead import actions_ahead
    from engine.runner.tick import Ticking

    ticking = Ticking(desk.store, desk.world, desk.offers, at, trials=desk.trials)
    load: Counter[tuple[str, str]] = Counter()
    with desk.store.rehearsal():
        report = ticking.run()
        until = report.now + int(timedelta(weeks=weeks).total_seconds())
        for person, instant in actions_ahead(ticking, until):
            load[person, _week(desk, instant)] += 1
    columns = sorted({week for _, week in load})
    people = sorted({person for person, _ in load})
    rows = [{"person": one, **{week: load[one, week] for week in columns}} for one in people]
    if form == "json":
        click.echo(json.dumps({**_as_json(desk, report, []), "actions_per_week": rows}, ensure_ascii=False, indent=2))
    elif form == "csv":
        click.echo(csv_text(rows), nl=False)
    elif rows:
        click.echo(f"Actions per person and week, if nobody answers (week beginning):\n{text_table(rows)}")
    desk.say(f"dry run, nothing was changed: {summary(desk, report)}")
    entering = ", ".join(f"{number:,} into {playbook}" for playbook, number in report.enrolled.items() if number)
    if entering:
        desk.say(f"would be enrolled: {entering}")
    if not desk.store.counts().deals:
        desk.say("there are no deals yet: playbook import FILE.csv")
    return FINE


def _week(desk: Desk, instant: int) -> str:
    day = to_local(instant, zone(desk.zone)).date()
    return (day - timedelta(days=day.weekday())).isoformat()


COMMANDS = {"tick": tick}
