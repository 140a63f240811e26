"""`playbook preview`: what comes for one deal if nothing happens, and on each branch. Nothing is written."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from engine.console.desk import FINE, Desk, Refused

if TYPE_CHECKING:
    from engine.core.account import Account, Deal, PastEnrolment
    from engine.core.advance import Revisions
    from engine.core.durations import Instant
    from engine.core.model import Playbook
    from engine.core.preview.model import Preview
    from engine.core.world import World
    from engine.scenarios.bench import Bench

RELEASE = "command.release"  # what ends a pause that a person ordered
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """The deal that is played. `running`: the id of its enrolment; "" if it is played as if it began now.

    `standing` is the state of each track at the start, `about` the lines above the preview.
    """

    world: World
    revisions: Revisions
    revision: str
    account: Account
    deal: Deal
    now: Instant
    about: Sequence[str]
    running: str = ""
    paused: str = ""  # until which event
    titles: Mapping[str, str] = field(default_factory=dict)  # of what is handed out, by the id of the action
    number: int = 1  # how often the playbook will have followed the deal then
    standing: Mapping[str, str] = field(default_factory=dict)

    @property
    def playbook(self) -> Playbook:
        return self.revisions[self.revision].revision.playbook

    def play(self, weeks: int, depth: int) -> Preview:
        from engine.core.preview.previewing import preview_of_new, preview_of_running
        from engine.core.preview.sample import candidate_of

        if self.running:
            return preview_of_running(
                self.world, self.revisions, self.account, self.running, self.now, titles=self.titles, weeks=weeks,
                depth=depth,
            )  # fmt: skip
        candidate = candidate_of(self.playbook, self.account, self.deal, self.number)
        return preview_of_new(
            self.world, self.revisions, self.revision, self.account, candidate, self.now, weeks=weeks, depth=depth
        )


@click.command(
    epilog="Examples: playbook preview four-week-check-in    playbook preview four-week-check-in --deal D-1042    "
    "playbook preview loss-review --format mermaid > loss-review.mmd",
)  # fmt: skip
@click.argument("playbook")
@click.option("--deal", "deal_id", default="", help="A deal of the database, as it stands (default: a sample deal).")
@click.option("--from", "from_text", help="Begin at this time: 2026-03-02 or 2026-03-02T10:00 (default: today).")
@click.option("--weeks", type=click.IntRange(1, 520), default=52, show_default=True, help="How far to show and count.")
@click.option("--depth", type=click.IntRange(0, 6), default=2, show_default=True, help="How many events in a row.")
@click.option("--calendar", "charted", is_flag=True, help="With --format mermaid: the calendar as a Gantt chart.")
@click.option("--format", "form", type=click.Choice(["text", "mermaid", "json"]), default="text", show_default=True)
@click.pass_obj
def preview(desk: Desk, playbook: str, deal_id: str, from_text: str | None, weeks: int, depth: int, charted: bool,
            form: str) -> int:  # fmt: skip
    """The calendar of one deal if nothing happens, and what each event would lead to.

    Nobody is contacted and nothing is written. Without --deal a sample deal is made that the playbook would take, and
    no database is needed.
    """
    if charted and form != "mermaid":
        raise Refused("--calendar draws a chart", "write it with --format mermaid")
    subject = _real(desk, playbook, deal_id, from_text) if deal_id else _sample(desk, playbook, from_text)
    if form == "mermaid" and not charted:
        from engine.core.preview.mermaid import state_diagram

        click.echo(state_diagram(subject.playbook), nl=False)
        return FINE
    _show(desk, subject, _played(desk, subject, weeks, depth), form)
    return FINE


def _played(desk: Desk, subject: _Subject, weeks: int, depth: int) -> Preview:
    from engine.core.preview.model import Stuck

    try:
        return subject.play(weeks, depth)
    except Stuck as stuck:
        raise Refused(
            f"{subject.playbook.name} cannot be played beyond {desk.local(stuck.at)}: {stuck.message}",
            "a tick would set the deal aside there; `playbook validate` may say more",
        ) from None


# --- a sample deal --------------------------------------------------------------------------------------------------


def _sample(desk: Desk, name: str, from_text: str | None) -> _Subject:
    from engine.core.preview.sample import DEAL, sample

    desk.go_by_files()
    bench = _bench(desk, name)
    now = _start(desk, from_text, bench.playbook.calendar)
    made = sample(bench.world, bench.playbook, now)
    deal = made.account.deals[DEAL]
    revision = _revision(bench, deal)
    about = [f"{bench.playbook.title} ({name})", f"A sample deal: {_told(made.account, deal)}"]
    if made.refused:
        about.append(
            f"It is played as if a person had enrolled it: by itself the playbook does not take it ({made.refused})"
        )
    return _Subject(
        world=bench.world, revisions=bench.shelf, revision=revision, account=made.account, deal=deal, now=now,
        about=about, standing=_initial(bench.shelf[revision].revision.playbook),
    )  # fmt: skip


def _bench(desk: Desk, name: str) -> Bench:
    from engine.runner.lookup import listed_names, nearest
    from engine.scenarios.bench import Bench

    known = desk.workspace.playbooks
    if name in known:
        return Bench.of(desk.workspace, name)
    if (desk.folder / "playbooks" / f"{name}.yaml").is_file():
        raise Refused(
            f"the playbook {name!r} has errors", "`playbook validate` tells which; mend them, then look again"
        )
    raise Refused(f"there is no playbook {name!r}", nearest(name, known) or listed_names(known))


def _start(desk: Desk, text: str | None, calendar: str | None) -> Instant:
    """A day means its opening minute, as everywhere in a playbook; no text means today."""
    from engine.core.dates import DateError, moment
    from engine.core.zones import zone
    from engine.runner.said_dates import as_written

    written = as_written(text) if text is not None else desk.local(int(time.time()), "%Y-%m-%d")
    if text is not None and not _DAY.fullmatch(written):
        return desk.instant(text)
    try:
        return moment(written, None, 1, zone(desk.zone), desk.world.calendar_named(calendar))
    except DateError as error:
        raise Refused(error.message, error.hint) from None


def _revision(bench: Bench, deal: Deal) -> str:
    """Of the deal's team, if the playbook has values of its own for it."""
    from engine.core.assigning import team_of

    offers = {offer.team: offer.revision.hash for offer in bench.offers}
    return offers.get(team_of(bench.world, deal), offers[""])


