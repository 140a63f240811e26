"""A small workspace with three lost deals, and the command line run in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cli
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal
from engine.store.sqlite import create, open_store
from tests.small_workspace import CALENDARS, EVENTS, PEOPLE, lay, settings

SETTINGS = settings("check-in", "beside")
FILES = {
    "playbook.toml": SETTINGS,
    "playbooks/check-in.yaml": """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}, since.lost_at: {at_most: 90d}}
ends: {kept: {}, declined: {}}
anywhere:
  - {event: ask.refused, end: declined}
  - {event: opted_out, from: contact, end: declined}
initial: ask_first
states:
  ask_first:
    actions:
      ask:
        kind: call
        contact: decision_maker
        title: Ask whether we may stay in touch
        purpose: Keep the line open
        assign: owner
        minutes: 10
        do: [thank them]
        avoid: [asking why we lost]
        outcomes: [granted, refused, no_answer]
    transitions:
      - {event: ask.granted, to: wait}
      - {after: 14d, to: wait}
  wait:
    actions:
      review:
        kind: task
        title: Look back
        assign: owner
        checklist: [reread your notes]
    transitions:
      - {event: reply, to: ask_first, if: {event.channel: {is: phone}}}
      - {after: 4w, end: kept}
""",
    "playbooks/beside.yaml": """
playbook: beside
title: Beside
enrol: {event: asked_for}
ends: {over: {}}
initial: only
states:
  only:
    actions:
      read: {kind: task, title: Read, assign: owner, optional: true}
    transitions:
      - {after: 1w, end: over}
""",
    "playbooks/library/events.yaml": EVENTS,
    "playbooks/library/fields.yaml": """
deal: {}
account: {}
contact:
  phone: {type: text, address_of: [call]}
""",
    "playbooks/library/roster.yaml": PEOPLE,
    "playbooks/library/calendars.yaml": CALENDARS,
}
START = "2026-03-02T10:00"  # a Monday
LATER = "2026-03-02T11:00"


def make(folder: Path) -> None:
    """The workspace, its sandbox database, three deals, and a first tick that enrols two of them."""
    lay(folder, FILES)
    with closing(create(folder / "playbook.db")) as store, store.transaction():
        store.put_meta("sandbox", "1")
        store.upsert_accounts(
            [ImportedAccount(id="A1", name="Acme"), ImportedAccount(id="A2", name="株式会社サンプル")]
        )
        store.upsert_contacts(
            [
                ImportedContact(id="C1", account="A1", fields={"name": "Ann\x1b[31m Bell", "phone": "+49 170"}),
                ImportedContact(id="C2", account="A2", fields={"name": "山田太郎", "phone": "81"}),
            ]
        )
        store.upsert_deals(
            [
                deal("D-1", "A1", "C1", name="=SUM(A1)"),
                deal("D-2", "A2", "C2", name="Roof"),
                deal("D-3", "A1", "C1", name="Old", lost_at="2024-02-20"),
            ]
        )


def deal(number: str, account: str, contact: str, **fields) -> ImportedDeal:
    known = {"status": "lost", "owner": "kim", "team": "west", "lost_at": "2026-02-20", "amount": [1250000, "USD"]}
    contacts = [(contact, "decision_maker")]
    return ImportedDeal(
        id=number, account=account, fields={**known, **fields}, contacts=contacts, fingerprint="f", examine_at=0
    )


@dataclass
class Answer:
    code: int
    out: str
    err: str


class Shop:
    """`run` is one command; `store` opens the database for a look."""

    def __init__(self, folder: Path, capsys) -> None:
        self.folder = folder
        self.capsys = capsys

    def run(self, *arguments: str) -> Answer:
        self.capsys.readouterr()
        code = cli.run(["--workspace", str(self.folder), *arguments])
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def store(self):
        return closing(open_store(self.folder / "playbook.db"))

    def action(self, deal: str = "D-1") -> str:
        with self.store() as store:
            return store.open_actions(deal=deal)[0].id

    def pending(self, deal: str = "D-1") -> list[str]:
        with self.store() as store:
            return [one.event.name for one in store.pending_events(deal)]

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)
