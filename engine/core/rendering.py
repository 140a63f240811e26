"""The words of an action as it is handed out: title and text, with the values of that instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from engine.core.asking import OF_A_CONTACT
from engine.core.content import ContentRule, breaches, sort_out
from engine.core.enrolment import Enrolment
from engine.core.looking import Looking
from engine.core.model import CUSTOMER_KINDS, Action, Revision
from engine.core.money import money_text
from engine.core.templates import render
from engine.core.values import resolve
from engine.core.view import View

Line: TypeAlias = tuple[Any, ...]  # of a step's history


def render_action(
    revision: Revision, view: View, enrolment: Enrolment, identity: str, columns: dict[str, Any]
) -> dict[str, Any]:
    """The columns `title` and `text` of the action `identity`, just handed out. Raises TemplateError."""
    reader = _Reader(revision, view, enrolment, identity, columns)
    title = str(columns.get("title") or "")
    written: dict[str, Any] = {"title": render(title, reader.read) if "{{" in title or "{%" in title else title}
    template = columns.pop("template", None)
    text = revision.templates.get(str(template)) if template else None
    written["text"] = render(text, reader.read) if text is not None else ""
    return written


def check_words(rules: Sequence[ContentRule], declared: Action, kind: str, text: str) -> tuple[str, list[Line]]:
    """Why a text does not leave by itself ("" if it may), and the lines for the history: what it breaks and what was
    waived, by whom and why."""
    if kind not in CUSTOMER_KINDS or not text:
        return "", []
    broken, passed = sort_out(breaches(rules, text, kind=kind, intent=declared.intent), declared.waive)
    lines: list[Line] = [("held back", declared.name, one.rule, one.row, one.words) for one in broken]
    lines += [
        ("waived", declared.name, one.rule, one.words, waiver.by, waiver.on, waiver.because) for one, waiver in passed
    ]
    return "; ".join(map(str, broken)), lines


class _Reader:
    """Reads the names of a template for one action."""

    def __init__(
        self, revision: Revision, view: View, enrolment: Enrolment, identity: str, columns: dict[str, Any]
    ) -> None:
        self.revision = revision
        self.identity = identity
        self.view = view
        self.enrolment = enrolment
        self.contact = str(columns.get("contact_id") or "")
        self.assignee = str(columns.get("assignee") or "")

    def read(self, name: str) -> Any:
        root, _, rest = name.partition(".")
        if root in ("owner", "assignee") and rest:
            return self._person(root, rest)
        if name in self.enrolment.facts:
            return shown(self.enrolment.facts[name])
        if name in self.revision.playbook.params:
            return shown(resolve(self.revision.playbook.params[name], self._canonical))
        field = self.view.world.vocabulary.find(name)
        return shown(self._canonical(field.name if field else name))

    def _canonical(self, name: str) -> Any:
        root, _, rest = name.partition(".")
        if name == "visits":
            return self._visits()
        if root == "score":
            return Looking(self.view, self.revision.playbook.scores, self.contact).value(name)
        if root == "track":
            position = self.enrolment.position(rest)
            return position.finished or position.state
        return self.view.value(name, self.contact if root in OF_A_CONTACT else "")

    def _visits(self) -> int:
        """Of the state whose action this is."""
        track = next((one.track for one in self.enrolment.actions if one.id == self.identity), None)
        position = self.enrolment.position(track) if track else self.enrolment.positions[0]
        return self.enrolment.visits.get(f"{position.track}.{position.state}", 0)

    def _person(self, who: str, what: str) -> Any:
        identity = self.assignee if who == "assignee" else str(self.view.value("deal.owner", "") or "")
        person = self.view.world.roster.people.get(identity)
        if what == "id" or person is None:
            nobody = "" if who == "assignee" else None  # an action has an assignee, if only nobody yet
            return identity or nobody if what in ("id", "name") else None
        return getattr(person, what, None) or (identity if what == "name" else None)


def shown(found: Any) -> Any:
    """A value as people read it: money with its currency, a list in one line; the rest as it is."""
    if isinstance(found, (list, tuple)) and len(found) == 2 and isinstance(found[0], int):
        return money_text(found[0], found[1])
    if isinstance(found, (list, tuple)):
        return ", ".join(map(str, found))
    return found
