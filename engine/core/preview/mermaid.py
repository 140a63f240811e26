"""A playbook as a picture for Mermaid, which GitHub draws: states and what leads from one to the other.

Every id has `__` in it, so that no state is taken for a word of Mermaid's own; the name that is shown stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.core.conditions import Condition, describe
from engine.core.model import End, Finish, OnEvent, Pause, Playbook, State, To, Track, Transition
from engine.core.wording import cause_words

_LONGEST = 48  # characters of a condition
_INDENT = "    "
_ANYWHERE = "anywhere"
_CODES = {
    "#": "#35;", '"': "#quot;", ":": "#58;", ";": "#59;", "<": "#lt;", ">": "#gt;", "{": "#123;", "}": "#125;",
    "[": "#91;", "]": "#93;", "%": "#37;", "\\": "#92;", "`": "#96;",
}  # fmt: skip


def state_diagram(playbook: Playbook) -> str:
    """`stateDiagram-v2` of all tracks, with a line break at the end."""
    tracks = list(playbook.tracks.values())
    lines = [f"%% {_plain(playbook.title)} ({playbook.name})", "stateDiagram-v2"]
    if len(tracks) == 1:
        lines += [_INDENT + line for line in _track(playbook, tracks[0], (*tracks[0].anywhere, *playbook.anywhere))]
    else:
        for track in tracks:
            lines.append(f"{_INDENT}state {_quoted(track.name)} as track__{_id(track.name)} {{")
            lines += [_INDENT * 2 + line for line in _track(playbook, track, track.anywhere)]
            lines.append(f"{_INDENT}}}")
        lines += [f"{_INDENT}[*] --> track__{_id(track.name)}" for track in tracks]
        lines += [_INDENT + line for line in _Drawn(playbook, "playbook").anywhere(playbook.anywhere)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text as a label may have it; Mermaid shows it as it was."""
    return "".join(_CODES.get(letter, letter) for letter in " ".join(text.split()))


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a long text, up to the end of a word."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;") + " …"


def label(transition: Transition) -> str:
    """`after 4w`, `reply if event.answer is explains_no`, `otherwise`; not escaped."""
    asked = shortened(_condition(transition.condition)) if transition.condition is not None else ""
    if transition.cause is None:
        return f"if {asked}" if asked else "otherwise"
    cause = transition.cause.name if isinstance(transition.cause, OnEvent) else cause_words(transition)
    return f"{cause} if {asked}" if asked else cause


def _track(playbook: Playbook, track: Track, anywhere: Sequence[Transition]) -> Iterator[str]:
    drawn = _Drawn(playbook, track.name)
    yield from drawn.declared(track.states.values())
    yield f"[*] --> {drawn.state(track.initial)}"
    for state in track.states.values():
        for transition in state.transitions:
            yield from drawn.transition(drawn.state(state.name), transition)
    yield from drawn.anywhere(anywhere)


class _Drawn:
    """The lines of one track. Ends and pauses are declared when they are first met."""

    def __init__(self, playbook: Playbook, track: str) -> None:
        self.playbook = playbook
        self.prefix = _id(track)
        self._met: set[str] = set()

    def state(self, name: str) -> str:
        return f"{self.prefix}__{_id(name)}"

    def declared(self, states: Iterable[State]) -> Iterator[str]:
        for state in states:
            if state.decides:
                yield f"state {self.state(state.name)} <<choice>>"
            else:
                yield f"state {_quoted(state.name)} as {self.state(state.name)}"

    def anywhere(self, transitions: Sequence[Transition]) -> Iterator[str]:
        if not transitions:
            return
        here = f"{self.prefix}__in__{_ANYWHERE}"
        yield f"state {_quoted('in every state')} as {here}"
        for transition in transitions:
            yield from self.transition(here, transition)

    def transition(self, source: str, transition: Transition) -> Iterator[str]:
        target = transition.target
        words = escaped(label(transition))
        if isinstance(target, To):
            yield f"{source} --> {self.state(target.state)} : {words}"
        elif isinstance(target, (End, Finish)):
            yield from self._end(target.end)
            yield f"{source} --> {self.prefix}__end__{_id(target.end)} : {words}"
        elif isinstance(target, Pause):
            yield from self._pause(source, target, words)
        else:
            yield f"{source} --> {source} : {words}"

    def _end(self, end: str) -> Iterator[str]:
        node = f"{self.prefix}__end__{_id(end)}"
        if node not in self._met:
            self._met.add(node)
            yield f"state {_quoted(end)} as {node}"
            yield f"{node} --> [*]"

    def _pause(self, source: str, pause: Pause, words: str) -> Iterator[str]:
        node = f"{source}__paused__{_id(pause.until)}"
        if node not in self._met:
            self._met.add(node)
            yield f"state {_quoted('paused')} as {node}"
            yield f"{node} --> {source} : {escaped(pause.until)}"
        yield f"{source} --> {node} : {words}"


def _quoted(text: str) -> str:
    return f'"{escaped(text)}"'


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name)


def _plain(text: str) -> str:
    return " ".join(text.replace("%", " ").replace("{", "(").replace("}", ")").split())


def _condition(condition: Condition) -> str:
    """In the author's short names, and without brackets around the whole."""
    text = re.sub(r"\b(facts|deal)\.", "", describe(condition))
    text = text.replace(" is empty true", " is empty").replace(" is empty false", " is filled")
    return text[1:-1] if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text
