"""Revisions: a playbook pinned with everything that its meaning depends on, as content to be stored and read back.

What is pinned: the playbook after parameters were merged, the declarations of the fields and events that it names, and
every questionnaire, score and template text that it can name. Roster, calendars and limits stay live
(docs/semantics.md, 16).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from engine.core.building.playbook import build_playbook
from engine.core.model import Playbook, Revision
from engine.core.questionnaires import answer_fields, read_questionnaire
from engine.core.values import Literal, Lookup, Value
from engine.core.vocabulary import EventKind, Field, Vocabulary

Declared = TypeVar("Declared")


class Asked(Mapping[str, Declared]):
    """Declarations that remember which of them were asked for."""

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self._declared = declared
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Declared:
        found = self._declared[name]
        self.asked.add(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


def pinned(content: Mapping[str, Any], vocabulary: Vocabulary, templates: Mapping[str, str]) -> dict[str, Any]:
    """`{playbook, fields, events, questionnaires, scores, templates}` in JSON types; `content` is a playbook that
    validates. What it has no use for is left out.

    Events keep the order of the vocabulary, because the first that has a field gives `event.FIELD` its type.
    """
    fields, events, answers = Asked(vocabulary.fields), Asked(vocabulary.events), Asked(vocabulary.answers)
    playbook, _ = build_playbook(content, replace(vocabulary, fields=fields, events=events, answers=answers))
    texts = named_templates(playbook, vocabulary, templates)
    asked = {action.questions for action in playbook.actions() if action.questions}
    asked |= {rest.partition(".")[0] for rest in answers.asked | _answers_in(templates[name] for name in texts)}
    known = vocabulary.questionnaires
    return {
        "playbook": content,
        "fields": {name: _field(vocabulary.fields[name]) for name in sorted(fields.asked)},
        "events": {name: _event(kind) for name, kind in vocabulary.events.items() if name in events.asked},
        "questionnaires": {name: dict(known[name].content) for name in sorted(asked & known.keys())},
        "scores": {name: list(vocabulary.scores[name]) for name in sorted(playbook.scores)},
        "templates": {name: templates[name] for name in sorted(texts)},
    }


def _answers_in(texts: Iterable[str]) -> set[str]:
    """What templates name behind `answers.`."""
    return {found for text in texts for found in re.findall(r"\banswers\.([\w.]+)", text)}


def revision_hash(content: Mapping[str, Any]) -> str:
    """16 hexadecimal digits. Order counts: the place in the file settles ties."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def revision_from(content: Mapping[str, Any], hash: str) -> Revision:  # noqa: A002 - the word of the trade
    """The revision that `pinned` content stands for; its playbook equals the one that was pinned."""
    questionnaires = {name: read_questionnaire(item) for name, item in content["questionnaires"].items()}
    vocabulary = Vocabulary(
        fields={name: _read_field(name, item) for name, item in content["fields"].items()},
        events={name: _read_event(name, item) for name, item in content["events"].items()},
        questionnaires=questionnaires,
        answers={rest: field for one in questionnaires.values() for rest, field in answer_fields(one).items()},
        scores=content["scores"],
    )
    playbook, _ = build_playbook(content["playbook"], vocabulary)
    return Revision(hash=hash, playbook=playbook, templates=content["templates"], questionnaires=questionnaires)


def named_templates(playbook: Playbook, vocabulary: Vocabulary, known: Mapping[str, str]) -> set[str]:
    """The known templates that an action of `playbook` can name; a field of any text can name all of them."""
    found: set[str] = set()
    for value in template_values(playbook):
        found.update(_possible(value, vocabulary, known))
    return found & known.keys()


def template_values(playbook: Playbook) -> Iterator[Value]:
    """Every `template:` of its actions and their fallbacks."""
    for track in playbook.tracks.values():
        for state in track.states.values():
            for action in state.actions:
                named = (action.template, *(fallback.template for fallback in action.fallback))
                yield from (value for value in named if value is not None)


def _possible(value: Value, vocabulary: Vocabulary, known: Mapping[str, str]) -> set[str]:
    if isinstance(value, Literal):
        return {str(value.content)}
    if isinstance(value, Lookup):
        return {str(item) for item in (*value.values.values(), value.otherwise)}
    declared = vocabulary.find(value.name)
    return set(declared.values) if declared and declared.values else set(known)


def _field(declared: Field) -> dict[str, Any]:
    """What changes the meaning of a playbook; titles and addresses are live."""
    item: dict[str, Any] = {"type": declared.type}
    if declared.values:
        item["values"] = list(declared.values)
    if declared.currency:
        item["currency"] = declared.currency
    return item


def _read_field(name: str, item: Mapping[str, Any]) -> Field:
    return Field(
        name=name, type=item["type"], values=tuple(item.get("values", ())), currency=item.get("currency", "")
    )  # fmt: skip


def _event(kind: EventKind) -> dict[str, Any]:
    return {bare: _field(declared) for bare, declared in kind.fields.items()}


def _read_event(name: str, item: Mapping[str, Any]) -> EventKind:
    fields = {bare: _read_field(f"event.{bare}", declared) for bare, declared in item.items()}
    return EventKind(name=name, fields=fields)
