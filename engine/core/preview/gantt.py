"""The calendar of a preview as a Gantt chart for Mermaid: where the deal stands when, and what is open meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.core.durations import Instant
from engine.core.model import Playbook, To
from engine.core.preview.mermaid import shortened
from engine.core.preview.model import Calendar, Happening

Day = Callable[[Instant], str]  # an instant as a date, 2026-03-02
_LONGEST = 60  # characters of a name
_OPEN = -1  # the end of a bar that goes on
# The names of a chart have no way to write what Mermaid reads as its own.
_SAFE = str.maketrans({":": " -", ";": " -", ",": " ", "#": " no. ", "%": " percent ", "{": "(", "}": ")", '"': "'"})


@dataclass(slots=True)
class _Bar:
    section: str
    name: str
    begins: Instant
    ends: Instant = _OPEN


def gantt(playbook: Playbook, calendar: Calendar, standing: Mapping[str, str], day: Day) -> str:
    """`gantt` of what is shown of `calendar`, with a line break at the end.

    `standing`: the state in which each track is at the start.
    """
    bars = list(_states(playbook, calendar, standing)) + list(_actions(playbook, calendar))
    last = max([calendar.start, *(one.at for one in calendar.happenings)])
    lines = ["gantt", f"    title {_safe(playbook.title)}", "    dateFormat YYYY-MM-DD", "    axisFormat %Y-%m-%d"]
    for section in dict.fromkeys(bar.section for bar in bars):
        lines.append(f"    section {_safe(section)}")
        lines += [f"    {_safe(bar.name)} :{_span(bar, last, day)}" for bar in bars if bar.section == section]
    return "\n".join(lines) + "\n"


def _span(bar: _Bar, last: Instant, day: Day) -> str:
    begins, ends = day(bar.begins), day(last if bar.ends == _OPEN else bar.ends)
    return f"{begins}, {ends}" if begins < ends else f"milestone, {begins}, 0d"


def _states(playbook: Playbook, calendar: Calendar, standing: Mapping[str, str]) -> Iterator[_Bar]:
    """One bar for each stay in a state; a state that is left at once has none. How it ends is a milestone."""
    places = {transition.place: transition for transition in playbook.transitions()}
    many = len(playbook.tracks) > 1
    here = {
        track: _Bar(f"track {track}" if many else "state", state, calendar.start) for track, state in standing.items()
    }
    for one in calendar.happenings:
        if one.kind == "took" and isinstance(target := places[one.line[3]].target, To):
            track = str(one.line[1])
            yield from _closed(here[track], one)
            here[track] = _Bar(here[track].section, target.state, one.at)
        elif one.kind == "finished":
            yield from _closed(here.pop(str(one.line[1])), one)
        elif one.kind == "ended":
            for bar in here.values():
                yield from _closed(bar, one)
            here = {}
            yield _Bar("end", str(one.line[1]), one.at, one.at)
    yield from here.values()


def _closed(bar: _Bar, one: Happening) -> Iterator[_Bar]:
    bar.ends = one.at
    if bar.begins < bar.ends:
        yield bar


def _actions(playbook: Playbook, calendar: Calendar) -> Iterator[_Bar]:
    """From the hand-out until it closes; under the state that it belongs to."""
    sections = {
        action.name: f"to do in {state.name}"
        for track in playbook.tracks.values()
        for state in track.states.values()
        for action in state.actions
    }
    closings = [(str(one.line[2]), one.at) for one in calendar.happenings if one.kind == "closed"]
    for one in calendar.happenings:
        if one.handed is not None:
            handed = one.handed
            ends = next((at for identity, at in closings if identity == handed.id and at >= one.at), _OPEN)
            yield _Bar(sections[handed.name], f"{handed.kind} - {handed.title}", one.at, ends)


def _safe(text: str) -> str:
    return shortened(" ".join(text.translate(_SAFE).split()), _LONGEST)
