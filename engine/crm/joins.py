"""Side files: products with prices, people with teams. Every key that finds nothing is counted and listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.core.likeness import nearest
from engine.crm.dialect import find_dialect
from engine.crm.errors import ImportRefused, MappingProblem
from engine.crm.findings import Tally, Unmatched
from engine.crm.headings import did_you_mean, plain
from engine.crm.lines import RowSource
from engine.crm.mapping import Join

_LISTED = 1_000  # distinct unmatched keys that are remembered; all are counted
_SUGGESTED = 50

Cell = str | None
Key = Cell | tuple[Cell, ...]


@dataclass(kw_only=True, slots=True)
class SideFile:
    """One side file in memory: key -> the cells that are taken, and the keys that found nothing."""

    join: Join
    indexes: tuple[int, ...]  # of the key columns in the export
    rows: dict[Key, tuple[Cell, ...]]
    unmatched: dict[Key, list[int]]  # key: [rows, lost rows]

    def look_up(self, columns: Sequence[list[Cell]]) -> tuple[list[list[Cell]], list[tuple[int, Key]]]:
        """The taken columns for a batch, and (row, key) for each key that is filled and unknown."""
        if len(self.indexes) == 1:
            keys: Iterable[Key] = columns[self.indexes[0]]
        else:
            keys = zip(*(columns[index] for index in self.indexes), strict=True)
        keys = list(keys)
        found = list(map(self.rows.get, keys))
        lacking: list[tuple[int, Key]] = []
        if None in found:
            lacking = [(row, key) for row, key in enumerate(keys) if found[row] is None and _filled(key)]
            nothing = (None,) * len(self.join.take)
            found = [nothing if cells is None else cells for cells in found]
        return [list(column) for column in zip(*found, strict=True)], lacking

    def count(self, key: Key, lost: bool) -> None:
        """Note one row whose key was not found."""
        if key not in self.unmatched and len(self.unmatched) >= _LISTED:
            key = "(further keys)"
        counts = self.unmatched.setdefault(key, [0, 0])
        counts[0] += 1
        counts[1] += lost

    def listed(self) -> list[Unmatched]:
        """The unmatched keys, the most frequent first, with what was probably meant."""
        known = {_shown(key) for key in self.rows}
        ordered = sorted(self.unmatched.items(), key=lambda item: (-item[1][0], _shown(item[0])))
        return [
            Unmatched(
                file=self.join.file,
                key=_shown(key),
                rows=rows,
                lost=lost,
                suggestion=nearest(_shown(key), known) if position < _SUGGESTED else "",
            )
            for position, (key, (rows, lost)) in enumerate(ordered)
        ]


def _filled(key: Key) -> bool:
    return key is not None if not isinstance(key, tuple) else any(part is not None for part in key)


def _shown(key: Key) -> str:
    return " / ".join(part or "" for part in key) if isinstance(key, tuple) else key or ""


def load_side_file(join: Join, folder: Path, index_of: dict[str, int], empty: frozenset[str], tally: Tally) -> SideFile:
    """Read one side file; `index_of` finds the export's columns by plain heading.

    Raises ImportRefused where the file, or a column on either side, is missing.
    """
    path = _inside(folder, join)
    wanted = [right for _, right in join.on] + [side for side, _ in join.take]
    dialect = find_dialect(path, wanted, join.encoding, join.delimiter)
    side = {plain(heading): index for index, heading in reversed(list(enumerate(dialect.headings)))}
    problems = [_no_column(join, name, join.file, dialect.headings) for name in wanted if plain(name) not in side]
    problems += [_no_column(join, left, "the export", index_of) for left, _ in join.on if plain(left) not in index_of]
    if problems:
        raise ImportRefused(*problems)
    keys = [side[plain(right)] for _, right in join.on]
    taken = [side[plain(name)] for name, _ in join.take]
    rows: dict[Key, tuple[Cell, ...]] = {}
    for batch in RowSource(path, dialect).batches():
        for broken in batch.broken:
            tally.note("side-row-unreadable", broken.line, join.file, broken.text, broken.reason)
        for line, row in zip(batch.lines, batch.rows, strict=True):
            if len(row) != len(dialect.headings):
                tally.note("side-row-unreadable", line, join.file, dialect.delimiter.join(row))
                continue
            cells = [None if (text := cell.strip()) in empty else text for cell in row]
            key: Key = cells[keys[0]] if len(keys) == 1 else tuple(cells[index] for index in keys)
            values = tuple(cells[index] for index in taken)
            if _filled(key) and rows.setdefault(key, values) != values:
                tally.note("join-key-twice", line, join.file, _shown(key))
    _add_aliases(join, rows)
    indexes = tuple(index_of[plain(left)] for left, _ in join.on)
    return SideFile(join=join, indexes=indexes, rows=rows, unmatched={})


def _inside(folder: Path, join: Join) -> Path:
    path = (folder / join.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        hint = "Put it beside the export and write its name only"
        raise ImportRefused(
            MappingProblem(
                path=(*join.path, "file"), message=f"the side file {join.file} is outside the folder", hint=hint
            )
        )
    return path


def _no_column(join: Join, name: str, where: str, headings: Iterable[str]) -> MappingProblem:
    known = list(headings)
    hint = did_you_mean(name, known) or f"It has {', '.join(known[:20])}"
    key = "take" if where == join.file and any(name == heading for heading, _ in join.take) else "on"
    return MappingProblem(path=(*join.path, key, name), message=f"{where} has no column “{name}”", hint=hint)


def _add_aliases(join: Join, rows: dict[Key, tuple[Cell, ...]]) -> None:
    """An alias is one more key for the same row; it never hides a key that the side file has itself."""
    for written, meant in join.alias.items():
        if meant not in rows:
            hint = did_you_mean(meant, [_shown(key) for key in rows])
            raise ImportRefused(
                MappingProblem(
                    path=(*join.path, "alias", written), message=f"{join.file} has no key “{meant}”", hint=hint
                )
            )
        rows.setdefault(written, rows[meant])
