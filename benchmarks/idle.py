"""What a tick costs when nothing is due, however many deals are enrolled; and the memory of one with very much due."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measured, work
from benchmarks.crowd import multiply
from engine.store.sqlite import create, open_store

CLI = Path(__file__).parent.parent / "cli.py"
_REPEATS = 20  # ticks in one measurement: a single idle one is too short to measure
_ENROLLED = "2026-03-02T11:00"
_LATER = "2026-03-02T11:05"
_LATER_DAY, _DUE_DAY = 1, 2  # nothing is due the day after the enrolment, everything on the second


def command(folder: Path, *arguments: str) -> list[str]:
    """A command of the program in a process of its own, as cron runs it."""
    return [sys.executable, str(CLI), "--workspace", str(folder), *arguments]


def crowded_starters(folder: Path, deals: int) -> Path:
    """A sandbox with the shipped playbooks, in one of which `deals` are enrolled, with nothing due; returns it."""
    measured.command_cpu([sys.executable, str(CLI), "init", "--sandbox", str(folder)])
    store = open_store(folder / "playbook.db")
    work.import_deals(store, 1)
    store.close()
    measured.command_cpu(command(folder, "tick", "--quiet", "--now", _ENROLLED))
    multiply(folder / "playbook.db", deals)
    measured.command_cpu(command(folder, "tick", "--quiet", "--now", _LATER))
    return folder


def crowded_work(folder: Path, path: Path, deals: int) -> Path:
    """A store with `deals` enrolled in the measured playbook on the first day; returns its path."""
    store = create(path)
    work.import_deals(store, 1)
    work.run_ticks(work.prepare(folder), store, range(1))
    store.close()
    multiply(path, deals)
    return path


def cold_tick(folder: Path) -> float:
    """CPU seconds of a whole process that finds nothing due."""
    return measured.command_cpu(command(folder, "tick", "--quiet", "--now", _LATER))


def bare_process() -> float:
    """CPU seconds of the least that a program on SQLite can cost."""
    return measured.command_cpu([sys.executable, "-c", "import sqlite3"])


def idle_ticks(folder: Path, path: Path) -> float:
    """CPU seconds of one tick with nothing due, workspace and database open: the median of several."""
    store = open_store(path)
    prepared = work.prepare(folder, store)
    work.run_ticks(prepared, store, range(_LATER_DAY, _LATER_DAY + 1))
    costs = [measured.cpu_of(prepared.ticking(store, _LATER_DAY).run) for _ in range(_REPEATS)]
    store.close()
    return statistics.median(costs)


def peak_of_due(folder: Path, path: Path, deals: int) -> int:
    """The most memory, in bytes, of a tick in which all deals are due. For a process of its own."""
    store = open_store(path)
    transitions = work.run_ticks(work.prepare(folder, store), store, range(_DUE_DAY, _DUE_DAY + 1))
    store.close()
    if transitions != deals:
        raise RuntimeError(f"{transitions} transitions where {deals} were due")
    return measured.peak_bytes()


def idle_rounds(folder: Path, few: Path, many: Path, rounds: int) -> Sequence[float]:
    """How much an idle tick costs with many enrolled, compared with few, in each round."""
    return [
        measured.in_child(idle_ticks, folder, many) / measured.in_child(idle_ticks, folder, few) for _ in range(rounds)
    ]


def cold_rounds(folder: Path, rounds: int) -> Sequence[float]:
    """How much a cold idle tick costs, compared with a bare process, in each round."""
    return [cold_tick(folder) / bare_process() for _ in range(rounds)]
