"""`playbook test`: play the scenarios of the workspace. Opens no database and writes nothing but what it is told."""

from __future__ import annotations

import random
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from engine.authoring.report import render
from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.console.tables import as_json
from engine.console.verdicts import coverage_record, coverage_text, failure_text, played_record, whole_percent
from engine.core.plural import count
from engine.core.problem import Problem
from engine.runner.lookup import listed_names, nearest
from engine.scenarios import paces, reading
from engine.scenarios.bench import Bench
from engine.scenarios.coverage import Coverage, coverage
from engine.scenarios.junit import junit
from engine.scenarios.model import Played, Scenario, ScenarioFile
from engine.scenarios.running import run, schedules


@dataclass(frozen=True, kw_only=True, slots=True)
class _Results:
    """`files` are those looked at; `covered` is empty unless it was asked for."""

    files: Sequence[ScenarioFile]
    played: Sequence[Played]
    covered: Sequence[Coverage]
    seed: int

    @property
    def problems(self) -> list[Problem]:
        return [problem for file in self.files for problem in file.problems]

    @property
    def failed(self) -> list[Played]:
        return [one for one in self.played if one.failure is not None]


@click.command(epilog="Example: playbook test silent-prospect-letter    playbook test --coverage --junit report.xml")
@click.argument("what", nargs=-1)
@click.option("-k", "word", default="", help="Only scenarios whose name has this in it.")
@click.option(
    "--coverage", "covering", is_flag=True, help="Say what no scenario reached: states, transitions, outcomes."
)
@click.option("--fail-under", type=click.IntRange(0, 100), help="Exit code 1 below this coverage of any playbook.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write JUnit XML.")
@click.option("--schedule", "wanted", multiple=True, type=click.Choice(paces.PACES),
              help="Only with these tick schedules (default: all that fit late_grace).")  # fmt: skip
@click.option("--seed", type=int, help="Of the random schedule; a failure says which it was.")
@click.pass_obj
def test(desk: Desk, what: tuple[str, ...], word: str, covering: bool, fail_under: int | None, form: str,
         junit_file: Path | None, wanted: tuple[str, ...], seed: int | None) -> int:  # fmt: skip
    """Play the scenarios in playbooks/scenarios/ and say which do not hold.

    WHAT is a playbook's name or a scenario file; without it all are played. Each scenario is played with the code of
    `tick` on a clock and in a database of its own, under several tick schedules, which must agree.
    """
    desk.go_by_files()
    files = _files(desk, what)
    chosen = [(file, one) for file in files for one in file.scenarios if _is_meant(desk, file, one, what, word)]
    if what or word:
        _refuse_nothing(desk, files, chosen, what, word)
    drawn = random.randrange(1, 1_000_000) if seed is None else seed
    played = _play(desk, chosen, wanted, drawn)
    covered = _covered(desk, played, what) if covering or fail_under is not None else []
    results = _Results(files=files, played=played, covered=covered, seed=drawn)
    _show(desk, results, form, junit_file)
    return _code(results, fail_under)


# --- which ----------------------------------------------------------------------------------------------------------


def _files(desk: Desk, what: Sequence[str]) -> list[ScenarioFile]:
    """The files named, and all files if a playbook is named or nothing is."""
    named = [text for text in what if _is_file(text)]
    known = reading.paths(desk.folder)
    every = known if len(named) < len(what) or not what else []
    paths = [_path(desk, text) for text in named]
    read = reading.read_scenarios(desk.workspace, list(dict.fromkeys([*every, *paths])))
    names = {text for text in what if not _is_file(text)}
    return [file for file in read if not what or file.path in paths or _is_about(file, names)]


def _is_about(file: ScenarioFile, names: Collection[str]) -> bool:
    """Whether it has scenarios of a playbook of `names`; one that cannot be read tells by its own name."""
    own = {one.playbook for one in (*file.scenarios, *file.refused)} or {Path(file.path).stem}
    return not own.isdisjoint(names)


def _is_file(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) or "/" in text


def _path(desk: Desk, text: str) -> str:
    """As messages name it: from the workspace's folder if it lies there."""
    for path in (Path(text), desk.folder / text):
        if path.is_file():
            full, folder = path.resolve(), desk.folder.resolve()
            return full.relative_to(folder).as_posix() if full.is_relative_to(folder) else str(full)
    raise Refused(f"there is no file {text!r}", f"scenarios stand in {reading.FOLDER}/")


