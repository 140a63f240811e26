"""Small helpers: write a file, read it with a mapping, take records and rejections apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.crm.findings import Summary
from engine.crm.load import load_mapping
from engine.crm.read import read_deals
from engine.crm.records import Record
from engine.crm.rejects import Rejection

STATUS = {"lost": ["Lost"], "won": ["Won"], "open": ["Open"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A declared field, as a workspace would have it."""

    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """All of one reading."""

    records: list[Record]
    rejections: list[Rejection]
    summary: Summary

    @property
    def deals(self) -> list[dict[str, Any]]:
        return [record.deal for record in self.records]

    def findings(self) -> dict[str, int]:
        return {finding.kind: finding.count for finding in self.summary.findings}


def mapping_of(columns: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The content of a mapping with the usual words for the status."""
    joins = options.pop("joins", None)
    content: dict[str, Any] = {"mapping": "test", "deals": {"columns": columns, "status": STATUS, **options}}
    return content if joins is None else {**content, "joins": joins}


def read(folder: Path, text: str | bytes, content: dict[str, Any], **options: Any) -> Outcome:
    """Read the text as an export with the mapping's content; checks that every row is accounted for."""
    path = folder / "deals.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_file(path, content, **options)


def read_file(path: Path, content: dict[str, Any], **options: Any) -> Outcome:
    reading = read_deals(path, load_mapping(content), path.parent, options.pop("fields", None), **options)
    each = list(reading)
    summary = reading.summary
    assert summary.rows == summary.accepted + summary.duplicates + summary.rejected + summary.left_out
    return Outcome(
        records=[one for one in each if isinstance(one, Record)],
        rejections=[one for one in each if isinstance(one, Rejection)],
        summary=summary,
    )
