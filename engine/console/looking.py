"""What people look at: what is due, deals and what follows them, one deal's story, how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.console.options import format_option, looking_at, now_option, refuse_unknown, refusing, who
from engine.console.sheets import (
    COLUMNS,
    call_sheet,
    points_in_words,
    record_of,
    sheet_record,
    zone_of,
)
from engine.console.standing import standing_record, standing_text
from engine.console.stories import story_record, story_text
from engine.console.tables import Column, as_csv, as_json, clean, listing, terminal_width
from engine.core.dates import parse_date_fact
from engine.core.durations import Instant, TimeError
from engine.core.rendering import shown
from engine.core.values import text_of
from engine.runner.answering import asked_of
from engine.runner.listing import (
    DUE_COLUMNS,
    RANK_COLUMNS,
    DueAction,
    DueList,
    ListedDeal,
    Wanted,
    deals,
    due,
    status,
)
from engine.runner.lookup import Lookup
from engine.runner.ranking import ranking
from engine.runner.said_dates import as_written
from engine.runner.story import sheet_of, story_of
from engine.store.base import DealFilter

_STATUSES = ("open", "won", "lost", "deleted")


def _lookup(desk: Desk, now: Instant) -> Lookup:
    return Lookup(store=desk.store, world=desk.world, shelf=desk.shelf, now=now)


# --- due ------------------------------------------------------------------------------------------------------------


@click.command("due", epilog="Examples: playbook due --assignee kim    playbook due 3f9a    playbook due --sheet")
@click.argument("action", default="")
@click.option("--assignee", help="Only what this person has to do.")
@click.option("--owner", help="Only deals of this owner.")
@click.option("--team", help="Only deals of this team.")
@click.option("--deal", help="Only this deal.")
@click.option("--overdue", is_flag=True, help="Only what is past its deadline.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--sheet", is_flag=True, help="The full call sheets: purpose, text, do, avoid, questions, outcomes.")
@click.option("--explain", is_flag=True, help="Under each line the points that put it there.")
@now_option
@format_option
@click.pass_obj
def list_due(
    desk: Desk, action: str, assignee: str | None, owner: str | None, team: str | None, deal: str | None,
    overdue: bool, limit: int | None, sheet: bool, explain: bool, now: str | None, form: str,
) -> int:  # fmt: skip
    """What is to be done now, by person; with the ACTION's id, its full call sheet.

    Each list begins with what is worth most, where `due_list` in library/scores.yaml names a score; else with the
    highest priority, then with what has to be done first.
    """
    at = looking_at(desk, now)
    assignee, owner = who(desk, assignee), who(desk, owner)
    ranked = ranking(desk.world, at)
    if explain and ranked is None:
        raise Refused("no score orders the due list", "name one with `due_list: NAME` in library/scores.yaml")
    with refusing():
        chosen = _lookup(desk, at).deal(deal).deal.id if deal else None
        row = _lookup(desk, at).action(action) if action else None
    if row is not None and row.status != "due":
        raise Refused(f"{row.name} is not open: {row.outcome or row.status}", f"playbook show {row.deal} tells more")
    members = desk.world.roster.members(team)
    wanted = Wanted(assignee=assignee, owner=owner, team=team, members=members, deal=row.deal if row else chosen,
                    overdue=overdue, limit=None if row else limit)  # fmt: skip
    found = due(desk.store, at, wanted, ranked)
    if not found.actions and not found.answered:
        refuse_unknown(desk, team, assignee, owner)
    if row is not None:
        found = DueList(actions=[one for one in found.actions if one.row.id == row.id], answered=0, left_off=0)
        if not found.actions:
            raise Refused(f"{row.name} is answered already; the next tick handles it", f"playbook show {row.deal}")
    if (sheet or row is not None) and form != "csv":
        _print_sheets(desk, found, at, form)
    elif form == "text":
        _print_by_person(desk, found, explain=explain)
    else:
        fields = DUE_COLUMNS if ranked is None else (*DUE_COLUMNS, *RANK_COLUMNS)
        click.echo(listing([record_of(desk, one) for one in found.actions], COLUMNS, fields, form))
    _say_what_is_left(desk, found)
    return FINE


def _say_what_is_left(desk: Desk, found: DueList) -> None:
    if not found.actions:
        coming = desk.store.next_due()
        desk.say("nothing is due" + (f"; next: {desk.local(coming)}" if coming is not None else ""))
    if found.answered:
        desk.say(f"{found.answered} answered already; the next tick handles them")
    if found.left_off:
        desk.say(f"… and {found.left_off:,} more (--limit)")


def _print_sheets(desk: Desk, found: DueList, at: Instant, form: str) -> None:
    lookup = _lookup(desk, at)
    sheets = [
        (one, sheet_of(desk.store, desk.world, desk.shelf, one.row, at), asked_of(lookup, one.row))
        for one in found.actions
    ]
    if form == "json":
        click.echo(as_json([sheet_record(desk, one, sheet, asked) for one, sheet, asked in sheets]))
    elif sheets:
        click.echo("\n\n".join(call_sheet(desk, one, sheet, terminal_width(), asked) for one, sheet, asked in sheets))


def _print_by_person(desk: Desk, found: DueList, *, explain: bool) -> None:
    by_person: dict[str, list[DueAction]] = {}
    for one in found.actions:
        by_person.setdefault(one.row.assignee, []).append(one)
    for number, (assignee, actions) in enumerate(by_person.items()):
        person = desk.world.roster.people.get(assignee)
        name = f"{person.name} ({assignee})" if person and person.name else assignee or "nobody"
        number_due, overdue = found.people[assignee]
        shown_of = f"{len(actions):,} of " if len(actions) < number_due else ""
        late = f", {overdue:,} overdue" if overdue else ""
        where = zone_of(desk, assignee)
        records = [record_of(desk, one) for one in actions]
        timed = where != desk.world.zone and any(":" in record["when"] for record in records)
        head = f"{name}: {shown_of}{number_due:,} due{late}{f' (times in {where})' if timed else ''}"
        head = click.style(clean(head), bold=True) if desk.colour else clean(head)
        click.echo(("\n" if number else "") + head)
        table = listing(records, COLUMNS, DUE_COLUMNS, "text")
        click.echo(_explained(table, actions) if explain else table)


def _explained(table: str, actions: Sequence[DueAction]) -> str:
    """The table with the points of each action under its line."""
    heading, *lines = table.split("\n")
    told = [heading]
    for line, one in zip(lines, actions, strict=True):
        told += [line, *(f"      {reason}" for reason in points_in_words(one) or ["no points"])]
    return "\n".join(told)


# --- deals ----------------------------------------------------------------------------------------------------------

_DEAL_FIELDS = (
    "id", "name", "status", "account", "account_name", "owner", "team", "amount", "lost_at", "followed", "follows",
    "excused", "examine_at",
)  # fmt: skip
_DEAL_COLUMNS = (
    Column(title="id", show=lambda record: record["id"]),
    Column(title="name", show=lambda record: record["name"], shrinks=True),
    Column(title="status", show=lambda record: record["status"]),
    Column(title="account", show=lambda record: record["account"]),
    Column(title="", show=lambda record: _unlike(record["account_name"], record["account"]), shrinks=True),
    Column(title="owner", show=lambda record: record["owner"]),
    Column(title="team", show=lambda record: record["team"]),
    Column(title="amount", show=lambda record: record["amount"], right=True),
    Column(title="lost", show=lambda record: record["lost_at"][:10]),
    Column(title="what follows", show=lambda record: record["tells"], shrinks=True),
)


@click.command("deals", epilog="Example: playbook deals --not-followed --lost-since 2026-01-01")
@click.option("--status", type=click.Choice(_STATUSES), help="Only deals of this status.")
@click.option("--owner", help="Only deals of this owner.")
@click.option("--team", help="Only deals of this team.")
@click.option("--lost-since", help="Only deals lost on this date or later: 2026-01-01.")
@click.option("--not-followed", is_flag=True, help="Only losses that nothing follows and nobody excused.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="At most so many.")
@now_option
@format_option
@click.pass_obj
def list_deals(
    desk: Desk, status: str | None, owner: str | None, team: str | None, lost_since: str | None, not_followed: bool,
    limit: int, now: str | None, form: str,
) -> int:  # fmt: skip
    """Deals, and what follows each of them."""
    if lost_since:
        lost_since = _date(lost_since)
        status = status or "lost"
    owner = who(desk, owner)
    members = desk.world.roster.members(team)
    chosen = DealFilter(status=status, owner=owner, team=team, members=members, limit=limit + 1)
    at = looking_at(desk, now)
    found = list(deals(desk.store, at, chosen, lost_since=lost_since or "", not_followed=not_followed))
    if not found:
        refuse_unknown(desk, team, owner)
    records = [_deal_record(desk, one, at) for one in found[:limit]]
    if records or form != "text":
        click.echo(listing(records, _DEAL_COLUMNS, _DEAL_FIELDS, form))
    if not records:
        total = sum(desk.store.counts().deals.values())
        asked = "every loss is followed or excused" if not_followed and total else "no deal fits"
        desk.say(f"{asked} ({total:,} deals in all)" if total else "there are no deals: playbook import FILE.csv")
    if len(found) > limit:
        desk.say(f"… and more (--limit {limit})")
    return FINE


def _date(said: str) -> str:
    """As fields have it. Raises Refused."""
    written = as_written(said)
    try:
        parse_date_fact(written)
    except TimeError as error:
        raise Refused(error.message, error.hint) from None
    return written


def _unlike(name: str, identity: str) -> str:
    return "" if name == identity else name


def _deal_record(desk: Desk, one: ListedDeal, now: Instant) -> dict[str, Any]:
    deal, fields = one.row.deal, one.row.deal.fields
    return {
        "id": deal.id, "name": text_of(fields.get("name")), "status": deal.status, "account": deal.account,
        "account_name": one.row.account_name, "owner": text_of(fields.get("owner")),
        "team": desk.world.roster.team_of(fields), "amount": text_of(shown(fields.get("amount"))),
        "lost_at": text_of(fields.get("lost_at")),
        "followed": one.followed, "follows": [_follows(desk, one, at) for at in range(len(one.following))],
        "excused": deal.excused, "examine_at": desk.iso(one.row.examine_at or None), "tells": _tells(desk, one, now),
    }  # fmt: skip


def _follows(desk: Desk, one: ListedDeal, at: int) -> str:
    found = one.following[at]
    if found.end:
        return f"{found.playbook}: {found.end} ({desk.local(found.since, '%Y-%m-%d')})"
    states = ", ".join(position.state for position in found.positions if not position.finished)
    return f"{found.playbook}: {'paused in ' if found.paused else ''}{states}"


def _tells(desk: Desk, one: ListedDeal, now: Instant) -> str:
    """What follows now; else how it ended; else why nothing does."""
    told = [_follows(desk, one, at) for at, found in enumerate(one.following) if not found.end]
    if told:
        return "; ".join(told)
    if one.following:
        return _follows(desk, one, len(one.following) - 1)
    if one.row.deal.excused:
        return f"excused: {one.row.deal.excused}"
    if one.row.deal.status != "lost":
        return ""
    again = one.row.examine_at
    if again is None:
        return "NOTHING"
    when = "by the next tick" if again <= now else f"again on {desk.local(again, '%Y-%m-%d')}"
    return f"nothing yet; looked at {when}"


# --- one deal, and everything ---------------------------------------------------------------------------------------


@click.command("show", epilog="Example: playbook show D-1042")
@click.argument("deal")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(desk: Desk, deal: str, form: str) -> int:
    """A deal's whole story: facts, people, every step with its reason, what is open and what comes next."""
    at = looking_at(desk, None)
    with refusing():
        row = _lookup(desk, at).deal(deal)
    story = story_of(desk.store, desk.shelf, row, at)
    click.echo(as_json(story_record(desk, story)) if form == "json" else story_text(desk, story))
    return FINE


