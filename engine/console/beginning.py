"""`playbook init` and `playbook demo`: a workspace from the starters, and the whole job on sample data."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import click

from engine.console import COMMANDS as ROOMS
from engine.console.checking import copy_schemas
from engine.console.desk import DATABASE, FINE, SETTINGS, Desk, Refused
from engine.core.zones import local_date, zone
from engine.data_dir import data_dir, starter_settings

# The database, and what is customers' data: exports and lists beside playbook.toml are nobody's business in git.
_IGNORED = "*.db\n*.db-journal\n*.db-wal\n*.db-shm\n*.lock\n*.rejects.csv\n/*.csv\n/*.xlsx\n/exports/\n/reports/\n"
_DEMO_MARK = ".playbook-demo"
_DEAL = "D-1006"  # of noor; the four-week check-in follows it
_RELATIVE = re.compile(r"\{\{([+-]\d+)d\}\}")


@click.command(epilog="Example: playbook init followups && cd followups && playbook validate")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--sandbox", is_flag=True, help="A workspace to try things in: it runs on the time you give with --now.")
@click.pass_obj
def init(desk: Desk, folder: Path, sandbox: bool) -> int:
    """Make a workspace: starter playbooks, their library, schemas, settings, and the database."""
    make_workspace(folder, sandbox)
    click.echo(f"workspace {folder.absolute()} is ready")
    click.echo("next: playbook validate; playbook import YOUR-EXPORT.csv; playbook tick --dry-run")
    return FINE


def make_workspace(folder: Path, sandbox: bool) -> None:
    """Write the starters into `folder`. Nothing that is there already is overwritten."""
    from engine.store.sqlite import create

    if (folder / SETTINGS).exists() and (folder / DATABASE).exists():
        raise Refused(f"{folder.absolute()} is a workspace already", "nothing was changed")
    for parent in (folder.absolute(), *folder.absolute().parents):
        if parent.name == "playbooks" and (parent.parent / SETTINGS).exists():
            raise Refused(f"{folder} is inside the workspace {parent.parent}", "make the new one beside it")
    if (folder / "playbooks").exists() and not (folder / SETTINGS).exists():
        raise Refused(f"{folder / 'playbooks'} is there already", "choose an empty folder")
    try:
        _copy_starters(folder)
        store = create(folder / DATABASE)
    except OSError as error:
        raise Refused(f"{folder.absolute()} cannot be written: {error.strerror}") from None
    with store.transaction():
        store.put_meta("sandbox", "1" if sandbox else "0")
    store.close()


def _copy_starters(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "playbooks").exists():
        shutil.copytree(data_dir("playbooks"), folder / "playbooks")
    if not (folder / SETTINGS).exists():
        shutil.copyfile(starter_settings(), folder / SETTINGS)
    copy_schemas(folder)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORED, encoding="utf-8")


# --- the demo -------------------------------------------------------------------------------------------------------


@click.command(epilog="Example: playbook demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.pass_obj
def demo(desk: Desk, folder: Path) -> int:
    """Two days with sample data: import, ticks, what is due, why, and what one answer leads to.

    Every line is a command that you can type yourself. Made anew each time, in a folder of its own.
    """
    _clear(folder)
    make_workspace(folder, sandbox=True)
    (folder / _DEMO_MARK).touch()
    first, second = _two_business_days(folder)
    _write_sample(folder, first)
    _first_day(folder, f"{first}T09:00")
    _second_day(folder, f"{second}T12:00")
    click.echo(_next_steps(folder))
    return FINE


def _two_business_days(folder: Path) -> tuple[date, date]:
    """The last two days running on which the office of the sample is open, up to today."""
    world = Desk(folder=folder).world
    calendar = world.calendar_named(None)
    day = local_date(int(time.time()), zone(world.zone))
    for _ in range(30):
        before = day - timedelta(days=1)
        if calendar.is_business_day(before) and calendar.is_business_day(day):
            return before, day
        day = before
    raise Refused("the office of the starters is never open two days running", "look at library/calendars.yaml")


def _first_day(folder: Path, morning: str) -> None:
    _tell("Day one. The CRM's export comes in; the first tick starts a playbook for every loss that one takes.")
    export, mapping = (shlex.quote(str(folder / name)) for name in ("lost-deals.csv", "mapping.yaml"))
    _show(folder, f"import {export} --mapping {mapping} --now {morning}")
    _show(folder, f"tick --now {morning}", lines=6)
    _show(folder, "due --assignee noor")


def _second_day(folder: Path, noon: str) -> None:
    _tell("A business day later. For some the time to step back is over: now there are calls to make.")
    _show(folder, f"tick --now {noon}", lines=6)
    _show(folder, "due --assignee noor")
    short = _open_call(folder)
    _show(folder, f"due {short}")
    _tell("Where does that come from, and what can come of it?")
    _show(folder, f"why {_DEAL}")
    _tell("They said yes. It is recorded; the next tick acts on it.")
    _show(folder, f"done {short} granted --note 'prefers e-mail' --by noor")
    _show(folder, "tick")
    _show(folder, f"show {_DEAL}", from_line=f"  {noon.replace('T', ' ')}")


def _open_call(folder: Path) -> str:
    """The beginning of the id of the call that is due for the deal of the story."""
    from engine.runner.listing import Wanted, due

    desk = Desk(folder=folder)
    return due(desk.store, desk.clock(), Wanted(deal=_DEAL)).actions[0].short


def _clear(folder: Path) -> None:
    """Remove an earlier demo; anything else is left alone."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / _DEMO_MARK).exists():
        raise Refused(f"{folder} is not empty and no demo of ours", "name another folder: playbook demo FOLDER")
    shutil.rmtree(folder)


