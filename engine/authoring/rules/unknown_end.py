"""An `end` or `finish` names an end that is not declared under `ends`.

Ends are declared so that reports know which of them is a success. `won`, `lost`, `reopened` and `deleted` always exist.

    ends:
      kept_in_touch: {title: Kept in touch}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import transitions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import BUILT_IN_ENDS, End, Finish, Path, Playbook, Transition


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known = {*playbook.ends, *BUILT_IN_ENDS}
    for transition in transitions(playbook):
        target = transition.target
        if isinstance(target, (End, Finish)) and target.end not in known:
            key = "end" if isinstance(target, End) else "finish"
            hint = _meant(target.end, transition, playbook)
            yield _finding((*transition.path, key), target.end, hint)
    for name, ends in playbook.enrol.follows.items():
        for index, end in enumerate(ends):
            if name in context.ends and end not in context.ends_of(name):
                hint = did_you_mean(end, context.ends_of(name))
                yield _finding(("enrol", "follows", name, index), end, hint)


def _meant(end: str, transition: Transition, playbook: Playbook) -> str:
    """A state is reached by `to`, which only the transitions of a track have."""
    states = {name for track in playbook.tracks.values() for name in track.states}
    if end in states and transition not in playbook.anywhere:
        return f"{end!r} is a state: write `to: {end}`"
    return did_you_mean(end, playbook.ends) or f"add `{end}: {{}}` under `ends`"


def _finding(path: Path, end: str, hint: str) -> Finding:
    return Finding(path=path, rule="unknown-end", message=f"there is no end {end!r}", hint=hint)
