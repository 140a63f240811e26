"""A template or a title names something that no deal has.

Templates take the same names as conditions, and owner.name, assignee.name and the like.

    Dear {{ contact.first_name | default("customer") }}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from engine.authoring.rules.context import Context
from engine.authoring.rules.texts import PERSON, Text, declared, texts
from engine.authoring.template_words import in_words
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook
from engine.core.templates import TemplateError, mentions


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for text in texts(playbook, context):
        try:
            named = mentions(text.content)
        except TemplateError as error:
            if not text.file:  # what is wrong with a template file is said there
                yield _finding(text, context, error.line, *in_words(error, text.content))
            continue
        for mention in named:
            if declared(mention.name, playbook, context) is None:
                hint = did_you_mean(mention.name, [*context.vocabulary.names(), *PERSON, *playbook.params])
                yield _finding(text, context, mention.line, f"there is no field {mention.name!r}", hint)


def _finding(text: Text, context: Context, line: int, message: str, hint: str) -> Finding:
    """In a template that is there at its line, once for all playbooks that name it; else where it is named."""
    file = context.template_files.get(PurePath(text.file).name, "")
    where = f"{text.file}, line {line}: " if text.file and not file else ""
    return Finding(
        path=text.path, rule="unknown-name-in-template", message=where + message, hint=hint, file=file,
        line=line if file else 1,
    )  # fmt: skip
