"""An export as the runner takes it: opened with the workspace's fields, in batches, its rejected rows put aside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from engine.console.desk import Refused
from engine.core.roster import Roster
from engine.core.vocabulary import Field
from engine.core.world import World
from engine.core.zones import ZoneError, zone
from engine.crm.mapping import Kind, Mapping
from engine.crm.people import People
from engine.crm.read import Reading, read_deals, read_side
from engine.crm.records import Rows
from engine.crm.rejects import Rejection, RejectsFile
from engine.runner.importing import BATCH
from engine.runner.incoming import Columns, newest_of

_NOT_FIELDS = frozenset({"id", "account", "account_name", "currency", "contacts"})
_NOT_CONTACT = frozenset({"id", "role", "account", "deal"})


def fields_for(world: World) -> dict[str, Field]:
    """The workspace's fields as mappings name them: bare for deals, account.X and contact.X for the others."""
    return {name.removeprefix("deal."): field for name, field in world.vocabulary.fields.items()}


def open_export(path: Path, mapping: Mapping, folder: Path, world: World, today: str) -> Reading:
    """Raises the crm's ImportRefused where the file cannot be read without guessing."""
    fields = fields_for(world)
    currency = fields["amount"].currency or None
    return read_deals(
        path, mapping, folder, fields, zone_ok=_is_zone, currency=currency, today=today,
        people=people_of(world.roster), teams=teams_of(world.roster),
    )  # fmt: skip


def open_side(path: Path, mapping: Mapping, kind: Kind, world: World) -> Reading:
    """A file of accounts or contacts. Raises ImportRefused as open_export does."""
    return read_side(path, mapping, kind, fields_for(world), zone_ok=_is_zone, people=people_of(world.roster))


def people_of(roster: Roster) -> People:
    """Those that a cell may name by id, name or mail address."""
    return People((person.id, person.name, person.email) for person in roster.people.values())


def teams_of(roster: Roster) -> People:
    """Those that a cell may name by id or title."""
    return People(((team.id, team.title, "") for team in roster.teams.values()), "team")


def columns_of(reading: Reading) -> Columns:
    """What the file can fill, by its own columns, its side files and the mapping's constants."""
    plain = {target for target in reading.targets if "." not in target}
    return Columns(
        deal=frozenset(plain - _NOT_FIELDS),
        account=frozenset(_under("account.", reading.targets) - {"id", "name"}),
        contact=frozenset(_under("contact.", reading.targets) - _NOT_CONTACT),
        custom=frozenset(_under("custom.", reading.targets)),
        contacts="contacts" in plain or bool(_under("contact.", reading.targets) - {"role"}),  # a role alone is nobody
    )


def _under(prefix: str, targets: Iterable[str]) -> set[str]:
    return {target.removeprefix(prefix) for target in targets if target.startswith(prefix)}


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
    return max((newest_of(rows.column("modified_at")) for rows, _ in reading.batches(BATCH)), default="")


def batches(reading: Reading, rejects: Rejects) -> Iterator[tuple[Rows, list[str]]]:
    """(rows, ids of rejected rows), as many as go into one batch."""
    for rows, rejected in reading.batches(BATCH):
        for rejection in rejected:
            rejects.write(rejection)
        yield rows, [rejection.id for rejection in rejected if rejection.id]


class Rejects:
    """The file of rejected rows. It is made with the first of them, or never (`written` false: a dry run); the first
    few are kept for the summary.
    """

    def __init__(self, path: Path, *, written: bool = True) -> None:
        self.path = path
        self.written = written
        self.count = 0
        self.first: list[Rejection] = []
        self._stream: IO[str] | None = None
        self._file: RejectsFile | None = None

    def write(self, rejection: Rejection) -> None:
        """Raises Refused where the file cannot be written."""
        self.count += 1
        if len(self.first) < 5:
            self.first.append(rejection)
        if not self.written:
            return
        if self._file is None:
            self._file = self._begin()
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
