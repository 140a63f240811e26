"""The cells of a report as people read them, and as programs do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.money import minor_digits, money_text
from engine.core.shares import percent, with_minus
from engine.reports.model import Cell, Figure, Interval, Money, Name, Share, Table
from engine.reports.wording import EMPTY, TOO_FEW_TO_TELL, figure_text, interval_text, number_text, words


def shown(cell: Cell) -> str:
    """For people: percentages with how many there are, averages only where there are enough."""
    if isinstance(cell, Share):
        return _share(cell)
    if isinstance(cell, Figure):
        return "" if cell.value is None else figure_text(cell)
    if isinstance(cell, Interval):
        return interval_text(cell)
    if isinstance(cell, Money):
        return money_text(cell.minor, cell.currency)
    if isinstance(cell, Name):
        return words(cell.name)
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, int):
        return with_minus(f"{cell:,}")
    if isinstance(cell, float):
        return number_text(cell)
    return EMPTY if cell == "" else "" if cell is None else str(cell)


def _share(share: Share) -> str:
    if not share.whole:
        return "0 of 0"
    told = percent(share.value or 0.0, whole=True) if share.tells else TOO_FEW_TO_TELL
    return f"{share.part:,} of {share.whole:,}, {told}"


def is_number(cell: Cell) -> bool:
    """Whether it stands on the right of its column."""
    return isinstance(cell, (Figure, Money)) or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


def records(table: Table) -> list[dict[str, Any]]:
    """The rows for programs: raw numbers under keys that every row has."""
    samples = [_sample(table, at) for at in range(len(table.columns))]
    return [
        {
            key: value
            for column, cell, sample in zip(table.columns, row, samples, strict=True)
            for key, value in _raw(column.key, cell, sample).items()
        }
        for row in table.rows
    ]


def _sample(table: Table, at: int) -> Cell:
    return next((row[at] for row in table.rows if row[at] is not None), None)


def _raw(key: str, cell: Cell, sample: Cell) -> Mapping[str, Any]:
    """One cell under one or several keys; an empty one under the keys of its column."""
    if isinstance(sample, Share):
        share = cell if isinstance(cell, Share) else None
        return {key: share and share.value, f"{key}_part": share and share.part, f"{key}_of": share and share.whole}
    if isinstance(sample, Figure):
        figure = cell if isinstance(cell, Figure) else None
        return {key: figure and figure.value, f"{key}_n": figure and figure.n}
    if isinstance(sample, Interval):
        interval = cell if isinstance(cell, Interval) else None
        return {f"{key}_low": interval and interval.low, f"{key}_high": interval and interval.high}
    if isinstance(sample, Money):
        return _money(key, cell if isinstance(cell, Money) else None)
    return {key: cell.name if isinstance(cell, Name) else cell}


def _money(key: str, money: Money | None) -> Mapping[str, Any]:
    if money is None:
        return {key: None, f"{key}_minor": None, f"{key}_currency": None}
    digits = minor_digits(money.currency)
    amount = money.minor if not digits else round(money.minor / 10**digits, digits)
    return {key: amount, f"{key}_minor": money.minor, f"{key}_currency": money.currency}
