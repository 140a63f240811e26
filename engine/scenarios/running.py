"""A scenario under every tick schedule: the first failure of any, or a disagreement between them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from engine.core.account import HistoryEntry
from engine.core.durations import TimeError
from engine.core.model import Path
from engine.runner.payload import NotRecordable
from engine.runner.story import story_of
from engine.runner.why import Why
from engine.scenarios import opening, paces
from engine.scenarios.bench import Bench
from engine.scenarios.doing import DO
from engine.scenarios.expecting import expect, never_after_all
from engine.scenarios.model import Difference, Failure, Played, Scenario, ScenarioFile, Step, Unmet
from engine.scenarios.playing import Play

PASSING = ("wait", "until")  # what was recorded before them waits for the next tick of the schedule


def run(file: ScenarioFile, scenario: Scenario, bench: Bench, chosen: Sequence[str], seed: int) -> Played:
    """Play `scenario` under the `chosen` schedules of paces.PACES; they must agree in every history entry."""
    began = time.perf_counter()
    bench = bench.cast(scenario)
    first: Play | None = None
    failure: Failure | None = None
    for pace in chosen:
        play = Play(
            scenario=scenario, bench=bench, pace=pace, seed=seed, stops=tuple(first.enrolled_at) if first else ()
        )
        failure = _play(play, file) or (_disagreement(first, play, file) if first else None)
        first = first or play
        if failure is not None:
            break
    histories = first.histories() if first else []
    seconds = time.perf_counter() - began
    return Played(file=file, scenario=scenario, seconds=seconds, failure=failure, histories=histories)


def _play(play: Play, file: ScenarioFile) -> Failure | None:
    """The whole scenario; the first thing that fails ends it, because what comes later follows from it."""
    path: Path = play.scenario.path
    try:
        play.begin()
        for step in play.scenario.steps:
            path = step.path
            _do(play, step)
        play.catch_up()
        for step in play.scenario.steps:
            path = step.path
            if "never" in (step.said.get("expect") or {}):
                never_after_all(play, step)
    except Unmet as unmet:
        return _failure(play, file, unmet, unmet.path or path)
    except (NotRecordable, TimeError) as refused:
        return _failure(play, file, Unmet(refused.message, refused.hint), path)
    except Exception as error:  # what stops one scenario stops no other, as in a tick
        failed = Unmet(f"the program failed: {type(error).__name__}: {error}", "please report it, with this scenario")
        return _failure(play, file, failed, path)
    return None


def _do(play: Play, step: Step) -> None:
    if step.kind not in PASSING:
        play.catch_up()
    if step.kind == "expect":
        expect(play, step)
    else:
        DO[step.kind](play, step)


def _failure(play: Play, file: ScenarioFile, unmet: Unmet, path: Path) -> Failure:
    there = play.laid_out
    row = play.store.deal(play.export.deal) if there else None
    return Failure(
        location=file.where(path), at=play.now, day=play.day() if there else 0, pace=play.pace, message=unmet.message,
        hint=unmet.hint, differences=unmet.differences,
        story=story_of(play.store, play.bench.shelf, row, play.now) if row else None,
        why=_why(play) if there else None,
    )  # fmt: skip


def _why(play: Play) -> Why | None:
    """None where the account cannot be advanced: then nobody can tell what comes next either."""
    try:
        return opening.why_of(play)
    except Exception:
        return None


def _disagreement(first: Play, other: Play, file: ScenarioFile) -> Failure | None:
    """Where two schedules have written different histories."""
    expected, found = _written(first), _written(other)
    if expected == found:
        return None
    index, one, two = next((index, one, two) for index, (one, two) in enumerate(_pairs(expected, found)) if one != two)
    difference = Difference(
        about=f"entry {index + 1}",
        expected=f"{first.pace}: {_told(first, one)}",
        seen=f"{other.pace}: {_told(other, two)}",
    )
    grace = "the gaps of both are within late_grace, so this is a fault of the program: please report it"
    unmet = Unmet("two tick schedules lead to different histories", grace, [difference])
    return _failure(other, file, unmet, other.scenario.path)


Entries = Mapping[tuple[str, int], HistoryEntry]


def _written(play: Play) -> Entries:
    return {(entry.enrolment, entry.number): entry for history in play.histories() for entry in history}


def _pairs(one: Entries, other: Entries) -> list[tuple[HistoryEntry | None, HistoryEntry | None]]:
    keys = dict.fromkeys([*one, *other])
    return [(one.get(key), other.get(key)) for key in keys]


def _told(play: Play, entry: HistoryEntry | None) -> str:
    if entry is None:
        return "nothing"
    did = "; ".join(" ".join(str(part) for part in line) for line in entry.did)
    return f"{play.words(entry.at)} {did}"


def schedules(bench: Bench, wanted: Sequence[str] = ()) -> list[str]:
    """Those of `wanted` (default: all) that fit the workspace's late_grace, the immediate one first."""
    fitting = paces.fitting(bench.world.late_grace)
    return [pace for pace in fitting if not wanted or pace in wanted]
