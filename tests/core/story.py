"""A deal's story in memory, through the real `advance`: what tests of the semantics are told in."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from engine.core.account import Account, Contact, Deal, HistoryEntry
from engine.core.advance import Advancing
from engine.core.building import build_playbook
from engine.core.enrolling import Candidate, begin
from engine.core.enrolment import Enrolment, Event, OpenAction
from engine.core.model import Revision
from engine.core.step import Compiled, Step, replay
from engine.core.vocabulary import EventKind, Field, vocabulary
from engine.core.world import World

FIELDS = [
    Field(name="deal.lost_reason", type="choice", values=("price", "timing", "fit")),
    Field(name="deal.renewal_date", type="date", playbooks_may_write=True),
    Field(name="deal.notified_by", type="choice", values=("phone", "email", "silence")),
    Field(name="account.industry", type="text"),
    Field(name="contact.permission", type="choice", values=("granted", "refused"), playbooks_may_write=True),
    Field(name="contact.email", type="text", address_of=("email",)),
]
EVENTS = [
    EventKind(name="reply", reply=True, fields={"seniority": Field(name="event.seniority", type="text")}),
    EventKind(name="signal", fields={"size": Field(name="event.size", type="text")}),
    EventKind(name="not_now", fields={"call_after": Field(name="event.call_after", type="date")}),
    EventKind(name="ready_again"),
]
VOCABULARY = vocabulary(FIELDS, EVENTS)
HALF_A_DAY = 12 * 3600
MOST_STEPS = 2000  # of one story; more means that time stands still


def world(**settings: Any) -> World:
    """A workspace with other settings than the default."""
    return World(vocabulary=VOCABULARY, **settings)


def instant(text: str) -> int:
    """`2026-03-02 10:00` in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def playbook_of(text: str, **params: Any) -> Revision:
    """A revision of a playbook written in YAML; parts that every playbook has may be left out."""
    content = yaml.load(text, Loader=yaml.BaseLoader)
    content = {"playbook": "test", "title": "Test", **_typed(content)}
    content.setdefault("params", {}).update(params)
    playbook, words = build_playbook(content, VOCABULARY)
    assert words.findings.found == []
    return Revision(hash=content["playbook"], playbook=playbook, templates=content.get("templates", {}))


def with_action(keys: str, *transitions: str, more: str = "") -> str:
    """A playbook with an action `ask` in its first state, `act`; a transition may lead to `other`."""
    listed = "\n".join(f"      - {transition}" for transition in transitions)
    return f"""
initial: act
ends: {{over: {{}}, first: {{}}, second: {{}}}}
states:
  act:
    actions:
      ask: {{{keys}}}
{more}
    transitions:
{listed}
      - {{after: 52w, end: over}}
  other: {{transitions: [{{after: 52w, end: over}}]}}
"""


