"""What every command works at: the workspace folder, its settings, its store, the time, and how to answer.

The one place where authoring, store and runner are put together. Everything is opened when it is first needed, so that
`--help` opens nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from engine.core.durations import Instant, TimeError
from engine.core.zones import iso_text, to_instant, to_local, wall_text, zone

if TYPE_CHECKING:
    from engine.authoring.workspace import Workspace
    from engine.core.experiment import Arm
    from engine.core.problem import Problem
    from engine.core.world import World
    from engine.experiments.ordered import Ordered
    from engine.runner.drawing import Trial
    from engine.runner.shelf import Offer, RevisionShelf
    from engine.store.base import Store

SETTINGS, DATABASE = "playbook.toml", "playbook.db"
FINE, PROBLEMS, USAGE, STORAGE, BUSY, BUG = range(6)  # exit codes
WHERE_TO_GO = "go to your workspace, name it with --workspace, or make one with `playbook init`"


class Refused(click.ClickException):
    """What was asked cannot be done; says what to do instead."""

    def __init__(self, message: str, hint: str = "", code: int = USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = code  # type: ignore[misc]  # click declares it as the class's

    def show(self, file: Any = None) -> None:
        click.echo(f"playbook: {self.message}", err=True)
        if self.hint:
            click.echo(f"  {self.hint}", err=True)


@dataclass(slots=False)
class Desk:
    """One command's surroundings. `folder` is the workspace; `now_text` is --now, for sandboxes and dry runs."""

    folder: Path
    database: str | None = None
    now_text: str | None = None
    colour: bool = field(default_factory=lambda: sys.stdout.isatty() and not os.environ.get("NO_COLOR"))

    @cached_property
    def store(self) -> Store:
        """The workspace's database, opened. Raises Refused when there is none."""
        from engine.store.sqlite import open_store

        return open_store(self.database_path)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace's files; those known to the store are not parsed again."""
        from engine.authoring.workspace import load_workspace

        return load_workspace(self.folder, self.store.sources())

    def files_alone(self, hint: str = "make one with `playbook init`") -> Workspace:
        """The workspace as its files are now, without a look at any database. Raises Refused where there is none."""
        from engine.authoring.workspace import load_workspace

        if not (self.folder / SETTINGS).exists() and not (self.folder / "playbooks").is_dir():
            raise Refused(f"{self.folder.absolute()} is no workspace: it has no {SETTINGS}", hint)
        return load_workspace(self.folder, {})

    def go_by_files(self) -> None:
        """Whatever comes next is asked of the files as they are now, and opens no database."""
        self.workspace = self.files_alone()
        self.zone = self.workspace.world.zone

    @property
    def world(self) -> World:
        return self.workspace.world

    @cached_property
    def offers(self) -> list[Offer]:
        """The playbooks that new enrolments may take."""
        from engine.core.building.teams import teams_of

        contents = self.workspace.contents
        return [self._offer(name, team) for name in contents for team in ("", *teams_of(contents[name]))]

    @cached_property
    def experiments(self) -> dict[str, Ordered]:
        """The experiments that were started, by name."""
        from engine.experiments.ordered import ordered

        return ordered(self.store, self.world.vocabulary) if self.store.experiment_orders() else {}

    @cached_property
    def trials(self) -> list[Trial]:
        """The experiments that new deals may enter."""
        return [self.trial(one) for one in self.experiments.values() if one.takes_deals]

    def trial(self, one: Ordered) -> Trial:
        """The experiment with the playbooks of its arms as they are now; one that cannot be used is left out."""
        from engine.core.building.teams import teams_of
        from engine.runner.drawing import Trial

        contents = self.workspace.contents
        offers = {
            (arm.name, team): self._offer(arm.playbook, team, arm.params)
            for arm in one.experiment.arms.values()
            if arm.playbook in contents and self._fits(arm)
            for team in ("", *teams_of(contents[arm.playbook]))
        }
        return Trial(phase=one.phase, offers=offers, adopted=one.adopted)

    def offer_of(self, arm: Arm) -> Offer:
        """The playbook of an arm as it is now. Raises KeyError if there is none."""
        return self._offer(arm.playbook, "", arm.params)

    def _fits(self, arm: Arm) -> bool:
        """Whether the playbook, which may have been edited since, still goes with the parameters of the arm."""
        from engine.authoring.variants import with_params
        from engine.core.building.playbook import build_playbook

        content = with_params(self.workspace.contents[arm.playbook], arm.params)
        _, words = build_playbook(content, self.world.vocabulary)
        return not any(finding.level == "error" for finding in words.findings.found)

    @cached_property
    def shelf(self) -> RevisionShelf:
        from engine.runner.shelf import RevisionShelf

        of_arms = (offer for trial in self.trials for offer in trial.offers.values())
        return RevisionShelf(self.store, [*self.offers, *of_arms])

    @property
    def database_path(self) -> Path:
        text = self.database or os.environ.get("PLAYBOOK_DATABASE") or self._configured_database()
        return Path(text) if Path(text).is_absolute() else self.folder / text

    def clock(self, *, dry_run: bool = False) -> Instant:
        """The instant of this command: the real clock, or --now in a sandbox (or in a dry run)."""
        if self.now_text is None:
            return self._sandbox_now() if self.sandbox else int(time.time())
        if not (self.sandbox or dry_run):
            raise Refused(
                "--now is only for sandboxes and dry runs",
                "this workspace runs on the real clock; try --dry-run, or `playbook init --sandbox` elsewhere",
            )
        return self.instant(self.now_text)

    def instant_now(self, *, dry_run: bool = False) -> Instant:
        """At which instant this command records something: never before the last tick."""
        from engine.runner.clock import instant_of_tick, latest

        clock = self.clock(dry_run=dry_run)
        last = latest(self.store, sandbox=self.sandbox)
        ahead = last is None or clock >= last  # a long silence hinders ticks, not people
        return instant_of_tick(self.store, clock, ahead or dry_run, self.sandbox, self.local)

    def instant(self, text: str) -> Instant:
        """`2026-03-02`, `2026-03-02T10:00` (in the workspace's zone), with an offset, `02.03.2026`. Raises Refused."""
        from engine.runner.said_dates import as_written

        try:
            moment = datetime.fromisoformat(as_written(text))
        except ValueError:
            raise Refused(f"{text!r} is no time", "write 2026-03-02T10:00 or 2026-03-02") from None
        if moment.tzinfo is not None:
            return int(moment.timestamp())
        try:
            return to_instant(moment, zone(self.zone))
        except TimeError as error:
            raise Refused(str(error)) from None

    @cached_property
    def zone(self) -> str:
        """The workspace's zone: always that of `world`, which need not be loaded where playbook.toml is as it was."""
        from engine.authoring.fingerprint import unchanged_file

        known = None if "workspace" in self.__dict__ else self.store.sources().get(SETTINGS)
        if known is None or not known.good or not unchanged_file(self.folder, SETTINGS, known.hash):
            return self.world.zone
        return str((known.content or {}).get("workspace", {}).get("zone") or self.world.zone)

    def local(self, instant: Instant | None, pattern: str = "") -> str:
        """An instant on the workspace's wall, `2026-03-02 10:00` or as the pattern of strftime says; "" for none."""
        if instant is None:
            return ""
        here = zone(self.zone)
        return to_local(instant, here).strftime(pattern) if pattern else wall_text(instant, here)

    def iso(self, instant: Instant | None) -> str | None:
        """The same for programs, with its offset: `2026-03-02T10:00:00-05:00`."""
        return None if instant is None else iso_text(instant, zone(self.zone))

    @property
    def sandbox(self) -> bool:
        return self.store.meta("sandbox") == "1"

    def remember_sources(self) -> None:
        """Keep what was parsed, so that the next command need not parse it again."""
        from engine.store.base import Source

        news = [Source(path=s.path, hash=s.hash, content=s.content, good=s.good) for s in self.workspace.sources]
        if news:
            with self.store.transaction():
                self.store.put_sources(news)

    def problems(self) -> list[Problem]:
        return list(self.workspace.problems)

    def say(self, text: str) -> None:
        """A message for people, beside the data: on standard error."""
        click.echo(text, err=True)

    def _sandbox_now(self) -> Instant:
        from engine.runner.clock import latest

        last = latest(self.store, sandbox=True)
        return last if last is not None else int(time.time())

    def _offer(self, name: str, team: str, params: Mapping[str, Any] = MappingProxyType({})) -> Offer:
        from engine.authoring.workspace import revision_content
        from engine.core.building.revision import revision_from, revision_hash
        from engine.core.model import Revision
        from engine.runner.shelf import Offer

        content = revision_content(self.workspace, name, team, params)
        identity = revision_hash(content)
        if team or params:
            return Offer(revision=revision_from(content, identity), content=content, team=team)
        known = self.world.vocabulary.questionnaires
        built = Revision(
            hash=identity,
            playbook=self.workspace.playbooks[name],
            templates=content["templates"],
            questionnaires={asked: known[asked] for asked in content["questionnaires"]},
        )
        return Offer(revision=built, content=content)

    def _configured_database(self) -> str:
        """`database` of playbook.toml, read before anything else can be."""
        import tomllib

        try:
            settings = tomllib.loads((self.folder / SETTINGS).read_text(encoding="utf-8-sig"))
            return str(settings["workspace"]["database"])
        except FileNotFoundError:
            where = "this folder" if self.folder == Path() else str(self.folder)
            raise Refused(f"{where} is no workspace: it has no {SETTINGS}", WHERE_TO_GO) from None
        except (KeyError, TypeError):
            return DATABASE
        except (OSError, ValueError) as error:
            raise Refused(f"{self.folder / SETTINGS} cannot be read: {error}", "mend it, then try again") from None
