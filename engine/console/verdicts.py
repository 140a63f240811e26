"""What came of scenarios, in words: failures with the story up to there, coverage, and JSON of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.console.desk import Desk
from engine.console.tables import clean
from engine.console.telling import Telling
from engine.core.plural import count
from engine.core.wording import target_in_words
from engine.runner.story import EnrolmentStory, Story
from engine.scenarios.coverage import Coverage, Unreached
from engine.scenarios.model import Failure, Played
from engine.scenarios.paces import IMMEDIATE


def failure_text(desk: Desk, one: Played) -> str:
    """Everything about one failure: where, when, what was expected and seen, and how it came to that."""
    assert one.failure is not None
    lines = [*_head(desk, one, one.failure), *_told(desk, one.failure)]
    return "\n".join(clean(line) for line in lines)


def _head(desk: Desk, one: Played, failure: Failure) -> Iterator[str]:
    yield f"{failure.location}: {one.scenario.playbook}: {one.scenario.name}"
    pace = "" if failure.pace == IMMEDIATE else f", with {failure.pace} ticks"
    if failure.story is not None:
        yield f"  on {_day(desk, failure)}, day {failure.day}{pace}"
    yield from (f"  {line}" for line in failure.message.splitlines())
    if failure.hint:
        yield f"    {failure.hint}"
    for each in failure.differences:
        yield f"    {each.about}:"
        yield f"      expected  {each.expected}"
        yield f"      seen      {each.seen}"
        yield from (f"                {line}" for line in each.more)


def _day(desk: Desk, failure: Failure) -> str:
    return desk.local(failure.at, "%a ") + desk.local(failure.at)


def _told(desk: Desk, failure: Failure) -> Iterator[str]:
    if failure.story is None:
        return
    for one in failure.story.enrolments:
        yield "  The story so far:"
        telling = Telling(playbook=one.playbook, local=desk.local, contacts=failure.story.account.names)
        yield from _entries(desk, telling, one)
        yield from _standing(telling, failure, one)
    yield from _unheard(desk, failure.story)


def _entries(desk: Desk, telling: Telling, one: EnrolmentStory) -> Iterator[str]:
    for entry in one.history:
        yield f"    {desk.local(entry.at)}  {telling.trigger(entry.trigger)}"
        yield from (f"        {line}" for line in telling.lines(entry.did))


def _standing(telling: Telling, failure: Failure, one: EnrolmentStory) -> Iterator[str]:
    if one.enrolment.end:
        return
    yield "  Now: " + "; ".join(telling.position(position) for position in one.enrolment.positions)
    if one.enrolment.paused is not None:
        yield f"  {telling.pause(one.enrolment.paused)}"
    names = {action.id: action.name for action in one.enrolment.actions}
    timers = sorted(one.enrolment.timers, key=lambda timer: timer.due)
    if timers:
        yield "  Coming, if nothing happens before:"
        yield from (f"    {telling.timer(timer, names)}" for timer in timers)


def _unheard(desk: Desk, story: Story) -> Iterator[str]:
    """Events that moved nothing: the usual reason why something did not happen."""
    for one in story.events:
        if one.state == "late" and one.event.name != "command.enrol":
            yield f"  {desk.local(one.event.recorded_at)}  {one.event.name}: nothing was waiting for it"


# --- coverage -------------------------------------------------------------------------------------------------------


def coverage_text(found: Sequence[Coverage]) -> str:
    """A line per playbook; below it what no scenario reached."""
    return "\n".join(clean(line) for one in found for line in _coverage(one))


def _coverage(one: Coverage) -> Iterator[str]:
    name = one.playbook.name
    inherited = f"inherited from {one.base}: {one.inherited}, tested there" if one.base else ""
    if not one.scenarios:
        yield f"{name}: no scenario" + (f"; {inherited}" if inherited else "")
        return
    kinds = [f"{_reached(one, kind):,} of {count(number, kind)}" for kind, number in one.goals.items() if number]
    what = f" of what is not so in {one.base}" if one.base else ""
    told = ", ".join(kinds) or "no state, transition or outcome is different"
    share = "under 1" if 0 < one.percent < 1 else whole_percent(one)
    yield f"{name}: {share} %{what} reached by {count(one.scenarios, 'scenario')} ({told})"
    if inherited:
        yield f"  {inherited}"
    yield from (f"  {missing.location}: {unreached_words(one, missing)}" for missing in one.unreached)


def _reached(one: Coverage, kind: str) -> int:
    return one.goals[kind] - sum(1 for each in one.unreached if each.kind == kind)  # type: ignore[index]


def whole_percent(one: Coverage) -> int:
    """Rounded down: 100 only when nothing is missing."""
    return int(one.percent)


def unreached_words(one: Coverage, missing: Unreached) -> str:
    """`state wait`, `transition after 2w → review`, `outcome letter.expired`"""
    if missing.kind == "transition":
        found = next(each for each in one.playbook.transitions() if each.place == missing.place)
        return f"transition {target_in_words(found)}"
    state = missing.name.partition(".")[2]
    alone = missing.kind == "state" and len(one.playbook.tracks) == 1
    return f"{missing.kind} {state if alone else missing.name}"


# --- JSON -----------------------------------------------------------------------------------------------------------


def played_record(desk: Desk, one: Played) -> dict[str, Any]:
    failure = one.failure
    return {
        "file": one.file.path, "line": one.file.where(one.scenario.path).line, "playbook": one.scenario.playbook,
        "scenario": one.scenario.name, "passed": failure is None, "seconds": round(one.seconds, 3),
        "failure": None if failure is None else {
            "file": failure.location.file, "line": failure.location.line, "column": failure.location.column,
            "day": _day(desk, failure), "schedule": failure.pace, "message": failure.message, "hint": failure.hint,
            "differences": [
                {"about": each.about, "expected": each.expected, "seen": each.seen} for each in failure.differences
            ],
            "text": failure_text(desk, one),
        },
    }  # fmt: skip


def coverage_record(one: Coverage) -> dict[str, Any]:
    return {
        "playbook": one.playbook.name, "scenarios": one.scenarios, "percent": round(one.percent, 1),
        "goals": dict(one.goals), "base": one.base, "inherited": one.inherited,
        "unreached": [
            {"kind": each.kind, "what": unreached_words(one, each), "file": each.location.file,
             "line": each.location.line}
            for each in one.unreached
        ],
    }  # fmt: skip
