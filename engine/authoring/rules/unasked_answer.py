"""The playbook waits for answers, or reads them, and no action of any playbook asks that questionnaire.

So there is never an answer. Let an action ask it.

    actions:
      hold_debrief: {kind: call, title: Hold the debrief, questions: debrief_short}
    …
    if: {answers.debrief_short.what_better: {is_empty: false}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.authoring.rules.context import Context
from engine.authoring.rules.texts import texts
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Path, Playbook
from engine.core.templates import TemplateError, mentions

_READ = re.compile(r"(?:^|\s)(?:(?:since|until)\.)?answers\.(\w+)\.")
_HEARD = re.compile(r"^answered\.(\w+)$")


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known, asked = context.vocabulary.questionnaires, context.asked
    if asked is None:  # a playbook that cannot be read may ask it
        return
    told: set[str] = set()
    for path, name in (*_named(context.content, ()), *_in_texts(playbook, context)):
        if name in known and name not in asked and name not in told:
            told.add(name)
            yield Finding(
                path=path, rule="unasked-answer", level="warning",
                message=f"no action of any playbook asks {name!r}, so nobody ever answers it",
                hint="; ".join(filter(None, (f"let an action ask it: `questions: {name}`", did_you_mean(name, asked)))),
            )  # fmt: skip


def asked_in(content: Any) -> Iterator[str]:
    """The questionnaires that the actions of a playbook ask, as it is written."""
    if isinstance(content, Mapping):
        questions = content.get("questions")
        name = questions.get("ask") if isinstance(questions, Mapping) else questions
        if isinstance(name, str):
            yield name
        for each in content.values():
            yield from asked_in(each)
    elif isinstance(content, (list, tuple)):
        for each in content:
            yield from asked_in(each)


def _named(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, Mapping):
        for key, item in node.items():
            yield from (((*path, key), found) for found in _READ.findall(str(key)))
            yield from _named(item, (*path, key))
    elif isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _named(item, (*path, index))
    elif isinstance(node, str) and path and path[-1] in ("event", "of", "until"):
        yield from ((path, found) for found in _HEARD.findall(node))
    elif isinstance(node, str) and " " not in node.replace(" before ", "").replace(" after ", ""):
        yield from ((path, found) for found in _READ.findall(node))


def _in_texts(playbook: Playbook, context: Context) -> Iterator[tuple[Path, str]]:
    for text in texts(playbook, context):
        try:
            names = [mention.name for mention in mentions(text.content)]
        except TemplateError:
            continue
        yield from ((text.path, found) for name in names for found in _READ.findall(name))
