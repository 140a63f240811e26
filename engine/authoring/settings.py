"""`playbook.toml`: the settings of a workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.authoring.known import SeenFile, problem_of
from engine.authoring.places import Path as Keys
from engine.authoring.places import Place, Source
from engine.core.building.findings import Finding, Findings
from engine.core.durations import DurationError, parse_duration

DEFAULT_GRACE = 48 * 3600
_SECONDS = {"min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AT_LINE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """`late_grace` in seconds. `limits` and `params` are as written: the playbooks' builder reads them.

    `database` is a file, a `postgresql://` address or `env:NAME`; `playbooks` is empty if no order is given.
    """

    database: str = "playbook.db"
    zone: str = "UTC"
    calendar: str = "office"
    playbooks: tuple[str, ...] = ()
    late_grace: int = DEFAULT_GRACE
    limits: Sequence[Mapping[str, Any]] = ({"gap": "1d"},)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    consent: Mapping[str, bool] = field(default_factory=dict)
    mapping: str = ""


def parse_settings(seen: SeenFile, schemas: Path) -> None:
    """Replace the bytes of a fresh playbook.toml by its content, checked against its schema."""
    if not seen.fresh or not isinstance(seen.content, bytes):
        return
    import tomllib

    from engine.authoring.schema import check

    raw, seen.content = seen.content, None
    try:
        text = raw.decode("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        seen.complain("not-utf-8", "this is not UTF-8 text", "save the file as UTF-8", line)
        return
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        _not_toml(seen, str(error), text, (line, column))
        return
    plain = _plain(content)
    places = _places(plain, text)
    source = Source(file=seen.path, content=plain, places=places)
    for finding in list(_team_tables(plain)):
        seen.problems.append(problem_of(finding, seen.path, source))
        _take_out(plain, finding.path)  # one problem is enough
    seen.source = source
    seen.content = plain
    seen.problems += check(seen.source, "settings", schemas)
    if seen.broken:
        seen.content = None


def placed_settings(path: str, raw: bytes) -> Source | None:
    """Where everything stands in a file of settings that was read before; None where it cannot be read."""
    import tomllib

    try:
        text = raw.decode("utf-8-sig")
        plain = _plain(tomllib.loads(text))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    return Source(file=path, content=plain, places=_places(plain, text))


def _not_toml(seen: SeenFile, error: str, text: str, place: tuple[int, int]) -> None:
    from engine.authoring.toml_syntax import advice

    line, column = place
    written = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    message = _AT_LINE.sub("", error).replace(" (at end of document)", "")
    seen.complain("toml-syntax", *advice(message, written, column), line, column)


def _team_tables(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Tables like [params.PLAYBOOK.TEAM], which look as if they set a team's parameters."""
    params = content.get("params")
    for playbook, given in params.items() if isinstance(params, dict) else ():
        for name, item in given.items() if isinstance(given, dict) else ():
            if _is_table(item):
                yield _of_team(playbook, name, item)


def _take_out(content: dict[str, Any], path: Keys) -> None:
    """Without the entry at `path`, and without what is empty then."""
    *above, last = path
    node = content
    for step in above:
        node = node[str(step)]
    del node[str(last)]
    if above and not node:
        _take_out(content, tuple(above))


def _is_table(item: Any) -> bool:
    return isinstance(item, dict) and bool(item) and not item.keys() & {"field", "by", "values", "otherwise"}


def _of_team(playbook: str, team: str, params: Mapping[str, Any]) -> Finding:
    key, value = next(iter(params.items()))
    value = f'"{value}"' if isinstance(value, str) else str(value).lower()
    lookup = f'{key} = {{by = "team", values = {{{team} = {value}}}, otherwise = …}}'
    return Finding(
        path=("params", playbook, team), rule="params-of-team", on="key",
        message=f"{team!r} is no parameter of {playbook}, and a table of a team's parameters is not read here",
        hint=f"write under [params.{playbook}]: {lookup}; or in the playbook: teams: {{{team}: {{params: {{…}}}}}}",
    )  # fmt: skip


def build_settings(content: Mapping[str, Any], findings: Findings) -> Settings:
    """The settings, from content that fits schemas/settings.schema.json."""
    workspace = content.get("workspace", {})
    given = {key: workspace[key] for key in ("database", "zone", "calendar") if key in workspace}
    if "late_grace" in workspace:
        given["late_grace"] = _seconds(workspace["late_grace"], findings)
    if "limits" in content:
        given["limits"] = tuple(content["limits"])
    return Settings(
        **given,
        playbooks=tuple(workspace.get("playbooks", ())),
        params=content.get("params", {}),
        consent={kind: word == "unknown_is_enough" for kind, word in content.get("consent", {}).items()},
        mapping=content.get("import", {}).get("mapping", ""),
    )


def _seconds(text: str, findings: Findings) -> int:
    path = ("workspace", "late_grace")
    try:
        duration = parse_duration(text)
    except DurationError as error:
        findings.add(path, "bad-duration", error.message, error.hint)
        return DEFAULT_GRACE
    if duration.unit not in _SECONDS or duration.amount == 0:
        findings.add(path, "bad-duration", f"late_grace cannot be {text}", "write hours or days, such as 48h")
        return DEFAULT_GRACE
    return duration.amount * _SECONDS[duration.unit]


# --- places: TOML's reader gives none, so the lines are searched ------------------------------------------------------


def _plain(content: Any) -> Any:
    """TOML's dates as text, as YAML's are."""
    if isinstance(content, dict):
        return {key: _plain(item) for key, item in content.items()}
    if isinstance(content, list):
        return [_plain(item) for item in content]
    return content if isinstance(content, (str, int, float, bool)) else str(content)


def _places(content: Mapping[str, Any], text: str) -> dict[int, Mapping[str | int, Place]]:
    """Where each table and key begins, by the id of the mapping that holds it. Keys inside braces are not searched."""
    found: dict[int, dict[str | int, Place]] = {}
    table: Any = content
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]", line)
        if header:
            table = _enter(content, header[2], found, (number, header.start(2) + 1), header[1] == "[[")
        key = re.match(r"\s*(?:([\w-]+)|\"([^\"]+)\")\s*=\s*", line)
        if key and isinstance(table, dict):
            name = key[1] or key[2]
            column = key.start(1 if key[1] else 2) + 1
            found.setdefault(id(table), {})[name] = (number, column, number, key.end() + 1)
    return dict(found)


def _enter(
    content: Any, dotted: str, found: dict[int, dict[str | int, Place]], start: tuple[int, int], item: bool
) -> Any:
    """The table that a header begins, after noting where each part of its name is first written."""
    node = content
    line, column = start
    for written in dotted.split("."):
        part, start = written.strip().strip("\"'"), (line, column)
        column += len(written) + 1
        if not isinstance(node, dict) or part not in node:
            return None
        found.setdefault(id(node), {}).setdefault(part, (*start, *start))
        node = node[part]
        if isinstance(node, list) and item:
            places = found.setdefault(id(node), {})
            index = len(places)
            if index >= len(node):
                return None
            places[index] = (*start, *start)
            node = node[index]
    return node
