"""`playbook import`: what the CRM exported goes into the database, all of it or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.core.durations import Instant

FileName = click.Path(path_type=Path)


class _TakenBack(Exception):  # noqa: N818 - no error: how a dry run takes everything back
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
@click.argument("file", type=FileName)
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
def import_deals(desk: Desk, file: Path, mapping: Path | None, preset: str | None, accounts: Path | None,
                 contacts: Path | None, source: str | None, strict: bool, dry_run: bool, partial: bool,
                 rejects: Path | None, now: str | None, form: str) -> int:  # fmt: skip
    """Take in a CRM export: deals with their accounts and contacts.

    The same file twice changes nothing. Rows that cannot be read go into a file of their own and the exit code is 1.
    """
    from engine.console.mappings import choose_mapping

    desk.now_text = now
    chosen = choose_mapping(desk, file, mapping, preset)
    wanted = Wanted(
        file=file, accounts=accounts, contacts=contacts, source=source, strict=strict, dry_run=dry_run,
        partial=partial, rejects=rejects or file.with_name(f"{file.stem}.rejects.csv"),
    )  # fmt: skip
    told = _import(desk, wanted, chosen)
    from engine.console.import_report import as_json, as_text

    if form == "json":
        click.echo(json.dumps(as_json(told), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(told))
    return PROBLEMS if told.outcome.rejected or not told.summary.lost else FINE


def _import(desk: Desk, wanted: Wanted, chosen: Any) -> Any:
    """The report of the import, which is then committed or, in a dry run or under --strict, taken back."""
    from engine.console.import_report import Told
    from engine.console.mappings import refused
    from engine.console.reading import Rejects, digest
    from engine.crm.errors import RefusalError

    now = desk.clock(dry_run=wanted.dry_run)
    kept = False
    try:
        with Rejects(wanted.rejects) as rejects:
            reading = _open(desk, wanted, chosen, now)
            importing = _importing(desk, wanted, chosen, reading, now)
            with desk.store.transaction():
                importing.begin(wanted.file.name, digest(wanted.file))
                outcome = _take_all(desk, wanted, chosen, importing, reading, rejects)
                if wanted.dry_run or (wanted.strict and outcome.rejected):
                    raise _TakenBack
            kept = True
    except _TakenBack:
        pass
    except RefusalError as error:
        raise refused(error, chosen.source) from None
    except OSError as error:
        raise Refused(f"{error.filename or wanted.file} cannot be read: {error.strerror}") from None
    return Told(
        outcome=outcome, summary=reading.summary, rejects=rejects, source=importing.source,
        roster=desk.world.roster, kept=kept, dry_run=wanted.dry_run,
    )  # fmt: skip


def _open(desk: Desk, wanted: Wanted, chosen: Any, now: Instant) -> Any:
    """The export; its side files stand beside the mapping, or beside the export."""
    from engine.console.reading import open_export

    joins = chosen.mapping.joins
    beside_mapping = chosen.folder is not None and all((chosen.folder / join.file).exists() for join in joins)
    folder = chosen.folder if joins and beside_mapping else wanted.file.parent
    return open_export(wanted.file, chosen.mapping, folder, desk.world, desk.local(now, "%Y-%m-%d"))


def _importing(desk: Desk, wanted: Wanted, chosen: Any, reading: Any, now: Instant) -> Any:
    from engine.console.reading import columns_of, newest_modified
    from engine.runner.importing import Importing

    return Importing(
        desk.store, desk.world, now, columns_of(reading, chosen.mapping), source=wanted.source or chosen.mapping.name,
        newest=lambda: newest_modified(_open(desk, wanted, chosen, now)),
    )  # fmt: skip


def _take_all(desk: Desk, wanted: Wanted, chosen: Any, importing: Any, reading: Any, rejects: Any) -> Any:
    from engine.console.reading import batches
    from engine.runner.importing import Read

    for records, refused_ids in _counting(batches(reading, rejects)):
        importing.take(records, refused_ids)
    summary = reading.summary
    return importing.finish(
        Read(
            rows=summary.rows - summary.left_out, repeated=summary.duplicates, rejected=summary.rejected,
            findings=[asdict(finding) for finding in summary.findings],
        ),
        partial=wanted.partial,
    )  # fmt: skip


def _counting(batches: Iterator[tuple[list[Any], list[str]]]) -> Iterator[tuple[list[Any], list[str]]]:
    """Counts rows on a terminal, where the import takes more than a moment."""
    if not sys.stderr.isatty():
        yield from batches
        return
    begun, rows, shown = time.monotonic(), 0, False
    for records, refused_ids in batches:
        yield records, refused_ids
        rows += len(records) + len(refused_ids)
        if shown or time.monotonic() - begun > 1:
            shown = True
            click.echo(f"\r{rows:,} rows", nl=False, err=True)
    if shown:
        click.echo(err=True)


COMMANDS = {"import": import_deals}
