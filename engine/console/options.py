"""Options that several commands share, and what they mean."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from engine.console.desk import Desk, Refused
from engine.console.tables import FORMATS, clean
from engine.core.durations import Instant
from engine.core.unfit import Unfit
from engine.runner.lookup import listed_names, nearest
from engine.runner.payload import people_called
from engine.runner.recording import Prepared, Recording

Command = TypeVar("Command", bound=Callable[..., Any])
RECORDED_BEFORE = "that was recorded before (same key): nothing changed"


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


@contextmanager
def writing(desk: Desk, by: str | None, now: str | None) -> Iterator[Recording]:
    """One transaction in which things are looked up and recorded; what cannot be recorded changes nothing."""
    told = recording(desk, by, now)
    with refusing(), desk.store.transaction():
        yield told


@contextmanager
def refusing() -> Iterator[None]:
    """What cannot be found, recorded or ordered is the refusal of the command."""
    try:
        yield
    except Unfit as error:
        raise Refused(error.message, error.hint) from None


def say_notices(desk: Desk, prepared: Sequence[Prepared]) -> None:
    for one in prepared:
        for notice in one.notices:
            desk.say(f"note: {clean(notice)}")


def say_recorded(desk: Desk, prepared: Sequence[Prepared], what: str, *, known: bool) -> None:
    """`what` was recorded; or nothing, because its key was `known`."""
    say_notices(desk, prepared)
    if known:
        desk.say(RECORDED_BEFORE)
    else:
        kept = all(one.unheard for one in prepared)
        desk.say(clean(what if kept else f"{what}; the next tick acts on it"))


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
