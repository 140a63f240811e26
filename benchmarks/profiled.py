"""Where the time of the tick goes: the functions that cost most by themselves."""

from __future__ import annotations

import cProfile
import pstats
from pathlib import Path

from benchmarks import work
from engine.store.sqlite import open_store

_LISTED = 25


def print_profile(folder: Path, path: Path, deals: int) -> None:
    """Run the work once under the profiler and print the first functions by own time."""
    work.fill(path, deals).close()
    store = open_store(path)
    prepared = work.prepare(folder, store)
    profile = cProfile.Profile()
    profile.runcall(work.run_ticks, prepared, store)
    store.close()
    found = pstats.Stats(profile).strip_dirs().sort_stats("tottime")
    print(f"\nProfile of {deals:,} deals, {work.PER_DEAL * deals:,} transitions.")
    print("Calls look dearer than they are; `execute` includes waiting for the disk at each COMMIT.")
    found.print_stats(_LISTED)
