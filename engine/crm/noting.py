"""What is worth a look in deals that were accepted."""

from __future__ import annotations

from engine.crm.convert import Values
from engine.crm.findings import Tally
from engine.crm.records import Rows


def note_findings(rows: Rows, today: str | None, tally: Tally) -> None:
    """`today` is YYYY-MM-DD, or None: then nothing is in the future."""
    _note_losses(rows, today, tally)
    if "won_at" in rows.deal:
        for line, status, won in zip(rows.lines, rows.column("status"), rows.column("won_at"), strict=True):
            if status == "won" and won is None:
                tally.note("won-date-missing", line)
    if "lost_reason" in rows.deal:
        for line, status, reason in zip(rows.lines, rows.column("status"), rows.column("lost_reason"), strict=True):
            if status == "won" and reason is not None:
                tally.note("reason-on-won", line, "lost_reason", str(reason))
    for name in ("account", "owner"):
        column = rows.column(name)
        if None in column:
            for line, value in zip(rows.lines, column, strict=True):
                if value is None:
                    tally.note(f"{name}-missing", line)


def _note_losses(rows: Rows, today: str | None, tally: Tally) -> None:
    columns: tuple[Values, ...] = (rows.column("status"), rows.column("lost_at"), rows.column("created_at"))
    for line, status, lost, created in zip(rows.lines, *columns, strict=True):
        if status != "lost":
            continue
        if not isinstance(lost, str):
            tally.note("lost-date-missing", line)
            continue
        if today is not None and lost[:10] > today:
            tally.note("lost-date-future", line, "lost_at", lost)
        if isinstance(created, str) and lost[:10] < created[:10]:
            tally.note("lost-before-created", line, "lost_at", lost, f"created {created}")
