"""An export as the runner takes it: opened with the workspace's fields, in batches, its rejected rows put aside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from engine.console.desk import Refused
from engine.core.vocabulary import Field
from engine.core.world import World
from engine.core.zones import ZoneError, zone
from engine.crm.headings import snake_case
from engine.crm.mapping import Kind, Mapping
from engine.crm.read import Reading, read_deals, read_side
from engine.crm.rejects import Rejection, RejectsFile
from engine.crm.rows import Record
from engine.runner.importing import BATCH
from engine.runner.incoming import Columns

_NOT_FIELDS = frozenset({"id", "account", "account_name", "currency", "contacts"})
_NOT_CONTACT = frozenset({"id", "role", "account", "deal"})


def fields_for(world: World) -> dict[str, Field]:
    """The workspace's fields as mappings name them: bare for deals, account.X and contact.X for the others."""
    return {name.removeprefix("deal."): field for name, field in world.vocabulary.fields.items()}


def open_export(path: Path, mapping: Mapping, folder: Path, world: World, today: str) -> Reading:
    """Raises the crm's ImportRefused where the file cannot be read without guessing."""
    fields = fields_for(world)
    currency = fields["amount"].currency or None
    return read_deals(path, mapping, folder, fields, zone_ok=_is_zone, currency=currency, today=today)


def open_side(path: Path, mapping: Mapping, kind: Kind, world: World) -> Reading:
    """A file of accounts or contacts. Raises ImportRefused as open_export does."""
    return read_side(path, mapping, kind, fields_for(world), zone_ok=_is_zone)


def columns_of(reading: Reading, mapping: Mapping, kind: Kind = "deals") -> Columns:
    """What the file can fill, by its own columns, its side files and the mapping's constants."""
    summary = reading.summary
    targets = {target for _, each in summary.columns for target in each if not target.startswith("status ")}
    targets |= set(mapping.section(kind).constants)
    if kind == "deals":
        targets |= {target for join in mapping.joins for _, target in join.take}
    plain = {target for target in targets if "." not in target}
    return Columns(
        deal=frozenset(plain - _NOT_FIELDS),
        account=frozenset(_under("account.", targets) - {"id", "name"}),
        contact=frozenset(_under("contact.", targets) - _NOT_CONTACT),
        custom=frozenset(_custom(_under("custom.", targets), summary.unmapped)),
        contacts="contacts" in plain or any(target.startswith("contact.") for target in targets),
    )


def _under(prefix: str, targets: set[str]) -> set[str]:
    return {target.removeprefix(prefix) for target in targets if target.startswith(prefix)}


def _custom(named: set[str], unmapped: tuple[str, ...]) -> set[str]:
    """As the reading names columns that nobody mapped: a name that is taken already gets a number."""
    names = set(named)
    for heading in unmapped:
        name = base = snake_case(heading)
        number = 2
        while name in names:
            name, number = f"{base}__{number}", number + 1
        names.add(name)
    return names


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ZoneError:
        return False
    return True


def digest(path: Path) -> str:
    """Of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def newest_modified(reading: Reading) -> str:
    """Reads the whole file once more; for exports in which some rows lack the date only."""
    found = ""
    for item in reading:
        if isinstance(item, Record):
            found = max(found, str(item.deal.get("modified_at") or ""))
    return found


def batches(reading: Reading, rejects: Rejects) -> Iterator[tuple[list[Record], list[str]]]:
    """(records, ids of rejected rows), as many as go into one batch."""
    records: list[Record] = []
    refused: list[str] = []
    for item in reading:
        if isinstance(item, Rejection):
            rejects.write(item)
            refused.extend(filter(None, [item.id]))
        else:
            records.append(item)
            if len(records) >= BATCH:
                yield records, refused
                records, refused = [], []
    yield records, refused


class Rejects:
    """The file of rejected rows. It is made with the first of them; the first few are kept for the summary."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: list[Rejection] = []
        self._stream: IO[str] | None = None
        self._file: RejectsFile | None = None

    @property
    def count(self) -> int:
        return self._file.count if self._file else 0

    def write(self, rejection: Rejection) -> None:
        """Raises Refused where the file cannot be written."""
        if self._file is None:
            self._file = self._begin()
        if len(self.first) < 5:
            self.first.append(rejection)
        try:
            self._file.write(rejection)
        except OSError as error:
            raise self._refused(error) from None

    def _begin(self) -> RejectsFile:
        try:
            self._stream = self.path.open("w", encoding="utf-8", newline="")
            return RejectsFile(self._stream)
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> Refused:
        return Refused(f"the rejected rows cannot be written to {self.path}: {error.strerror}", "name --rejects FILE")

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._stream is not None:
            self._stream.close()
