"""The measured work: lost deals that take six transitions each over 42 days, driven by 46 daily ticks.

The real engine does it: a playbook from YAML, guards, the office calendar, limits, history, a durable store. The shape
is that of `narrow.py`, which writes the same story as rows without any engine.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measured import cpu_seconds
from engine.authoring.workspace import Workspace, load_workspace, revision_content
from engine.core.building.revision import revision_hash
from engine.core.model import Revision
from engine.data_dir import data_dir
from engine.runner.shelf import Offer
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, Store
from engine.store.sqlite import SqliteStore, create, open_store

HERE = Path(__file__).parent
PLAYBOOK = "six-transitions"
PER_DEAL = 6  # transitions
DAYS = 46
DAY = 86400
FIRST_TICK = int(datetime(2026, 3, 2, 16, tzinfo=UTC).timestamp())  # Monday, eleven o'clock in New York
GRANTED = 10  # every tenth deal takes the transition with the guard
_SETTINGS = f"""[workspace]
database = "playbook.db"
zone = "America/New_York"
calendar = "office"
playbooks = ["{PLAYBOOK}"]
late_grace = "48h"

[[limits]]
gap = "1d"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A workspace as a command would have loaded it. `offers` are the playbooks that take new deals."""

    workspace: Workspace
    offers: Sequence[Offer]

    def ticking(self, store: Store, day: int) -> Ticking:
        """The tick of that day, counted from the enrolment."""
        return Ticking(store, self.workspace.world, self.offers, FIRST_TICK + day * DAY)


def write_workspace(folder: Path) -> Path:
    """A workspace in `folder` with the shipped library and the measured playbook alone; returns it."""
    (folder / "playbooks").mkdir(parents=True)
    (folder / "playbook.toml").write_text(_SETTINGS, encoding="utf-8")
    shutil.copytree(data_dir("playbooks") / "library", folder / "playbooks" / "library")
    shutil.copyfile(HERE / "six_transitions.yaml", folder / "playbooks" / f"{PLAYBOOK}.yaml")
    return folder


def prepare(folder: Path, store: Store | None = None) -> Prepared:
    """Load the workspace, and have `store` remember its files as a command does. RuntimeError if it has errors."""
    workspace = load_workspace(folder, store.sources() if store else {})
    errors = [problem for problem in workspace.problems if problem.level == "error"]
    if errors:
        raise RuntimeError("\n".join(f"{problem.location}: {problem.message}" for problem in errors))
    return Prepared(workspace=workspace, offers=[_offer(workspace, name) for name in workspace.playbooks])


def _offer(workspace: Workspace, name: str) -> Offer:
    content = revision_content(workspace, name)
    playbook = workspace.playbooks[name]
    revision = Revision(hash=revision_hash(content), playbook=playbook, templates=content["templates"])
    return Offer(revision=revision, content=content)


def fill(path: Path, deals: int) -> SqliteStore:
    """A new store with that many lost deals, each with its account and its decision maker, none enrolled yet."""
    store = create(path)
    import_deals(store, deals)
    return store


def import_deals(store: SqliteStore, deals: int) -> None:
    """The deals of `fill`, into a store that is there already."""
    with store.transaction():
        store.upsert_accounts([_account(number) for number in range(deals)])
        store.upsert_contacts([_contact(number) for number in range(deals)])
        store.upsert_deals([_deal(number) for number in range(deals)])


def run_ticks(prepared: Prepared, store: Store, days: range = range(DAYS)) -> int:
    """One tick a day; returns the transitions taken. RuntimeError if an account could not be advanced."""
    transitions = 0
    for day in days:
        report = prepared.ticking(store, day).run()
        if report.failed:
            raise RuntimeError(f"day {day}: {next(iter(report.failed.items()))}")
        transitions += report.transitions
    return transitions


def run_engine(folder: Path, path: Path, deals: int) -> float:
    """CPU seconds of all the work, from a filled store on; checks that exactly that work was done."""
    fill(path, deals).close()
    store = open_store(path)
    prepared = prepare(folder, store)
    before = cpu_seconds()
    transitions = run_ticks(prepared, store)
    cost = cpu_seconds() - before
    check(store, transitions, deals)
    store.close()
    return cost


def check(store: Store, transitions: int, deals: int) -> None:
    """Every deal took its six transitions and ended where its guard says. RuntimeError otherwise."""
    states = {state: count for (_, _, state), count in store.counts().states.items()}
    granted = (deals + GRANTED - 1) // GRANTED
    wanted = {name: count for name, count in (("reopened", granted), ("closed", deals - granted)) if count}
    if transitions != PER_DEAL * deals or states != wanted:
        raise RuntimeError(f"{transitions} transitions of {deals} deals, now in {states}")


def _account(number: int) -> ImportedAccount:
    return ImportedAccount(id=f"A{number:07}", name=f"Account {number}", fields={"industry": "software"})


def _contact(number: int) -> ImportedContact:
    fields = {
        "name": "Robin Vale", "email": f"robin.{number}@customer.example", "phone": "+1 555 0100",
        "postal_address": "1 Long Street, Springfield",
    }  # fmt: skip
    if number % GRANTED == 0:
        fields["permission"] = "granted"
    return ImportedContact(id=f"C{number:07}", account=f"A{number:07}", fields=fields)


def _deal(number: int) -> ImportedDeal:
    fields = {
        "name": f"Deal {number}", "status": "lost", "lost_at": "2026-03-01", "owner": "omar", "team": "east",
        "amount": [1_000_000, "USD"], "lost_reason": "priced_out", "notified_by": "email",
    }  # fmt: skip
    return ImportedDeal(
        id=f"D{number:07}", account=f"A{number:07}", fields=fields, contacts=[(f"C{number:07}", "decision_maker")],
        fingerprint="0123456789abcdef", examine_at=0,
    )  # fmt: skip
