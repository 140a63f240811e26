"""Plain YAML content -> Mapping, all problems at once. The preset's keys stand where the mapping has none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.core.likeness import nearest
from engine.crm.errors import MappingError, MappingProblem
from engine.crm.headings import did_you_mean, plain
from engine.crm.mapping import (
    ACCOUNT_TARGETS,
    ACTIVITY_TARGETS,
    CONTACT_TARGETS,
    DATES,
    DEAL_TARGETS,
    ONE_OF,
    STATUSES,
    Column,
    Join,
    Kind,
    Mapping,
    Section,
)
from engine.crm.presets import preset_content, preset_names
from engine.crm.sections import Complaints, read_options

_TOP = ("mapping", "title", "preset", "deals", "accounts", "contacts", "activities", "joins")
_JOIN = ("file", "on", "take", "alias", "encoding", "delimiter")
_OF_ACTIVITIES = ("columns", "values", "constants", "keep", "date_format")  # those that most mappings need
_LEVELS: dict[Kind, dict[str, str]] = {
    "deals": DEAL_TARGETS, "accounts": ACCOUNT_TARGETS, "contacts": CONTACT_TARGETS, "activities": ACTIVITY_TARGETS,
}  # fmt: skip


def load_mapping(content: dict[str, Any], presets_folder: Path | None = None) -> Mapping:
    """Check and freeze a mapping. `content` is the parsed YAML; presets come with the program unless a folder is given.

    Raises MappingError with every problem found.
    """
    complaints = Complaints()
    if not isinstance(content, dict):
        raise MappingError(MappingProblem(message="a mapping is a list of keys", hint="Begin with mapping: NAME"))
    complaints.unknown_keys((), content, _TOP)
    preset = _preset(content, presets_folder, complaints)
    sections: dict[Kind, Section | None] = {}
    for kind in _LEVELS:
        own = complaints.mapping((kind,), content.get(kind))
        base = preset.get(kind) or {}
        sections[kind] = _section(kind, own, base, complaints) if own or base else None
    deals = sections["deals"]
    joins = _joins(content.get("joins", preset.get("joins")), complaints)
    if deals is None and content.get("preset") is not None and not preset:
        pass  # the preset that would bring them has its complaint
    elif deals is None and sections["activities"] is None:
        complaints.add(("deals",), "the mapping has no deals", "Write deals: with columns:, or preset:")
    elif deals is not None:
        _check_deals(deals, joins, complaints)
    complaints.raise_if_any()
    return Mapping(
        name=str(content.get("mapping") or content.get("preset") or "mapping"),
        preset=str(content.get("preset") or ""),
        deals=deals or Section(kind="deals"),
        accounts=sections["accounts"],
        contacts=sections["contacts"],
        activities=sections["activities"],
        joins=joins,
    )


def _preset(content: dict[str, Any], folder: Path | None, complaints: Complaints) -> dict[str, Any]:
    name = content.get("preset")
    if name is None:
        return {}
    known = preset_names(folder)
    if not isinstance(name, str) or name not in known:
        begin = [each for each in known if each.startswith(f"{name}-")]
        meant = f"Did you mean {' or '.join(begin)}?" if begin else did_you_mean(str(name), known)
        hint = f"{meant} There are {', '.join(known)}".strip()
        complaints.add(("preset",), f"there is no preset “{name}”", hint)
        return {}
    return preset_content(name, folder)


def _section(kind: Kind, own: dict[str, Any], base: dict[str, Any], complaints: Complaints) -> Section:
    merged = {**base, **own}
    for sign, other in (("decimal", "thousands"), ("thousands", "decimal")):
        if sign in own and other not in own:
            merged.pop(other, None)  # the preset's other sign may be this one
    own, base, merged = (_with_full_targets(kind, part) for part in (own, base, merged))
    for key in ("status", "flags", "values", "date_formats", "constants", "keep", "aliases"):
        if isinstance(base.get(key), dict) and isinstance(own.get(key), dict):
            merged[key] = {**base[key], **own[key]}
    if kind == "activities":
        complaints.unknown_keys((kind,), {key: None for key in ("status", "flags") if key in own}, _OF_ACTIVITIES)
    columns = _columns(kind, own, base, complaints)
    return read_options(kind, merged, columns, complaints)


def _with_full_targets(kind: Kind, part: dict[str, Any]) -> dict[str, Any]:
    """`values` and `constants` name targets as the columns do: in accounts `industry` is `account.industry`."""
    written = {key: part[key] for key in ("values", "constants") if isinstance(part.get(key), dict)}
    return part | {key: {_in_full(kind, str(name)): each for name, each in of.items()} for key, of in written.items()}


def _in_full(kind: Kind, target: str) -> str:
    """The target as columns have it: `industry` in accounts is `account.industry`, `deal.team` in deals is `team`."""
    bare = target.removeprefix(f"{ONE_OF[kind]}.")
    if kind != "deals":
        return f"{ONE_OF[kind]}.{bare}"
    return {"account.id": "account", "account.name": "account_name"}.get(bare, bare)


def _columns(kind: Kind, own: dict[str, Any], base: dict[str, Any], complaints: Complaints) -> tuple[Column, ...]:
    """The mapping's own columns first. What they fill, and the headings they name, leave the preset's columns."""
    aliases = {plain(str(name)): each for part in (base, own) for name, each in _dict(part.get("aliases")).items()}
    columns: list[Column] = []
    for part, is_own in ((own, True), (base, False)):
        taken = {target for column in columns for target in column.targets} if not is_own else set()
        taken |= set(_dict(own.get("constants"))) if not is_own else set()
        named = {plain(column.heading) for column in columns} if not is_own else set()
        for heading, written in complaints.mapping((kind, "columns"), part.get("columns")).items():
            if plain(str(heading)) in named:
                continue
            path = (kind, "columns", str(heading))
            targets = [_target(kind, text, path, complaints) for text in complaints.texts(path, written)]
            kept = tuple(target for target in targets if target and target not in taken)
            if kept:
                other = complaints.texts((kind, "aliases", str(heading)), aliases.get(plain(str(heading)), []))
                columns.append(Column(heading=str(heading), targets=kept, own=is_own, aliases=tuple(other)))
    return tuple(columns)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _target(kind: Kind, text: str, path: tuple[str, ...], complaints: Complaints) -> str:
    """The target in its full form: `industry` in accounts is `account.industry`. Empty where it is refused."""
    singular = ONE_OF[kind]
    if text.startswith(f"{singular}."):
        text = text.removeprefix(f"{singular}.")
    prefix, dot, name = text.partition(".")
    if dot and (prefix not in ("account", "contact", "custom") or not name or kind != "deals"):
        complaints.add(path, f"“{text}” is no target", "Write a field, account.FIELD, contact.FIELD or custom.NAME")
        return ""
    if not text.replace("_", "").replace(".", "").isalnum():
        meant = nearest(text, _LEVELS[kind])
        complaints.add(
            path, f"“{text}” is no name of a field", f"Did you mean “{meant}”?" if meant else "Names have no spaces"
        )
        return ""
    return _in_full(kind, text)


def _joins(written: object, complaints: Complaints) -> tuple[Join, ...]:
    if written is None:
        return ()
    if not isinstance(written, list):
        complaints.add(("joins",), "joins is not a list", "Begin each side file with a dash: - file: products.csv")
        return ()
    joins = [_join(each, position, complaints) for position, each in enumerate(written)]
    return tuple(join for join in joins if join)


def _join(written: object, position: int, complaints: Complaints) -> Join | None:
    path = ("joins", str(position))
    # YAML 1.1 reads a bare `on:` as true
    part = {"on" if str(key) == "True" else key: value for key, value in complaints.mapping(path, written).items()}
    complaints.unknown_keys(path, part, _JOIN)
    pairs = {key: complaints.mapping((*path, key), part.get(key)) for key in ("on", "take", "alias")}
    if not isinstance(part.get("file"), str):
        complaints.add((*path, "file"), "the side file has no name", "Write file: products.csv")
        return None
    for key in ("on", "take"):
        if not pairs[key]:
            complaints.add(
                (*path, key), f"{key} is empty", f"Write {key}: {{COLUMN: {'COLUMN' if key == 'on' else 'FIELD'}}}"
            )
    take = [
        (str(side), _target("deals", str(text), (*path, "take", str(side)), complaints))
        for side, text in pairs["take"].items()
    ]
    return Join(
        file=part["file"],
        on=tuple((str(left), str(right)) for left, right in pairs["on"].items()),
        take=tuple((side, target) for side, target in take if target),
        alias={str(key): str(value) for key, value in pairs["alias"].items()},
        encoding=str(part.get("encoding") or ""),
        delimiter=str(part.get("delimiter") or ""),
        position=position,
    )


def _check_deals(deals: Section, joins: Iterable[Join], complaints: Complaints) -> None:
    targets = {target for column in deals.columns for target in column.targets} | set(deals.constants)
    targets |= {target for join in joins for _, target in join.take}
    if "id" not in targets and not deals.id_from:
        hint = "Map the deal's id to id, or write id_from: with columns that never change and are unique together"
        complaints.add(("deals",), "no column is mapped to id", hint)
    if "status" not in targets and not deals.flags:
        complaints.add(("deals",), "no column is mapped to status", "Map the stage or status column to status")
    elif "status" not in deals.constants and not any(deals.status.get(name) for name in STATUSES) and not deals.flags:
        complaints.add(
            ("deals", "status"),
            "no word is listed for lost",
            "Write status: {lost: [Closed Lost], won: [Closed Won], open: ['*']}",
        )
    for column in deals.columns:
        if column.own and "status" in column.targets and set(column.targets) & set(DATES):
            complaints.add(
                ("deals", "columns", column.heading),
                "a column cannot be both status and a date",
                "Map it to one of them",
            )
