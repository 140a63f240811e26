"""Options that several commands share, and what they mean."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any, TypeVar

import click

from engine.console.desk import Desk, Refused
from engine.console.tables import FORMATS
from engine.core.durations import Instant
from engine.runner.lookup import listed_names, nearest
from engine.runner.payload import NotRecordable, people_called
from engine.runner.recording import Recording

Command = TypeVar("Command", bound=Callable[..., Any])


def by_option(command: Command) -> Command:
    text = "Who says so (default: PLAYBOOK_USER, else the login name)."
    return click.option("--by", envvar="PLAYBOOK_USER", help=text)(command)


def now_option(command: Command) -> Command:
    return click.option("--now", help="The time of a sandbox: 2026-03-02T10:00.")(command)


def format_option(command: Command) -> Command:
    kinds = click.Choice(FORMATS)
    return click.option("--format", "form", type=kinds, default="text", show_default=True, help="How to list.")(command)


def at_option(command: Command) -> Command:
    return click.option("--at", help="When it happened, if not now: 2026-03-02 or 2026-03-02T10:00.")(command)


def person(by: str | None) -> str:
    """The person at the keyboard."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        raise Refused("who are you?", "say --by, or set PLAYBOOK_USER") from None


def recording(desk: Desk, by: str | None, now: str | None) -> Recording:
    """Where this command's words are checked and recorded: at its instant, never before the last tick."""
    desk.now_text = now or desk.now_text
    return Recording(store=desk.store, world=desk.world, shelf=desk.shelf, now=desk.instant_now(), by=person(by))


def looking_at(desk: Desk, now: str | None) -> Instant:
    """The instant as of which a list is made: in a sandbox the last tick's, unless --now says another."""
    desk.now_text = now or desk.now_text
    return desk.clock(dry_run=True)


def who(desk: Desk, said: str | None) -> str | None:
    """The id of the person whom a filter names by id, name or mail address; as it was said, if the roster has nobody.

    Raises Refused where it may mean several.
    """
    found = people_called(said, desk.world.roster) if said else []
    if len(found) > 1:
        raise Refused(f"{said!r} may be {' or '.join(found)}", "write the id")
    return found[0] if found else said


def refuse_unknown(desk: Desk, team: str | None, *people: str | None) -> None:
    """Where a list for somebody is empty: is the name mistyped? Raises Refused if the roster has no such name."""
    roster = desk.world.roster
    for name, known in ((team, roster.teams), *((person, roster.people) for person in people)):
        if name and name not in known:
            near = nearest(name.lower(), known) or listed_names(known)
            raise Refused(f"nothing for {name!r}, and it is not in roster.yaml", near)


def refused(error: NotRecordable) -> Refused:
    return Refused(error.message, error.hint)
