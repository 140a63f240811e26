"""A store with deals written down one by one, so that a test can count them by hand."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

from engine.core.account import Account, Changes, Deal, HistoryEntry
from engine.core.calendars import Calendar, parse_hours
from engine.core.enrolment import Enrolment
from engine.core.questionnaires import read_questionnaire
from engine.core.vocabulary import Field, vocabulary
from engine.core.world import World
from engine.reports.catalogue import REPORTS
from engine.reports.model import Report
from engine.reports.scope import Scope
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal, NewEvent, Revision
from engine.store.listings import Activity
from engine.store.sqlite import create

NOW = "2026-06-01T12:00"
OFFICE = Calendar(name="office", hours=parse_hours({"mon-fri": "09:00-17:00"}))
FIELDS = (
    Field(name="deal.product", type="text"),
    Field(name="deal.notified_by", type="choice", values=("phone", "email")),
    Field(name="deal.source", type="choice", values=("rfp", "referral", "inbound")),
    Field(name="deal.loss_branch", type="choice", values=("ours",), playbooks_may_write=True),
    Field(name="account.industry", type="text"),
)
REASONS = {"type": "reason", "values": {"price": "Price", "fit": "Fit"}, "branches": {"price": "won", "fit": "chased"}}
QUESTIONNAIRES = (
    {"questionnaire": "ours", "answered_by": "self", "questions": {"why": {"ask": "Why?", **REASONS},
     "stop": {"ask": "Stop?", "type": "text"}, "start": {"ask": "Start?", "type": "text"},
     "who": {"ask": "Who?", "type": "person"}, "when": {"ask": "When?", "type": "date"}},
     "improvements": [{"kind": "start", "what": "start", "owner": "who", "by": "when"},
                      {"kind": "stop", "what": "stop"}]},
    {"questionnaire": "theirs", "answered_by": "customer", "questions": {"why": {"ask": "Why?", **REASONS}}},
)  # fmt: skip


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def world(**more) -> World:
    words = vocabulary(FIELDS, ())
    asked = {one["questionnaire"]: read_questionnaire(one) for one in QUESTIONNAIRES}
    words = replace(words, questionnaires=asked, scores=more.pop("scores", {}))
    return World(zone="UTC", calendars={"office": OFFICE}, vocabulary=words, **more)


class Book:
    """`deal`, `action` and so on write one row each; `report` counts them."""

    def __init__(self, folder, **more) -> None:
        self.store = create(folder / "playbook.db")
        self.world = world(**more)
        self.numbers = itertools.count(1)
        self.homes: dict[str, str] = {}

    def account(self, account: str, **fields) -> None:
        self.store.upsert_accounts([ImportedAccount(id=account, name=account, fields=fields)])

    def contact(self, contact: str, account: str = "A", consent: dict | None = None, **fields) -> None:
        self.account(account)
        self.store.upsert_contacts([ImportedContact(id=contact, account=account, fields=fields, consent=consent or {})])

    def deal(self, deal: str, account: str = "A", contacts=(), excused: str = "", answers=None, **fields) -> str:
        content = {"status": "lost", "team": "west", "owner": "kim", "lost_at": "2026-03-02", **fields}
        if content["status"] != "lost" and "lost_at" not in fields:
            del content["lost_at"]
        if account not in self.homes.values():
            self.account(account)
        self.homes[deal] = account
        links = [(one, "decision_maker") for one in contacts]
        self.store.upsert_deals(
            [ImportedDeal(id=deal, account=account, fields=content, contacts=links, fingerprint="f")]
        )
        if excused:
            self.store.excuse(deal, excused)
        if answers:
            sql = "UPDATE deals SET answers = ? WHERE id = ?"
            self.store.session.connection.execute(sql, (json.dumps(answers), deal))
        return deal

    def enrol(self, deal: str, playbook: str = "check-in", at: str = "2026-03-03T09:00", facing: bool = True,
              loss: str = "2026-03-02", actions: dict | None = None) -> None:  # fmt: skip
        account, identity = self.homes[deal], f"e{next(self.numbers)}"
        revision = Revision(hash=playbook, playbook=playbook, content={}, created_at=0, facing=facing)
        self.store.put_revision(revision)
        one = Enrolment(identity, account, deal, playbook, playbook, 1, instant(at), steps=1)
        entry = HistoryEntry(account, identity, 1, instant(at), {}, {}, ())
        actions = actions or {}
        changes = Changes(account, enrolments={identity: one}, new_enrolments={identity}, history=[entry],
                          actions=actions, new_actions=set(actions))  # fmt: skip
        known = Account(account, deals={deal: Deal(deal, account, {"lost_at": loss})})
        self.store.save([changes], {account: known})

    def action(self, deal: str, name: str, status: str = "done", at: str = "2026-03-10T10:00", outcome: str = "",
               kind: str = "call", playbook: str = "check-in", **more) -> str:  # fmt: skip
        """One action in an enrolment of its own; returns its id."""
        identity = f"a{next(self.numbers)}"
        facing = kind not in ("task", "review", "approval", "notify")
        closed = None if status in ("planned", "due") else instant(at)
        columns = {"enrolment_id": "e", "deal_id": deal, "playbook": playbook, "name": name, "kind": kind,
                   "facing": facing, "status": status, "due_at": instant(at), "closed_at": closed,
                   "outcome": outcome or ("done" if status == "done" else ""), **more}  # fmt: skip
        self.enrol(deal, playbook, actions={identity: columns})
        return identity

    def event(self, name: str, deal: str = "", at: str = "2026-03-10T10:00", account: str = "A", **more) -> int | None:
        account = self.homes.get(deal, account)
        made = NewEvent(account=account, deal=deal, name=name, recorded_at=instant(at), **more)
        return self.store.record([made])[0]

    def activity(self, deal: str, at: str, direction: str = "inbound", **more) -> None:
        content = {"account": self.homes.get(deal, "A"), "key": f"k{next(self.numbers)}", "deal": deal, "contact": "",
                   "at": instant(at), "direction": direction, "channel": "email", "who": "kim", **more}  # fmt: skip
        self.store.put_activities([Activity(**content)])

    def report(self, name: str, now: str = NOW, **scope) -> Report:
        return REPORTS[name].make(self.store, Scope(world=self.world, now=instant(now), **scope))


def rows(report: Report, table: str) -> list[tuple]:
    return [row for found in report.tables if found.name == table for row in found.rows]
