"""`transitions` and `anywhere`: one trigger, one target, and what is set on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.building.findings import did_you_mean
from engine.core.building.guards import optional_condition
from engine.core.building.literals import Wanted
from engine.core.building.words import Words
from engine.core.model import (
    After,
    At,
    Cause,
    End,
    Finish,
    OnEvent,
    OnSchedule,
    Path,
    Pause,
    Stay,
    Suppress,
    Target,
    To,
    Transition,
)
from engine.core.values import Value


def transitions(words: Words, content: Sequence[Mapping[str, Any]], path: Path) -> tuple[Transition, ...]:
    return tuple(_transition(words, item, (*path, index)) for index, item in enumerate(content))


def _transition(words: Words, content: Mapping[str, Any], path: Path) -> Transition:
    words.event = words.vocabulary.event(str(content["event"])) if "event" in content else None
    built = Transition(
        place=words.next_place(),
        cause=_cause(words, content, path),
        target=_target(words, content, path),
        condition=optional_condition(words, content, path),
        set=_set(words, content.get("set", {}), (*path, "set")),
        suppress=_suppress(words, content.get("suppress"), (*path, "suppress")),
        note=str(content.get("note", "")),
        skip_if_late=content.get("on_late") == "skip",
        run_if_past=content.get("if_past") == "run",
        path=path,
    )
    words.event = None
    return built


def _cause(words: Words, content: Mapping[str, Any], path: Path) -> Cause:
    if "event" in content:
        return OnEvent(name=str(content["event"]), origin=content.get("from", "deal"))
    if "after" in content:
        return After(delay=words.duration(content["after"], (*path, "after")), text=str(content["after"]))
    if "at" in content:
        return At(moment=words.moment(content["at"], (*path, "at")))
    return OnSchedule(name=str(content["schedule"])) if "schedule" in content else None


def _target(words: Words, content: Mapping[str, Any], path: Path) -> Target:
    if "to" in content:
        return To(state=str(content["to"]))
    if "end" in content:
        return End(end=str(content["end"]))
    if "finish" in content:
        return Finish(end=str(content["finish"]))
    if "pause" in content:
        pause = content["pause"]
        at_most = words.duration(pause["at_most"], (*path, "pause", "at_most")) if "at_most" in pause else None
        at = words.moment(pause["at"], (*path, "pause", "at")) if "at" in pause else None
        return Pause(until=str(pause["until"]), at_most=at_most, at=at)
    assert "stay" in content, "there is no other target"
    return Stay()


def _set(words: Words, content: Mapping[str, Any], path: Path) -> tuple[tuple[str, Value], ...]:
    return tuple(_written(words, name, value, (*path, name)) for name, value in content.items())


def _written(words: Words, name: str, value: Any, path: Path) -> tuple[str, Value]:
    """A declared field takes what fits its type; a fact takes everything."""
    canonical = _settable(words, name, path)
    declared = words.vocabulary.find(name) if "." in name else None
    wanted = Wanted(field=declared, written=True) if declared is not None else None
    return canonical, words.value(value, path, wanted)


def _settable(words: Words, name: str, path: Path) -> str:
    """The canonical name of what `set` writes: a fact of the enrolment, a field it may write, or a consent."""
    root, _, rest = name.partition(".")
    if not rest:
        return f"facts.{name}"
    if root == "consent":
        return name
    found = words.vocabulary.find(name)
    if found is None or root not in ("deal", "contact", "account"):
        words.findings.add(path, "unknown-field", f"there is no field {name!r} to set",
                           did_you_mean(name, words.vocabulary.fields), on="key")  # fmt: skip
    elif not found.playbooks_may_write:
        words.findings.add(path, "not-writable", f"playbooks may not write {name}",
                           "add `playbooks_may_write: true` to it in library/fields.yaml", on="key")  # fmt: skip
    return name


def _suppress(words: Words, content: Mapping[str, Any] | None, path: Path) -> Suppress | None:
    if not content:
        return None
    lasting = words.duration(content["for"], (*path, "for")) if "for" in content else None
    return Suppress(scope=content["scope"], channel=content.get("channel"), lasting=lasting)
