"""`compare --as-of D` says the same, byte for byte, whatever was recorded after D."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

pytest.importorskip("numpy", reason="comparing needs the extra `compare`")

import cli
from engine.console.beginning import make_workspace
from engine.core.vocabulary import Vocabulary
from engine.core.zones import last_of_day, zone
from engine.experiments.ordered import ordered
from engine.experiments.orders import Orders
from engine.experiments.selftest.making import STARTS, made
from engine.experiments.selftest.setups import SETUPS
from engine.scenarios.made_experiment import lived_through
from engine.store.base import NewEvent
from engine.store.sqlite import open_store

D = STARTS + timedelta(days=120)
NAME = "plain-21-0"


def until(records, day):
    """What of it had happened when that day was over."""
    end = last_of_day(day, zone(records.zone))
    units = [
        replace(unit, happened=tuple(one for one in unit.happened if one.recorded_at < end))
        for unit in records.units
        if unit.drawn_at < end
    ]
    settled = tuple(one for one in records.settled if one.ticked_at < end)
    return replace(records, units=tuple(units), settled=settled)


def workspace(folder, records):
    make_workspace(folder, sandbox=True)
    settings = folder / "playbook.toml"
    settings.write_text(settings.read_text().replace("America/New_York", records.zone), encoding="utf-8")
    with closing(open_store(folder / "playbook.db")) as store:
        store.session.execute("PRAGMA synchronous = OFF")
        lived_through(records, store)
    return folder


def compared(folder, capsys, form="json", as_of=D):
    capsys.readouterr()
    day = ["--as-of", str(as_of)] if as_of else []
    assert cli.run(["-w", str(folder), "compare", NAME, *day, "--format", form]) == 0
    return capsys.readouterr().out


def meddle(folder):
    """Months later people order, record and take back; some of it is said to have happened before D."""
    with closing(open_store(folder / "playbook.db")) as store:
        now = store.last_tick().now + 3600
        known = ordered(store, Vocabulary())
        orders = Orders(store=store, known=known, now=now, by="ada", local=str)
        content = known[NAME].content
        orders.change(NAME, {**content, "question": "Another?", "arms": {**content["arms"]}})
        orders.stop(NAME, "variant")
        early = int(last_of_day(STARTS + timedelta(days=30), zone("Europe/Berlin")))
        for deal in ("D-north-000001", "D-south-000002"):
            account = deal.replace("D-", "A-", 1)
            for name, fields in (("won", {"status": "won", "on": str(date(2027, 2, 1))}), ("reply", {}),
                                 ("command.enrol", {"playbook": "another"})):  # fmt: skip
                store.record([NewEvent(account=account, deal=deal, name=name, recorded_at=now, occurred_at=early,
                                       by="kim", fields=fields)])  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    records = made(SETUPS["plain"], 21, 0)
    home = tmp_path_factory.mktemp("as-of")
    return workspace(home / "then", until(records, D)), workspace(home / "later", records)


@pytest.mark.parametrize("form", ["json", "csv", "html", "text"])
def test_a_comparison_as_of_a_day_is_the_same_bytes_then_and_later(both, capsys, form):
    then, later = both
    found = compared(then, capsys, form)
    assert compared(later, capsys, form) == found
    if form == "json":
        assert json.loads(found)["arms"][0]["mature"] > 30


def test_what_people_order_and_record_later_changes_nothing_of_an_earlier_day(both, capsys):
    _, later = both
    before, today = compared(later, capsys), compared(later, capsys, as_of=None)
    meddle(later)
    assert compared(later, capsys) == before
    assert compared(later, capsys, as_of=None) != today  # it does change today's
