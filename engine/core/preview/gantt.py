"""The calendar of a preview as a Gantt chart for Mermaid: where the deal stands when, and what is open meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.core.durations import Instant
from engine.core.model import Playbook, To
from engine.core.preview.mermaid import shortened
from engine.core.preview.model import Calendar, Happening

Day = Callable[[Instant], str]  # an instant as a date, 2026-03-02
_LONGEST = 60  # characters of a name
# The names of a chart have no way to write what Mermaid reads as its own.
_SAFE = str.maketrans(
    {":": " -", ";": " -", "#": " no. ", "%": " percent ", "{": "(", "}": ")", '"': "'", "\ufeff": " "}
)
# A line that begins so is no bar to Mermaid, in whatever letters.
_RESERVED = re.compile(
    r"(?:gantt|title|section|call|click|href|dateFormat|axisFormat|tickInterval|topAxis|inclusiveEndDates|includes"
    r"|excludes|todayMarker|weekday|weekend|accTitle|accDescr|accDescription|\d{4}-\d\d-\d\d)\b",
    re.ASCII | re.IGNORECASE,
)


@dataclass(slots=True)
class _Bar:
    """`kind`: of an action. `ends` None: not within what is shown."""

    section: str
    name: str
    begins: Instant
    ends: Instant | None = None
    kind: str = ""


def gantt(playbook: Playbook, calendar: Calendar, standing: Mapping[str, str], day: Day) -> str:
    """`gantt` of what is shown of `calendar`, with a line break at the end.

    `standing`: the state in which each track is at the start.
    """
    bars = list(_states(playbook, calendar, standing)) + list(_actions(playbook, calendar))
    lines = ["gantt", f"    title {_safe(playbook.title)}", "    dateFormat YYYY-MM-DD", "    axisFormat %Y-%m-%d"]
    for section in dict.fromkeys(bar.section for bar in bars):
        lines.append(f"    section {_safe(section)}")
        lines += [_line(bar, calendar, day) for bar in bars if bar.section == section]
    return "\n".join(lines) + "\n"


def _line(bar: _Bar, calendar: Calendar, day: Day) -> str:
    """What is still open at the end of the chart is drawn up to there, and its name says that it goes on."""
    remarks = [bar.kind, _goes_on(bar, calendar) if bar.ends is None else ""]
    behind = f" ({told})" if (told := ", ".join(filter(None, remarks))) else ""
    begins, ends = day(bar.begins), day(calendar.shown_until if bar.ends is None else bar.ends)
    span = f"{begins}, {ends}" if begins < ends else f"milestone, {begins}, 0d"
    return f"    {_name(bar.name, _LONGEST - len(behind))}{behind} :{span}"


def _goes_on(bar: _Bar, calendar: Calendar) -> str:
    if calendar.close == "ends":
        return ""
    return "then it repeats" if calendar.lap is not None and bar.begins >= calendar.lap.begins else "goes on"


def _name(text: str, longest: int) -> str:
    name = _safe(text, longest)
    return f"'{name}'" if _RESERVED.match(name) else name


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
    for one in (*calendar.in_hand, *calendar.happenings):
        if one.handed is not None:
            handed, begins = one.handed, max(one.at, calendar.start)
            ends = next((at for identity, at in closings if identity == handed.id and at >= begins), None)
            yield _Bar(sections[handed.name], handed.title, begins, ends, handed.kind)


def _safe(text: str, longest: int = _LONGEST) -> str:
    return shortened(" ".join(text.translate(_SAFE).split()), longest)
