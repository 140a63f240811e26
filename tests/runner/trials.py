"""A small experiment with its playbooks, deals to draw, and ticks that draw them."""

from __future__ import annotations

from engine.core.building.experiment import build_experiment
from engine.core.building.revision import pinned, revision_from, revision_hash
from engine.core.experiment import Phase
from engine.core.roster import Roster
from engine.core.vocabulary import vocabulary
from engine.core.world import World
from engine.experiments.ordered import ordered
from engine.experiments.orders import Orders
from engine.runner.drawing import Trial
from engine.runner.shelf import Offer
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, ImportReport, NewEvent
from tests.core.story import EVENTS, FIELDS, _typed, instant

START = instant("2026-03-02 10:00")
HOUR, DAY = 3600, 86400
WORDS = vocabulary(FIELDS, EVENTS)
WORLD = World(vocabulary=WORDS, roster=Roster(), playbooks=("soon", "late", "nothing", "notes"))


def playbook(name, wait, kind="call", condition=None, event=None):
    """One customer action after a while, then the end."""
    enrol = {"if": condition or {"status": {"is": "lost"}}, **({"event": event} if event else {})}
    return _typed(
        {
            "playbook": name, "title": name, "enrol": enrol, "ends": {"kept": {}}, "initial": "wait",
            "params": {"wait": wait},
            "states": {
                "wait": {"transitions": [{"after": "wait", "to": "ask"}]},
                "ask": {
                    "actions": {"ask": {"kind": kind, "title": "Ask", "assign": "owner"}},
                    "transitions": [{"after": "1w", "end": "kept"}],
                },
            },
        }
    )  # fmt: skip


def offer(content, team=""):
    found = pinned(content, WORDS, {})
    return Offer(revision=revision_from(found, revision_hash(found)), content=found, team=team)


OFFERS = {
    "soon": offer(playbook("soon", "4w")),
    "late": offer(playbook("late", "10w")),
    "nothing": offer(playbook("nothing", "10w", kind="task", event="left_alone")),
    "notes": offer(playbook("notes", "1d", kind="task")),
}
FILE = {
    "experiment": "timing", "starts": "2026-03-02", "ends": "2026-05-31", "unit": "deal",
    "enrol": {"if": {"status": {"is": "lost"}}},
    "arms": {"a": {"playbook": "soon"}, "b": {"playbook": "late"}},
    "primary": {"event": "won", "within": "60d"}, "secondary": [{"event": "reply", "within": "14d"}],
}  # fmt: skip


def experiment(**changes):
    return {**FILE, **changes}


def trial(content=FILE, phase=1, adopted="", offers=None):
    built, words = build_experiment(content, WORDS)
    assert not words.findings.found
    offers = offers or {(arm.name, ""): OFFERS[arm.playbook] for arm in built.arms.values()}
    return Trial(phase=Phase(number=phase, began_at=START, experiment=built), offers=offers, adopted=adopted)


def fill(store, deals, account="A{}", team="west"):
    """Lost deals by number, each in an account of its own unless said otherwise."""
    with store.transaction():
        for number in deals:
            home = account.format(number)
            store.upsert_accounts([ImportedAccount(id=home)])
            store.upsert_contacts([ImportedContact(id=f"C{number}", account=home)])
            store.upsert_deals([ImportedDeal(
                id=f"D{number:03}", account=home, contacts=[(f"C{number}", "buyer")], fingerprint="f", examine_at=0,
                fields={"status": "lost", "owner": "kim", "team": team, "lost_at": "2026-02-20"},
            )])  # fmt: skip


def tick(store, trials=(), days=0, offers=()):
    report = Ticking(store, WORLD, [OFFERS[name] for name in offers], START + days * DAY, trials=trials).run()
    assert not report.failed
    return report


def daily(store, trials, first, last, offers=()):
    """A tick a day: longer gaps would be an outage, which shifts every plan."""
    for days in range(first, last + 1):
        tick(store, trials, days, offers)


def draws(store):
    return {draw.deal: draw for draw in store.draws_of([one.id for one in accounts(store)])}


def accounts(store):
    return [found.account for found in store.report_page("", 10_000)]


def followed(store, deal):
    return [one.playbook for one in store.enrolments_of(deal)]


def orders(store, hours=0):
    return Orders(store=store, known=ordered(store, WORDS), now=START + hours * HOUR, by="ada", local=str)


def imported(store, deal, days, **fields):
    """What an import writes for a deal that nothing follows any more."""
    at = START + days * DAY
    store.put_import(ImportReport(at=at, source="crm", file="deals.csv", hash="h"))
    account = next(one.id for one in accounts(store) if deal in one.deals)
    store.record([NewEvent(account=account, deal=deal, recorded_at=at, handled=True, **fields)])
