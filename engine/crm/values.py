"""From a cell's text to a typed value: one reader per field type, each remembering what it has read before."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Protocol

from engine.crm import dates, numbers
from engine.crm.dates import DateFormat, UndeclaredError, UnreadableError
from engine.crm.headings import did_you_mean, snake_case
from engine.crm.numbers import NumberFormat

_REMEMBERED = 20_000  # distinct values per column; more and the memory starts again from empty
_YES_NO = dict.fromkeys(("true", "yes", "y", "1", "t"), True) | dict.fromkeys(("false", "no", "n", "0", "f"), False)
_DURATION = re.compile(r"[0-9]+(?:min|h|d|w|mo|y|bd|bh)")
_FILLED_DATE = re.compile(r"[0-9]{1,4}[-./][0-9]{1,2}.*")

Read = Callable[[str], object]


class FieldType(Protocol):
    """What a declared field may hold. `type` is text, choice, number, money, date, yes_no, person, zone or duration."""

    @property
    def type(self) -> str: ...
    @property
    def values(self) -> Collection[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """A cell that cannot be taken as it is. `fatal` rejects the row, else `value` is taken (None: dropped)."""

    kind: str
    reason: str
    fatal: bool = False
    value: object = None


class Remembering(dict[object, object]):
    """Raw cell -> value. A CRM column repeats itself: what was read once is looked up. An empty cell is None.

    `flawed` turns true with the first Flaw, so that good columns are never searched for one.
    """

    def __init__(self, read: Callable[..., object]) -> None:
        super().__init__({None: None})
        self._read = read
        self.flawed = False

    def __missing__(self, raw: object) -> object:
        if len(self) > _REMEMBERED:
            self.clear()
            self[None] = None
        value = self[raw] = self._read(raw)
        if type(value) is Flaw:
            self.flawed = True
        return value

    def column(self, cells: Iterable[object]) -> list[object]:
        """The values of a whole column."""
        return list(map(self.__getitem__, cells))


def date_reader(
    formats: tuple[DateFormat, ...], zone: tzinfo | None, settled: Callable[[], tuple[DateFormat, ...]] | None = None
) -> Read:
    """An unreadable date rejects the row: a wrong loss date would plan everything wrongly.

    `settled` gives the formats that the whole column allows; it is asked where nothing is declared and ISO is not read.
    """

    def read(raw: str) -> object:
        try:
            return dates.read_date(raw, formats, zone)
        except UnreadableError as error:
            return Flaw(kind="date-unreadable", reason=str(error), fatal=True)
        except UndeclaredError:
            found = settled() if settled else ()
            if not found:
                raise
            return date_reader(found, zone)(raw)

    return read


def number_reader(form: NumberFormat) -> Read:
    """A bad number is dropped and counted."""

    def read(raw: str) -> object:
        try:
            return numbers.read_number(raw, form)
        except UnreadableError as error:
            return Flaw(kind="number-unreadable", reason=str(error))

    return read


def money_reader(
    default: str | None, has_column: bool, form: NumberFormat
) -> Callable[[tuple[object, object]], object]:
    """Reads (amount cell, currency of the row or None) to (minor units, currency); an unreadable amount is fatal."""

    def read(pair: tuple[object, object]) -> object:
        raw, currency = pair
        if raw is None:
            return (None, currency)
        try:
            known = currency if isinstance(currency, str) else default
            minor, code, rounded = numbers.read_money(str(raw), known, currency is not None, form)
        except UnreadableError as error:
            return Flaw(kind="amount-unreadable", reason=str(error), fatal=True)
        except UndeclaredError:
            if not has_column or known:
                raise
            return Flaw(kind="currency-missing", reason="has no currency in its row", value=(None, None))
        if rounded:
            reason = f"has more digits than {code} has, so it was rounded"
            return Flaw(kind="amount-rounded", reason=reason, value=(minor, code))
        if minor < 0:
            return Flaw(kind="amount-negative", reason="is below zero", value=(minor, code))
        return (minor, code)

    return read


def read_currency(raw: str) -> object:
    """Three letters; anything else is dropped and counted."""
    if numbers.is_currency(raw.upper()) and raw.isascii():
        return raw.upper()
    return Flaw(kind="currency-unknown", reason="is no three-letter currency code; add it under values > currency")


def read_yes_no(raw: str) -> object:
    """true, yes, y, 1 and their opposites."""
    found = _YES_NO.get(raw.casefold())
    return Flaw(kind="yes-no-unreadable", reason="is neither yes nor no") if found is None else found


def read_do_not(raw: str) -> object:
    """Yes or no; any other word is taken as yes, because somebody may have said no in words that nobody listed."""
    found = _YES_NO.get(raw.casefold())
    reason = "is neither yes nor no: taken as yes; list the word under values"
    return Flaw(kind="do-not-unclear", reason=reason, value=True) if found is None else found


def read_duration(raw: str) -> object:
    """`30min 4h 2d 3w 2mo 1y 3bd 4bh`."""
    text = raw.replace(" ", "")
    return text if _DURATION.fullmatch(text) else Flaw(kind="duration-unreadable", reason="is no duration such as 3w")


def choice_reader(values: Collection[str]) -> Read:
    """The declared value, also where case, spaces or dashes differ; another one is dropped and counted."""
    exact = {str(value): value for value in values}
    loose = {snake_case(str(value)): value for value in values}

    def read(raw: str) -> object:
        found = exact.get(raw, loose.get(snake_case(raw)))
        if found is None:
            reason = f"is not one of the declared values. {did_you_mean(raw, exact)}".strip()
            return Flaw(kind="choice-unknown", reason=reason)
        return found

    return read


def zone_reader(zone_ok: Callable[[str], bool]) -> Read:
    """An IANA name; an unknown one is dropped and counted, so that the default holds."""

    def read(raw: str) -> object:
        return raw if zone_ok(raw) else Flaw(kind="zone-unknown", reason="is no time zone such as Europe/Berlin")

    return read


def status_reader(
    words: Mapping[str, Iterable[str]], flags: tuple[str, ...], unlisted: dict[object, str]
) -> Callable[[tuple[object, ...]], object]:
    """Reads (stage cell, one cell per flag) to lost, won, open or deleted. A flag's yes goes before the stage.

    What only the word `*` took is noted in `unlisted`: the cells -> the stage as written.
    """
    known = {" ".join(word.casefold().split()): status for status, each in words.items() for word in each}
    otherwise = known.pop("*", None)

    def read(cells: tuple[object, ...]) -> object:
        raised = {flag for flag, cell in zip(flags, cells[1:], strict=True) if cell is not None and _raised(str(cell))}
        if raised:
            if len(raised) > 1 and "deleted" not in raised:
                return Flaw(kind="status-unreadable", reason=f"is {' and '.join(sorted(raised))} at once", fatal=True)
            return "deleted" if "deleted" in raised else raised.pop()
        if cells[0] is None:
            return Flaw(kind="status-missing", reason="the status is empty", fatal=True)
        text = str(cells[0])
        status = known.get(" ".join(text.casefold().split()))
        if status is None and otherwise is not None:
            unlisted[cells] = text
            return otherwise
        if status is None:
            reason = f"is not listed under status. {did_you_mean(text, known)}".strip()
            return Flaw(kind="status-unknown", reason=reason, fatal=True)
        return status

    return read


def _raised(cell: str) -> bool:
    """A yes, or a date that is filled in."""
    return _YES_NO.get(cell.casefold(), False) or bool(_FILLED_DATE.fullmatch(cell))


def translated(read: Read, values: Mapping[str, str]) -> Read:
    """The reader with the mapping's own words in front: `values: {lost_reason: {Too expensive: price}}`."""
    known = {" ".join(word.casefold().split()): value for word, value in values.items()}
    return partial(_translate, known, read) if known else read


def _translate(known: Mapping[str, str], read: Read, raw: str) -> object:
    return read(known.get(" ".join(raw.casefold().split()), raw))


def as_text(raw: str) -> object:
    """Text stays as it is: `007` and `195000000001` are not numbers."""
    return raw
