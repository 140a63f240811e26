"""What is different between two whole playbooks, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.core.differences.difference import Difference, Found, Where, changed, condition, listed
from engine.core.differences.states import Homes, homes, track_differences
from engine.core.differences.switching import switched
from engine.core.differences.texts import named_differences, text_differences
from engine.core.differences.transitions import transition_differences
from engine.core.model import Enrol, Playbook, Revision
from engine.core.values import Value, value_words
from engine.core.wording import cause_words, limit_words, target_in_words


def differences(old: Revision, new: Revision) -> list[Difference]:
    """All that `new` does otherwise than `old`, from the top of the file to its end; [] if they mean the same."""
    one, other = old.playbook, new.playbook
    limits = [[limit_words(limit) for limit in playbook.limits] for playbook in (one, other)]
    return [
        *changed(("playbook",), "calendar", one.calendar or "", other.calendar or ""),
        *_enrolment(one.enrol, other.enrol),
        *_params(one, other),
        *listed(("limits",), "limit", *limits),
        *_ends(one, other),
        *_tracks(one, other),
        *switched(one, other),
        *named_differences(old, new),
        *text_differences(old, new),
        *_words_only(one, other),
    ]


def _words_only(old: Playbook, new: Playbook) -> Found:
    """What people read of a playbook, and no deal feels."""
    where = ("in words only",)
    yield from changed(where, "title", old.title, new.title)
    for key in dict.fromkeys((*old.source, *new.source)):
        yield from changed(where, f"source, {key}", str(old.source.get(key, "")), str(new.source.get(key, "")))


def _enrolment(old: Enrol, new: Enrol) -> Found:
    where = ("enrolment",)
    yield from condition(where, old.condition, new.condition)
    for what, words in _ENROL.items():
        yield from changed(where, what, words(old), words(new))
    for name in dict.fromkeys((*old.follows, *new.follows)):
        one, other = sorted(old.follows.get(name, ())), sorted(new.follows.get(name, ()))
        yield from changed(where, f"follows {name}", ", ".join(one), ", ".join(other))


_ENROL: dict[str, Callable[[Enrol], str]] = {
    "event": lambda enrol: enrol.event or "",
    "again": lambda enrol: f"after {value_words(enrol.again)}" if enrol.again is not None else "never",
    "schedule": lambda enrol: enrol.schedule or "",
    "order": lambda enrol: ", then ".join(f"{order.name} {order.first} first" for order in enrol.order),
    "batch": lambda enrol: f"{enrol.batch.deals} deals per {value_words(enrol.batch.per)}" if enrol.batch else "",
}


def _params(old: Playbook, new: Playbook) -> Found:
    yield from _named_values(("parameters",), _worded(old.params), _worded(new.params), new)
    for team in dict.fromkeys((*old.team_params, *new.team_params)):
        one, other = old.team_params.get(team, {}), new.team_params.get(team, {})
        yield from _named_values((f"parameters of team {team}",), _as_written(one), _as_written(other), new)


def _named_values(where: Where, old: Mapping[str, str], new: Mapping[str, str], playbook: Playbook) -> Found:
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Difference(where=where, what=name, kind="removed", old=old[name])
        elif name not in old:
            yield Difference(where=where, what=name, kind="added", new=new[name])
        elif old[name] != new[name]:
            lines = tuple(dict.fromkeys(_uses(playbook, name)))
            yield Difference(where=where, what=name, old=old[name], new=new[name], lines=lines)


def _worded(params: Mapping[str, Value]) -> dict[str, str]:
    return {name: value_words(value) for name, value in params.items()}


def _as_written(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


def _uses(playbook: Playbook, name: str) -> Iterator[str]:
    """Where a delay or a date names this parameter."""
    states = [state for track in playbook.tracks.values() for state in track.states.values()]
    listed = [("anywhere", playbook.anywhere), *(("anywhere", track.anywhere) for track in playbook.tracks.values())]
    for place, ways in [*listed, *((state.name, state.transitions) for state in states)]:
        named = [way for way in ways if way.cause is not None and name in cause_words(way).split()]
        yield from (f"in {place}: {target_in_words(way)}" for way in named)
    for action in playbook.actions():
        reminders = [*action.remind, *action.escalate, action.expires, action.deadline]
        texts = [action.due_text, *(each.text for each in reminders if each is not None)]
        if any(name in text.split() for text in texts):
            yield f"in the action {action.name}"


def _ends(old: Playbook, new: Playbook) -> Found:
    where = ("ends",)
    yield from listed(where, "end", [*old.ends], [*new.ends])
    for name, end in new.ends.items():
        if name in old.ends:
            yield from changed((*where, name), "title", old.ends[name].title, end.title)
            yield from changed((*where, name), "success", _yes(old.ends[name].success), _yes(end.success))


def _yes(given: bool) -> str:
    return "true" if given else "false"


def _tracks(old: Playbook, new: Playbook) -> Found:
    where = ("tracks",)
    yield from transition_differences(("anywhere",), old.anywhere, new.anywhere, {})
    yield from listed(where, "track", _gone(old, new), _gone(new, old))
    kept = [name for name in new.tracks if name in old.tracks]
    before = [name for name in old.tracks if name in new.tracks]
    # when all have finished, the enrolment ends as the first did
    yield from changed(where, "order", ", ".join(before), ", ".join(kept))
    known = Homes(old=homes(old), new=homes(new))
    for name in kept:
        place = (f"track {name}",) if len(new.tracks) > 1 or len(old.tracks) > 1 else ()
        yield from track_differences(place, old.tracks[name], new.tracks[name], known)


def _gone(these: Playbook, those: Playbook) -> list[str]:
    """The tracks that only `these` has, each with its states."""
    own = (track for name, track in these.tracks.items() if name not in those.tracks)
    return [f"{track.name} ({', '.join(track.states)})" for track in own]
