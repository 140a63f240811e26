import re
from contextlib import closing

import pytest

from engine.store.base import ImportedAccount
from engine.store.sqlite import create
from engine.store.statements import statements
from tests.store.samples import DAY, NOW, an_event, enrol, enrolled, enrolment, fill, loaded

EACH_TICK = [
    "due_accounts",
    "next_due_page",
    "fill_due_by_timer",
    "fill_due_by_event",
    "load_accounts",
    "load_enrolments",
    "load_pending_events",
    "load_handled_events",
    "load_deals",
    "load_contacts",
    "load_suppressions",
    "load_touches",
    "past_enrolments",
    "deals_to_examine",
    "enrolments_since",
    "read_failed_accounts",
    "read_revision",
    "update_enrolments",
    "update_deals",
    "update_contacts",
    "mark_events_handled",
    "mark_events_late",
    "set_examined",
    "read_history",
    "read_enrolments_of_deal",
    "read_pending_events",
    "read_known_deals",
    "read_enrolled_deals",
    "read_known_keys",
    "read_known_activities",
    "find_contacts_by_id",
    "lift_suppressions",
]
PARTIAL = ("events_pending", "enrolments_due", "actions_open", "accounts_failed", "deals_to_examine")
SMALL = ("json_each", "SCAN due", "SCAN page", "CONSTANT")


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        store.due_accounts(NOW, 1, "")  # makes the temporary tables
        yield store


def explained(store, how, sql):
    named = dict.fromkeys(re.findall(r":(\w+)", sql), "1")
    places = ["1"] * sql.replace("?9", "").count("?")
    return store.session.connection.execute(how + sql, named or places).fetchall()


@pytest.mark.parametrize("name", EACH_TICK)
def test_what_each_tick_or_import_asks_never_reads_a_whole_table(store, name):
    plan = [row[3] for row in explained(store, "EXPLAIN QUERY PLAN ", statements()[name])]
    assert [line for line in plan if "SCAN" in line and not any(word in line for word in (*PARTIAL, *SMALL))] == []


def test_every_statement_fits_the_schema(store):
    for sql in statements().values():
        assert explained(store, "EXPLAIN ", sql)


def fill_idle(store, number, start=0):
    """Enrolled accounts with nothing due."""
    names = [f"I{one:06}" for one in range(start, number)]
    with store.transaction():
        store.upsert_accounts([ImportedAccount(id=name) for name in names])
        ones = [enrolment(name, f"D-{name}", NOW + DAY, id=f"e-{name}") for name in names]
        store.save([enrolled(one) for one in ones], {name: loaded(store, name) for name in names})


def steps(store, ask):
    """How many instructions SQLite's machine runs for what `ask` asks."""
    counted = [0]

    def count():
        counted[0] += 1
        return 0

    store.session.connection.set_progress_handler(count, 1)
    try:
        ask()
    finally:
        store.session.connection.set_progress_handler(None, 0)
    return counted[0]


def test_a_tick_pays_for_what_is_due_and_not_for_what_is_enrolled(store):
    for number in range(5):
        fill(store, f"D{number}", account=f"A{number}")
        enrol(store, enrolment(f"A{number}", f"D{number}"))
    store.record([an_event(account="A1", deal="D1")])
    store.examine_all("lost")

    def ask():
        due = store.due_accounts(NOW, 2)
        due += store.due_accounts(NOW, 9, due[-1])
        assert len(store.load_accounts(due, NOW, {"log", "touches"})) == 5
        assert len(store.deals_to_examine(NOW, 9)) == 5
        store.past_enrolments(due)
        store.set_aside()

    fill_idle(store, 100)
    few = steps(store, ask)
    fill_idle(store, 5_000, start=100)
    assert steps(store, ask) <= few * 1.02


def test_a_page_of_due_accounts_costs_the_page(store):
    fill_idle(store, 3_000)
    now = NOW + DAY
    first = store.due_accounts(now, 10)
    store.due_accounts(now, 10, first[-1])
    page = steps(store, lambda: store.due_accounts(now, 10, "I001000"))
    assert page < 500