def _write_sample(folder: Path, today: date) -> None:
    """The sample export with its dates counted from `today`: {{-12d}} is twelve days ago."""
    source = data_dir("examples")
    text = (source / "lost-deals.csv").read_text(encoding="utf-8")
    dated = _RELATIVE.sub(lambda found: (today + timedelta(days=int(found[1]))).isoformat(), text)
    (folder / "lost-deals.csv").write_text(dated, encoding="utf-8")
    mapping = (source / "mapping.yaml").read_text(encoding="utf-8").replace("$schema=../schemas/", "$schema=schemas/")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")


def _tell(text: str) -> None:
    click.secho(f"\n--- {text}", bold=True)


def _show(folder: Path, line: str, lines: int = 0, from_line: str = "") -> None:
    """Run one command as a user would, after printing it; a long list is cut after `lines` lines.

    `from_line`: what stands before the line that begins so is left out.
    """
    click.secho(f"\n$ playbook --workspace {shlex.quote(str(folder))} {line}", bold=True)
    name, *arguments = shlex.split(line)
    command: click.Command = import_module(f"engine.console.{ROOMS[name]}").COMMANDS[name]
    said = _Said()
    with (
        redirect_stdout(said),
        redirect_stderr(said),
        command.make_context(name, arguments, obj=Desk(folder=folder)) as context,
    ):
        command.invoke(context)
    told = [one.rpartition("\r")[2] for one in said.getvalue().rstrip("\n").split("\n")]  # without what it wiped
    click.echo("\n".join(_shortened(told, lines, from_line)))


class _Said(io.StringIO):
    """What a command says, laid out as on the terminal that will show it."""

    def isatty(self) -> bool:
        return sys.__stdout__ is not None and sys.__stdout__.isatty()


def _shortened(said: list[str], lines: int, from_line: str) -> list[str]:
    if from_line:
        start = next((at for at, line in enumerate(said) if line.startswith(from_line)), 0)
        return ["…", *said[start:]] if start else said
    if not lines or len(said) <= lines + 2:
        return said
    return [*said[:lines], f"… and {len(said) - lines - 1} more", said[-1]]


def _next_steps(folder: Path) -> str:
    base = f"playbook --workspace {shlex.quote(str(folder))}"
    return f"""
What to try next (or: cd {folder}, and leave --workspace out; the sandbox keeps the time you give it):
  {base} due                       what everybody has to do
  {base} due --sheet               all call sheets: what to say, what not to say
  {base} status                    how things stand
  {base} tick --now {{a later day}}  let time pass
  edit {folder}/playbooks/four-week-check-in.yaml, then: {base} validate
Your own deals: playbook init followups; cd followups; playbook import YOUR-EXPORT.csv --preset hubspot"""


COMMANDS = {"init": init, "demo": demo}