def _typed(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _typed(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_typed(value) for value in content]
    if content in ("true", "false"):
        return content == "true"
    return int(content) if isinstance(content, str) and content.isdigit() else content


class Story:
    """One account, its deals and what happens to them. `now` moves with `tick`."""

    def __init__(self, *revisions: Revision, start: str = "2026-03-02 10:00", world: World | None = None) -> None:
        self.world = world or World(vocabulary=VOCABULARY)
        self.revisions = {revision.hash: Compiled(revision) for revision in revisions}
        self.account = Account("acme", named="Acme")
        self.now = instant(start)
        self.steps: list[Step] = []
        self.handed: list[str] = []
        self._events = 0

    def deal(self, identity: str = "D1", contacts: tuple[str, ...] = ("c1",), **fields: Any) -> Deal:
        known = {"status": "lost", "owner": "kim", "lost_at": when(self.now).replace(" ", "T"), "name": identity}
        deal = Deal(identity, "acme", {**known, **fields}, [(contact, "decision_maker") for contact in contacts])
        self.account.deals[identity] = deal
        for contact in contacts:
            self.account.contacts.setdefault(contact, Contact(contact, "acme", {"name": contact, "email": "a@b.c"}))
        return deal

    def enrol(self, playbook: str = "test", deal: str = "D1", number: int = 1) -> Enrolment:
        candidate = Candidate("acme", deal, playbook, number, "", ())
        enrolment = begin(candidate, playbook, self.now)
        advancing = self._advancing()
        advancing.start(enrolment)
        advancing.run()
        return self.enrolment(enrolment.id)

    def _advancing(self) -> Advancing:
        return Advancing(self.world, self.revisions, self.account, self.now, self._watch)

    def _watch(self, step: Step) -> None:
        self.steps.append(step)
        assert len(self.steps) < MOST_STEPS, "the story never comes to an end"
        assert replayed(self.revisions[step.before.revision], step) == step.after
        self.ended = step.after if not step.after.open else getattr(self, "ended", None)

    def enrolment(self, identity: str = "") -> Enrolment:
        found = self.account.enrolments
        if identity in found or (not identity and found):
            return found[identity] if identity else next(iter(found.values()))
        return next(step.after for step in reversed(self.steps) if not identity or step.after.id == identity)

    def record(
        self, name: str, at: str = "", deal: str = "D1", contact: str = "", action: str = "",
        enrolment: str = "", by: str = "", occurred: str = "", **fields: Any,
    ) -> None:  # fmt: skip
        self._record(name, at, deal, contact, action, enrolment, by, occurred, fields)

    def _record(
        self, name: str, at: str, deal: str, contact: str, action: str, enrolment: str, by: str, occurred: str,
        fields: dict[str, Any],
    ) -> None:  # fmt: skip
        self._events += 1
        event = Event(
            name, instant(at) if at else self.now, id=self._events, deal=deal, contact=contact, enrolment=enrolment,
            action=action, occurred_at=instant(occurred) if occurred else None, by=by, fields=fields,
        )  # fmt: skip
        self.account.events.append(event)

    def change(self, at: str = "", deal: str = "D1", contact: str = "", **values: Any) -> None:
        """An import brings new values of the deal, or of one of its contacts."""
        told: dict[str, Any] = {"contact_fields": {contact: values}} if contact else {"deal": values}
        self._record("imported", at, deal, "", "", "", "", "", told)

    def tick(self, until: str = "") -> None:
        self.now = instant(until) if until else self.now
        changes = self._advancing().run()
        self.handed.extend(changes.handed_out)

    def live(self, until: str) -> None:
        """Ticks twice a day up to `until`: nothing is ever late."""
        end = instant(until)
        while self.now + HALF_A_DAY < end:
            self.tick(when(self.now + HALF_A_DAY))
        self.tick(until)

    # --- what a test looks at

    def state(self, track: str = "") -> str:
        enrolment = self.enrolment()
        if enrolment.end:
            return f"end:{enrolment.end}"
        position = enrolment.position(track) if track else enrolment.positions[0]
        return f"finished:{position.finished}" if position.finished else position.state

    def due(self) -> list[str]:
        return [
            action.name for one in self.account.enrolments.values() for action in one.actions if action.status == "due"
        ]

    def action(self, name: str) -> OpenAction:
        """The open action of that name, in whatever enrolment."""
        return next(action for one in self.account.enrolments.values() for action in one.actions if action.name == name)

    def columns(self, name: str) -> dict[str, Any]:
        """What the row of the last planning of an action says, as the steps wrote it."""
        rows: dict[str, dict[str, Any]] = {}
        names = {line[2]: line[1] for step in self.steps for line in step.did if line[0] == "planned"}
        for step in self.steps:
            for identity, columns in step.actions.items():
                rows.setdefault(identity, {}).update(columns)
        return [row for identity, row in rows.items() if names.get(identity) == name][-1]

    def given(self) -> list[str]:
        """`instant action` for everything handed out."""
        return [f"{when(step.at)} {line[1]}" for step in self.steps for line in step.did if line[0] == "due"]

    def closed(self) -> list[str]:
        """`instant action outcome` for everything closed."""
        return [
            f"{when(step.at)} {line[1]} {line[3]}" for step in self.steps for line in step.did if line[0] == "closed"
        ]

    def path(self) -> list[str]:
        """`instant state` for every state entered."""
        return [f"{when(step.at)} {line[2]}" for step in self.steps for line in step.did if line[0] == "entered"]

    def lines(self, *kinds: str) -> list[tuple[Any, ...]]:
        return [(when(step.at), *line) for step in self.steps for line in step.did if line[0] in kinds]


def replayed(compiled: Compiled, step: Step) -> Enrolment:
    """What a step leads to when it is done again from its history entry, written as JSON and read back."""
    content = json.loads(json.dumps(asdict(step.entry())))
    content["did"] = tuple(tuple(line) for line in content["did"])
    return replay(compiled, step.before, HistoryEntry(**content)).after


def shipped(name: str) -> dict[str, Any]:
    """The content of a shipped playbook."""
    folder = Path(__file__).resolve().parents[2] / "playbooks"
    return _typed(yaml.load((folder / f"{name}.yaml").read_text(), Loader=yaml.BaseLoader))  # type: ignore[no-any-return]
