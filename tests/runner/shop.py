"""A small sandbox workspace that imports deals and ticks through the command line, and shows what is in its store."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path
from typing import Any

import cli
from engine.core.account import Account
from engine.store.base import Store
from engine.store.sqlite import create, open_store

SETTINGS = """
[workspace]
database = "playbook.db"
zone = "UTC"
playbooks = ["check-in"]
[import]
mapping = "mapping.yaml"
"""
PLAYBOOK = """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}}
ends:
  kept: {}
initial: wait
states:
  wait:
    actions:
      think: {kind: task, title: Think about it, assign: owner}
    transitions:
      - {after: 4w, end: kept}
"""
FIELDS = """
deal:
  product: {type: text, title: Product}
  manager: {type: text, title: Manager}
  follows_deal: {type: text, title: Follows}
  fee: {type: money, currency: EUR, title: Fee}
account:
  industry: {type: text, title: Industry}
  country: {type: text, title: Country}
contact:
  email: {type: text, title: E-mail}
  phone: {type: text, title: Phone}
"""
MAPPING = """
mapping: shop
deals:
  columns:
    Id: id
    Account: account_name
    Industry: account.industry
    Owner: owner
    Stage: status
    Lost: lost_at
    Changed: modified_at
    Value: amount
    Fee: fee
    Note: custom.note
    Follows: follows_deal
    Person: contact.id
    Role: contact.role
    Phone: contact.phone
  status: {lost: [Lost], won: [Won], open: [Open]}
  date_format: ISO
  decimal: "."
  currency: EUR
accounts:
  columns: {Account: account.id, Title: account.name, Industry: account.industry}
contacts:
  columns: {Person: contact.id, Deal: contact.deal, Account: contact.account, Role: contact.role, Phone: contact.phone}
"""
HEADER = ("Id", "Account", "Industry", "Owner", "Stage", "Lost", "Changed", "Value", "Fee", "Note", "Follows",
          "Person", "Role", "Phone")  # fmt: skip
START = "2026-03-02T10:00"
Row = dict[str, str]


def _parsed(cell: Any) -> Any:
    """JSON with its keys in order, so that equal content is equal text."""
    return json.dumps(json.loads(cell), sort_keys=True) if isinstance(cell, str) and cell[:1] in "{[" and cell else cell


def deal(number: str, **more: str) -> Row:
    """A lost deal of Acme, over which `more` is laid."""
    row = {"Id": number, "Account": "Acme", "Industry": "retail", "Owner": "kim", "Stage": "Lost", "Lost": "2026-03-01"}
    return {**row, **more}


class Shop:
    """`folder` is the workspace. Every call is one command in this process."""

    def __init__(self, folder: Path, roster: str = "") -> None:
        self.folder = folder
        library = folder / "playbooks" / "library"
        library.mkdir(parents=True)
        (folder / "playbook.toml").write_text(SETTINGS)
        (folder / "playbooks" / "check-in.yaml").write_text(PLAYBOOK.lstrip())
        (library / "fields.yaml").write_text(FIELDS.lstrip())
        if roster:
            (library / "roster.yaml").write_text(roster)
        (folder / "mapping.yaml").write_text(MAPPING.lstrip())
        store = create(folder / "playbook.db")
        store.put_meta("sandbox", "1")
        store.close()
        self.said = ""

    def run(self, *arguments: str) -> tuple[int, str]:
        """(exit code, standard output); what stood on standard error is in `said`."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run(["--workspace", str(self.folder), *arguments])
        self.said = err.getvalue()
        return code, out.getvalue()

    def write(self, rows: list[Row], name: str = "deals.csv", header: tuple[str, ...] = HEADER) -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def bring(self, rows: list[Row], *options: str, now: str = START, code: int = 0) -> dict[str, Any]:
        """Import the rows; the report."""
        found, out = self.run("import", str(self.write(rows)), "--now", now, "--format", "json", *options)
        assert found == code, (found, out, self.said)
        return json.loads(out)

    def tick(self, now: str = START) -> None:
        code, _ = self.run("tick", "--now", now, "--accept-clock")
        assert code == 0, self.said

    def store(self) -> Store:
        return open_store(self.folder / "playbook.db")

    def account(self, name: str, *deals: str) -> Account:
        """As it is in the store, with these deals."""
        store = self.store()
        try:
            return store.load_accounts([name], 1 << 40, {"log"}, [(name, deal) for deal in deals])[0]
        finally:
            store.close()

    def contents(self) -> dict[str, list[Any]]:
        """Everything that imports write, without the ids of imports."""
        store = self.store()
        try:
            query = store.session.connection.execute  # type: ignore[attr-defined]

            def rows(statement: str) -> list[list[Any]]:
                return [[_parsed(cell) for cell in row] for row in query(statement)]

            return {
                "accounts": sorted(rows("SELECT id, name, fields FROM accounts")),
                "contacts": sorted(rows("SELECT account_id, id, fields, consent FROM contacts")),
                "deals": sorted(rows("SELECT account_id, id, status, owner, lost_at, modified_at, fields, contacts, "
                                     "fingerprint, examine_at FROM deals")),
                "events": sorted(rows("SELECT account_id, deal_id, contact_id, name, fields FROM events")),
            }  # fmt: skip
        finally:
            store.close()
