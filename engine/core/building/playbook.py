"""The whole playbook, from plain data that fits the schema. `build_playbook` is also how a pinned revision is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.building.actions import actions
from engine.core.building.guards import optional_condition
from engine.core.building.scores import for_the_list_only, score
from engine.core.building.transitions import transitions
from engine.core.building.words import Words
from engine.core.model import Batch, Ending, Enrol, Limit, Order, Path, Playbook, State, Track
from engine.core.scores import Score
from engine.core.values import Value
from engine.core.vocabulary import Field, Vocabulary

ONE_TRACK = "main"  # the name of the track of a playbook that has only one


def build_playbook(content: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Playbook, Words]:
    """The playbook, and the words it was built with: their `findings` say what is wrong, `used` which fields it reads.

    `content` fits schemas/playbook.schema.json, after parameters of the workspace were merged into it.
    """
    params = content.get("params", {})
    words = Words(vocabulary=_with_facts(content, vocabulary), params=params)
    playbook = Playbook(
        name=content["playbook"],
        title=content.get("title", content["playbook"]),
        source=content.get("source", {}),
        params={name: _param(words, value, ("params", name)) for name, value in params.items()},
        team_params={team: (own or {}).get("params", {}) for team, own in content.get("teams", {}).items()},
        calendar=content.get("calendar"),
        enrol=_enrol(words, content.get("enrol", {}), ("enrol",)),
        limits=limits(words, content.get("limits", ()), ("limits",)),
        ends={name: _ending(name, end) for name, end in content.get("ends", {}).items()},
        tracks=_tracks(words, content),  # before `anywhere`: a state's own list comes first
        anywhere=transitions(words, content.get("anywhere", ()), ("anywhere",)),
    )
    return replace(playbook, scores=_scores(words)), words


def _scores(words: Words) -> dict[str, Score]:
    """The scores that the playbook reads. Their own problems are told where scores.yaml is read."""
    apart = Words(vocabulary=replace(words.vocabulary, facts={}))
    wanted = [name.partition(".")[2] for name in words.used if name.startswith("score.")]
    for name in wanted:
        if for_the_list_only(words.vocabulary.scores[name]):
            message = f"score.{name} reads the action on the due list, which no playbook knows"
            words.findings.add((), "score-for-the-list", message, "write another score without action.…")
    return {name: score(apart, name, words.vocabulary.scores[name], ("scores", name)) for name in wanted}


def limits(words: Words, content: Any, path: Path) -> tuple[Limit, ...]:
    """`limits` of a playbook or of the workspace."""
    return tuple(
        Limit(
            touches=item.get("touches"),
            per=words.duration(item["per"], (*path, index, "per")) if "per" in item else None,
            gap=words.duration(item["gap"], (*path, index, "gap")) if "gap" in item else None,
            kind=item.get("kind"),
            hours=item.get("hours"),
            unanswered=item.get("unanswered"),
        )
        for index, item in enumerate(content)
    )


def _param(words: Words, content: Any, path: Path) -> Value:
    return words.value(content, path)


def _tracks(words: Words, content: Mapping[str, Any]) -> dict[str, Track]:
    if "tracks" not in content:
        return {ONE_TRACK: _track(words, ONE_TRACK, content, ())}
    return {name: _track(words, name, item, ("tracks", name)) for name, item in content["tracks"].items()}


def _track(words: Words, name: str, content: Mapping[str, Any], path: Path) -> Track:
    states = {
        state: _state(words, state, item or {}, (*path, "states", state))
        for state, item in content.get("states", {}).items()
    }
    own = transitions(words, content.get("anywhere", ()), (*path, "anywhere")) if path else ()
    return Track(name=name, initial=content.get("initial", ""), states=states, anywhere=own, path=path)


def _state(words: Words, name: str, content: Mapping[str, Any], path: Path) -> State:
    return State(
        name=name,
        place=words.next_place(),
        title=str(content.get("title", "")),
        actions=actions(words, content.get("actions", {}), (*path, "actions")),
        transitions=transitions(words, content.get("transitions", ()), (*path, "transitions")),
        path=path,
    )


def _enrol(words: Words, content: Mapping[str, Any], path: Path) -> Enrol:
    batch = content.get("batch")
    return Enrol(
        condition=optional_condition(words, content, path),
        event=content.get("event"),
        again=words.duration(content["again"], (*path, "again")) if "again" in content else None,
        schedule=content.get("schedule"),
        order=tuple(
            Order(name=words.name(item["field"], (*path, "order", index, "field")).name, first=item["first"])
            for index, item in enumerate(content.get("order", ()))
        ),
        batch=Batch(deals=batch["deals"], per=words.duration(batch["per"], (*path, "batch", "per"))) if batch else None,
        follows={name: tuple(ends) for name, ends in content.get("follows", {}).items()},
    )


def _ending(name: str, content: Mapping[str, Any] | None) -> Ending:
    content = content or {}
    return Ending(name=name, title=str(content.get("title", "")), success=bool(content.get("success", False)))


# --- facts: names that `set` brings into being ----------------------------------------------------------------------


def _with_facts(content: Mapping[str, Any], vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with every fact that a `set` of this playbook writes, typed by what is written."""
    facts: dict[str, Field] = {}
    for name, value in _all_sets(content):
        if "." in name:
            continue
        found = _fact(name, value, vocabulary)
        known = facts.get(name)
        facts[name] = _merged(known, found) if known else found
    return replace(vocabulary, facts={**vocabulary.facts, **facts})


def _all_sets(content: Any) -> list[tuple[str, Any]]:
    if isinstance(content, list):
        return [pair for item in content for pair in _all_sets(item)]
    if not isinstance(content, Mapping):
        return []
    own = list(content["set"].items()) if isinstance(content.get("set"), Mapping) else []
    return own + [pair for key, item in content.items() if key != "set" for pair in _all_sets(item)]


def _fact(name: str, value: Any, vocabulary: Vocabulary) -> Field:
    canonical = f"facts.{name}"
    if isinstance(value, bool):
        return Field(name=canonical, type="yes_no")
    if isinstance(value, (int, float)):
        return Field(name=canonical, type="number")
    if isinstance(value, str):
        return Field(name=canonical, type="choice", values=(value,))
    if isinstance(value, Mapping) and "field" in value:
        source = _source(str(value["field"]), vocabulary)
        if source is None:
            return _untyped(canonical)
        return Field(name=canonical, type=source.type, values=source.values, currency=source.currency)
    return _untyped(canonical)


def _source(name: str, vocabulary: Vocabulary) -> Field | None:
    if not name.startswith("event."):
        return vocabulary.find(name)
    bare = name.partition(".")[2]
    return next((kind.fields[bare] for kind in vocabulary.events.values() if bare in kind.fields), None)


def _untyped(canonical: str) -> Field:
    return Field(name=canonical, type="unknown")


def _merged(one: Field, other: Field) -> Field:
    if one.type != other.type:
        return _untyped(one.name)
    return replace(one, values=tuple(dict.fromkeys((*one.values, *other.values))))
