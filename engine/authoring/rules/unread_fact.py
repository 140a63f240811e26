"""A fact is set, and nothing in the playbook reads it.

Probably its name is misspelt, or it was meant for a field of the deal or the contact, which is written with its entity.

    set: {contact.permission: granted}      # a field; `permission` alone would be a fact of this playbook
    …
    if: {permission_answer: {is: refused}}  # reads the fact that `set: {permission_answer: …}` wrote
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from engine.authoring.rules.context import Context
from engine.authoring.rules.texts import texts
from engine.authoring.rules.walk import transitions
from engine.core.building.findings import Finding
from engine.core.likeness import nearest
from engine.core.model import Playbook
from engine.core.templates import TemplateError, mentions
from engine.core.values import FieldRef, Lookup


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    read = {name.removeprefix("facts.") for name in (*context.words.used, *_referred(playbook))}
    read |= _in_texts(playbook, context)
    told: set[str] = set()
    for transition in transitions(playbook):
        for name, _ in transition.set:
            fact = name.removeprefix("facts.")
            if not name.startswith("facts.") or fact in read or fact in told:
                continue
            told.add(fact)
            yield Finding(
                path=(*transition.path, "set", fact), rule="unread-fact", level="warning", on="key",
                message=f"nothing in this playbook reads the fact {fact!r}", hint=_hint(fact, read, context),
            )  # fmt: skip


def _hint(fact: str, read: set[str], context: Context) -> str:
    """A fact that is read, or a field that the playbook may write under its whole name."""
    writable = {name for name, field in context.vocabulary.fields.items() if field.playbooks_may_write}
    by_bare = {name.partition(".")[2]: name for name in sorted(writable)}
    near = nearest(fact, [*by_bare, *read])
    meant = by_bare.get(near, near)
    return f"did you mean {meant!r}?" if meant else "read it in a condition or a text, or delete it"


def _referred(node: Any) -> Iterator[str]:
    """Every name that the built playbook reads as a value."""
    if isinstance(node, FieldRef):
        yield node.name
    elif isinstance(node, Lookup):
        yield node.by
    if isinstance(node, dict):
        node = tuple(node.values())
    if isinstance(node, (list, tuple)):
        for each in node:
            yield from _referred(each)
    elif is_dataclass(node):
        for each in fields(node):
            yield from _referred(getattr(node, each.name))


def _in_texts(playbook: Playbook, context: Context) -> set[str]:
    found: set[str] = set()
    for text in texts(playbook, context):
        try:
            found.update(mention.name.removeprefix("facts.") for mention in mentions(text.content))
        except TemplateError:
            continue
    return found
