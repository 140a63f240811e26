"""The plan for one file, settled before its first row: for every target the columns that fill it and their reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any

from engine.crm import activities, values
from engine.crm.dialect import Dialect
from engine.crm.errors import ImportRefused, MappingProblem
from engine.crm.headings import did_you_mean, plain, snake_case
from engine.crm.joins import SideFile
from engine.crm.mapping import ACCOUNT_TARGETS, ACTIVITY_TARGETS, CONTACT_TARGETS, DEAL_TARGETS, ONE_OF, Column, Section
from engine.crm.people import People
from engine.crm.settling import Settling
from engine.crm.values import FieldType, Remembering


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One column that fills a target. `memory` is None for text, which needs no reading."""

    index: int
    heading: str
    memory: Remembering | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One target. The first source with a value wins, then `default`."""

    target: str
    type: str
    sources: tuple[Source, ...] = ()
    default: object = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that a row needs; slots stand in the alphabetical order of their targets."""

    section: Section
    slots: tuple[Slot, ...]
    status: Remembering | None  # reads (stage, flag, flag, …)
    unlisted: Mapping[object, str]  # (stage, flag, flag, …) that no word of the mapping names: the stage as written
    flag_indexes: tuple[int, ...]
    custom: tuple[tuple[str, int], ...]  # name under custom, column
    keep: tuple[tuple[int, frozenset[str]], ...]
    id_from: tuple[int, ...]
    used: tuple[tuple[str, tuple[str, ...]], ...]
    unmapped: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the workspace knows. `fields` None: every name is taken, as text."""

    fields: Mapping[str, FieldType] | None
    zone_ok: Callable[[str], bool]
    currency: str | None
    strict_flags: bool  # false with a preset: its flag columns may be missing
    people: People | None = None  # None, or an empty roster: persons are taken as written
    teams: People | None = None  # alike


class Planner:
    """Builds the plan of one section for one file."""

    def __init__(
        self, section: Section, dialect: Dialect, sides: tuple[SideFile, ...], settings: Settings, settling: Settling
    ) -> None:
        self._settling = settling
        self._section = section
        self._settings = settings
        self._headings = dialect.headings
        self._index = index_of(dialect)
        self._problems: list[MappingProblem] = []
        self._sources: dict[str, list[tuple[int, str]]] = {}
        self._types: dict[str, FieldType | None] = {}
        self._used: dict[str, list[str]] = {}
        self._take_joins(sides)
        for column in section.columns:
            self._take_column(column)

    def plan(self) -> Plan:
        """Raises ImportRefused with every column that is missing and every field that is not declared."""
        section = self._section
        for target in section.constants:
            if self._accept(target, own=True, path=(section.kind, "constants", target)):
                self._sources.setdefault(target, [])
        flags = self._flags()
        keep = tuple(
            (self._required(heading, "keep"), frozenset(word.casefold() for word in words))
            for heading, words in section.keep.items()
        )
        id_from = tuple(self._required(heading, "id_from") for heading in section.id_from)
        for heading in section.date_formats:
            self._required(heading, "date_formats")
        self._check_required(flags)
        if self._problems:
            raise ImportRefused(*self._problems)
        unlisted: dict[object, str] = {}
        status = values.status_reader(self._status_words(), tuple(flags), unlisted) if section.kind == "deals" else None
        used = set(self._used)
        unmapped = tuple(heading for heading in self._headings if heading not in used)
        return Plan(
            section=section,
            slots=tuple(self._slot(target) for target in sorted(self._sources) if not target.startswith("custom.")),
            status=Remembering(status) if status else None,
            unlisted=unlisted,
            flag_indexes=tuple(flags.values()),
            custom=self._custom(unmapped),
            keep=keep,
            id_from=id_from,
            used=tuple((heading, tuple(targets)) for heading, targets in self._used.items()),
            unmapped=unmapped,
        )

    def _take_joins(self, sides: tuple[SideFile, ...]) -> None:
        """What side files add stands after the file's own columns, and goes before what a column says."""
        position = len(self._headings)
        for side in sides:
            for heading, target in side.join.take:
                if self._accept(target, own=True, path=(*side.join.path, "take", heading)):
                    self._sources.setdefault(target, []).append((position, f"{side.join.file}: {heading}"))
                position += 1

    def _take_column(self, column: Column) -> None:
        found = [self._index[plain(name)] for name in (column.heading, *column.aliases) if plain(name) in self._index]
        if not found:
            if column.own:
                self._required(column.heading, "columns")
            return
        heading = self._headings[found[0]]
        for target in column.targets:
            accepted = self._accept(target, own=column.own, path=(self._section.kind, "columns", column.heading))
            if accepted:
                self._sources.setdefault(accepted, []).append((found[0], heading))
                self._used.setdefault(heading, []).append(accepted)

    def _accept(self, target: str, own: bool, path: tuple[str, ...]) -> str:
        """The target if it may be filled. A preset's undeclared deal field goes to custom; its others are left out."""
        fields = self._settings.fields
        builtin, name = _builtin(target)
        if name in builtin or target.startswith("custom.") or fields is None or target in fields:
            self._types[target] = fields.get(target) if fields and name not in builtin else None
            return target
        if not own:
            return f"custom.{target}" if "." not in target else ""
        if target.startswith("activity."):
            self._refuse_unknown(path, name, builtin, f"There are {', '.join(builtin)}")
            return ""
        known = [*builtin, *(field for field in fields if ("." in field) == ("." in target))]
        otherwise = f"Declare it in fields.yaml, or write custom.{target.rpartition('.')[2]}"
        self._refuse_unknown(path, target, known, otherwise)
        return ""

    def _refuse_unknown(self, path: tuple[str, ...], target: str, known: Iterable[str], otherwise: str) -> None:
        hint = did_you_mean(target, known) or otherwise
        self._problems.append(MappingProblem(path=path, message=f"there is no field “{target}”", hint=hint))

    def _required(self, heading: str, where: str) -> int:
        index = self._index.get(plain(heading), -1)
        if index < 0:
            hint = did_you_mean(heading, self._headings) or f"It has {', '.join(self._headings[:30])}"
            path = (self._section.kind, where, heading)
            self._problems.append(MappingProblem(path=path, message=f"the file has no column “{heading}”", hint=hint))
        return index

    def _flags(self) -> dict[str, int]:
        flags = {}
        for status, heading in self._section.flags.items():
            if plain(heading) in self._index:
                flags[status] = self._index[plain(heading)]
                self._used.setdefault(self._headings[flags[status]], []).append(f"status {status}")
            elif self._settings.strict_flags:
                self._required(heading, "flags")
        return flags

    def _check_required(self, flags: dict[str, int]) -> None:
        """A preset's own id or status column may be missing in this file: then the file lacks it, not the mapping."""
        section = self._section
        missing = [] if self._problems else self._missing(flags)
        for target, hint in missing:
            headings = [column.heading for column in section.columns if target in map(_bare, column.targets)]
            wanted = f" (usually {' or '.join(f'“{heading}”' for heading in headings)})" if headings else ""
            message = f"the file has no column for {target}{wanted}"
            self._problems.append(MappingProblem(path=(section.kind, "columns"), message=message, hint=hint))

    def _missing(self, flags: dict[str, int]) -> list[tuple[str, str]]:
        section = self._section
        if section.kind == "activities":
            return [each for each in activities.NEEDED if not set(each[0].split(" or ")) & self._bare_targets()]
        key = "id" if section.kind == "deals" else f"{ONE_OF[section.kind]}.id"
        recipe = "Add it to the export, or write id_from: with columns that never change and are unique together"
        missing = [] if key in self._sources or section.id_from else [(key, recipe)]
        if section.kind == "contacts" and "contact.email" in self._sources:
            missing = []
        if section.kind == "deals" and "status" not in self._sources and not flags:
            missing.append(("status", "Add the stage or status to the export, or map your own column to status"))
        return missing

    def _bare_targets(self) -> set[str]:
        return {target.rpartition(".")[2] for target in self._sources}

    def _status_words(self) -> dict[str, tuple[str, ...]]:
        words = dict(self._section.status)
        if "status" in self._section.constants:
            words |= {status: (*words.get(status, ()), status) for status in ("lost", "won", "open", "deleted")}
        if "status" not in self._sources:
            words["open"] = ("*",)
        return words

    def _custom(self, unmapped: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        named = {
            target.removeprefix("custom."): each[0][0]
            for target, each in self._sources.items()
            if target.startswith("custom.") and each
        }
        for heading in unmapped:
            name = base = snake_case(heading)
            number = 2
            while name in named:
                name, number = f"{base}__{number}", number + 1
            named[name] = self._headings.index(heading)
        return tuple(sorted(named.items()))

    def _slot(self, target: str) -> Slot:
        kind = self._type(target)
        sources = tuple(
            Source(index=index, heading=heading, memory=self._memory(target, kind, index))
            for index, heading in self._sources[target]
        )
        constant = self._section.constants.get(target)
        if constant is None or kind in ("status", "money"):
            return Slot(target=target, type=kind, sources=sources, default=constant)
        memory = self._memory(target, kind, -1)
        default = constant if memory is None else memory[str(constant)]
        if isinstance(default, values.Flaw):
            path = (self._section.kind, "constants", target)
            raise ImportRefused(MappingProblem(path=path, message=f"“{constant}” {default.reason}"))
        return Slot(target=target, type=kind, sources=sources, default=default)

    def _type(self, target: str) -> str:
        builtin, name = _builtin(target)
        declared = self._types.get(target)
        return builtin.get(name, declared.type if declared else "text")

    def _memory(self, target: str, kind: str, index: int) -> Remembering | None:
        words = self._section.values.get(target, {})
        if kind == "status":
            return None
        if kind == "money":
            default = self._section.currency or self._settings.currency
            return Remembering(values.money_reader(default, "currency" in self._sources, self._section.numbers))
        listed = self._settings.people if kind == "person" else self._settings.teams if target == "team" else None
        if listed is not None and listed.ids:
            return Remembering(values.translated(listed.reader(target), words))
        if kind in ("text", "person", "") and not words:
            return None
        return Remembering(values.translated(self._reader(target, kind, index), words))

    def _reader(self, target: str, kind: str, index: int) -> values.Read:
        section = self._section
        if kind == "date":
            return self._date_reader(index)
        if kind == "choice":
            field = self._types.get(target)
            return values.choice_reader(field.values if field else ())
        plain_readers: dict[str, Any] = {
            "currency": values.read_currency,
            "number": values.number_reader(section.numbers),
            "yes_no": values.read_yes_no,
            "do_not": values.read_do_not,
            "duration": values.read_duration,
            "zone": values.zone_reader(self._settings.zone_ok),
            "direction": activities.read_direction,
            "channel": activities.read_channel,
        }
        reader: values.Read = plain_readers.get(kind, values.as_text)
        return reader

    def _date_reader(self, index: int) -> values.Read:
        section = self._section
        by_heading = {self._index.get(plain(heading)): each for heading, each in section.date_formats.items()}
        declared, zone = by_heading.get(index, section.date_format), zone_of(section.time_zone)
        if declared:
            return values.date_reader(declared, zone)
        self._settling.want(index)
        return values.date_reader((), zone, partial(self._settling.formats, index))


def index_of(dialect: Dialect) -> dict[str, int]:
    """Plain heading -> column; the first of several."""
    return {plain(heading): index for index, heading in reversed(list(enumerate(dialect.headings)))}


def zone_of(name: str) -> tzinfo | None:
    """The zone in which wall times of the file are meant; None where the mapping names none."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name) if name else None


def _builtin(target: str) -> tuple[Mapping[str, str], str]:
    """The table of names that always exist on this side, and the name in it."""
    prefix, dot, name = target.partition(".")
    if not dot:
        return DEAL_TARGETS, target
    sides = {"account": ACCOUNT_TARGETS, "contact": CONTACT_TARGETS, "activity": ACTIVITY_TARGETS}
    return sides.get(prefix, {}), name


def _bare(target: str) -> str:
    return target.rpartition(".")[2]
