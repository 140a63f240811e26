"""Whether a whole column settles the order of its dates: 9/1/2026 beside 11/15/2026 is the ninth month.

Never row by row: one value says nothing of the next. A column that has both orders, or shows none, settles nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from engine.crm.dates import DateFormat, UndeclaredError, UnreadableError, parse_format, read_date, two_orders
from engine.crm.dialect import Dialect
from engine.crm.lines import RowSource


class Settling:
    """The formats of date columns for which the mapping declares none. The file is read at most once, when asked."""

    def __init__(self, path: Path, dialect: Dialect, empty: Collection[str]) -> None:
        self._path = path
        self._dialect = dialect
        self._empty = empty
        self._wanted: set[int] = set()
        self._found: dict[int, tuple[DateFormat, ...]] | None = None

    def want(self, index: int) -> None:
        """Have this column looked at too; columns of side files (beyond the header's) are not."""
        if 0 <= index < len(self._dialect.headings):
            self._wanted.add(index)

    def formats(self, index: int) -> tuple[DateFormat, ...]:
        """How the dates of a column are written besides ISO; empty where that stays unclear."""
        if self._found is None:
            self._found = self._look()
        return self._found.get(index, ())

    def settled(self) -> tuple[tuple[str, str], ...]:
        """(heading, format) of each column that was settled so far."""
        found = sorted((self._found or {}).items())
        return tuple((self._dialect.headings[index], forms[0].text) for index, forms in found if forms)

    def _look(self) -> dict[int, tuple[DateFormat, ...]]:
        columns = {index: _Order() for index in sorted(self._wanted)}
        width = len(self._dialect.headings)
        for batch in RowSource(self._path, self._dialect).batches():
            rows = [row for row in batch.rows if len(row) == width]
            for index, order in columns.items():
                order.see({text for row in rows if (text := row[index].strip()) not in self._empty})
        return {index: order.formats() for index, order in columns.items()}


class _Order:
    """What the values of one column allow."""

    def __init__(self) -> None:
        self._pairs: set[tuple[str, str]] = set()  # every way of writing in it: the day first, the month first
        self._possible = [True, True]

    def see(self, texts: Iterable[str]) -> None:
        for text in texts:
            orders = two_orders(text)
            if orders is None:
                self._see_other(text)
                continue
            pair = orders[2:]
            reads = [_reads(text, form) for form in pair]
            if any(reads):  # 31/31/2026 says nothing of the others
                self._pairs.add(pair)
                self._possible = [one and other for one, other in zip(self._possible, reads, strict=True)]

    def _see_other(self, text: str) -> None:
        """ISO and what is no date at all are judged when they are read; a third way of writing settles nothing."""
        try:
            read_date(text, ())
        except UndeclaredError:
            self._possible = [False, False]
        except UnreadableError:
            pass

    def formats(self) -> tuple[DateFormat, ...]:
        """One for each way of writing; empty where both orders are possible, or neither."""
        marks = {day_first[2] for day_first, _ in self._pairs}  # 9.1.2026 and 9/15/2026 come from two hands
        if len(marks) != 1 or self._possible[0] == self._possible[1]:
            return ()
        at = self._possible.index(True)
        return tuple(parse_format(pair[at]) for pair in sorted(self._pairs))


_FORMS: dict[str, tuple[DateFormat, ...]] = {}  # as few as there are ways of writing: marks, years, times


def _reads(text: str, form: str) -> bool:
    known = _FORMS.get(form) or _FORMS.setdefault(form, (parse_format(form),))
    try:
        read_date(text, known)
    except UnreadableError:
        return False
    return True
