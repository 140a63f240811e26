"""`playbook compare --selftest`: experiments whose truth is known, through the functions that judge real ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.console.output import give
from engine.console.tables import as_json, csv_text
from engine.core.shares import percent, percent_range

if TYPE_CHECKING:
    from engine.experiments.selftest import SelfTestResult

_WIDTH = 80
_STORED, _STORED_FULL = 2, 20  # experiments that go through a real database, too


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """How many of the experiments came to the same verdict out of a database."""

    experiments: int
    alike: int


def run(desk: Desk, form: str, output: Path | None, *, full: bool, seed: int, workers: int) -> int:
    """FINE if every set-up lies where it has to, else PROBLEMS. Raises Refused where numpy is missing."""
    from engine.experiments.selftest import FULL, QUICK, SETUPS, selftest
    from engine.experiments.statistics.recursion import LibraryMissing

    if form == "html":
        raise Refused("the self-test makes no page", "--format text, json or csv")
    count = FULL if full else QUICK
    shown = sys.stderr.isatty()
    try:
        with click.progressbar(
            length=count * len(SETUPS), label="made experiments", file=sys.stderr, hidden=not shown
        ) as bar:
            results = selftest(list(SETUPS), count, seed, workers, bar.update)
            stored = _in_databases(list(SETUPS), seed, _STORED_FULL if full else _STORED)
    except LibraryMissing as error:
        raise Refused(error.message, error.hint) from None
    give(desk, _rendered(results, stored, form), output)
    return FINE if stored.alike == stored.experiments and all(one.passed for one in results) else PROBLEMS


def _in_databases(setups: Sequence[str], seed: int, count: int) -> Stored:
    """The first experiments again, through imports and ticks in database files of their own."""
    from engine.scenarios.made_experiment import agrees

    alike = sum(agrees(setups[number % len(setups)], seed, number) for number in range(count))
    return Stored(experiments=count, alike=alike)


def _rendered(results: Sequence[SelfTestResult], stored: Stored, form: str) -> str:
    if form == "json":
        return as_json({"setups": [_record(one) for one in results], "in_databases": asdict(stored)})
    if form == "csv":
        return csv_text([_record(one) for one in results]).removesuffix("\n")
    return _text(results, stored)


def _record(one: SelfTestResult) -> dict[str, Any]:
    return {key: round(found, 12) if isinstance(found, float) else found for key, found in asdict(one).items()}


def _wanted(one: SelfTestResult) -> str:
    low, high = one.wanted_low, one.wanted_high
    span = f"under {percent(high)}" if low <= 0 else percent_range(low, high)
    return f"(wanted: {span}; ok where the range reaches it)"


def _text(results: Sequence[SelfTestResult], stored: Stored) -> str:
    first = results[0]
    lines = [f"{first.count:,} made experiments of each kind, seed {first.seed}.", ""]
    for one in results:
        sign = "ok    " if one.passed else "WRONG "
        words = f"{one.words} {_wanted(one)}"
        lines += wrap(words, _WIDTH, initial_indent=sign, subsequent_indent=" " * len(sign))
    sign = "ok    " if stored.alike == stored.experiments else "WRONG "
    words = (
        f"{stored.alike:,} of {stored.experiments:,} experiments that were imported into a database and drawn by ticks "
        "came to the same verdict as in memory."
    )
    lines += wrap(words, _WIDTH, initial_indent=sign, subsequent_indent=" " * len(sign))
    failed = [one.setup for one in results if not one.passed]
    failed += ["in databases"] if stored.alike < stored.experiments else []
    lines += ["", f"Not as it should be: {', '.join(failed)}." if failed else "All as it should be."]
    return "\n".join(lines)
