"""`actions`: what is done, by whom, when it is due, and what happens while nobody does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.building.guards import optional_condition
from engine.core.building.words import Words
from engine.core.model import NOT_DONE, Action, Fallback, Moment, Path, Reminder, Waiver
from engine.core.values import Value


def actions(words: Words, content: Mapping[str, Any], path: Path) -> tuple[Action, ...]:
    return tuple(_action(words, name, item, (*path, name)) for name, item in content.items())


def _action(words: Words, name: str, content: Mapping[str, Any], path: Path) -> Action:
    return Action(
        name=name,
        place=words.next_place(),
        kind=content["kind"],
        title=words.value(content.get("title", name.replace("_", " ").capitalize()), (*path, "title")),
        purpose=str(content.get("purpose", "")),
        intent=str(content.get("intent", "")),
        assign=words.value(content.get("assign", "owner"), (*path, "assign")),
        contact=content.get("contact"),
        due=_due(words, content, path),
        due_text=str(content.get("due", "at once")),
        window=content.get("window"),
        minutes=words.optional(content, "minutes", path),
        template=words.optional(content, "template", path),
        questions=_questionnaire(content),
        answers_for=_answers_for(content),
        checklist=tuple(content.get("checklist", ())),
        do=tuple(content.get("do", ())),
        avoid=tuple(content.get("avoid", ())),
        outcomes=_outcomes(words, content, path),
        condition=optional_condition(words, content, path),
        optional=bool(content.get("optional", False)),
        keep=bool(content.get("keep", False)),
        fallback=_fallback(words, content.get("fallback", ()), (*path, "fallback")),
        remind=_reminders(words, content.get("remind", ()), (*path, "remind")),
        escalate=_reminders(words, content.get("escalate", ()), (*path, "escalate")),
        expires=_span(words, content, "expires", path),
        deadline=_span(words, content, "deadline", path),
        priority=words.optional(content, "priority", path),
        waive=tuple(_waiver(item) for item in content.get("waive", ())),
        skip_if_late=content.get("on_late") == "skip",
        path=path,
    )


def _waiver(item: Mapping[str, Any]) -> Waiver:
    return Waiver(rule=str(item["rule"]), by=str(item["by"]), on=str(item["on"]), because=str(item["because"]))


def _due(words: Words, content: Mapping[str, Any], path: Path) -> Value | Moment | None:
    if "due" not in content:
        return None
    where = (*path, "due")
    return (
        words.moment(content["due"], where)
        if words.is_moment(content["due"])
        else words.duration(content["due"], where)
    )


def _outcomes(words: Words, content: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """`done` is always permitted; the engine's own words are not."""
    listed = [str(outcome) for outcome in content.get("outcomes", ("done",))]
    for index, outcome in enumerate(listed):
        if outcome in NOT_DONE:
            words.findings.add(
                (*path, "outcomes", index), "reserved-outcome", f"{outcome!r} is the engine's word", "choose another"
            )
    return tuple(listed)


def _questionnaire(content: Mapping[str, Any]) -> str | None:
    """`questions: NAME` or `{ask: NAME, for: OUTCOMES}`."""
    asked = content.get("questions")
    return asked["ask"] if isinstance(asked, Mapping) else asked


def _answers_for(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The outcomes that need answers: as listed, else the only one that the action has."""
    asked, outcomes = content.get("questions"), content.get("outcomes", ("done",))
    if isinstance(asked, Mapping) and "for" in asked:
        return tuple(map(str, asked["for"]))
    return tuple(map(str, outcomes)) if asked is not None and len(outcomes) == 1 else ()


def _fallback(words: Words, content: Sequence[Any], path: Path) -> tuple[Fallback, ...]:
    return tuple(
        Fallback(kind=item)
        if isinstance(item, str)
        else Fallback(
            kind=item["kind"],
            title=words.optional(item, "title", (*path, index)),
            template=words.optional(item, "template", (*path, index)),
        )
        for index, item in enumerate(content)
    )


def _reminders(words: Words, content: Sequence[Mapping[str, Any]], path: Path) -> tuple[Reminder, ...]:
    return tuple(_reminder(words, item, (*path, index)) for index, item in enumerate(content))


def _reminder(words: Words, content: Mapping[str, Any], path: Path) -> Reminder:
    to = words.optional(content, "to", path)
    if "at" in content:
        return Reminder(when=words.moment(content["at"], (*path, "at")), to=to, text=str(content["at"]))
    return Reminder(when=words.duration(content["after"], (*path, "after")), to=to, text=str(content["after"]))


def _span(words: Words, content: Mapping[str, Any], key: str, path: Path) -> Reminder | None:
    """`expires` and `deadline`: a delay, or `{at: …}`."""
    if key not in content:
        return None
    span = content[key]
    if isinstance(span, Mapping) and "at" in span:
        return Reminder(when=words.moment(span["at"], (*path, key, "at")), text=str(span["at"]))
    return Reminder(when=words.duration(span, (*path, key)), text=str(span))
