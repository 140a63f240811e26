"""A whole preview: the calendar if nothing happens, and what each event would lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.account import Account
from engine.core.advance import Revisions
from engine.core.durations import Instant
from engine.core.enrolling import Candidate
from engine.core.foresee import steps_ahead
from engine.core.model import Playbook
from engine.core.preview.branches import Branching, Visits
from engine.core.preview.calendar import play_calendar
from engine.core.preview.model import Happening, Preview
from engine.core.preview.playing import Playing, copied
from engine.core.world import World


def preview_of_new(
    world: World, revisions: Revisions, revision: str, account: Account, candidate: Candidate, now: Instant, *,
    weeks: int = 52, depth: int = 2,
) -> Preview:  # fmt: skip
    """As if the candidate were enrolled in the revision (a hash) at `now`. `account` is left as it is. Raises Stuck."""
    playing = _playing(world, revisions, revisions[revision].revision.playbook, account, candidate.deal, now)
    for _ in steps_ahead(world, revisions, playing.account, now):  # what else runs in the account goes on meanwhile
        pass
    playing.catch_up()
    return _preview(playing, (), playing.begin(candidate, revision), weeks, depth)


def preview_of_running(
    world: World, revisions: Revisions, account: Account, enrolment: str, now: Instant, *,
    titles: Mapping[str, str] | None = None, weeks: int = 52, depth: int = 2,
) -> Preview:  # fmt: skip
    """From where an open enrolment (its id) of `account` stands, with what is recorded for it. `titles`: of the actions
    that are handed out, by id. Raises Stuck."""
    standing = account.enrolments[enrolment]
    playbook = revisions[standing.revision].revision.playbook
    playing = _playing(world, revisions, playbook, account, standing.deal, now)
    playing.enrolment = enrolment
    in_hand = playing.in_hand(titles or {})
    return _preview(playing, in_hand, playing.catch_up(), weeks, depth)


def _playing(
    world: World, revisions: Revisions, playbook: Playbook, account: Account, deal: str, now: Instant
) -> Playing:
    return Playing(
        world=world, revisions=revisions, account=copied(account), enrolment="", playbook=playbook, deal=deal, now=now
    )


def _preview(
    playing: Playing, in_hand: Sequence[Happening], at_once: Sequence[Happening], weeks: int, depth: int
) -> Preview:
    visits = Visits()
    visits.see(playing)
    calendar = play_calendar(playing, in_hand, at_once, weeks, visits.see)
    general, places = Branching(depth=depth).tree(visits)
    return Preview(calendar=calendar, general=general, places=places)
