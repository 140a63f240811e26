"""Killing real ticks: forked from a warm parent, or started cold; and comparing what is left, row by row."""

import json
import os
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cli
from engine.runner import tick as runner
from engine.store import crash, migrations, session
from tests.torture.story import instant, opened, written

ROOT = Path(__file__).resolve().parent.parent.parent
KILLED = -9
FINE_OR_PROBLEMS = (0, 1)
UNSETTLED = {"ticks"}  # one row for each try; "finished_ticks" compares which instants were finished


def arguments(folder: Path, at: int) -> list[str]:
    """The command line of a tick."""
    return ["--workspace", str(folder), "tick", "--now", written(at)]


def in_child(work: Callable[[], int | None], output: Path | None = None) -> int:
    """Run `work` in a forked process; its exit code, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        code = 70
        try:
            quiet = os.open(output or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # past pytest's own
            code = work() or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def tick(folder: Path, at: int, crash_at: str | None = None) -> int:
    """`playbook tick` in a fork of this process, killed at a point if one is given."""

    def run() -> int:
        crash.arm(crash_at)
        return cli.run(arguments(folder, at))

    return in_child(run, folder / "output.txt")


def cold_tick(folder: Path, at: int, crash_at: str | None = None) -> int:
    """`python cli.py tick`: a process of its own, as cron starts it."""
    surroundings = {**os.environ, crash.VARIABLE: crash_at or ""}
    command = [sys.executable, str(ROOT / "cli.py"), *arguments(folder, at)]
    return subprocess.run(command, env=surroundings, capture_output=True, check=False, cwd=folder).returncode


def passages(work: Callable[[], int | None], note: Path) -> Counter[str]:
    """How often `work`, run in a child, passes each point."""

    def run() -> int | None:
        passed: Counter[str] = Counter()
        session.crash_point = migrations.crash_point = lambda name: passed.update([name])
        done = work()
        note.write_text(json.dumps(passed))
        return done

    code = in_child(run, note.with_suffix(".log"))
    assert code in FINE_OR_PROBLEMS, note.with_suffix(".log").read_text()
    return Counter(json.loads(note.read_text()))


# --- comparing --------------------------------------------------------------------------------------------------------


def picture(folder: Path) -> dict[str, list[str]]:
    """Every row of every table, as text; of the ticks only which instants were finished."""
    with opened(folder) as store:
        assert store.check() == []
        listed = store.session.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").fetchall()
        tables = [name for (name,) in listed if name not in UNSETTLED]
        # how often a failing account was tried is how often the tick ran, killed ones included
        store.session.execute("BEGIN")
        store.session.execute("UPDATE accounts SET failures = 1 WHERE failures > 0")
        found = {table: sorted(map(repr, store.session.execute(f"SELECT * FROM {table}"))) for table in tables}
        finished = store.session.execute("SELECT DISTINCT now FROM ticks WHERE finished_at IS NOT NULL").fetchall()
        found["finished_ticks"] = sorted(map(repr, finished))
        store.session.execute("ROLLBACK")
    return found


def difference(found: dict[str, list[str]], expected: dict[str, list[str]]) -> list[str]:
    """The rows that are in one picture only; [] if they are the same."""
    lines = []
    for table in sorted(expected):
        here, there = Counter(found[table]), Counter(expected[table])
        lines += [f"{table}: lost    {row[:300]}" for row in (there - here).elements()]
        lines += [f"{table}: doubled {row[:300]}" for row in (here - there).elements()]
    return lines


def deferred(folder: Path, day: int) -> frozenset[str]:
    """The deals that the killed tick of this day had queued for enrolment and left to the next one."""
    with opened(folder) as store:
        rows = store.session.execute(f"SELECT id FROM deals WHERE examine_at = {instant(day) + 1}")
        return frozenset(identity for (identity,) in rows)


def tick_without(folder: Path, at: int, deals: frozenset[str]) -> int:
    """A tick to which these deals came too late: they are looked at for enrolment a second after it."""

    def run() -> int:
        enrol = runner.Ticking.enrol

        def enrol_others(ticking: runner.Ticking) -> None:
            with ticking.store.transaction():
                for account, deal in ticking.store.deals_to_examine(at, 1_000):
                    ticking.store.set_examined([(account, deal, at + 1)] if deal in deals else [])
            enrol(ticking)

        runner.Ticking.enrol = enrol_others
        return cli.run(arguments(folder, at))

    return in_child(run, folder / "output.txt")
