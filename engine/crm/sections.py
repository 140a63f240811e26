"""The options of one section of a mapping: every key checked, every format compiled, problems collected."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.crm.dates import FORMAT_HINT, DateFormat, parse_format
from engine.crm.errors import MappingError, MappingProblem
from engine.crm.headings import did_you_mean
from engine.crm.mapping import STATUSES, Column, Kind, Section
from engine.crm.numbers import NumberFormat, is_currency, number_format

_KEYS = (
    "columns",
    "aliases",
    "constants",
    "id_from",
    "id_characters",
    "date_format",
    "date_formats",
    "time_zone",
    "decimal",
    "thousands",
    "currency",
    "status",
    "flags",
    "values",
    "empty",
    "delimiter",
    "encoding",
    "list_separator",
    "keep",
    "skip_footer",
)
Path = tuple[str, ...]


class Complaints:
    """Collects problems, and reads plain YAML values on the way."""

    def __init__(self) -> None:
        self._problems: list[MappingProblem] = []

    def add(self, path: Path, message: str, hint: str = "") -> None:
        """Note one problem."""
        self._problems.append(MappingProblem(path=path, message=message, hint=hint))

    def raise_if_any(self) -> None:
        """Raises MappingError with all that was noted."""
        if self._problems:
            raise MappingError(*self._problems)

    def unknown_keys(self, path: Path, part: dict[str, Any], known: Collection[str]) -> None:
        """Note each key that means nothing here."""
        for key in part:
            if key not in known:
                hint = did_you_mean(str(key), known) or f"Known are {', '.join(known)}"
                self.add((*path, str(key)), f"“{key}” is no key of a mapping here", hint)

    def mapping(self, path: Path, value: object) -> dict[str, Any]:
        """The value as keys with values; nothing counts as empty."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.add(path, f"{path[-1]} is not a set of keys", f"Write {path[-1]}: and below it, indented, KEY: VALUE")
            return {}
        return value

    def texts(self, path: Path, value: object) -> list[str]:
        """One text or a list of texts."""
        each = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict | list) or item is None for item in each):
            self.add(path, f"{path[-1]} is not a text or a list of texts", "Write it like [one, two]")
            return []
        return ["yes" if item is True else "no" if item is False else str(item) for item in each]

    def text(self, path: Path, value: object) -> str:
        """One text; nothing counts as empty."""
        if value is None:
            return ""
        found = self.texts(path, value)
        if len(found) > 1:
            self.add(path, f"{path[-1]} has more than one value", "Write one")
        return found[0] if found else ""


def read_options(kind: Kind, part: dict[str, Any], columns: tuple[Column, ...], complaints: Complaints) -> Section:
    """The section with its options; `part` is the mapping's own part laid over the preset's."""
    at = (kind,)
    complaints.unknown_keys(at, part, _KEYS)
    number = _numbers(at, part, complaints)
    characters = part.get("id_characters", 0)
    if not isinstance(characters, int) or characters < 0:
        complaints.add((*at, "id_characters"), "id_characters is no number", "Write id_characters: 15")
        characters = 0
    return Section(
        kind=kind,
        columns=columns,
        constants=_constants((*at, "constants"), part, complaints),
        id_from=tuple(complaints.texts((*at, "id_from"), part.get("id_from", []))),
        id_characters=characters,
        date_format=_formats((*at, "date_format"), part.get("date_format", []), complaints),
        date_formats={
            str(heading): _formats((*at, "date_formats", str(heading)), written, complaints)
            for heading, written in complaints.mapping((*at, "date_formats"), part.get("date_formats")).items()
        },
        time_zone=_zone((*at, "time_zone"), part, complaints),
        numbers=number,
        currency=_currency((*at, "currency"), part, complaints),
        status=_status((*at, "status"), part, complaints),
        flags=_flags((*at, "flags"), part, complaints),
        values=_values((*at, "values"), part, complaints),
        empty=frozenset(["", *complaints.texts((*at, "empty"), part.get("empty", []))]),
        delimiter=_delimiter((*at, "delimiter"), part, complaints),
        encoding=complaints.text((*at, "encoding"), part.get("encoding")),
        list_separator=complaints.text((*at, "list_separator"), part.get("list_separator")),
        keep=_lists((*at, "keep"), part.get("keep"), complaints),
        skip_footer=bool(part.get("skip_footer", False)),
    )


