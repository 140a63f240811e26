"""A report for programs: JSON with everything under keys that stay, CSV with one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.console.report_cells import records
from engine.console.tables import as_json, csv_text
from engine.reports.model import Report, Table


def report_json(report: Report, scope: Mapping[str, Any]) -> str:
    """Raw numbers and the sentences; `scope` are the filters and the instant that it was counted for."""
    content = {
        "report": report.name,
        "title": report.title,
        "scope": scope,
        "verdict": report.verdict,
        "remarks": list(report.remarks),
        "facts": dict(report.facts),
        "tables": {
            table.name: {
                "title": table.title, "note": table.note, "left_off": table.left_off, "rows": records(table),
            }
            for table in report.tables
        },
    }  # fmt: skip
    return as_json(content)


def report_csv(table: Table) -> str:
    """One table, with a heading; ends without a line break."""
    return csv_text(records(table)).removesuffix("\n")
