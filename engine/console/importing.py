"""`playbook import`: what the CRM exported goes into the database, all of it or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.collector import without_collector
from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.core.durations import Instant

if TYPE_CHECKING:  # loaded where they are used: --help needs none of them
    from engine.console.import_report import Told, ToldSide
    from engine.console.mappings import Chosen
    from engine.console.reading import Rejects
    from engine.crm.mapping import Kind
    from engine.crm.read import Reading
    from engine.crm.records import Rows
    from engine.runner.importing import Importing, ImportResult

FileName = click.Path(path_type=Path)


class TakenBack(Exception):
    """Raised at the end of an import that is not to be kept, so that its transaction rolls back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the command line asked for."""

    file: Path
    accounts: Path | None
    contacts: Path | None
    source: str | None
    strict: bool
    dry_run: bool
    partial: bool
    rejects: Path


@click.command("import", epilog="Example: playbook import pipeline.csv --mapping mapping.yaml --dry-run")
@click.argument("file", type=FileName, required=False)
@click.option("--activities", type=FileName, help="A file of activities: calls, e-mails, meetings. It stands alone.")
@click.option("--mapping", type=FileName, help="Which column is which field. Default: [import] mapping.")
@click.option("--preset", help="A mapping that comes with the program, such as salesforce-report.")
@click.option("--accounts", type=FileName, help="A file of accounts, read by the mapping's section accounts.")
@click.option("--contacts", type=FileName, help="A file of contacts, read by the mapping's section contacts.")
@click.option("--source", help="Which CRM or report this is; default: the mapping's name.")
@click.option("--strict", is_flag=True, help="All rows or none: one rejected row, and nothing is changed.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would happen; change nothing.")
@click.option("--partial", is_flag=True, help="The file is only a part: what is missing in it has not vanished.")
@click.option("--rejects", type=FileName, help="Where rejected rows go; default: FILE.rejects.csv.")
@click.option("--now", "now", help="The time of a sandbox, or of a dry run: 2026-03-02T10:00.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def import_deals(desk: Desk, file: Path | None, activities: Path | None, mapping: Path | None, preset: str | None,
                 accounts: Path | None, contacts: Path | None, source: str | None, strict: bool, dry_run: bool,
                 partial: bool, rejects: Path | None, now: str | None, form: str) -> int:  # fmt: skip
    """Take in a CRM export: deals with their accounts and contacts; or, with --activities, what passed with them.

    The same file twice changes nothing. Rows that cannot be read go into a file of their own. The exit code is 1 where
    rows were rejected, no deal is lost, or a status that sounds lost or won is not in the mapping.
    """
    from engine.console.mappings import choose_mapping

    desk.now_text = now
    _say_problems(desk)
    if activities is not None:
        from engine.console.activities import ActivitiesWanted, import_activities

        if file or accounts or contacts:
            raise Refused("--activities stands alone", "import the deals first, then their activities")
        _refuse_folders(activities)
        return import_activities(desk, ActivitiesWanted(
            file=activities, mapping=mapping, preset=preset, source=source, strict=strict, dry_run=dry_run,
            rejects=rejects or _rejects_of(activities), as_json=form == "json",
        ))  # fmt: skip
    if file is None:
        raise Refused("which file?", "playbook import FILE.csv, or playbook import --activities FILE.csv")
    _refuse_folders(file, accounts, contacts)
    chosen = choose_mapping(desk, file, mapping, preset)
    wanted = Wanted(
        file=file, accounts=accounts, contacts=contacts, source=source, strict=strict, dry_run=dry_run,
        partial=partial, rejects=rejects or _rejects_of(file),
    )  # fmt: skip
    told = _import(desk, wanted, chosen)
    from engine.console.import_report import as_json, as_text

    if form == "json":
        click.echo(json.dumps(as_json(told), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(told))
    return PROBLEMS if told.rejected or told.closed_words or not told.summary.lost else FINE


def _say_problems(desk: Desk) -> None:
    """What is wrong with the files that an import goes by; with the playbooks it has nothing to do."""
    for problem in desk.problems():
        if problem.level == "error" and problem.location.file.endswith(("fields.yaml", "roster.yaml", "playbook.toml")):
            desk.say(f"{problem.location}: {problem.message}")


def _refuse_folders(*paths: Path | None) -> None:
    for path in paths:
        if path is not None and path.is_dir():
            raise Refused(f"{path} is a folder", "name the CSV file that the CRM exported, such as pipeline.csv")


def _rejects_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.rejects.csv")


def _import(desk: Desk, wanted: Wanted, chosen: Chosen) -> Told:
    """The report of the import, which is then committed or, in a dry run or under --strict, taken back."""
    from engine.console.import_report import Told
    from engine.console.mappings import refused
    from engine.crm.errors import RefusalError

    now = desk.instant_now(dry_run=wanted.dry_run)
    # rows point at nothing in a circle, and looking for circles takes a third of the time of reading them
    with ExitStack() as files, without_collector():
        try:
            work = _prepare(desk, wanted, chosen, now, files)
            kept, outcome, told_sides = _commit(desk, wanted, work, chosen)
        except RefusalError as error:
            raise refused(error, chosen.file, chosen.mapping.preset) from None
        except OSError as error:
            raise Refused(f"{error.filename or wanted.file} cannot be read: {error.strerror}") from None
    return Told(
        outcome=outcome, summary=work.reading.summary, rejects=work.rejects, source=work.importing.source,
        sides=told_sides, roster=desk.world.roster, kept=kept, dry_run=wanted.dry_run,
        roles=work.roles, words_of=chosen.mapping.deals.status, preset="" if chosen.file else chosen.mapping.preset,
    )  # fmt: skip


@dataclass(slots=True)
class _Work:
    """Everything opened, before the first row is read: what is wrong with a file shows before anything is written."""

    now: Instant
    reading: Reading
    rejects: Rejects
    importing: Importing
    sides: list[tuple[Kind, Reading, Rejects]]  # (kind, reading, its rejected rows)
    roles: tuple[str, ...]  # of contacts, which playbooks look for and this import has to bring


def _prepare(desk: Desk, wanted: Wanted, chosen: Chosen, now: Instant, files: ExitStack) -> _Work:
    from engine.console.reading import Rejects, open_side

    reading = _open(desk, wanted, chosen, now)
    sides: list[tuple[Kind, Reading, Rejects]] = []
    named: dict[Kind, Path | None] = {"accounts": wanted.accounts, "contacts": wanted.contacts}
    for kind, path in named.items():
        if path is not None:
            side = open_side(path, chosen.mapping, kind, desk.world)
            own = Rejects(_rejects_of(path), written=not wanted.dry_run)
            sides.append((kind, side, files.enter_context(own)))
    rejects = files.enter_context(Rejects(wanted.rejects, written=not wanted.dry_run))
    told_later = any("contact.role" in side.targets for kind, side, _ in sides if kind == "contacts")
    roles = () if told_later else _roles(desk)
    return _Work(
        now=now, reading=reading, rejects=rejects, sides=sides, roles=roles,
        importing=_importing(desk, wanted, chosen, reading, now, roles),
    )  # fmt: skip


def _roles(desk: Desk) -> tuple[str, ...]:
    """The roles of contacts that playbooks look for, the most frequent first."""
    named = (action.contact for each in desk.workspace.playbooks.values() for action in each.actions())
    return tuple(role for role, _ in Counter(role for role in named if role).most_common())


def _commit(desk: Desk, wanted: Wanted, work: _Work, chosen: Chosen) -> tuple[bool, ImportResult, list[ToldSide]]:
    """All of it in one transaction; (False, …) where it was taken back."""
    from engine.console.mappings import CHECKED
    from engine.console.reading import digest

    kept = False
    try:
        with desk.store.transaction():
            if chosen.checked:
                desk.store.put_meta(CHECKED, chosen.checked)
            work.importing.begin(wanted.file.name, digest(wanted.file))
            outcome = _take_all(wanted, work)
            sides = [_take_side(desk, work, *side) for side in work.sides]
            if wanted.dry_run or (wanted.strict and (outcome.rejected or any(side.rejected for side in sides))):
                raise TakenBack
        kept = True
    except TakenBack:
        pass
    return kept, outcome, sides


def _open(desk: Desk, wanted: Wanted, chosen: Chosen, now: Instant) -> Reading:
    """The export; its side files stand beside the mapping, or beside the export."""
    from engine.console.reading import open_export

    joins, folder = chosen.mapping.joins, wanted.file.parent
    if chosen.file is not None and joins and all((chosen.file.parent / join.file).exists() for join in joins):
        folder = chosen.file.parent
    return open_export(wanted.file, chosen.mapping, folder, desk.world, desk.local(now, "%Y-%m-%d"))


def _importing(
    desk: Desk, wanted: Wanted, chosen: Chosen, reading: Reading, now: Instant, roles: tuple[str, ...]
) -> Importing:
    from engine.console.reading import columns_of, newest_modified
    from engine.runner.importing import Importing

    return Importing(
        desk.store, desk.world, now, columns_of(reading), source=wanted.source or chosen.mapping.name,
        newest=lambda: newest_modified(_open(desk, wanted, chosen, now)), roles=roles,
    )  # fmt: skip


def _take_all(wanted: Wanted, work: _Work) -> ImportResult:
    from engine.console.reading import batches
    from engine.runner.importing import Read

    for rows, refused_ids in counting(batches(work.reading, work.rejects)):
        work.importing.take(rows, refused_ids)
    summary = work.reading.summary
    return work.importing.finish(
        Read(
            rows=summary.rows - summary.left_out, repeated=summary.duplicates, rejected=summary.rejected,
            findings=[asdict(finding) for finding in summary.findings],
        ),
        partial=wanted.partial,
    )  # fmt: skip


def _take_side(desk: Desk, work: _Work, kind: Kind, reading: Reading, rejects: Rejects) -> ToldSide:
    from engine.console.import_report import ToldSide
    from engine.console.reading import batches, columns_of
    from engine.runner.noticing import Notices
    from engine.runner.sides import SideImporting

    notices = Notices()
    side = SideImporting(
        desk.store, desk.world, work.now, columns_of(reading), import_id=work.importing.import_id, notices=notices,
        source=work.importing.source,
    )  # fmt: skip
    take = side.take_accounts if kind == "accounts" else side.take_contacts
    for rows, _ in counting(batches(reading, rejects)):
        take(rows.records())
    findings = [*(asdict(finding) for finding in reading.summary.findings), *notices.listed()]
    return ToldSide(kind=kind, summary=reading.summary, counts=side.counts, rejects=rejects, findings=findings)


def counting(batches: Iterator[tuple[Rows, list[str]]]) -> Iterator[tuple[Rows, list[str]]]:
    """Counts rows on a terminal, where the import takes more than a moment."""
    if not sys.stderr.isatty():
        yield from batches
        return
    begun, count, shown = time.monotonic(), 0, False
    for rows, refused_ids in batches:
        yield rows, refused_ids
        count += len(rows) + len(refused_ids)
        if shown or time.monotonic() - begun > 1:
            shown = True
            click.echo(f"\r{count:,} rows", nl=False, err=True)
    if shown:
        click.echo(err=True)


COMMANDS = {"import": import_deals}