def _formats(path: Path, written: object, complaints: Complaints) -> tuple[DateFormat, ...]:
    formats = []
    for text in complaints.texts(path, written):
        try:
            formats.append(parse_format(text))
        except ValueError as error:
            complaints.add(path, str(error), FORMAT_HINT)
    return tuple(formats)


def _numbers(at: Path, part: dict[str, Any], complaints: Complaints) -> NumberFormat:
    try:
        return number_format(part.get("decimal"), part.get("thousands"))
    except (ValueError, TypeError) as error:
        complaints.add((*at, "decimal"), str(error), 'Write decimal: "," and thousands: "."')
        return NumberFormat()


def _zone(path: Path, part: dict[str, Any], complaints: Complaints) -> str:
    zone = complaints.text(path, part.get("time_zone"))
    if zone and not is_zone(zone):
        complaints.add(path, f"there is no time zone “{zone}”", "Write it like Europe/Berlin or America/New_York")
        return ""
    return zone


def is_zone(name: str) -> bool:
    """Whether the IANA database has the zone."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True


def _currency(path: Path, part: dict[str, Any], complaints: Complaints) -> str:
    currency = complaints.text(path, part.get("currency"))
    if currency and not is_currency(currency):
        complaints.add(path, f"“{currency}” is no currency code", "Write three capital letters: EUR")
        return ""
    return currency


def _delimiter(path: Path, part: dict[str, Any], complaints: Complaints) -> str:
    delimiter = complaints.text(path, part.get("delimiter"))
    delimiter = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(delimiter, delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        complaints.add(path, f"“{delimiter}” is no delimiter", "Write one character, or tab")
        return ""
    return delimiter


def _constants(path: Path, part: dict[str, Any], complaints: Complaints) -> dict[str, str | int | float | bool]:
    constants = complaints.mapping(path, part.get("constants"))
    return {str(target): complaints.text((*path, str(target)), value) for target, value in constants.items()}


def _lists(path: Path, written: object, complaints: Complaints) -> dict[str, tuple[str, ...]]:
    part = complaints.mapping(path, written)
    return {str(key): tuple(complaints.texts((*path, str(key)), each)) for key, each in part.items()}


def _status(path: Path, part: dict[str, Any], complaints: Complaints) -> dict[str, tuple[str, ...]]:
    words = _lists(path, part.get("status"), complaints)
    owner: dict[str, str] = {}
    for status, each in words.items():
        if status not in STATUSES:
            complaints.add(
                (*path, status),
                f"“{status}” is no status",
                did_you_mean(status, STATUSES) or "There are lost, won, open and deleted",
            )
        for word in each:
            first = owner.setdefault(" ".join(word.casefold().split()), status)
            if first != status:
                complaints.add((*path, status), f"“{word}” is listed as {first} and as {status}", "Keep it in one list")
    return words


def _flags(path: Path, part: dict[str, Any], complaints: Complaints) -> dict[str, str]:
    flags = complaints.mapping(path, part.get("flags"))
    for status in flags:
        if status not in STATUSES:
            complaints.add((*path, str(status)), f"“{status}” is no status", "There are lost, won, open and deleted")
    return {str(status): complaints.text((*path, str(status)), heading) for status, heading in flags.items()}


def _values(path: Path, part: dict[str, Any], complaints: Complaints) -> dict[str, dict[str, str]]:
    values = complaints.mapping(path, part.get("values"))
    return {
        str(target): {
            str(word): complaints.text((*path, str(target), str(word)), value)
            for word, value in complaints.mapping((*path, str(target)), each).items()
        }
        for target, each in values.items()
    }
