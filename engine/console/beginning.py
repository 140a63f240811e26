"""`playbook init` and `playbook demo`: a workspace from the starters, and the whole job on sample data."""

from __future__ import annotations

import re
import shutil
import time
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import click

from engine.console import COMMANDS as ROOMS
from engine.console.checking import copy_schemas
from engine.console.desk import DATABASE, FINE, SETTINGS, Desk, Refused
from engine.core.zones import local_date, zone
from engine.data_dir import data_dir, starter_settings

_IGNORED = "*.db\n*.db-journal\n*.db-wal\n*.db-shm\n*.lock\n*.rejects.csv\n"
_DEMO_MARK = ".playbook-demo"
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
    """The main job on sample data: a sandbox, an import, one tick, what is due.

    Made anew each time, in a folder of its own.
    """
    _clear(folder)
    make_workspace(folder, sandbox=True)
    (folder / _DEMO_MARK).touch()
    _write_sample(folder, local_date(int(time.time()), zone("America/New_York")))
    for arguments in (
        ["import", str(folder / "lost-deals.csv"), "--mapping", str(folder / "mapping.yaml")],
        ["tick"],
        ["due"],
    ):
        _show(folder, arguments)
    click.echo(_next_steps(folder))
    return FINE


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


def _show(folder: Path, arguments: list[str]) -> None:
    """Run one command as a user would, after printing it."""
    click.secho(f"\n$ playbook --workspace {folder} {' '.join(arguments)}", bold=True)
    command: click.Command = import_module(f"engine.console.{ROOMS[arguments[0]]}").COMMANDS[arguments[0]]
    with command.make_context(arguments[0], arguments[1:], obj=Desk(folder=folder)) as context:
        command.invoke(context)


def _next_steps(folder: Path) -> str:
    base = f"playbook --workspace {folder}"
    return f"""
What to try next (the sandbox keeps the time you give it):
  {base} due --sheet              the call sheets: what to say, what not to say
  {base} why D-1001               why something is due, or not, and what comes next
  {base} show D-1001              a deal's whole story
  {base} tick --now {{a later day}}   let time pass
  edit {folder}/playbooks/four-week-check-in.yaml, then: {base} validate
`playbook` is in .venv/bin. Your own export: playbook init followups, then playbook import."""


COMMANDS = {"init": init, "demo": demo}
