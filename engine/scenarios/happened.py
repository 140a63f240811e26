"""What has happened to a deal, read from its history: states entered, actions handed out and closed, ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from engine.core.account import HistoryEntry
from engine.core.durations import Instant
from engine.core.model import BUILT_IN_ENDS, NOT_DONE, Playbook

# ("action", NAME) handed out or done · ("outcome", ACTION.HOW) closed so · ("end", NAME) · ("state", NAME) entered
Deed: TypeAlias = tuple[str, str]
_SPURS = {"remind": "reminded", "escalate": "escalated"}  # a line of the history -> what `happened` calls it


def deeds(histories: Iterable[Iterable[HistoryEntry]]) -> dict[Deed, Instant]:
    """Everything that has happened, with the instant of its first time."""
    found: dict[Deed, Instant] = {}
    for history in histories:
        for entry in history:
            for line in entry.did:
                for deed in _deeds(line):
                    found.setdefault(deed, entry.at)
    return found


def _deeds(line: tuple[Any, ...]) -> Iterator[Deed]:
    kind = line[0]
    if kind == "due":
        yield "action", str(line[1])
    elif kind == "closed":
        yield "outcome", f"{line[1]}.{line[3]}"
        if line[3] not in NOT_DONE:
            yield "action", str(line[1])
    elif kind in _SPURS:
        yield "outcome", f"{line[1]}.{_SPURS[kind]}"
    elif kind == "entered":
        yield "state", str(line[2])
    elif kind == "ended":
        yield "end", str(line[1])
    elif kind == "finished":
        yield "end", str(line[2])


def meant(name: str, playbook: Playbook) -> Deed | None:
    """What a name of `happened` or `never` means: an action, ACTION.OUTCOME, an end, a state, in this order."""
    head, dot, how = name.partition(".")
    if dot:
        known = playbook.has_action(head) and how in hows(playbook, head)
        return ("outcome", name) if known else None
    if playbook.has_action(name):
        return "action", name
    if name in playbook.ends or name in BUILT_IN_ENDS:
        return "end", name
    return ("state", name) if any(name in track.states for track in playbook.tracks.values()) else None


def hows(playbook: Playbook, action: str) -> list[str]:
    """Every way in which an action can close, and that somebody was reminded of it or it was escalated."""
    declared = playbook.action(action)
    spurs = [word for key, word in _SPURS.items() if getattr(declared, key)]
    return list(dict.fromkeys([*declared.outcomes, "done", *sorted(NOT_DONE), *spurs]))


def names(playbook: Playbook) -> list[str]:
    """Everything that `happened` and `never` can name."""
    actions = [action.name for action in playbook.actions()]
    outcomes = [f"{name}.{how}" for name in actions for how in hows(playbook, name)]
    states = [state for track in playbook.tracks.values() for state in track.states]
    return [*actions, *outcomes, *playbook.ends, *BUILT_IN_ENDS, *states]
