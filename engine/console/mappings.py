"""Which mapping an import uses: the one named, the workspace's, or a preset; and what a refusal says about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.console.desk import Desk, Refused
from engine.core.problem import Problem
from engine.crm.dialect import find_dialect
from engine.crm.errors import MappingError, MappingProblem, RefusalError
from engine.crm.headings import plain
from engine.crm.load import load_mapping
from engine.crm.mapping import Mapping
from engine.crm.presets import preset_content, preset_names
from engine.data_dir import data_dir

if TYPE_CHECKING:
    from engine.authoring.places import Source

SHOWN = 10  # problems
PLAIN = "activities"  # the preset for a plain list of activities
_NAMED = 12  # headings of a file that no preset knows
CHECKED = "import mapping"  # the setting of the store that holds the last mapping: the mark of its bytes, its content


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A mapping and where it stands; `file` None: a preset's. `checked` is what to keep of it under `CHECKED`."""

    mapping: Mapping
    file: Path | None = None
    checked: str = ""


def choose_mapping(desk: Desk, export: Path, file: Path | None, preset: str | None) -> Chosen:
    """Raises Refused, with every problem of the mapping, or with the preset that fits the file's header."""
    if file is not None and preset is not None:
        raise Refused("--mapping and --preset are two answers to one question", "leave one out")
    if preset is not None:
        return Chosen(mapping=_loaded({"mapping": preset, "preset": preset}, None))
    if file is None and desk.workspace.settings.mapping:
        file = desk.folder / desk.workspace.settings.mapping
    if file is None:
        raise Refused(f"which column of {export.name} is what? No mapping was given", _fitting(export))
    content, checked = _content(desk, file)
    return Chosen(mapping=_loaded(content, file), file=file, checked=checked)


def choose_activity_mapping(desk: Desk, export: Path, file: Path | None, preset: str | None) -> Chosen:
    """The one named; else the workspace's if it has a section activities; else the preset activities.

    A section that only the preset of the workspace's mapping has gives way to a plain list that fits `export` better.
    """
    if file is not None and preset is not None:
        raise Refused("--mapping and --preset are two answers to one question", "leave one out")
    named = file is not None or preset is not None
    if file is None and preset is None and desk.workspace.settings.mapping:
        file = desk.folder / desk.workspace.settings.mapping
    if file is not None:
        content, _ = _content(desk, file)
        chosen = Chosen(mapping=_loaded(content, file), file=file)
        if named or (chosen.mapping.activities is not None and "activities" in content):
            return chosen
        if chosen.mapping.activities is not None and not _is_plain_list(export, str(content.get("preset"))):
            return chosen
    preset = preset or PLAIN
    return Chosen(mapping=_loaded({"mapping": preset, "preset": preset}, None))


def _is_plain_list(export: Path, preset: str) -> bool:
    """Whether the export has more of the headings of a plain list than of the preset's own."""
    known = [_headings(preset_content(name)["activities"]) for name in (PLAIN, preset)]
    try:
        present = {plain(heading) for heading in find_dialect(export, set().union(*known)).headings}
    except RefusalError as error:
        raise refused(error) from None
    plain_list, own = (len(present & headings) for headings in known)
    return plain_list > own


def refused(error: RefusalError, file: Path | None = None, preset: str = "", section: str = "deals") -> Refused:
    """All problems of a refused mapping or export; those about a key of the mapping in `file` with its line.

    Whoever used a `preset` without a file of their own is shown the file that they need.
    """
    if file is None and preset and error.problems[0].line:
        return _undeclared(error.problems[0], preset, section)
    source = _parsed(file, _bytes(file)) if file is not None else None
    lines = []
    for problem in error.problems[:SHOWN]:
        where = f"{source.where_key(_steps(problem.path))}: " if source is not None and problem.path else ""
        path = f"{' > '.join(problem.path)}: " if problem.path and not where else ""
        lines.append(f"{where}{path}{problem.message}{f'. {problem.hint}' if problem.hint else ''}")
    if len(error.problems) > SHOWN:
        lines.append(f"… and {len(error.problems) - SHOWN} more")
    return Refused(lines[0], "\n  ".join(lines[1:]))


def _undeclared(problem: MappingProblem, preset: str, section: str) -> Refused:
    message = problem.message.replace("the mapping does not say", f"the preset {preset} does not say")
    lines = (
        "it differs from one export to the next: write a mapping with these lines, for example mapping.yaml",
        "    mapping: my-export",
        f"    preset: {preset}",
        f"    {section}:",
        f"      {problem.line}",
        "  and import with --mapping mapping.yaml instead of --preset",
    )
    return Refused(message, "\n".join(lines))


