"""The shipped workspace as a row of docs/sources.md is checked on it: whole, or with one piece taken out."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cli
from engine.authoring.known import SourceRow
from engine.authoring.report import render
from engine.authoring.workspace import Workspace, load_workspace
from engine.console.beginning import make_workspace
from engine.core.content import Breach, breaches
from engine.core.model import Action, Playbook
from engine.core.questionnaires import Questionnaire
from engine.scenarios.bench import Bench
from engine.scenarios.reading import read_scenarios
from engine.scenarios.running import run
from engine.store.base import Source
from engine.store.sqlite import open_store

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("playbook.toml", "playbooks", "schemas", "examples")
OWN = "playbooks/scenarios/of-this-row.yaml"


def copy_of_the_shipped(folder: Path) -> Path:
    """The shipped workspace in `folder`, without its own scenarios."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("scenarios"))
        else:
            shutil.copy(ROOT / part, folder / part)
    (folder / "playbooks/scenarios").mkdir()
    return folder


@cache
def _shipped() -> dict[str, SourceRow]:
    """What a store would know of the shipped files: those that are as shipped are not parsed again."""
    return {row.path: row for row in load_workspace(ROOT, {}).sources}


def known_of(folder: Path) -> dict[str, SourceRow]:
    """Of the files that are as shipped. What was changed or taken out was never good: nothing goes on instead of it."""
    return {path: row for path, row in _shipped().items() if _hash(folder / path) == row.hash}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@dataclass
class Shop:
    """A workspace in `folder`. Everything here fails loudly when what it needs is not there."""

    folder: Path

    @cached_property
    def workspace(self) -> Workspace:
        return load_workspace(self.folder, known_of(self.folder))

    def playbook(self, name: str) -> Playbook:
        return self.workspace.playbooks[name]

    def action(self, playbook: str, name: str) -> Action:
        return self.playbook(playbook).action(name)

    def questionnaire(self, name: str) -> Questionnaire:
        return self.workspace.world.vocabulary.questionnaires[name]

    def template(self, name: str) -> str:
        return self.workspace.templates[name]

    def breaches(self, text: str, *, kind: str = "email", intent: str = "") -> list[str]:
        """The content rules that a final text breaks, by name."""
        return [one.rule for one in self.found(text, kind=kind, intent=intent)]

    def found(self, text: str, *, kind: str = "email", intent: str = "") -> list[Breach]:
        return breaches(self.workspace.world.content_rules, text, kind=kind, intent=intent)

    def plays(self, text: str) -> None:
        """Play the scenarios in `text` (a scenario file) with the real tick; fails with what was seen instead."""
        (self.folder / OWN).write_text(text, encoding="utf-8")
        (file,) = read_scenarios(self.workspace, [OWN])
        assert not file.problems, render(file.problems)
        assert file.scenarios
        for scenario in file.scenarios:
            failure = run(file, scenario, Bench.of(self.workspace, scenario.playbook), ["immediate"], 1).failure
            assert failure is None, f"{scenario.name}: {failure.message} {failure.differences} {failure.hint}"

    # --- the command line --------------------------------------------------------------------------------------------

    def command(self, *arguments: str, code: int = 0) -> str:
        """What `playbook ARGUMENTS` prints on standard output; its exit code has to be `code`."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            found = cli.run(["--workspace", str(self.folder), *arguments])
        assert found == code, f"playbook {' '.join(arguments)}: exit code {found}\n{err.getvalue()}{out.getvalue()}"
        return out.getvalue()

    def begin(self, *deals: dict[str, str], now: str = "2026-03-02T10:00") -> None:
        """A sandbox at `now` with these deals imported and ticked. Keys are the names of fields: `id`, `account`,
        `lost_at`, `contact.id`, `account.industry`, …"""
        make_workspace(self.folder, sandbox=True)
        self._remember()
        self.imported(*deals)
        self.tick(now)

    def _remember(self) -> None:
        rows = known_of(self.folder).values()
        store = open_store(self.folder / "playbook.db")
        with store.transaction():
            store.put_sources([Source(path=row.path, hash=row.hash, content=row.content, good=True) for row in rows])
        store.close()

    def imported(self, *deals: dict[str, str]) -> None:
        """An export with these deals; every one has every column."""
        columns = list(dict.fromkeys(name for deal in deals for name in deal))
        with (self.folder / "deals.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(deals)
        reading = {
            "columns": {name: name for name in columns}, "date_format": "iso", "decimal": ".", "currency": "USD",
            "status": {name: [name] for name in ("lost", "won", "open")},
        }  # fmt: skip
        mapping = {"mapping": "rows", "deals": reading}
        (self.folder / "mapping.yaml").write_text(json.dumps(mapping), encoding="utf-8")
        self.command("import", str(self.folder / "deals.csv"), "--mapping", str(self.folder / "mapping.yaml"))

    def tick(self, now: str) -> None:
        self.command("tick", "--now", now)

    def due(self, *more: str) -> list[Any]:
        """The due list as JSON."""
        return list(json.loads(self.command("due", "--format", "json", *more)))

    def report(self, name: str, *more: str) -> Any:
        return json.loads(self.command("report", name, "--format", "json", *more))
