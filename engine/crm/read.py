"""Reading an export, streaming: a Reading yields records and rejections, and then tells its summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict
from operator import attrgetter
from pathlib import Path

from engine.crm import activities
from engine.crm.contacts import Contact
from engine.crm.convert import Cell, Converted, convert
from engine.crm.dialect import Dialect, find_dialect
from engine.crm.errors import ImportRefused, MappingProblem
from engine.crm.findings import Summary, Tally
from engine.crm.footer import Footer
from engine.crm.joins import Key, SideFile, load_side_file
from engine.crm.lines import Batch, RowSource
from engine.crm.mapping import ONE_OF, Kind, Mapping, Section
from engine.crm.noting import note_findings
from engine.crm.people import People
from engine.crm.plan import Plan, Planner, Settings, index_of
from engine.crm.records import Record, Rows
from engine.crm.rejects import Rejection
from engine.crm.rows import build_rows, made_ids
from engine.crm.sections import is_zone
from engine.crm.seen import First, SeenIds
from engine.crm.settling import Settling
from engine.crm.values import FieldType

_DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.I)  # what a spreadsheet makes of a long id

Fields = Dict[str, FieldType]


def read_deals(
    path: Path,
    mapping: Mapping,
    folder: Path,
    fields: Fields | None = None,
    *,
    zone_ok: Callable[[str], bool] = is_zone,
    currency: str | None = None,
    today: str | None = None,
    people: People | None = None,
    teams: People | None = None,
) -> Reading:
    """Open an export of deals. `folder` holds the side files of joins; `fields` types the declared fields by name, with
    `account.` and `contact.` in front for theirs (None: every name is taken as text); `currency` is the workspace's
    default; `today` (YYYY-MM-DD) is what a date in the future is measured by; `people` are those that owners and other
    persons are looked up in, `teams` those for teams (None: they are taken as written).

    Raises ImportRefused, here or while iterating, where the file cannot be read without guessing.
    """
    settings = Settings(
        fields=fields, zone_ok=zone_ok, currency=currency, strict_flags=not mapping.preset, people=people,
        teams=teams,
    )  # fmt: skip
    return Reading(path, mapping, "deals", settings, folder, today)


def read_side(
    path: Path,
    mapping: Mapping,
    kind: Kind,
    fields: Fields | None = None,
    *,
    zone_ok: Callable[[str], bool] = is_zone,
    people: People | None = None,
) -> Reading:
    """Open a file of accounts or contacts (`kind`) by the mapping's section of that name: records without a deal.

    Raises ImportRefused as read_deals does.
    """
    settings = Settings(fields=fields, zone_ok=zone_ok, currency=None, strict_flags=True, people=people)
    return Reading(path, mapping, kind, settings, path.parent, None)


class Reading:
    """One file being read: take its batches, or iterate for records and rejections in line order; then ask `summary`.

    May be read again, from the beginning.
    """

    def __init__(
        self, path: Path, mapping: Mapping, kind: Kind, settings: Settings, folder: Path, today: str | None
    ) -> None:
        self._path = path
        self._today = today
        self._section = _section(mapping, kind)
        self.dialect: Dialect = find_dialect(
            path, _known_headings(self._section), self._section.encoding, self._section.delimiter
        )
        self._tally = Tally()
        joins = mapping.joins if kind == "deals" else ()
        index = index_of(self.dialect)
        self._sides = tuple(load_side_file(join, folder, index, self._section.empty, self._tally) for join in joins)
        self._listed = [one for one in (settings.people, settings.teams) if one is not None]
        self._has_teams = settings.teams is not None and bool(settings.teams.ids)
        self._settling = Settling(path, self.dialect, self._section.empty)
        self._plan: Plan = Planner(self._section, self.dialect, self._sides, settings, self._settling).plan()
        self._at_start = dict(self._tally.counts), {kind: list(each) for kind, each in self._tally.examples.items()}

    def __iter__(self) -> Iterator[Record | Rejection]:
        for rows, rejected in self.batches():
            both: list[Record | Rejection] = [*rows.records(), *rejected]
            yield from sorted(both, key=attrgetter("line")) if rejected else both

    def batches(self, size: int = 500) -> Iterator[tuple[Rows, list[Rejection]]]:
        """(accepted rows, rejected ones) of about `size` lines each, in file order."""
        tally = self._tally = Tally()
        tally.counts.update(self._at_start[0])
        tally.examples.update({kind: list(each) for kind, each in self._at_start[1].items()})
        for side in self._sides:
            side.unmatched.clear()
        seen = SeenIds()
        footer = Footer(self._section.skip_footer)
        try:
            for batch in RowSource(self._path, self.dialect).batches(size):
                yield self._read_batch(batch, seen, footer)
        finally:
            seen.close()
        if self._section.kind == "deals" and tally.accepted and not (tally.status["lost"] or tally.rejected_lost):
            tally.note("no-lost-deals", 0)

    @property
    def targets(self) -> frozenset[str]:
        """What the file can fill, with its side files and the mapping's constants: `owner`, `account.X`, `custom.X`."""
        plan = self._plan
        return frozenset([*(slot.target for slot in plan.slots), *(f"custom.{name}" for name, _ in plan.custom)])

    @property
    def summary(self) -> Summary:
        """The account of what has been read so far: ask after iterating."""
        tally = self._tally
        return Summary(
            file=self._path.name,
            dialect=self.dialect,
            columns=self._plan.used,
            unmapped=self._plan.unmapped,
            rows=tally.rows,
            accepted=tally.accepted,
            duplicates=tally.duplicates,
            rejected=tally.rejected,
            left_out=tally.left_out,
            footer_lines=tally.footer_lines,
            blank_lines=tally.blank_lines,
            status=tally.by_status(),
            rejected_lost=tally.rejected_lost,
            matched={target: dict(each) for one in self._listed for target, each in one.matched.items()},
            settled=self._settling.settled(),
            findings=tally.findings(),
            unmatched=tuple(each for side in self._sides for each in side.listed()),
            unlisted=tally.listed_unlisted(),
        )

    def _read_batch(self, batch: Batch, seen: SeenIds, footer: Footer) -> tuple[Rows, list[Rejection]]:
        tally = self._tally
        rejected = [
            Rejection(line=broken.line, column="", value=broken.text, reason=broken.reason, kind="row-unreadable")
            for broken in batch.broken
        ]
        lines, cells = self._whole_rows(batch, footer, rejected)
        lines, raw = self._cells(lines, cells)
        tally.rows += len(lines) + len(rejected)
        rows = self._rows(lines, raw, seen, rejected) if lines else Rows.none()
        tally.accepted += len(rows)
        tally.rejected += len(rejected)
        if rows.deal and self._section.kind == "deals":
            tally.status.update(rows.column("status"))  # type: ignore[arg-type]
            note_findings(rows, self._today, tally)
            self._count_unmapped(rows)
        return rows, sorted(rejected, key=attrgetter("line"))

    def _whole_rows(self, batch: Batch, footer: Footer, rejected: list[Rejection]) -> tuple[list[int], list[list[str]]]:
        """The rows as wide as the header; footers and blank lines counted, others rejected."""
        width, tally = len(self.dialect.headings), self._tally
        tally.blank_lines += len(batch.blank)
        footer.blanks(batch.blank)
        if set(map(len, batch.rows)) == {width} and all(map(any, batch.rows)) and not footer.active:
            return batch.lines, batch.rows
        lines, rows = [], []
        for line, row in zip(batch.lines, batch.rows, strict=True):
            if footer.is_footer(line, row, width):
                tally.footer_lines += 1
            elif not any(cell.strip() for cell in row):
                tally.blank_lines += 1
            elif len(row) != width:
                reason = f"the row has {len(row)} cells, the header {width}"
                shown = self.dialect.delimiter.join(row)[:500]
                rejected.append(Rejection(line=line, column="", value=shown, reason=reason, kind="row-width"))
            else:
                lines.append(line)
                rows.append(row)
        return lines, rows

    def _cells(self, lines: list[int], rows: list[list[str]]) -> tuple[list[int], list[list[Cell]]]:
        """Columns of trimmed cells, None where empty; rows that `keep` leaves out are counted."""
        for index, words in self._plan.keep:
            kept = [at for at, row in enumerate(rows) if row[index].strip().casefold() in words]
            self._tally.left_out += len(rows) - len(kept)
            self._tally.rows += len(rows) - len(kept)
            lines, rows = [lines[at] for at in kept], [rows[at] for at in kept]
        empty = self._section.empty
        return lines, [_filled_cells(column, empty) for column in zip(*rows, strict=True)]

    def _rows(self, lines: list[int], raw: list[list[Cell]], seen: SeenIds, rejected: list[Rejection]) -> Rows:
        lacking: list[tuple[SideFile, int, Key]] = []
        for side in self._sides:
            taken, missing = side.look_up(raw[: len(self.dialect.headings)])
            raw.extend(taken)
            lacking.extend((side, row, key) for row, key in missing)
        done = convert(self._plan, raw, len(lines))
        if self._plan.id_from:
            done.columns[self._id_target()] = made_ids(self._plan, raw, done)
        rows = build_rows(self._plan, lines, raw, done)
        bad = self._bad_rows(rows, done, rejected)
        left_out = bad | self._repeated(rows, bad, seen, rejected)
        for trouble in done.troubles:
            if trouble.row not in left_out:
                self._tally.note(
                    trouble.flaw.kind, lines[trouble.row], trouble.heading, trouble.cell, trouble.flaw.reason
                )
        self._count_unlisted(rows, done, left_out)
        status = rows.column("status") if lacking or bad else []
        self._tally.rejected_lost += sum(status[row] == "lost" for row in bad)
        for side, row, key in lacking:
            if row not in left_out:
                self._tally.note("join-key-unmatched", lines[row], side.join.on[0][0], str(key))
                side.count(key, status[row] == "lost")
        return rows.at([row for row in range(len(rows)) if row not in left_out]) if left_out else rows

    def _count_unlisted(self, rows: Rows, done: Converted, left_out: set[int]) -> None:
        """Stages that no list of the mapping names: what `*` takes for open may be a loss in other words."""
        status = rows.column("status") if done.unlisted else []
        for row, word in enumerate(done.unlisted):
            if word is not None and row not in left_out:
                self._tally.count_unlisted(rows.lines[row], word, str(status[row]))

    def _count_unmapped(self, rows: Rows) -> None:
        """What no column says: who a contact is, and the team of a deal where the roster has teams."""
        counts, targets = self._tally.counts, self.targets
        if "contact.id" not in targets and (people := sum(map(len, rows.contacts))):
            counts["contact-id-unmapped"] += people
        if "team" not in targets and self._has_teams:
            counts["team-unmapped"] += len(rows)

    def _id_target(self) -> str:
        return "id" if self._section.kind == "deals" else f"{ONE_OF[self._section.kind]}.id"

    def _bad_rows(self, rows: Rows, done: Converted, rejected: list[Rejection]) -> set[int]:
        """Rows with a fatal flaw, without an id, or with an id that a spreadsheet has damaged; one rejection each."""
        bad: dict[int, Rejection] = {}
        for trouble in done.troubles:
            if trouble.flaw.fatal and trouble.row not in bad:
                flaw = trouble.flaw
                bad[trouble.row] = Rejection(
                    line=rows.lines[trouble.row],
                    column=trouble.heading,
                    value=trouble.cell,
                    reason=flaw.reason,
                    kind=flaw.kind,
                    id=rows.ids[trouble.row] or "",
                )
        if self._section.kind == "activities":
            for row, name in activities.lacking(rows):
                reason = f"{name} is empty: without it nobody knows what happened"
                missing = Rejection(line=rows.lines[row], column=name, value="", reason=reason, kind=f"{name}-missing")
                bad.setdefault(row, missing)
        if None in rows.ids or "+" in "".join(rows.ids):
            for row, (line, key) in enumerate(zip(rows.lines, rows.ids, strict=True)):
                if row not in bad and (rejection := self._without_id(line, key)):
                    bad[row] = rejection
        rejected.extend(bad.values())
        return set(bad)

    def _without_id(self, line: int, key: str | None) -> Rejection | None:
        heading = self._id_heading()
        if key is None:
            return Rejection(line=line, column=heading, value="", reason="the id is empty", kind="id-missing")
        if _DAMAGED.fullmatch(key):
            reason = "is a number that a spreadsheet has rounded, no id: export again and do not save it in between"
            return Rejection(line=line, column=heading, value=key, reason=reason, kind="id-damaged")
        return None

    def _id_heading(self) -> str:
        target = self._id_target()
        return next(
            (heading for heading, targets in self._plan.used if target in targets), " | ".join(self._section.id_from)
        )

    def _repeated(self, rows: Rows, bad: set[int], seen: SeenIds, rejected: list[Rejection]) -> set[int]:
        """Rows whose id came before: with the same content they are passed over, else rejected."""
        keys = rows.ids if self._section.kind != "contacts" else list(map(_identity, rows.ids, rows.contacts))
        keys = [None if row in bad else key for row, key in enumerate(keys)] if bad else keys
        firsts = seen.first_of(keys, rows.lines, rows.fingerprints)
        if not any(firsts):
            return set()
        repeated = set()
        for row, first in enumerate(firsts):
            if first is not None:
                repeated.add(row)
                self._note_repeated(rows, row, first, rejected)
        return repeated

    def _note_repeated(self, rows: Rows, row: int, first: First, rejected: list[Rejection]) -> None:
        line, fingerprint = first
        if fingerprint == rows.fingerprints[row]:
            self._tally.duplicates += 1
            return
        key = rows.ids[row] or ""
        reason = f"the same id is on line {line} with other content"
        rejected.append(
            Rejection(
                line=rows.lines[row], column=self._id_heading(), value=key, reason=reason, kind="id-twice", id=key
            )
        )


def _filled_cells(column: tuple[str, ...], empty: frozenset[str]) -> list[Cell]:
    """The trimmed cells of a column, None where empty; most columns of an export have a value in every row."""
    trimmed = list(map(str.strip, column))
    if empty.isdisjoint(trimmed):
        return trimmed  # type: ignore[return-value]
    return [None if cell in empty else cell for cell in trimmed]


def _identity(key: str | None, people: tuple[Contact, ...]) -> str | None:
    """What may come once in a file of contacts: one may stand there once for each of its deals."""
    return f"{key}\0{people[0].get('deal', '')}" if people else key


def _known_headings(section: Section) -> list[str]:
    return [name for column in section.columns for name in (column.heading, *column.aliases)]


def _section(mapping: Mapping, kind: Kind) -> Section:
    try:
        return mapping.section(kind)
    except LookupError as error:
        raise ImportRefused(
            MappingProblem(path=(kind,), message=str(error), hint=f"Write {kind}: with columns:")
        ) from None
