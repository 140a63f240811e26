"""Whole runs of a shipped strategy over many deals, and what such a run leaves behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.authoring.workspace import Workspace, load_workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from engine.core.foresee import next_transitions
from engine.core.world import World
from engine.runner.shelf import Offer, RevisionShelf
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, NewEvent
from engine.store.sqlite import SqliteStore, create
from tests.rep import DAY, Rep, outcomes_of, tick_at

ROOT = Path(__file__).resolve().parents[2]
START = 1514800800  # 2018-01-01 10:00 UTC
YEARS = 4 * 366 * DAY
SURPRISES: Sequence[tuple[str, dict[str, str]]] = (
    ("reply", {"seniority": "more_senior"}),
    ("reply", {"answer": "explains_no"}),
    ("not_now", {}),
    ("signal.funding", {}),
    ("opted_out", {}),
    ("opted_out", {"channel": "email"}),
)


def workspace() -> Workspace:
    found = load_workspace(ROOT, {})
    assert not found.problems
    return found


def strategies(shipped: Workspace) -> list[str]:
    """The shipped playbooks that are no variants of another."""
    files = {name: (ROOT / "playbooks" / f"{name}.yaml").read_text(encoding="utf-8") for name in shipped.playbooks}
    return sorted(name for name, text in files.items() if "\nextends:" not in text)


def opened(shipped: Workspace, name: str) -> Offer:
    """The shipped playbook `name`, taking every lost deal whatever its age."""
    content = revision_content(shipped, name)
    content["playbook"] = {**content["playbook"], "enrol": {"if": {"status": {"is": "lost"}}}}
    identity = revision_hash(content)
    return Offer(revision=revision_from(content, identity), content=content)


def rep_for(offer: Offer, seed: str = "rep") -> Rep:
    return Rep(seed, outcomes_of([offer]), SURPRISES)


def store_with(path: Path, deals: int, *, plain: bool = False) -> SqliteStore:
    """A store with lost deals of several accounts, industries, zones, with and without contacts.

    `plain`: no contact belongs to two deals, and no deal has a renewal date (dates do not move in an outage).
    """
    store = create(path)
    store.session.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug here
    zones = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "")
    industries = ("software", "construction", "retail")
    with store.transaction():
        store.upsert_accounts(
            ImportedAccount(
                id=f"A{number}", name=f"Account {number}",
                fields={"industry": industries[number % 3], "zone": zones[number % 4] or None},
            )
            for number in range(deals // 3 + 1)
        )  # fmt: skip
        store.upsert_contacts(
            ImportedContact(
                id=f"C{number}", account=f"A{number // 3}",
                fields={"name": "Kim Doe", "email": "kim@example.org", "postal_address": "1 Road", "phone": "1"},
            )
            for number in range(deals)
        )  # fmt: skip
        store.upsert_deals(
            ImportedDeal(
                id=f"D{number:04d}", account=f"A{number // 3}", fingerprint="1", examine_at=0,
                fields={
                    "status": "lost", "lost_at": f"2017-12-{1 + number % 28:02d}",
                    "owner": ("kim", "lee", "sam")[number % 3],
                    "team": ("west", "east")[number % 2], "name": f"Deal {number}", "amount": [number * 10000, "USD"],
                    "renewal_date": "2018-09-03" if number % 7 == 0 and not plain else None,
                },
                contacts=_contacts(number, plain),
            )
            for number in range(deals)
        )  # fmt: skip
    return store


def _contacts(number: int, plain: bool) -> list[tuple[str, str]] | None:
    if number % 5 == 4:
        return None
    who = number if plain else number - number % 3  # three deals of an account, one contact
    return [(f"C{who}", ("decision_maker", "primary_contact")[number % 2])]


# --- running --------------------------------------------------------------------------------------------------------


def script_of(path: Path, world: World, offer: Offer, deals: int, days: int) -> list[NewEvent]:
    """What a rep records during `days`, found in a run of its own with ticks every six hours."""
    store = store_with(path, deals)
    rep, events = rep_for(offer), []
    for at in range(START, START + days * DAY, DAY // 4):
        taken = rep.take(at)
        store.record(taken)
        events += taken
        tick_at(store, world, [offer], at)
        rep.look(store.open_actions())
    store.close()
    events.sort(key=lambda event: event.recorded_at)  # the rep may answer within the six hours before he looked
    return [NewEvent(**{**_values(event), "action": "", "enrolment": ""}) for event in events]


def _values(event: NewEvent) -> dict[str, Any]:
    return {slot: getattr(event, slot) for slot in NewEvent.__slots__}


def run_script(
    path: Path, world: World, offer: Offer, deals: int, ticks: Iterable[int], script: Sequence[NewEvent] = (),
    *, plain: bool = False,
) -> SqliteStore:  # fmt: skip
    """Run ticks at the given instants; each sees what the script recorded up to then."""
    store = store_with(path, deals, plain=plain)
    done = 0
    for at in ticks:
        until = done
        while until < len(script) and script[until].recorded_at <= at:
            until += 1
        store.record(script[done:until])
        done = until
        tick_at(store, world, [offer], at)
    return store


# --- what it leaves behind ------------------------------------------------------------------------------------------


def histories(store: SqliteStore) -> dict[str, list[Any]]:
    """Every history, entry by entry."""
    found: dict[str, list[Any]] = {}
    query = 'SELECT enrolment_id, number, at, "trigger", reads, did FROM history ORDER BY enrolment_id, number'
    for enrolment, *entry in store.session.connection.execute(query):
        found.setdefault(enrolment, []).append(entry)
    return found


@dataclass(frozen=True)
class Outline:
    """A history without its dates: the path of states of each track, and how each action closed."""

    paths: dict[str, list[str]]
    actions: Counter[tuple[str, str]]


def outlines(store: SqliteStore) -> dict[str, Outline]:
    found = {}
    for enrolment, entries in histories(store).items():
        lines = [line for entry in entries for line in json.loads(entry[-1])]
        paths: dict[str, list[str]] = {}
        for line in lines:
            if line[0] == "entered":
                paths.setdefault(line[1], []).append(line[2])
        found[enrolment] = Outline(paths, Counter((line[1], line[3]) for line in lines if line[0] == "closed"))
    return found


def withdrawn_unseen(store: SqliteStore) -> int:
    """Actions that were withdrawn although nobody ever saw them."""
    query = "SELECT count(*) FROM actions WHERE status = 'withdrawn' AND handed_at IS NULL"
    return int(store.session.connection.execute(query).fetchone()[0])


def touches(store: SqliteStore) -> dict[str, list[int]]:
    """The instants at which each contact was touched, in order."""
    found: dict[str, list[int]] = {}
    query = "SELECT touch_key, touch_at FROM actions WHERE touch_at IS NOT NULL ORDER BY touch_at"
    for key, at in store.session.connection.execute(query):
        found.setdefault(key, []).append(at)
    return found


def predictions(store: SqliteStore, world: World, offer: Offer, now: int) -> dict[str, tuple[int, int, str]]:
    """For every open enrolment: (step number, instant, state or end) of its next transition, if nothing happens."""
    shelf = RevisionShelf(store, [offer])
    found = {}
    ids = [row[0] for row in store.session.connection.execute("SELECT id FROM accounts ORDER BY id")]
    for account in store.load_accounts(ids, now, {"touches", "log"}):
        for identity, step in next_transitions(world, shelf, account, now + YEARS).items():
            where = step.after.end or ",".join(one.finished or one.state for one in step.after.positions)
            found[identity] = (step.after.steps, step.at, where)
    return found


def first_transitions_after(store: SqliteStore, now: int) -> dict[str, tuple[int, int]]:
    """(step number, instant) of the first transition of each enrolment after `now`, as ticks made it."""
    found: dict[str, tuple[int, int]] = {}
    for enrolment, entries in histories(store).items():
        for number, at, _trigger, _reads, did in entries:
            if at > now and any(line[0] == "took" for line in json.loads(did)):
                found[enrolment] = (number, at)
                break
    return found
