"""`playbook`: argv -> engine -> print -> exit code. The commands live in `engine/console`; no rule lives here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from engine.console import COMMANDS
from engine.console.desk import BUG, BUSY, FINE, STORAGE, USAGE, Desk

_ORDER = [
    ("Set up", ("init", "demo", "import", "status")),
    ("Author", ("validate", "test", "preview", "simulate", "schema", "diff")),
    (
        "Every day",
        ("tick", "due", "done", "answer", "skip", "defer", "reassign", "record", "consent", "suppress", "undo"),
    ),
    ("Experiment", ("experiment", "compare")),
    ("Look", ("show", "why", "deals", "report")),
    ("Steer", ("enrol", "excuse", "pause", "release", "end", "retry")),
]


class Playbook(click.Group):
    """The commands, loaded one at a time: a tick never imports what only `import` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for _, names in _ORDER for name in names if name in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"engine.console.{COMMANDS[cmd_name]}").COMMANDS[cmd_name]
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from engine.authoring.spelling import nearest

            ctx.fail(f"there is no command {args[0]!r}{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in _ORDER:
            rows = [(name, self._help(ctx, name)) for name in names if name in COMMANDS]
            with formatter.section(title):
                formatter.write_dl(rows)

    def _help(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(120) if command else ""


@click.command(cls=Playbook, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "PLAYBOOK"})
@click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The folder with playbook.toml.",
)
@click.option("--database", help="The database, over that of playbook.toml.")
@click.version_option(package_name="lost-deal-playbook", prog_name="playbook")
@click.pass_context
def playbook(ctx: click.Context, workspace: Path, database: str | None) -> None:
    """Follow up lost deals by playbooks that run by themselves.

    Author strategies in YAML, import your CRM export, let cron run `playbook tick`.
    """  # fmt: skip
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = Desk(folder=workspace, database=database)


def main() -> None:
    """Run, and turn every error into one clear message and its exit code."""
    from engine.console.streams import legible

    sys.stdout, sys.stderr = legible(sys.stdout), legible(sys.stderr)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """One command; returns its exit code (docs/operating.md lists them)."""
    from engine.runner.clock import ClockError
    from engine.store.errors import Busy, NotFound, StoreError

    try:
        return int(playbook.main(arguments, prog_name="playbook", standalone_mode=False) or FINE)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("playbook: stopped", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (NotFound, ClockError, StoreError) as error:
        code = BUSY if isinstance(error, Busy) else USAGE if isinstance(error, NotFound) else STORAGE
        return _told(error, code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nothing to say to nobody
        return FINE
    except Exception as error:
        return _bug(error, arguments)


def _told(error: Any, code: int) -> int:
    click.echo(f"playbook: {error.message}", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
    return code


def _bug(error: Exception, arguments: list[str]) -> int:
    """Our mistake: write the traceback to a log that can be sent to us."""
    if os.environ.get("PLAYBOOK_TRACEBACK"):
        raise error
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="playbook-bug-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"playbook {' '.join(arguments)}\n\n{traceback.format_exc()}")
    click.echo(f"playbook: this is a mistake of ours: {type(error).__name__}: {error}", err=True)
    click.echo(f"  nothing half-done was kept; please send us {log.name}", err=True)
    return BUG


if __name__ == "__main__":
    main()
