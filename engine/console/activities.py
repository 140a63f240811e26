"""`playbook import --activities`: what passed with customers goes into the database, all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.console.import_report import SHOWN, finding_lines, rejected_lines
from engine.console.importing import TakenBack, counting
from engine.console.mappings import choose_activity_mapping, refused
from engine.console.reading import Rejects, batches, digest, open_side
from engine.console.tables import clean
from engine.crm.errors import RefusalError
from engine.crm.findings import Summary
from engine.runner.activities import ActivityImporting, ActivityOutcome, ReadActivities

if TYPE_CHECKING:
    from engine.crm.mapping import Mapping
    from engine.crm.read import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivitiesWanted:
    """What the command line asked for."""

    file: Path
    mapping: Path | None
    preset: str | None
    source: str | None
    strict: bool
    dry_run: bool
    rejects: Path
    as_json: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldActivities:
    """Everything that the report draws on. `kept`: the import was committed."""

    outcome: ActivityOutcome
    summary: Summary
    rejects: Rejects
    source: str
    kept: bool
    dry_run: bool


def import_activities(desk: Desk, wanted: ActivitiesWanted) -> int:
    """Read, record and report; returns the exit code."""
    chosen = choose_activity_mapping(desk, wanted.file, wanted.mapping, wanted.preset)
    try:
        told = _import(desk, wanted, chosen.mapping)
    except RefusalError as error:
        raise refused(error, chosen.file, chosen.mapping.preset, "activities") from None
    except OSError as error:
        raise Refused(f"{error.filename or wanted.file} cannot be read: {error.strerror}") from None
    if wanted.as_json:
        click.echo(json.dumps(as_json(told), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(clean(line) for line in lines(told)))
    return PROBLEMS if told.outcome.rejected else FINE


def _import(desk: Desk, wanted: ActivitiesWanted, mapping: Mapping) -> ToldActivities:
    source, kept = wanted.source or mapping.name, False
    importing = ActivityImporting(desk.store, desk.world, desk.instant_now(dry_run=wanted.dry_run), source=source)
    reading = open_side(wanted.file, mapping, "activities", desk.world)
    with ExitStack() as files:
        rejects = files.enter_context(Rejects(wanted.rejects, written=not wanted.dry_run))
        try:
            with desk.store.transaction():
                importing.begin(wanted.file.name, digest(wanted.file))
                outcome = _take_all(importing, reading, rejects)
                if wanted.dry_run or (wanted.strict and outcome.rejected):
                    raise TakenBack
            kept = True
        except TakenBack:
            pass
    return ToldActivities(
        outcome=outcome, summary=reading.summary, rejects=rejects, source=source, kept=kept, dry_run=wanted.dry_run
    )


def _take_all(importing: ActivityImporting, reading: Reading, rejects: Rejects) -> ActivityOutcome:
    for rows, _ in counting(batches(reading, rejects)):
        if len(rows):
            importing.take(rows)
    summary = reading.summary
    return importing.finish(
        ReadActivities(
            rows=summary.rows - summary.left_out, repeated=summary.duplicates, rejected=summary.rejected,
            findings=[asdict(finding) for finding in summary.findings],
        )
    )  # fmt: skip


# --- the report -----------------------------------------------------------------------------------------------------


def as_json(told: ToldActivities) -> dict[str, Any]:
    """The whole report as plain data; counts are rows."""
    outcome, summary = told.outcome, told.summary
    counts = {name: count for name, count in asdict(outcome.counts).items() if name != "minutes"}
    return {
        "file": summary.file, "source": told.source, "kept": told.kept, "dry_run": told.dry_run,
        "encoding": summary.dialect.encoding, "delimiter": summary.dialect.delimiter, "rows": outcome.rows,
        "recorded": outcome.counts.recorded, **counts, "rejected": outcome.rejected, "left_out": summary.left_out,
        "minutes": outcome.counts.minutes,
        "unknown": [
            {"what": what, "name": name, "rows": rows, "did_you_mean": meant}
            for what, name, rows, meant in outcome.unknown
        ],
        "findings": list(outcome.findings), "unmapped_columns": list(summary.unmapped),
        "rejects": str(told.rejects.path) if told.rejects.count and told.rejects.written else None,
        "date_formats": dict(summary.settled),
        "matched": [{"field": target, "name": name, "person": person}
                    for target, names in summary.matched.items() for name, person in names.items()],
    }  # fmt: skip


def lines(told: ToldActivities) -> Iterator[str]:
    """The report for people."""
    yield from _counts(told)
    for heading, form in told.summary.settled:
        yield f"dates in “{heading}” are read as {form}: the only order that fits all of them"
    yield from _unknown(told.outcome)
    yield from finding_lines(told.outcome.findings)
    if told.summary.unmapped:
        yield f"columns that were not read: {', '.join(told.summary.unmapped[:10])}"
    yield from rejected_lines(told.rejects)
    yield from _next(told)


def _counts(told: ToldActivities) -> Iterator[str]:
    outcome, counts = told.outcome, told.outcome.counts
    yield f"{told.summary.file} ({told.summary.dialect}), source {told.source}"
    yield (
        f"{outcome.rows:,} rows = {counts.recorded:,} recorded + {counts.unchanged:,} known already"
        f" + {counts.passed_over:,} passed over + {outcome.rejected:,} rejected"
    )
    details = (
        (counts.inbound, f"inbound: {counts.history:,} of them from before the loss or the follow-up, history only"),
        (counts.outbound, f"outbound: {counts.touches:,} new touches, {counts.known_touches:,} of actions in hand"),
        (counts.minutes, "minutes of logged effort"),
        (told.summary.left_out, "rows left out by keep"),
    )  # fmt: skip
    yield from (f"  {count:,} {what}" for count, what in details if count)


def _unknown(outcome: ActivityOutcome) -> Iterator[str]:
    for what, name, rows, meant in outcome.unknown[:SHOWN]:
        hint = f"; did you mean {meant}?" if meant else ""
        yield f"no {what} {name} is here ({rows:,} rows){hint}"
    if len(outcome.unknown) > SHOWN:
        yield f"  … and {len(outcome.unknown) - SHOWN:,} more names"


def _next(told: ToldActivities) -> Iterator[str]:
    if told.dry_run:
        yield "dry run, nothing was changed"
    elif not told.kept:
        yield "nothing was changed: --strict takes all rows or none"
    elif told.outcome.counts.recorded:
        yield "the next tick takes account of it"