@click.command("status", epilog="Example: playbook status")
@now_option
@format_option
@click.pass_obj
def show_status(desk: Desk, now: str | None, form: str) -> int:
    """How things stand: deals, enrolments, who has what to do, what is set aside, whether ticks come often enough."""
    at = looking_at(desk, now)
    found = status(desk.store, at, desk.world.late_grace)
    problems = len(desk.problems())
    if form == "json":
        click.echo(as_json(standing_record(desk, found, problems)))
    elif form == "csv":
        rows = [[what, which, number] for what, which, number in _counted(found)]
        click.echo(as_csv(["what", "which", "number"], rows))
    else:
        click.echo(standing_text(desk, found, problems))
    broken = any(problem.level == "error" for problem in desk.problems())
    return PROBLEMS if found.set_aside or broken else FINE


def _counted(found: Any) -> list[tuple[str, str, int]]:
    counts = found.counts
    rows = [("deals", name, number) for name, number in counts.deals.items()]
    rows += [("lost, not followed", "", found.not_followed[0])]
    rows += [("in state", " ".join(key), number) for key, number in counts.states.items()]
    rows += [("ended", " ".join(key), number) for key, number in counts.ends.items()]
    for person, (number, overdue) in found.people.items():
        rows += [("due", person, number), ("overdue", person, overdue)]
    rows += [("pending events", "", counts.pending_events), ("late events", "", counts.late_events)]
    return [*rows, ("set aside", "", sum(one.waits for one in found.set_aside))]


COMMANDS = {"due": list_due, "deals": list_deals, "show": show, "status": show_status}
