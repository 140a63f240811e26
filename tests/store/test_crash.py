import re
from contextlib import closing

import pytest

from engine.core.account import Changes, Suppression
from engine.store import crash
from engine.store.sqlite import create, open_store
from engine.store.statements import statements
from tests.store.samples import DAY, NOW, action_columns, an_event, enrol, enrolled, enrolment, fill, in_child, moved

SAVED = crash.CRASH_POINTS[crash.CRASH_POINTS.index("insert_enrolments") : crash.CRASH_POINTS.index("put_meta")]


def test_every_statement_that_writes_is_a_crash_point_and_every_point_is_one():
    writing = {name for name, sql in statements().items() if re.match(r"(INSERT|UPDATE|DELETE)", sql)}
    in_memory = {name for name in writing if "temp." in statements()[name]}
    assert set(crash.CRASH_POINTS) == (writing - in_memory) | {"begin", "commit", "migration", "update_actions"}


@pytest.mark.parametrize("text", ["nowhere:1", "commit:0", "commit:x", "commit:-1"])
def test_a_name_that_is_no_point_is_refused(text):
    with pytest.raises(ValueError, match="PLAYBOOK_CRASH_AT"):
        crash.crash_plan(text)


def test_no_point_is_armed_unless_asked_for():
    assert crash.crash_plan(None) is crash.crash_plan("") is None


def prepare(path):
    with closing(create(path)) as store:
        fill(store, "D1", "D2")
        one = enrolment()
        enrol(store, one, {"a1": action_columns(one)})
        store.record([an_event("reply"), an_event("late")])
        store.suppress([("A1", Suppression("contact", "K-A1", "", NOW - DAY, None, "asked"))])
        store.fail_account("A1", "once")


def everything(store):
    """One save that writes every group."""
    with store.transaction():
        account = store.load_accounts(["A1"], NOW, set(), [("A1", "D2")])[0]
        first = account.enrolments["e-D1"]
        reply, late = (event.id for event in account.events)
        change = moved(
            first,
            NOW + DAY,
            actions={"a1": {"status": "done", "outcome": "x"}},
            handled=[reply],
            late=[(late, "closed")],
            changed_deals={"D1"},
            changed_contacts={"K-A1"},
            account_changed=True,
            suppressions=[Suppression("account", "", "", NOW, None, "x")],
            lifted=[Suppression("contact", "K-A1", "", NOW - DAY, NOW, "asked")],
            examine={"D2"},
        )
        second = enrolled(enrolment(deal="D2"), {"b1": action_columns(enrolment(deal="D2"))})
        account.fields["tier"] = account.deals["D1"].fields["tier"] = "gold"
        store.save([change, second], {"A1": account})


def picture(store):
    """All rows of all tables."""
    tables = store.session.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").fetchall()
    return {table: sorted(store.session.execute(f"SELECT * FROM {table}"), key=repr) for (table,) in tables}


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_save_killed_anywhere_is_there_completely_or_not_at_all(tmp_path, journal):
    path = tmp_path / "playbook.db"
    prepare(path)
    with closing(open_store(path)) as store:
        store.session.execute(f"PRAGMA journal_mode = {journal}")
        before = picture(store)
    prepared = path.read_bytes()

    def killed(point):
        crash.arm(point)
        with closing(open_store(path)) as store:
            everything(store)

    after = None
    for point in (f"{name}:{passage}" for name in ("begin", *SAVED, "commit") for passage in (1, 2)):
        status = in_child(lambda: killed(point))  # noqa: B023
        if point == "begin:2":
            assert status == 0  # there is one BEGIN, and nothing to be killed after it
        else:
            assert status == -9, point
        with closing(open_store(path)) as store:
            found = picture(store)
            assert store.check() == []
        if point in ("begin:2", "commit:2"):
            assert after is None or found == after
            after = found
            path.write_bytes(prepared)
        else:
            assert found == before, point
    assert after != before


def test_changes_of_nothing_write_nothing(tmp_path):
    path = tmp_path / "playbook.db"
    prepare(path)
    with closing(open_store(path)) as store:
        store.retry_account("A1")
        before = picture(store)
        store.save([Changes("A1")], {"A1": store.load_accounts(["A1"], NOW, set())[0]})
        assert picture(store) == before