def _initial(playbook: Playbook) -> dict[str, str]:
    return {track.name: track.initial for track in playbook.tracks.values()}


def _told(account: Account, deal: Deal) -> str:
    """What is known of a deal, in one line."""
    from engine.core.rendering import shown

    left_out = ("name", "zone")
    fields = [f"{name} {shown(value)}" for name, value in deal.fields.items() if name not in left_out]
    fields += [f"account.{name} {shown(value)}" for name, value in account.fields.items()]
    roles = [f"{role or 'contact'}: {account.contacts[who].fields.get('name', who)}"
             for who, role in deal.contacts if who in account.contacts]  # fmt: skip
    return "; ".join([", ".join(fields), *([", ".join(roles)] if roles else [])])


# --- a deal of the database -----------------------------------------------------------------------------------------


def _real(desk: Desk, name: str, deal_id: str, from_text: str | None) -> _Subject:
    now = _instant_of_real(desk, from_text)
    deal = desk.store.deal(deal_id).deal
    account = desk.store.load_accounts([deal.account], now, {"touches", "log"}, [(deal.account, deal.id)])[0]
    here = account.deals[deal.id]
    running = next((one for one in account.enrolments.values() if (one.deal, one.playbook) == (deal.id, name)), None)
    title = f"{here.id}  {here.fields.get('name', '')}".rstrip()
    if running is not None:
        if from_text is not None:
            raise Refused(f"{here.id} is in {name} already, and goes on from where it stands", "leave --from out")
        playbook = desk.shelf.revision(running.revision).playbook
        about = [f"{playbook.title} ({name})", f"{title}: enrolled since {desk.local(running.enrolled_at)}"]
        return _Subject(
            world=desk.world, revisions=desk.shelf, revision=running.revision, account=account, deal=here, now=now,
            about=about, running=running.id, paused=(running.paused.until or RELEASE) if running.paused else "",
            standing={one.track: one.state for one in running.positions if not one.finished},
            titles={row.id: row.title for row in desk.store.open_actions(deal=here.id)},
        )  # fmt: skip
    bench = _bench(desk, name)
    revision = _revision(bench, here)
    about = [f"{bench.playbook.title} ({name})", f"{title}: as if it were enrolled on {desk.local(now)}"]
    past = [one for one in desk.store.past_enrolments([account.id]) if one.deal == here.id]
    return _Subject(
        world=desk.world, revisions=_Both(bench.shelf, desk.shelf), revision=revision, account=account, deal=here,
        now=now, about=[*about, *_hindrance(desk, bench, account, here, past, now)],
        number=1 + sum(1 for one in past if one.playbook == name),
        standing=_initial(bench.shelf[revision].revision.playbook),
    )  # fmt: skip


