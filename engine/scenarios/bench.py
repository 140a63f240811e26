"""What a scenario is played on: a store in memory, one playbook, nothing of the user's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.authoring.workspace import Workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from engine.core.building.teams import teams_of
from engine.core.model import Playbook
from engine.core.world import World
from engine.runner.shelf import Offer, RevisionShelf
from engine.scenarios.cast import with_strangers
from engine.scenarios.model import Scenario
from engine.store import migrations
from engine.store.session import Session
from engine.store.sqlite import APPLICATION_ID, SqliteStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """One playbook as it is now, alone: no other may take the deal before it.

    Shared by all plays of its scenarios. `shelf` has every revision that they meet, so that machines are built once.
    """

    world: World
    playbook: Playbook
    offers: Sequence[Offer]
    shelf: RevisionShelf

    @staticmethod
    def of(workspace: Workspace, name: str) -> Bench:
        """Raises KeyError if the playbook cannot be used."""
        playbook = workspace.playbooks[name]
        offers = [_offer(workspace, name, team) for team in ("", *teams_of(workspace.contents[name]))]
        world = replace(workspace.world, playbooks=(name,))
        return Bench(world=world, playbook=playbook, offers=offers, shelf=RevisionShelf(store_in_memory(), offers))

    def cast(self, scenario: Scenario) -> Bench:
        """The same with everybody in it whom the scenario names."""
        world = with_strangers(scenario, self.playbook, self.world)
        return self if world is self.world else replace(self, world=world)


def _offer(workspace: Workspace, name: str, team: str) -> Offer:
    content = revision_content(workspace, name, team)
    return Offer(revision=revision_from(content, revision_hash(content)), content=content, team=team)


def store_in_memory() -> SqliteStore:
    """A new, empty store that is gone when it is closed."""
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
    session = Session(connection, Path("scenario"))
    migrations.migrate(session, APPLICATION_ID, migrations.shipped())
    return SqliteStore(session)