def _is_meant(desk: Desk, file: ScenarioFile, one: Scenario, what: Sequence[str], word: str) -> bool:
    if word.lower() not in one.name.lower():
        return False
    named = any(_path(desk, text) == file.path for text in what if _is_file(text))
    return not what or one.playbook in what or named


def _refuse_nothing(
    desk: Desk, files: Sequence[ScenarioFile], chosen: Sequence[tuple[ScenarioFile, Scenario]], what: Sequence[str],
    word: str,
) -> None:  # fmt: skip
    """A misspelt name must not look like success."""
    for name in what:
        if _is_file(name) or any(_is_about(file, {name}) for file in files):
            continue
        known = desk.workspace.playbooks
        if name in known:
            raise Refused(f"{name} has no scenario yet", f"write one in {reading.FOLDER}/{name}.yaml")
        raise Refused(f"there is no playbook {name!r}", nearest(name, known) or listed_names(known))
    if word and not chosen:
        raise Refused(f"no scenario has {word!r} in its name", "`-k` takes a part of a name")


# --- playing --------------------------------------------------------------------------------------------------------


def _play(
    desk: Desk, chosen: Sequence[tuple[ScenarioFile, Scenario]], wanted: Sequence[str], seed: int
) -> list[Played]:
    benches = {name: Bench.of(desk.workspace, name) for name in {scenario.playbook for _, scenario in chosen}}
    played: list[Played] = []
    for file, scenario in chosen:
        _progress(f"{len(played):,} of {len(chosen):,} scenarios")
        bench = benches[scenario.playbook]
        paced = schedules(bench, wanted)
        if not paced:
            raise Refused("no such schedule fits late_grace in playbook.toml", "leave out --schedule")
        played.append(run(file, scenario, bench, paced, seed))
    _progress("")
    return played


def _progress(told: str) -> None:
    """One line that overwrites itself, for people who wait; nothing where the output goes to a file."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{told}", err=True, nl=False)


def _covered(desk: Desk, played: Sequence[Played], what: Sequence[str]) -> list[Coverage]:
    names = {one.scenario.playbook for one in played}
    return coverage(desk.workspace, played, names if what else desk.workspace.playbooks)


# --- telling --------------------------------------------------------------------------------------------------------


def _show(desk: Desk, results: _Results, form: str, junit_file: Path | None) -> None:
    xml = junit(results.files, results.played, lambda one: failure_text(desk, one))
    if junit_file is not None:
        _write(junit_file, xml)
    if form == "junit":
        click.echo(xml, nl=False)
    elif form == "json":
        click.echo(as_json(_record(desk, results)))
    else:
        _show_text(desk, results)
    desk.say(_summary(results))


def _write(path: Path, xml: str) -> None:
    try:
        path.write_text(xml, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}", "choose another place") from None


def _show_text(desk: Desk, results: _Results) -> None:
    if results.problems:
        click.echo(render(results.problems, colour=desk.colour) + "\n")
    for one in results.failed:
        click.echo(failure_text(desk, one) + "\n")
    if results.covered:
        click.echo(coverage_text(results.covered))


def _summary(results: _Results) -> str:
    failed, played = len(results.failed), len(results.played)
    if not played and not results.problems:
        return f"there are no scenarios yet: they stand in {reading.FOLDER}/"
    seconds = sum(one.seconds for one in results.played)
    hold = f"{played - failed:,} hold" if failed else "all hold" if played else "none played"
    parts = [count(played, "scenario"), hold]
    if failed:
        parts.append(f"{failed:,} do not")
    refused = sum(len(file.refused) for file in results.files)
    if refused:
        parts.append(f"{refused:,} not played because of problems")
    return f"{', '.join(parts)} ({seconds:.1f} s, seed {results.seed})"


def _record(desk: Desk, results: _Results) -> dict[str, object]:
    return {
        "passed": len(results.played) - len(results.failed), "failed": len(results.failed), "seed": results.seed,
        "problems": [
            {"file": one.location.file, "line": one.location.line, "column": one.location.column, "level": one.level,
             "rule": one.rule, "message": one.message, "hint": one.hint}
            for one in results.problems
        ],
        "scenarios": [played_record(desk, one) for one in results.played],
        "coverage": [coverage_record(one) for one in results.covered],
    }  # fmt: skip


def _code(results: _Results, fail_under: int | None) -> int:
    refused = any(file.refused for file in results.files)
    broken = refused or any(problem.level == "error" for problem in results.problems)
    low = fail_under is not None and any(whole_percent(one) < fail_under for one in results.covered)
    return PROBLEMS if broken or low or results.failed else FINE


COMMANDS = {"test": test}
