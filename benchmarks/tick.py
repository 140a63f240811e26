"""Measure the engine side by side with the least that its work can cost; print ratios, and the goals beside them.

    python benchmarks/tick.py [--full] [--deals 1000] [--rounds 5] [--only work,idle] [--profile]

CPU time, never wall time; the things compared take turns; what is printed is the median and the spread. `--full` takes
the sizes of the goals (a million enrolled, a million due, 500 playbooks) and hours; without it all takes some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, from any folder

from benchmarks import idle, measured, narrow, reading, recorded, work
from benchmarks.measured import Ratio
from benchmarks.profiled import print_profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How much of everything. `due` and `enrolled` are (few, many)."""

    deals: int
    rounds: int
    enrolled: tuple[int, int]
    due: tuple[int, int]
    playbooks: int
    rows: int


def main() -> None:
    options = _options()
    sizes = _full(options) if options.full else _small(options)
    wanted = options.only.split(",") if options.only else list(PARTS)
    with tempfile.TemporaryDirectory(prefix="playbook-benchmark-") as name:
        folder = Path(name)
        work.write_workspace(folder / "workspace")
        for part in wanted:
            for ratio in PARTS[part](folder, sizes):
                print(ratio.line(), flush=True)
        if options.profile:
            print_profile(folder / "workspace", folder / "profiled.db", min(sizes.deals, 500))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ratios of CPU time, and where the time of a tick goes.")
    parser.add_argument("--full", action="store_true", help="the sizes of the goals; takes hours")
    parser.add_argument("--deals", type=int, help="deals in the measured work (1000; full: 20000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--profile", action="store_true", help="also list the functions that cost most")
    options = parser.parse_args()
    if unknown := set((options.only or "").split(",")) - {"", *PARTS}:
        parser.error(f"--only: there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    return options


def _small(options: argparse.Namespace) -> Sizes:
    return Sizes(
        deals=options.deals or 1000, rounds=options.rounds, enrolled=(1000, 50_000), due=(5_000, 20_000), playbooks=25,
        rows=8_800,
    )  # fmt: skip


def _full(options: argparse.Namespace) -> Sizes:
    return Sizes(
        deals=options.deals or 20_000, rounds=options.rounds, enrolled=(1000, 1_000_000), due=(10_000, 1_000_000),
        playbooks=500, rows=8_800,
    )  # fmt: skip


# --- the parts ------------------------------------------------------------------------------------------------------


def _work(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    """Transitions per CPU second of the whole tick, against raw and narrow rows."""
    workspace, spool = folder / "workspace", folder / "spool"
    rows = measured.in_child(recorded.record, workspace, folder / "recorded.db", sizes.deals, spool)
    raw, thin, engine = [], [], []
    for turn in range(sizes.rounds):
        here = folder / f"round-{turn}"
        here.mkdir()
        engine.append(measured.in_child(work.run_engine, workspace, here / "engine.db", sizes.deals))
        raw.append(measured.in_child(recorded.run_raw, here / "raw.db", sizes.deals, spool))
        thin.append(measured.in_child(narrow.run_narrow, here / "narrow.db", sizes.deals))
        if differing := recorded.differences(here / "engine.db", here / "raw.db"):
            raise RuntimeError(f"the replay did not write what the engine wrote: {', '.join(differing)}")
    transitions = work.PER_DEAL * sizes.deals
    size = (folder / "recorded.db").stat().st_size / transitions
    note = (
        f"{transitions:,} transitions, {rows / transitions:.1f} rows and {size:,.0f} bytes of file per transition; "
        f"raw : narrow {statistics.median(b / a for a, b in zip(raw, thin, strict=True)):.3g}"
    )
    yield Ratio(
        what="transitions per CPU second, whole tick", against="raw executemany of the same rows", first=0.5, goal=1.0,
        rounds=[b / a for a, b in zip(engine, raw, strict=True)], note=note,
    )  # fmt: skip
    yield Ratio(
        what="transitions per CPU second, whole tick", against="raw executemany of narrow rows", first=0.15, goal=0.4,
        rounds=[b / a for a, b in zip(engine, thin, strict=True)],
        note=f"at this moment {1e6 * statistics.median(engine) / transitions:.0f} µs of CPU per transition",
    )  # fmt: skip


def _idle(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    few, many = (
        idle.crowded_work(folder / "workspace", folder / f"enrolled-{count}.db", count) for count in sizes.enrolled
    )
    yield Ratio(
        what=f"tick with nothing due, {sizes.enrolled[1]:,} enrolled", against=f"{sizes.enrolled[0]:,} enrolled",
        rounds=idle.idle_rounds(folder / "workspace", few, many, sizes.rounds), first=1.2, goal=1.05, at_most=True,
    )  # fmt: skip


def _cold(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    starters = idle.crowded_starters(folder / "starters", sizes.enrolled[1])
    yield Ratio(
        what=f"cold process, nothing due, {sizes.enrolled[1]:,} enrolled", against='python -c "import sqlite3"',
        rounds=idle.cold_rounds(starters, sizes.rounds), first=8, goal=5, at_most=True,
    )  # fmt: skip


def _memory(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    peaks = []
    for count in sizes.due:
        path = idle.crowded_work(folder / "workspace", folder / f"due-{count}.db", count)
        peaks.append(measured.in_child(idle.peak_of_due, folder / "workspace", path, count))
    yield Ratio(
        what=f"peak memory of a tick, {sizes.due[1]:,} due", against=f"{sizes.due[0]:,} due",
        rounds=[peaks[1] / peaks[0]], first=1.5, goal=1.1, at_most=True,
        note=f"{peaks[0] / 2**20:.0f} and {peaks[1] / 2**20:.0f} MiB, measured once; the page cache takes up to 32",
    )  # fmt: skip


def _validate(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    variants = reading.write_variants(folder / "variants", sizes.playbooks)
    yield Ratio(
        what=f"validate {sizes.playbooks} playbooks", against="CSafeLoader and one jsonschema validator",
        rounds=reading.rounds_of(
            lambda: measured.in_child(reading.validate_cpu, variants),
            lambda: measured.in_child(reading.bare_validate_cpu, variants),
            sizes.rounds,
        ),
        first=2, goal=1.3, at_most=True,
    )  # fmt: skip


def _import(folder: Path, sizes: Sizes) -> Iterator[Ratio]:
    if not reading.can_import():
        print("  import: this checkout has no import command")
        return
    export = reading.write_export(folder / "export", sizes.rows)
    small = reading.write_export(folder / "small-export", sizes.rows // 100)
    bare, whole, start = [], [], []
    for turn in range(sizes.rounds):
        bare.append(measured.in_child(reading.bare_import_cpu, export))
        whole.append(reading.import_cpu(folder / f"import-{turn}", export))
        start.append(reading.import_cpu(folder / f"small-import-{turn}", small))
    rows = statistics.median(a / (b - c) for a, b, c in zip(bare, whole, start, strict=True))
    yield Ratio(
        what=f"rows per CPU second, import of {sizes.rows:,} rows", against="csv.DictReader alone",
        rounds=[a / b for a, b in zip(bare, whole, strict=True)],
        first=0.1, goal=0.25, note=f"without what the import of {sizes.rows // 100} rows costs: {rows:.3g}",
    )  # fmt: skip


PARTS: dict[str, Callable[[Path, Sizes], Iterator[Ratio]]] = {
    "work": _work, "idle": _idle, "cold": _cold, "memory": _memory, "validate": _validate, "import": _import,
}  # fmt: skip

if __name__ == "__main__":
    main()
