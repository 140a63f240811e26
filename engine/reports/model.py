"""A report as plain values: sentences, and tables of cells. How it looks is the console's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

TOO_FEW = 5  # below this many cases no percentage and no average is shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def tells(self) -> bool:
        return self.whole >= TOO_FEW


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """An average or the like of `n` cases; `value` None if there are none. `unit` is days, hours or minutes."""

    value: float | None
    n: int
    unit: str = ""

    @property
    def tells(self) -> bool:
        return self.n >= TOO_FEW and self.value is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A share with the bounds between which the true one lies, 95 times out of 100."""

    share: Share
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """Whole minor units of a currency."""

    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A word of the files, such as `priced_out`: people read it without the underscores."""

    name: str


Cell: TypeAlias = bool | int | float | str | Share | Figure | Interval | Money | Name | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """`key` is what JSON and CSV call it, and stays; `title` is for people."""

    key: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`rows` are as long as `columns`. `left_off` more rows were counted and are not listed."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    left_off: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """`verdict` is the answer in one sentence; `remarks` say what to keep in mind. Without tables there is nothing yet.

    `facts` are the raw numbers behind the sentences.
    """

    name: str
    title: str
    verdict: str
    remarks: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def columns(**titles: str) -> tuple[Column, ...]:
    return tuple(Column(key=key, title=title) for key, title in titles.items())


def filled(*tables: Table) -> tuple[Table, ...]:
    """Those with rows."""
    return tuple(table for table in tables if table.rows)
