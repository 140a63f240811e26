"""Ten days in a small workspace, told as moves between ticks and the ticks themselves.

Together the ticks pass every point at which a tick can be killed. Each move depends only on the day and on what stands
in the store, so that a run which was killed and its uninterrupted twin are told the same things.
"""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cli
from engine.console.beginning import make_workspace
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, NewEvent
from engine.store.sqlite import SqliteStore, open_store

SOURCE = Path(__file__).parent / "workspace"
DAY = 86_400
START = int(datetime(2026, 3, 2, 15, tzinfo=UTC).timestamp())  # a Monday, ten o'clock in New York
DAYS = 12
ACCOUNTS = [f"A{number:02}" for number in range(1, 13)]
TOO_LONG = "a name that no call sheet can hold " * 2_500  # a rendered text ends at 64 Ki characters


def instant(day: int) -> int:
    """The instant of the tick of a day, in seconds since 1970."""
    return START + day * DAY


def written(at: int) -> str:
    """An instant as `--now` takes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[SqliteStore]:
    """The store of a workspace, closed again before anything is forked."""
    with contextlib.closing(open_store(folder / "playbook.db")) as store:
        yield store


def make(folder: Path) -> Path:
    """The workspace as it is before the first tick: no deal yet."""
    make_workspace(folder, sandbox=True)
    shutil.rmtree(folder / "playbooks")
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    return folder


def between(day: int, folder: Path) -> None:
    """What people, the CRM and authors do before the tick of this day."""
    move = MOVES.get(day)
    if move is not None:
        move(folder)


# --- what happens -----------------------------------------------------------------------------------------------------


def arrive(store: SqliteStore, accounts: list[str], *, lost_at: str, poisoned: str = "") -> None:
    """New losses: one deal for each account, two for every third; the name of `poisoned` cannot be rendered."""
    with store.transaction():
        arrive_in(store, accounts, lost_at=lost_at, poisoned=poisoned)


def arrive_in(store: SqliteStore, accounts: list[str], *, lost_at: str, poisoned: str = "") -> None:
    """The same, in a transaction in force."""
    store.upsert_accounts([ImportedAccount(id=one, name=f"Account {one}", fields={}) for one in accounts])
    store.upsert_contacts([contact(one) for one in accounts])
    store.upsert_deals([deal(f"D{one}", one, lost_at, TOO_LONG if one == poisoned else "") for one in accounts])
    store.upsert_deals([deal(f"E{one}", one, lost_at) for one in accounts[::3]])


def contact(account: str) -> ImportedContact:
    fields = {"name": f"Buyer of {account}", "phone": "1", "email": f"{account}@buyer.example", "postal_address": "x"}
    return ImportedContact(id=f"C{account}", account=account, fields=fields)


def deal(identity: str, account: str, lost_at: str, name: str = "", **more) -> ImportedDeal:
    fields = {"name": name or f"Deal {identity}", "status": "lost", "lost_at": lost_at, "owner": "kim", "team": "west"}
    amount = [100_000 + 7 * sum(map(ord, identity)), "USD"]
    return ImportedDeal(
        id=identity, account=account, fields={**fields, "amount": amount, **more}, fingerprint=f"{lost_at}{name[:9]}",
        contacts=[(f"C{account}", "decision_maker")], examine_at=0,
    )  # fmt: skip


def _first_losses(folder: Path) -> None:
    """Also an experiment is started, which draws the losses of the days after."""
    started = ["experiment", "start", "patience", "--yes", "--now", written(instant(1) - 60)]
    assert cli.run(["-w", str(folder), *started]) == 0
    with opened(folder) as store:
        arrive(store, ACCOUNTS[:6], lost_at="2026-03-01", poisoned="A02")


def _more_losses(folder: Path) -> None:
    with opened(folder) as store:
        arrive(store, ACCOUNTS[6:10], lost_at="2026-03-02")


def _answers(folder: Path) -> None:
    """Most calls were agreed to, some refused; a reply; an event that nothing takes; the long name is mended."""
    with opened(folder) as store:
        store.upsert_deals([deal("DA02", "A02", "2026-03-01", "A short name")])
        calls = sorted((row for row in store.open_actions() if row.name == "ask"), key=lambda row: row.id)
        at = store.last_tick().now + 3600
        events = [
            _outcome(row, f"ask.{'refused' if index % 3 == 0 else 'agreed'}", at) for index, row in enumerate(calls)
        ]
        events.append(NewEvent(account="A05", name="reply", deal="DA05", contact="CA05", recorded_at=at + 60, by="kim"))
        events.append(NewEvent(account="A04", name="ready_again", deal="DA04", recorded_at=at + 61, by="kim"))
        store.record(events)


def _outcome(row, name: str, at: int) -> NewEvent:
    return NewEvent(
        account=row.account, name=name, deal=row.deal, contact=row.contact, enrolment=row.enrolment, action=row.id,
        recorded_at=at, by="kim", key=f"{name} {row.id}",
    )  # fmt: skip


def _news_from_the_crm(folder: Path) -> None:
    with opened(folder) as store:
        at = store.last_tick().now + 3600
        news = {"deal": {"amount": [990_000, "USD"]}, "account_fields": {"mood": "cold"}}
        store.record(
            [
                # `listen` has this deal already, so that nothing takes what the answer asks for
                NewEvent(account="A05", name="reply", deal="DA05", contact="CA05", recorded_at=at, by="kim"),
                NewEvent(account="A08", name="opted_out", deal="DA08", contact="CA08", recorded_at=at, by="kim"),
                *_spared_and_not("A06", at),
                NewEvent(account="A09", name="not_now", deal="DA09", contact="CA09", recorded_at=at, by="kim"),
                NewEvent(account="A01", name="imported", deal="DA01", recorded_at=at, by="import", fields=news),
                NewEvent(
                    account="A10", name="imported", deal="DA10", recorded_at=at, fields={"deal": {"status": "won"}}
                ),
            ]
        )


def _spared_and_not(account: str, at: int) -> list[NewEvent]:
    """Somebody asks to leave a contact alone for a month, and takes that back."""
    said = {"scope": "contact", "because": "asked for it"}
    return [
        NewEvent(account=account, name=f"command.{order}", contact=f"C{account}", recorded_at=at, by="kim",
                 fields={**said, **more})
        for order, more in (("suppress", {"until": at + 30 * 86_400}), ("lift", {}))
    ]  # fmt: skip


def _letters_are_written(folder: Path) -> None:
    with opened(folder) as store:
        at = store.last_tick().now + 7200
        letters = [row for row in store.open_actions() if row.name in ("letter", "look_at_it")]
        store.record([_outcome(row, f"{row.name}.done", at) for row in letters])


def _files_are_edited(folder: Path) -> None:
    """A template is edited, a calendar is broken, a playbook is deleted, and a loss comes that meets all of it."""
    library = folder / "playbooks" / "library"
    (library / "templates" / "letter.txt").write_text('Dear {{ contact.name | default("reader") }}, goodbye.\n')
    (library / "calendars.yaml").write_text("calendars: {office: {hours: [broken\n")
    (folder / "playbooks" / "listen.yaml").unlink()
    with opened(folder) as store:
        arrive(store, ACCOUNTS[10:], lost_at="2026-03-08")


def _files_are_mended(folder: Path) -> None:
    for name in ("library/calendars.yaml", "listen.yaml"):
        shutil.copyfile(SOURCE / "playbooks" / name, folder / "playbooks" / name)


def _they_lose_again(folder: Path) -> None:
    with opened(folder) as store:
        store.upsert_deals([deal("DA08", "A08", "2026-03-10"), deal("DA10", "A10", "2026-03-11")])
        at = store.last_tick().now + 60
        store.record([NewEvent(account="A11", name="reply", deal="DA11", contact="CA11", recorded_at=at, by="kim")])


MOVES = {
    1: _first_losses,
    2: _more_losses,
    3: _answers,
    4: _news_from_the_crm,
    5: _letters_are_written,
    6: _files_are_edited,
    8: _files_are_mended,
    9: _they_lose_again,
    10: _letters_are_written,
}