def _instant_of_real(desk: Desk, text: str | None) -> Instant:
    """Now, or --from; never before what has happened already."""
    from engine.runner.clock import latest

    last = latest(desk.store, sandbox=desk.sandbox)
    if text is None:
        return max(desk.clock(dry_run=True), last or 0)
    at = _start(desk, text, None)
    if last is not None and at < last:
        message = f"the last tick was on {desk.local(last)}: before that there is nothing to look ahead to"
        raise Refused(message, "give a later --from, or none")
    return at


def _hindrance(
    desk: Desk, bench: Bench, account: Account, deal: Deal, past: Sequence[PastEnrolment], now: Instant
) -> list[str]:
    """Why the playbook does not take the deal by itself."""
    from engine.core.enrolling import examine

    world = replace(desk.world, playbooks=(bench.playbook.name,))
    playbook = bench.shelf[_revision(bench, deal)].revision.playbook
    [verdict] = examine(world, {playbook.name: playbook}, account, deal, past, now)
    return [] if verdict.takes else [f"By itself the playbook does not take it: {verdict.why}"]


class _Both(dict[str, Any]):
    """The revisions of the workspace, and those that deals of the account are in."""

    def __init__(self, offered: Mapping[str, Any], pinned: Mapping[str, Any]) -> None:
        super().__init__()
        self._shelves = (offered, pinned)

    def __missing__(self, key: str) -> Any:
        offered, pinned = self._shelves
        found = self[key] = offered[key] if key in set(offered) else pinned[key]
        return found


# --- showing it -----------------------------------------------------------------------------------------------------


def _show(desk: Desk, subject: _Subject, found: Preview, form: str) -> None:
    from engine.console.tables import as_json, clean
    from engine.console.telling import Telling

    telling = Telling(playbook=subject.playbook, local=desk.local, contacts=subject.account.names)
    if form == "mermaid":
        from engine.core.preview.gantt import gantt

        chart = gantt(subject.playbook, found.calendar, subject.standing, lambda at: desk.local(at, "%Y-%m-%d"))
        click.echo(chart, nl=False)
    elif form == "json":
        click.echo(as_json(_record(desk, subject, found, telling)))
    else:
        click.echo("\n".join(clean(line) for line in _text(desk, subject, found, telling)))


def _text(desk: Desk, subject: _Subject, found: Preview, telling: Any) -> Iterator[str]:
    from engine.console.preview_text import PreviewText, paused_words

    word = "stands in" if subject.running else "enrolled, in"
    opening = [f"{word} {_standing(subject)}"]
    if subject.paused:
        opening.append(paused_words(subject.paused))
    yield from subject.about
    yield ""
    yield from PreviewText(telling=telling, local=desk.local, opening=opening).lines(found)


def _standing(subject: _Subject) -> str:
    many = len(subject.playbook.tracks) > 1
    return ", ".join(f"{track}: {state}" if many else state for track, state in subject.standing.items())


def _record(desk: Desk, subject: _Subject, found: Preview, telling: Any) -> dict[str, Any]:
    from engine.console.preview_record import preview_record

    return {
        "playbook": subject.playbook.name, "title": subject.playbook.title, "deal": subject.deal.id,
        "sample": subject.deal.id == "sample-deal", "enrolled": bool(subject.running), "about": list(subject.about),
        **preview_record(found, telling, desk.iso),
    }  # fmt: skip


COMMANDS = {"preview": preview}
