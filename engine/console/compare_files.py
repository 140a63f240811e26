"""A comparison for programs: JSON with everything under keys that stay, CSV with one table.

Both are functions of the comparison alone: the same comparison, the same bytes (docs/compare-json.md has the keys).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from engine.console.compare_tables import Table, records
from engine.console.tables import as_json, csv_text
from engine.core.durations import Instant
from engine.core.zones import iso_text, zone
from engine.experiments.comparison import Comparison

FORMAT = 2  # counted up when a key goes or changes its meaning; new keys may come
_DIGITS = 12  # after the point: what lies beyond differs between machines


def comparison_json(comparison: Comparison, zone_name: str) -> str:
    """`zone_name` is the workspace's: instants are written with its offset."""
    return as_json({"format": FORMAT, "zone": zone_name, **_record(comparison, zone_name)})


def comparison_csv(table: Table, zone_name: str) -> str:
    """One table, with a heading; ends without a line break."""
    rows = [
        {
            key: _instant(found, zone_name) if key.endswith("_as_of") else _plain(found, zone_name)
            for key, found in row.items()
        }
        for row in records(table)
    ]
    return csv_text(rows).removesuffix("\n")


def _record(one: Any, zone_name: str) -> dict[str, Any]:
    """The fields of a dataclass in their order. A tally gets its share beside it."""
    record: dict[str, Any] = {}
    for field in fields(one):
        found = getattr(one, field.name)
        is_instant = "Instant" in str(field.type)
        record[field.name] = _instant(found, zone_name) if is_instant else _plain(found, zone_name)
    if {"yes", "of"} == record.keys():
        record["share"] = _plain(one.share, zone_name)
    return record


def _plain(found: Any, zone_name: str) -> Any:
    if is_dataclass(found):
        return _record(found, zone_name)
    if isinstance(found, float):
        return round(found, _DIGITS) + 0.0 if math.isfinite(found) else None
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, Mapping):
        return {str(key): _plain(found[key], zone_name) for key in sorted(found)}
    if isinstance(found, (list, tuple)):
        return [_plain(one, zone_name) for one in found]
    return found


def _instant(found: Instant | None, zone_name: str) -> str | None:
    """ISO 8601 with the offset that holds there and then."""
    return None if found is None else iso_text(found, zone(zone_name))
