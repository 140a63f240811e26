"""What is different in what a playbook names: questionnaires, scores, and the texts of templates."""

from __future__ import annotations

import difflib

from engine.core.conditions import describe
from engine.core.differences.difference import Difference, Found, changed, lines
from engine.core.model import Action, Revision
from engine.core.scores import Score
from engine.core.values import Literal

MOST_LINES = 30  # of one text
HALF = 0.5


def named_differences(old: Revision, new: Revision) -> Found:
    """Questionnaires and scores that both name, and that ask or count otherwise."""
    for name in (name for name in new.questionnaires if name in old.questionnaires):
        one, other = old.questionnaires[name], new.questionnaires[name]
        where = (f"questionnaire {name}",)
        asked = [[f"{question.name}: {question.ask}" for question in each.questions.values()] for each in (one, other)]
        yield from lines(where, "questions", *asked)
        if asked[0] == asked[1] and one != other:
            yield from changed(where, "questions", "asked in one way", "asked in another: see the file")
    for name in (name for name in new.playbook.scores if name in old.playbook.scores):
        where = (f"score {name}",)
        yield from lines(where, "points", _points(old.playbook.scores[name]), _points(new.playbook.scores[name]))


def _points(score: Score) -> list[str]:
    """Each line of a score, with what it asks."""
    told = []
    for line in score.lines:
        each = line.each
        times = f" for each {each.span or f'{each.size:g}'} of {each.name}, at most {each.at_most}" if each else ""
        asked = f", if {describe(line.condition)}" if line.condition is not None else ""
        told.append(f"{line.points:g}{times}: {line.because}{asked}")
    return told


def text_differences(old: Revision, new: Revision) -> Found:
    """The texts of templates: of those that both name, and of one that an action has instead of another."""
    found: dict[tuple[str, str], list[str]] = {(name, name): [] for name in new.templates if name in old.templates}
    for action in new.playbook.actions():
        before = old.playbook.action(action.name) if old.playbook.has_action(action.name) else action
        pair = (_template(before), _template(action))
        if pair[0] in old.templates and pair[1] in new.templates:
            found.setdefault(pair, []).append(action.name)
    for (one, other), actions in found.items():
        told = _unified(old.templates[one], new.templates[other])
        if told and (one == other or _akin(old.templates[one], new.templates[other])):
            title = f"template {one}" if one == other else f"template {one} and {other}"
            used = f"text of {', '.join(actions)}" if actions else "text"
            yield Difference(where=(title,), what=used, lines=told)


def _template(action: Action) -> str:
    return str(action.template.content) if isinstance(action.template, Literal) else ""


def _akin(old: str, new: str) -> bool:
    """Another template with another text altogether is told by its name alone."""
    return difflib.SequenceMatcher(None, old.splitlines(), new.splitlines()).ratio() >= HALF


def _unified(old: str, new: str) -> tuple[str, ...]:
    told = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1))[2:]  # without file names
    more = len(told) - MOST_LINES
    return tuple(told) if more <= 0 else (*told[:MOST_LINES], f"… and {more} more lines")
