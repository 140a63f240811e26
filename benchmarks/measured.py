"""Measuring: CPU time of this process or of a child, rounds, and how a ratio is printed beside its goal.

An absolute rate does not hold from one minute to the next on a shared machine. So the things compared take turns in
one run, and only their ratios are printed.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """One line of the result, a ratio for each round. `at_most`: less is better. The goals are those of the design."""

    what: str
    against: str
    rounds: Sequence[float]
    first: float
    goal: float
    at_most: bool = False
    note: str = ""

    def line(self) -> str:
        median = statistics.median(self.rounds)
        spread = f"{min(self.rounds):.3g} to {max(self.rounds):.3g}"
        sign = "≤" if self.at_most else "≥"
        reached = [name for name, limit in (("goal", self.goal), ("first", self.first)) if self._reaches(median, limit)]
        verdict = f"{reached[0]} reached" if reached else "not reached"
        goals = f"first {sign} {self.first:g}, goal {sign} {self.goal:g}"
        told = f"  {self.what} : {self.against}\n    {median:.3g} ({spread}); {goals}; {verdict}"
        return f"{told}\n    {self.note}" if self.note else told

    def _reaches(self, median: float, limit: float) -> bool:
        return median <= limit if self.at_most else median >= limit


def cpu_seconds() -> float:
    """User and system time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_bytes() -> int:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of `work`."""
    before = cpu_seconds()
    work()
    return cpu_seconds() - before


def in_child(work: Callable[Given, Found], *arguments: Given.args, **named: Given.kwargs) -> Found:
    """What `work` returns in a new process, where nothing that an earlier part left behind costs memory or time."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **named).result()


def command_cpu(command: Sequence[str], allowed: Sequence[int] = (0,)) -> float:
    """CPU seconds of a whole process, its start included. RuntimeError if it fails.

    Compiled modules are kept, as they are where a program is installed, but not in this checkout.
    """
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    surroundings["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "playbook-benchmark-bytecode")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings)
    assert process.stdout is not None
    told = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)  # Popen would wait for it again
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{told}")
    return used.ru_utime + used.ru_stime
