"""`library/questionnaires/*.yaml` and `library/scores.yaml`, as the engine uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.building.scores import score
from engine.core.building.words import Words
from engine.core.questionnaires import Questionnaire, answer_fields, read_questionnaire, with_reasons
from engine.core.vocabulary import Vocabulary


def read_questions(
    content: Mapping[str, Any], path: str, reasons: Mapping[str, Any], findings: Findings
) -> Questionnaire:
    """One questionnaire, from content that fits its schema; `reasons` as in loss-reasons.yaml."""
    name = Path(path).stem
    if content["questionnaire"] != name:
        hint = f"rename the file to {content['questionnaire']}.yaml, or write `questionnaire: {name}`"
        findings.add(("questionnaire",), "file-name", f"this file is called {name}", hint)
    _check_questions(content, reasons, findings)
    _check_improvements(content, findings)
    return read_questionnaire(with_reasons({**content, "questionnaire": name}, reasons))


def _check_questions(content: Mapping[str, Any], reasons: Mapping[str, Any], findings: Findings) -> None:
    for name, item in content["questions"].items():
        path = ("questions", name)
        if item["type"] == "reason" and not reasons:
            findings.add((*path, "type"), "no-reasons", "there are no loss reasons", "write library/loss-reasons.yaml")
        if item["type"] == "scale" and item.get("from", 1) >= item.get("to", 5):
            hint = "`from` is the lowest step, `to` the highest"
            findings.add(path, "wrong-scale", f"the scale {name!r} has no steps", hint)
        if "unknown" in item.get("values", ()):
            findings.add((*path, "values"), "reserved-value", "unknown is an answer to everything", "delete it here")


def _check_improvements(content: Mapping[str, Any], findings: Findings) -> None:
    types = {"what": None, "owner": "person", "by": "date"}
    for index, item in enumerate(content.get("improvements", ())):
        for key, wanted in types.items():
            named, path = item.get(key), ("improvements", index, key)
            if named is None:
                continue
            question = content["questions"].get(named)
            if question is None:
                hint = did_you_mean(named, content["questions"])
                findings.add(path, "unknown-question", f"there is no question {named!r}", hint)
            elif wanted is not None and question["type"] != wanted:
                findings.add(path, "wrong-type", f"{named} is no {wanted} but a {question['type']}")


def with_questions(words: Vocabulary, questionnaires: Mapping[str, Questionnaire]) -> Vocabulary:
    """The vocabulary with `answers.` and the questionnaires in it."""
    answers = {rest: field for one in questionnaires.values() for rest, field in answer_fields(one).items()}
    return replace(words, questionnaires=questionnaires, answers=answers)


def read_scores(content: Mapping[str, Any], words: Vocabulary, findings: Findings) -> tuple[dict[str, Any], str]:
    """(lines by score, the score that orders the due list or ""); what is wrong in a line is a finding."""
    due_list = str(content.get("due_list", ""))
    for name, lines in content["scores"].items():
        known = replace(words, scores=content["scores"], acting=name == due_list)
        score(Words(vocabulary=known, findings=findings), name, lines, ("scores", name))
    if due_list and due_list not in content["scores"]:
        hint = did_you_mean(due_list, content["scores"])
        findings.add(("due_list",), "unknown-score", f"there is no score {due_list!r}", hint)
        due_list = ""
    return dict(content["scores"]), due_list
