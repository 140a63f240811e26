"""One batch, column by column: cells -> typed values. What could not be taken is noted by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.crm.dates import UndeclaredError
from engine.crm.errors import ImportRefused, MappingProblem
from engine.crm.plan import Plan, Slot, Source
from engine.crm.values import Flaw, Remembering

Cell = str | None
Values = list[object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A flaw at its place: the row within the batch, the heading, the cell."""

    row: int
    heading: str
    cell: str
    flaw: Flaw


@dataclass(kw_only=True, slots=True)
class Converted:
    """The values of a batch by target, each as long as the batch."""

    size: int
    columns: dict[str, Values] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    unlisted: list[str | None] = field(default_factory=list)  # by row, where a stage was in no list; else empty

    def column(self, target: str) -> Values:
        """The values of a target, all None where nothing fills it."""
        return self.columns.get(target) or [None] * self.size


def convert(plan: Plan, raw: list[list[Cell]], size: int) -> Converted:
    """All targets of a batch. `raw` has one list per column, with None for an empty cell.

    Raises ImportRefused where a column's format would have to be guessed.
    """
    done = Converted(size=size)
    money = []
    for slot in plan.slots:
        if slot.type == "money":
            money.append(slot)  # needs the currency of its row first
        elif slot.type == "status":
            continue
        else:
            done.columns[slot.target] = _values(slot, raw, done)
    for slot in money:
        _convert_money(slot, raw, done)
    if plan.status is not None:
        done.columns["status"] = _statuses(plan, plan.status, raw, done)
    return done


def _values(slot: Slot, raw: list[list[Cell]], done: Converted) -> Values:
    merged: Values | None = None
    for source in slot.sources:
        cells = raw[source.index]
        read: Values = list(cells) if source.memory is None else _read(source, source.memory, cells, cells, done)
        merged = read if merged is None else _first_filled(merged, read)
    if merged is None:
        return [slot.default] * done.size
    return merged if slot.default is None else [slot.default if value is None else value for value in merged]


def _first_filled(first: Values, second: Values) -> Values:
    if None not in first:
        return first
    return [other if value is None else value for value, other in zip(first, second, strict=True)]


def _read(source: Source, memory: Remembering, keys: Sequence[object], cells: list[Cell], done: Converted) -> Values:
    try:
        found = memory.column(keys)
    except UndeclaredError:
        raise _refused(source.heading, memory, keys, cells) from None
    if memory.flawed:
        _set_apart(found, source.heading, cells, done)
    return found


def _set_apart(found: Values, heading: str, cells: list[Cell], done: Converted) -> None:
    for row, value in enumerate(found):
        if type(value) is Flaw:
            done.troubles.append(Trouble(row=row, heading=heading, cell=cells[row] or "", flaw=value))
            found[row] = value.value


def _refused(heading: str, memory: Remembering, keys: Sequence[object], cells: list[Cell]) -> ImportRefused:
    """Two values of the column, the advice from the value that settles most."""
    advice: dict[tuple[str, str], str] = {}
    for key, cell in zip(keys, cells, strict=True):
        try:
            memory[key]
        except UndeclaredError as error:
            advice.setdefault((str(error), error.line), cell or "")
            if len(advice) > 1:
                break
    examples = list(dict.fromkeys([*advice.values(), *(cell for cell in cells if cell)]))[:2]
    settled = sorted(advice, key=lambda each: (" or " in each[0], each[0]))
    shown = " and ".join(f"“{example}”" for example in examples)
    lacking = "in which currency they are" if settled[0][1].startswith("currency") else "how to read them"
    message = f"the column “{heading}” has values such as {shown}, and the mapping does not say {lacking}"
    return ImportRefused(MappingProblem(path=(heading,), message=message, hint=settled[0][0], line=settled[0][1]))


def _convert_money(slot: Slot, raw: list[list[Cell]], done: Converted) -> None:
    """Sets the slot's minor units and, for the amount of the deal, the currency that it turned out to have."""
    currency = done.column("currency")
    amounts: Values = []
    currencies = currency
    for source in reversed(slot.sources):
        if source.memory is not None:
            cells = raw[source.index]
            pairs = _pairs(_read(source, source.memory, list(zip(cells, currency, strict=True)), cells, done))
            read, codes = map(list, zip(*pairs, strict=True))
            currencies = _first_filled(codes, currencies)
            amounts = _first_filled(read, amounts) if amounts else read
    done.columns[slot.target] = amounts or [None] * done.size
    if slot.target == "amount":
        done.columns["currency"] = currencies


def _pairs(values: Values) -> list[tuple[object, object]]:
    return [value if isinstance(value, tuple) else (None, None) for value in values]


def _statuses(plan: Plan, memory: Remembering, raw: list[list[Cell]], done: Converted) -> Values:
    slot = next((slot for slot in plan.slots if slot.target == "status"), None)
    stage: list[Cell] = ["*"] * done.size
    heading = "status"
    if slot and slot.sources:
        stage, heading = raw[slot.sources[0].index], slot.sources[0].heading
        for source in slot.sources[1:]:
            stage = [other if cell is None else cell for cell, other in zip(stage, raw[source.index], strict=True)]
    if slot and slot.default is not None:
        stage = [str(slot.default) if cell is None or not slot.sources else cell for cell in stage]
    keys: Values = list(zip(stage, *(raw[index] for index in plan.flag_indexes), strict=True))
    found = memory.column(keys)
    if memory.flawed:
        _set_apart(found, heading, stage, done)
    if plan.unlisted and slot and slot.sources:
        done.unlisted = [plan.unlisted.get(key) for key in keys]
    return found