def _steps(path: tuple[str, ...]) -> tuple[str | int, ...]:
    """The way as the source knows it: joins are a list, whose items are counted; a heading may be a number too."""
    if path[0] == "joins" and len(path) > 1 and path[1].isdecimal():
        return "joins", int(path[1]), *path[2:]
    return path


def _content(desk: Desk, file: Path) -> tuple[Dict[str, Any], str]:
    """(what stands in it, what to keep of it). What the last import has checked is neither parsed nor checked again."""
    raw, schemas = _bytes(file), data_dir("schemas")
    mark = hashlib.sha256((schemas / "import.schema.json").read_bytes() + raw).hexdigest()
    last = desk.store.meta(CHECKED) or ""
    if last.startswith(mark):
        content: Dict[str, Any] = json.loads(last.removeprefix(mark))
        return content, last
    from engine.authoring.schema import check

    source = _parsed(file, raw)
    if problems := check(source, "import", schemas):
        raise _refused_file([_at_the_top(problem) for problem in problems])
    return source.content, mark + json.dumps(source.content, ensure_ascii=False)


def _at_the_top(problem: Problem) -> Problem:
    """The commonest slip has the cure itself as its hint, not a list of twenty keys."""
    if problem.rule == "unknown-key" and problem.message.endswith("'preset'"):
        return replace(problem, hint="preset is a key of the whole mapping: write it at the margin, beside deals:")
    return problem


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"the mapping {file} cannot be read: {error.strerror}", "check --mapping") from None


def _parsed(file: Path, raw: bytes) -> Source:
    from engine.authoring.source import read_yaml

    read = read_yaml(str(file), raw)
    if isinstance(read, list):
        raise _refused_file(read)
    return read


def _refused_file(problems: list[Problem]) -> Refused:
    from engine.authoring.report import render

    return Refused("the mapping is not right", render(problems[:SHOWN]).replace("\n", "\n  "))


def _loaded(content: Dict[str, Any], file: Path | None) -> Mapping:
    try:
        return load_mapping(dict(content))
    except MappingError as error:
        raise refused(error, file) from None


# --- which preset fits ------------------------------------------------------------------------------------------------


def _fitting(export: Path) -> str:
    """The preset that knows the file's id, status and most of its columns, as the command that uses it."""
    contents = {name: preset_content(name) for name in preset_names()}
    presets = {name: content["deals"] for name, content in contents.items() if "deals" in content}
    try:
        dialect = find_dialect(export, {heading for each in presets.values() for heading in _headings(each)})
    except RefusalError as error:
        raise refused(error) from None
    present = {plain(heading) for heading in dialect.headings}
    fits = {name: len(present & _headings(deals)) for name, deals in presets.items() if _is_usable(present, deals)}
    if not fits:
        return _how_to_begin(export, dialect.headings, list(presets))
    best = max(fits, key=lambda name: fits[name])
    return f"its header fits {best} ({fits[best]} of {len(present)} columns): playbook import {export} --preset {best}"


def _how_to_begin(export: Path, headings: Sequence[str], presets: Sequence[str]) -> str:
    """A mapping to go on from, for a file that no preset knows."""
    named = ", ".join(headings[:_NAMED]) + (f" … ({len(headings)} in all)" if len(headings) > _NAMED else "")
    lines = (
        f"no preset fits its header: {named}",
        f"  there are --preset {', '.join(presets)}; else write a mapping, for example mapping.yaml:",
        "    mapping: my-export",
        "    deals:",
        "      columns:",
        "        THE COLUMN WITH THE DEAL'S ID: id",
        "        THE COLUMN WITH ITS STATUS: status",
        "        THE COLUMN WITH THE DAY OF THE LOSS: lost_at",
        "        THE COLUMN WITH THE CUSTOMER: account_name",
        "        THE COLUMN WITH THE OWNER: owner",
        "      status: {lost: [Closed Lost], won: [Closed Won], open: ['*']}",
        f"  and import with it: playbook import {export} --mapping mapping.yaml --dry-run",
        "  (playbook demo makes a folder with a whole mapping, mapping.yaml, beside the export that it reads)",
    )
    return "\n".join(lines)


def _headings(deals: Dict[str, Any], *targets: str) -> set[str]:
    """The headings that fill one of `targets`, or any target; those of the flags count as the status."""
    aliases = deals.get("aliases", {})
    found = {
        name
        for heading, target in deals["columns"].items()
        if not targets or target in targets
        for name in (heading, *aliases.get(heading, ()))
    }
    if not targets or "status" in targets:
        found |= set(deals.get("flags", {}).values())
    return {plain(str(name)) for name in found}


def _is_usable(present: set[str], deals: Dict[str, Any]) -> bool:
    return bool(present & _headings(deals, "id")) and bool(present & _headings(deals, "status"))
