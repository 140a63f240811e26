"""kill -9 of what people and imports write: it is there completely or not at all, and saying it again is harmless."""

import contextlib
import shutil
from collections import Counter
from pathlib import Path

import pytest

from engine.console.beginning import make_workspace
from engine.core.account import Suppression, Touch
from engine.core.vocabulary import Vocabulary
from engine.experiments.ordered import ordered
from engine.experiments.orders import NotOrderable, Orders
from engine.store import crash
from engine.store.base import Activity, ImportedAccount, ImportReport, NewEvent
from engine.store.sqlite import create, open_store
from tests.torture import story
from tests.torture.killing import KILLED, difference, in_child, passages, picture, tick
from tests.torture.test_killed_ticks import IN_A_TICK

NOBODY_CALLS = {"forget_sources"}  # a verb of the store without a command


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    """A workspace with running deals and an account that failed."""
    folder = story.make(tmp_path_factory.mktemp("commands") / "ready")
    for day in range(3):
        story.between(day, folder)
        assert tick(folder, story.instant(day)) in (0, 1)
    with story.opened(folder) as store:
        store.record([NewEvent(account="A05", name="reply", deal="DA05", recorded_at=story.instant(2), key="first")])
        _misplaced(store)
    return folder


def _misplaced(store) -> None:
    """Two deals that belong elsewhere: one alone in an account without a name, one beside others."""
    at = story.instant(2)
    with store.transaction():
        store.upsert_accounts([ImportedAccount(id="Z", name="", fields={})])
        store.upsert_contacts([story.contact("Z")])
        store.upsert_deals([story.deal("M1", "Z", "2026-03-04"), story.deal("M2", "A05", "2026-03-04")])
        store.record([NewEvent(account="Z", name="reply", contact="CZ", recorded_at=at)])
        store.record([NewEvent(account="Z", name="reply", deal="M1", contact="CZ", recorded_at=at)])
        store.record_touches([("Z", Touch("CZ", at, "email", ""))])
        store.put_activities([Activity("Z", f"crm {deal}", deal, "CZ", at, "outbound", "call") for deal in ("", "M1")])
        store.suppress([("Z", Suppression("contact", "CZ", "", at, None, "asked"))])


def report(number: int) -> ImportReport:
    return ImportReport(
        at=story.instant(3), source="crm", file="deals.csv", hash="h", id=number, newest_modified="2026-03-04", rows=3,
        accepted=3, unchanged=0, rejected=0, findings=[],
    )  # fmt: skip


def import_losses(store) -> None:
    """All that an import writes, in one transaction as the command does."""
    with store.transaction():
        number = store.put_import(report(0))
        story.arrive_in(store, ["A11", "A12"], lost_at="2026-03-04")
        store.put_fingerprints(number, [("DA01", "new", "2026-03-04")])
        store.mark_seen(number, ["DA01", "DA02"])
        store.record_touches([("A01", Touch("CA01", story.instant(1), "email", ""))])
        store.put_activities([Activity("A01", "crm 1", "DA01", "CA01", story.instant(1), "outbound", "email")])
        news = {"deal": {"amount": [5, "USD"]}}
        store.record(
            [NewEvent(account="A01", name="imported", deal="DA01", recorded_at=story.instant(2), fields=news, key="i")]
        )
        store.put_import(report(number))


def record_reply(store) -> None:
    store.record([NewEvent(account="A05", name="reply", deal="DA05", recorded_at=story.instant(2) + 9, key="second")])


def undo(store) -> None:
    for pending in store.pending_events("DA05"):
        store.withdraw_event(pending.event.id, "taken back")


def excuse(store) -> None:
    store.excuse("DA06", "they closed down")


def retry(store) -> None:
    store.retry_account("A02")


def move(store) -> None:
    store.move_deals([("M1", "A06"), ("M2", "A06")])


def stop_experiment(store) -> None:
    """Said again after it was done, it is refused and changes nothing."""
    known, at = ordered(store, Vocabulary()), story.instant(2) + 9
    with contextlib.suppress(NotOrderable):
        Orders(store=store, known=known, now=at, by="kim", local=str).stop("patience")


VERBS = [move, import_losses, record_reply, undo, excuse, retry, stop_experiment]


def done(verb, folder: Path):
    """`verb` in the workspace, as a child's work."""

    def work() -> int:
        with story.opened(folder) as store:
            verb(store)
        return 0

    return work


@pytest.mark.parametrize("verb", VERBS)
def test_a_killed_command_wrote_all_or_nothing_and_can_be_said_again(ready, tmp_path, verb):
    twin = Path(shutil.copytree(ready, tmp_path / "twin"))
    passed = passages(done(verb, twin), tmp_path / "passages.json")
    before, after = picture(ready), picture(twin)
    assert before != after
    for point, count in passed.items():
        for number in range(1, count + 1):
            shutil.rmtree(tmp_path / "killed", ignore_errors=True)
            folder = Path(shutil.copytree(ready, tmp_path / "killed"))
            assert in_child(armed(f"{point}:{number}", done(verb, folder))) == KILLED
            found = picture(folder)
            assert difference(found, before) == [] or difference(found, after) == [], f"{point}:{number}"
            if difference(found, after) or verb is not import_losses:  # a second import is one more import
                assert in_child(done(verb, folder)) == 0
                assert difference(picture(folder), after) == [], f"{point}:{number}"
            assert tick(folder, story.instant(3)) in (0, 1)


def armed(point: str, work):
    def run() -> int:
        crash.arm(point)
        return work()

    return run


def test_every_point_of_a_command_is_killed_at(ready, tmp_path):
    passed: Counter[str] = Counter()
    for verb in VERBS:
        folder = Path(shutil.copytree(ready, tmp_path / verb.__name__))
        passed += passages(done(verb, folder), tmp_path / "passages.json")
    assert set(crash.CRASH_POINTS) - set(IN_A_TICK) - NOBODY_CALLS - {"migration"} <= set(passed)


def test_a_killed_init_leaves_a_workspace_that_init_completes(tmp_path):
    counted = passages(lambda: make_workspace(tmp_path / "counted", True), tmp_path / "passages.json")
    assert counted["migration"] > 20
    for number in range(1, counted["migration"] + 1, 4):
        folder = tmp_path / f"killed-{number}"
        assert in_child(armed(f"migration:{number}", lambda: make_workspace(folder, True))) == KILLED  # noqa: B023
        with contextlib.suppress(Exception):
            open_store(folder / "playbook.db").close()
            pytest.fail("half a database was opened as if it were one")
        create(folder / "playbook.db").close()
        assert open_store(folder / "playbook.db").check() == []
