"""Small accounts and changes for the tests of the store."""

import os
import traceback

from engine.core.account import Account, Changes, Deal, HistoryEntry
from engine.core.enrolment import Enrolment, Event, OpenAction, Paused, Position, Timer
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, NewEvent, Revision

NOW = 1_780_000_000
DAY = 86_400


def timer(due: int, **more) -> Timer:
    content = {"kind": "after", "base": NOW, "unit": "d", "rule": "after 7d", "place": 0, "track": "main", "entry": 1}
    return Timer(due=due, **{**content, **more})


def enrolment(account: str = "A1", deal: str = "D1", due: int | None = NOW, **more) -> Enrolment:
    content = {
        "id": f"e-{deal}",
        "account": account,
        "deal": deal,
        "playbook": "check-in",
        "revision": "r1",
        "number": 1,
        "enrolled_at": NOW - DAY,
        "positions": [Position("main", "cool_off", 1, NOW - DAY)],
        "visits": {"main.cool_off": 1},
        "timers": [] if due is None else [timer(due)],
        "entries": 1,
        "steps": 1,
    }
    return Enrolment(**{**content, **more})


def full_enrolment() -> Enrolment:
    """One with everything that an enrolment can hold."""
    waiting = Event("reply", NOW, 7, "D1", "K1", occurred_at=NOW - 5, by="kim", fields={"text": "Grüße — “hi”"})
    return enrolment(
        positions=[
            Position("main", "ask", 2, NOW, [1, 2], True, ""),
            Position("team", "done", 3, NOW, [], False, "kept"),
        ],
        facts={"permission": "granted", "score": 3.5, "empty": None},
        actions=[
            OpenAction("a1", "call", "main", 2, "planned", NOW, None, "call", 1, "K1", "kim", NOW - 3),
            OpenAction("a2", "mail", "main", 2, "due", NOW, NOW + 5, "email"),
        ],
        spent=[4],
        paused=Paused(
            since=NOW,
            until="reply",
            left=((timer(NOW + 9), "3bd"),),
            waiting=((waiting, ("deal", "contact")),),
            due=(timer(NOW + 1, kind="at", unit="at"),),
        ),
    )


def history(one: Enrolment, number: int) -> HistoryEntry:
    return HistoryEntry(
        one.account, one.id, number, NOW, {"timer": 0}, {"deal.amount": [500, "EUR"]}, (("moved", "a", "b"), ("set",))
    )


def action_columns(one: Enrolment, **more) -> dict:
    content = {
        "enrolment_id": one.id,
        "deal_id": one.deal,
        "playbook": one.playbook,
        "name": "ask",
        "track": "main",
        "entry": 1,
        "kind": "call",
        "facing": True,
        "status": "due",
        "due_at": NOW,
        "handed_at": NOW,
        "priority": 1,
        "assignee": "kim",
        "contact_id": "K1",
        "touch_key": "K1",
        "touch_at": NOW,
        "title": "Ask “them”",
        "remarks": ["contact missing"],
    }
    return {**content, **more}


def enrolled(one: Enrolment, actions: dict[str, dict] | None = None) -> Changes:
    """The changes of the step that enrols `one`."""
    actions = actions or {}
    return Changes(
        one.account,
        enrolments={one.id: one},
        new_enrolments={one.id},
        history=[history(one, one.steps)],
        actions=actions,
        new_actions=set(actions),
    )


def moved(one: Enrolment, due: int | None, **more) -> Changes:
    """The changes of one more step."""
    after = one.copy()
    after.steps += 1
    after.timers = [] if due is None else [timer(due)]
    return Changes(one.account, enrolments={one.id: after}, history=[history(after, after.steps)], **more)


def fill(store, *deals: str, account: str = "A1") -> None:
    """An account with a contact and some lost deals, and the revision that they are enrolled in."""
    with store.transaction():
        store.upsert_accounts([ImportedAccount(id=account, name="Acme", fields={"industry": "software"})])
        contact = ImportedContact(id=f"K-{account}", account=account, fields={"email": "a@example.org"})
        store.upsert_contacts([contact])
        store.upsert_deals([imported(deal, account) for deal in deals])
        store.put_revision(Revision(hash="r1", playbook="check-in", content={}, created_at=NOW, facing=True))


def imported(deal: str, account: str = "A1", **more) -> ImportedDeal:
    content = {
        "id": deal,
        "account": account,
        "fields": {
            "name": f"Deal {deal}",
            "status": "lost",
            "owner": "kim",
            "team": "west",
            "lost_at": "2026-05-01",
            "amount": [500000, "EUR"],
        },
        "contacts": [(f"K-{account}", "decision_maker")],
        "fingerprint": "f1",
        "modified_at": "2026-05-02",
        "import_id": 1,
    }
    return ImportedDeal(**{**content, **more})


def loaded(store, account: str = "A1", now: int = NOW, needs: set[str] | None = None, deals=()) -> Account:
    return store.load_accounts([account], now, needs or set(), deals)[0]


def enrol(store, one: Enrolment, actions: dict[str, dict] | None = None) -> Enrolment:
    """Write it as enrolled; its deal has to be there."""
    account = Account(one.account, deals={one.deal: Deal(one.deal, one.account, {"lost_at": "2026-05-01"})})
    store.save([enrolled(one, actions)], {one.account: account})
    return one


def an_event(name: str = "reply", account: str = "A1", deal: str = "D1", recorded_at: int = NOW, **more) -> NewEvent:
    return NewEvent(account=account, name=name, deal=deal, recorded_at=recorded_at, **more)


def in_child(work) -> int:
    """Run `work` in a forked process; returns 0, 1 if it raised, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
