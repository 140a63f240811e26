"""`playbook report`: what the losses teach, as text, JSON, CSV or a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import FINE, Desk, Refused
from engine.console.options import looking_at, now_option, refuse_unknown, who
from engine.console.output import FORMATS, day, form_of, give, table_for_csv_only
from engine.console.tables import as_json, csv_text, terminal_width
from engine.reports.catalogue import REPORTS, Entry
from engine.runner.lookup import nearest

if TYPE_CHECKING:
    from engine.reports.model import Report, Table
    from engine.reports.scope import Scope

_LISTED = {"text": 20, "html": 20, "json": 10_000, "csv": 10_000}  # deals that a list names, unless --limit says
_DAYS = 14


@click.command("report", epilog="Examples: playbook report untouched --days 30    playbook report time --format html")
@click.argument("name", default="")
@click.option("--team", default="", help="Only deals of this team.")
@click.option("--owner", default="", help="Only deals of this owner.")
@click.option("--since", help="Only deals lost (or won) on this day or later: 2026-01-01.")
@click.option("--until", help="Only deals lost (or won) on this day or earlier: 2026-03-31.")
@click.option("--playbook", default="", help="Only what this playbook did.")
@click.option("--questionnaire", default="", help="answers: only those to this questionnaire.")
@click.option("--days", type=click.IntRange(min=0), help=f"untouched: for how many days (default: {_DAYS}).")
@click.option("--limit", type=click.IntRange(min=1), help="How many deals a list names (default: 20 in text and html).")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="How to show it (default: as --output ends, else text)."
)
@click.option("--table", help="csv: which table (default: the first).")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file.")
@now_option
@click.pass_obj
def make_report(
    desk: Desk, name: str, team: str, owner: str, since: str | None, until: str | None, playbook: str,
    questionnaire: str, days: int | None, limit: int | None, form: str | None, table: str | None,
    output: Path | None, now: str | None,
) -> int:  # fmt: skip
    """What the losses teach; without a NAME, the list of reports."""
    form = form or form_of(output)
    if not name:
        give(desk, _catalogue(form), output)
        return FINE
    entry = _entry(name)
    owner = who(desk, owner) or ""
    _check_options(name, entry, playbook, days, form, table)
    _check_questionnaire(desk, name, entry, questionnaire)
    from engine.reports.scope import Scope

    scope = Scope(
        world=desk.world, now=looking_at(desk, now), team=team, owner=owner, playbook=playbook,
        questionnaire=questionnaire, since=day(since, "--since"), until=day(until, "--until"),
        days=_DAYS if days is None else days, limit=limit or _LISTED[form],
    )  # fmt: skip
    if scope.since and scope.until and scope.since > scope.until:
        raise Refused(f"--since {since} is later than --until {until}", "swap them")
    report = entry.make(desk.store, scope)
    _refuse_mistyped(desk, report, scope)
    give(desk, _rendered(desk, report, scope, form, table), output)
    return FINE


def _catalogue(form: str) -> str:
    if form == "html":
        raise Refused("a page shows one report: which?", f"one of {', '.join(REPORTS)}")
    listed = [{"report": name, "tells": entry.tells} for name, entry in REPORTS.items()]
    if form == "json":
        return as_json(listed)
    if form == "csv":
        return csv_text(listed).removesuffix("\n")
    wide = max(map(len, REPORTS))
    lines = [f"{name:<{wide}}  {entry.tells}" for name, entry in REPORTS.items()]
    return "\n".join([*lines, "", "playbook report NAME shows one; --help lists the filters and formats."])


def _entry(name: str) -> Entry:
    if name not in REPORTS:
        raise Refused(f"there is no report {name!r}", nearest(name.lower(), REPORTS) or f"one of {', '.join(REPORTS)}")
    return REPORTS[name]


def _check_options(name: str, entry: Entry, playbook: str, days: int | None, form: str, table: str | None) -> None:
    """An option that a report would ignore is a misunderstanding."""
    if playbook and not entry.playbook:
        fitting = ", ".join(other for other, one in REPORTS.items() if one.playbook)
        raise Refused(f"{name} does not ask which playbook", f"--playbook goes with {fitting}")
    if days is not None and not entry.days:
        raise Refused(f"{name} has no --days", "it goes with untouched; for days of the loss take --since and --until")
    table_for_csv_only(table, form)


def _check_questionnaire(desk: Desk, name: str, entry: Entry, questionnaire: str) -> None:
    if not questionnaire:
        return
    if not entry.questionnaire:
        fitting = ", ".join(other for other, one in REPORTS.items() if one.questionnaire)
        raise Refused(f"{name} does not ask which questionnaire", f"--questionnaire goes with {fitting}")
    known = desk.world.vocabulary.questionnaires
    if questionnaire not in known:
        hint = nearest(questionnaire.lower(), known) or f"one of {', '.join(sorted(known))}"
        raise Refused(f"there is no questionnaire {questionnaire!r}", hint)


def _refuse_mistyped(desk: Desk, report: Report, scope: Scope) -> None:
    """Where nothing fits: is a name mistyped?"""
    from engine.reports.wording import NONE_IN_SCOPE

    if report.tables:
        return
    if report.verdict == NONE_IN_SCOPE:
        refuse_unknown(desk, scope.team or None, scope.owner or None)
    known = desk.workspace.contents
    if scope.playbook and scope.playbook not in known:
        hint = nearest(scope.playbook.lower(), known) or f"one of {', '.join(sorted(known))}"
        raise Refused(f"there is no playbook {scope.playbook!r}", hint)


def _rendered(desk: Desk, report: Report, scope: Scope, form: str, table: str | None) -> str:
    if form == "json":
        from engine.console.report_files import report_json

        return report_json(report, _scope_record(desk, scope))
    if form == "html":
        from engine.console.report_page import report_page

        return report_page(report, _about(scope), f"Counted for {desk.local(scope.now)} ({scope.world.zone}).")
    if form == "csv":
        return _csv(desk, report, table)
    from engine.console.report_text import report_text

    return report_text(report, _about(scope), terminal_width())


def _csv(desk: Desk, report: Report, name: str | None) -> str:
    """The table asked for, else the first; which others there are is said beside it."""
    from engine.console.report_files import report_csv

    if not report.tables:
        desk.say(report.verdict)
        return ""
    chosen = _chosen(report, name)
    others = [table.name for table in report.tables if table is not chosen]
    if not name and others:
        desk.say(f"this is the table {chosen.name}; --table has also {', '.join(others)}")
    if chosen.left_off:
        desk.say(f"… and {chosen.left_off:,} more (--limit)")
    return report_csv(chosen)


def _chosen(report: Report, name: str | None) -> Table:
    if name is None:
        return report.tables[0]
    found = next((table for table in report.tables if table.name == name), None)
    if found is None:
        names = ", ".join(table.name for table in report.tables)
        raise Refused(f"{report.name} has no table {name!r}", f"now it has {names}")
    return found


def _about(scope: Scope) -> list[str]:
    """The filters in words."""
    told = [f"{word} {found}" for word, found in (("team", scope.team), ("owner", scope.owner)) if found]
    told += [f"playbook {scope.playbook}"] if scope.playbook else []
    told += [f"questionnaire {scope.questionnaire}"] if scope.questionnaire else []
    told += [f"closed {word} {found}" for word, found in (("since", scope.since), ("until", scope.until)) if found]
    return told


def _scope_record(desk: Desk, scope: Scope) -> dict[str, Any]:
    return {
        "as_of": desk.local(scope.now, "%Y-%m-%dT%H:%M"), "zone": scope.world.zone, "team": scope.team or None,
        "owner": scope.owner or None, "playbook": scope.playbook or None,
        "questionnaire": scope.questionnaire or None, "days": scope.days,
        "since": str(scope.since) if scope.since else None, "until": str(scope.until) if scope.until else None,
    }  # fmt: skip


COMMANDS = {"report": make_report}
