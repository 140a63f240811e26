"""Where an answer goes and in which format: what `report` and `compare` have in common."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.console.desk import Desk, Refused
from engine.runner.said_dates import as_written

FORMATS = ("text", "json", "csv", "html")
_ENDINGS = {
    ".json": "json", ".csv": "csv", ".html": "html", ".htm": "html", ".txt": "text", ".md": "text", "": "text",
}  # fmt: skip


def form_of(output: Path | None) -> str:
    """The format that a file's ending means; text without one. Raises Refused for an ending that means none of them."""
    form = "text" if output is None else _ENDINGS.get(output.suffix.lower())
    if form is None:
        raise Refused(f"{output} cannot be written: its ending is no known format", "write .html, .csv, .json or .txt")
    return form


def give(desk: Desk, text: str, output: Path | None) -> None:
    """Print it, or write it into the file. Raises Refused where that cannot be written."""
    if output is None:
        if text:
            click.echo(text)
        return
    try:
        output.write_text(text + "\n" if text else "", encoding="utf-8", newline="\n")
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}", "check the folder") from None
    desk.say(f"written to {output}")


def day(text: str | None, option: str) -> date | None:
    """The day that an option names. Raises Refused where it is none."""
    try:
        return date.fromisoformat(as_written(text)) if text else None
    except ValueError:
        raise Refused(f"{option} {text!r} is no day", "write 2026-03-02") from None


def table_for_csv_only(table: str | None, form: str) -> None:
    """Raises Refused for --table with another format."""
    if table and form != "csv":
        raise Refused("--table goes with --format csv", "the other formats have all tables")
