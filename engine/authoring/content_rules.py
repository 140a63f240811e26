"""`library/content-rules.yaml` as rules that the engine asks of every text for a customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.content import ContentRule
from engine.core.phrases import PhraseError, check_phrase, check_word

_PHRASES = ("finds", "unless", "requires")


def read_content_rules(content: Any) -> tuple[ContentRule, ...]:
    """The rules of a file that fits its schema and whose phrases can be read (`check_content_rules`)."""
    lists = tuple((name, tuple(map(str, words))) for name, words in (content.get("words") or {}).items())
    return tuple(_rule(name, item, lists) for name, item in (content.get("rules") or {}).items())


def intents_of(content: Any) -> dict[str, str]:
    """What an action can be for, by name, with what it means."""
    return {str(name): str(means) for name, means in (content.get("intents") or {}).items()}


def _rule(name: str, item: Mapping[str, Any], lists: tuple[tuple[str, tuple[str, ...]], ...]) -> ContentRule:
    holds = item.get("for", {})
    return ContentRule(
        name=name,
        row=item.get("row", ""),
        means=item["means"],
        instead=item["instead"],
        finds=tuple(map(str, item.get("finds", ()))),
        unless=tuple(map(str, item.get("unless", ()))),
        requires=tuple(map(str, item.get("requires", ()))),
        kinds=tuple(holds.get("kinds", ())),
        intents=tuple(holds.get("intents", ())),
        lists=lists,
    )


def check_content_rules(content: Any, findings: Findings) -> None:
    """Add every phrase that cannot be read, and every intent that the file does not list."""
    lists = {name: tuple(map(str, words)) for name, words in (content.get("words") or {}).items()}
    for name, words in lists.items():
        for index, word in enumerate(words):
            with _complaining(("words", name, index), findings):
                check_word(word, name, lists)
    for name, item in (content.get("rules") or {}).items():
        for key in _PHRASES:
            for index, phrase in enumerate(item.get(key, ())):
                with _complaining(("rules", name, key, index), findings):
                    check_phrase(str(phrase), lists, unless=key == "unless")
        _check_intents(item, intents_of(content), ("rules", name, "for", "intents"), findings)


@contextmanager
def _complaining(path: tuple[str | int, ...], findings: Findings) -> Iterator[None]:
    try:
        yield
    except PhraseError as error:
        findings.add(path, "bad-phrase", error.message, error.hint)


def _check_intents(
    item: Mapping[str, Any], known: Mapping[str, str], path: tuple[str | int, ...], findings: Findings
) -> None:
    for index, intent in enumerate(item.get("for", {}).get("intents", ())):
        if intent not in known:
            message = f"there is no intent {intent!r} in this file"
            findings.add((*path, index), "unknown-intent", message, did_you_mean(intent, known))
