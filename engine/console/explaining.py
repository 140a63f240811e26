"""`playbook why`: what stands behind every date, and what comes next if nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from engine.console.desk import FINE, Desk
from engine.console.telling import line_in_words, target_in_words, timer_in_words, trigger_in_words
from engine.core.rendering import shown
from engine.runner.why import EnrolmentWhy, Why, timers_of, why


@click.command("why", epilog="Example: playbook why D-1042    playbook why 3f9a (an action)")
@click.argument("what")
@click.option("--now", help="As of this time (sandboxes).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def explain(desk: Desk, what: str, now: str | None, form: str) -> int:
    """Why something is or is not due; the rule behind each date; what comes next if nothing happens.

    WHAT is a deal's id or an action's, or the beginning of one.
    """
    desk.now_text = now
    offers = {offer.playbook.name: offer for offer in desk.offers if not offer.team}
    found = why(desk.store, desk.world, offers, desk.shelf, _deal(desk, what), desk.clock(dry_run=True))
    if form == "json":
        click.echo(json.dumps(_as_json(desk, found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_text(desk, found)))
    return FINE


def _deal(desk: Desk, what: str) -> str:
    """The deal meant by a deal's or an action's id."""
    from engine.store.base import NotFound

    try:
        return desk.store.deal(what).deal.id
    except NotFound:
        try:
            return desk.store.action(what).deal
        except NotFound:
            raise NotFound(f"there is no deal or action {what!r}", "playbook deals lists them") from None


def _text(desk: Desk, found: Why) -> Iterator[str]:
    deal = found.deal
    yield f"{deal.id}  {deal.fields.get('name', '')}  ({deal.status})".rstrip()
    if found.pending:
        yield f"recorded, and handled at the next tick: {', '.join(found.pending)}"
    for one in found.enrolments:
        yield ""
        yield from _enrolment(desk, one)
    running = {one.enrolment.playbook for one in found.enrolments}
    yield ""
    for verdict in found.verdicts:
        if verdict.playbook not in running:
            word = "would take it at the next tick" if verdict.takes else "does not take it"
            again = f"; looked at again on {desk.local(verdict.again_at)}" if verdict.again_at else ""
            yield f"{verdict.playbook} {word}: {verdict.why}{again}"


def _enrolment(desk: Desk, one: EnrolmentWhy) -> Iterator[str]:
    enrolment = one.enrolment
    yield f"{enrolment.playbook} follows it since {desk.local(enrolment.enrolled_at)} (enrolment {enrolment.id})"
    if enrolment.paused:
        until = enrolment.paused.until or "somebody releases it"
        yield f"  paused since {desk.local(enrolment.paused.since)}, until {until}"
    for position in enrolment.positions:
        where = f"has finished as {position.finished}" if position.finished else f"is in {position.state}"
        yield f"  track {position.track} {where} since {desk.local(position.entered_at)}"
    for action in enrolment.actions:
        yield from _action(desk, one, action)
    yield from _ways(desk, one)
    yield f"  If nothing happens: {_coming(desk, one)}"
    if one.last is not None:
        told = "; ".join(words for line in one.last.did if (words := line_in_words(line, one.playbook, desk.local)))
        yield f"  Last: {desk.local(one.last.at)} {trigger_in_words(one.last.trigger)}: {told}"


def _action(desk: Desk, one: EnrolmentWhy, action: Any) -> Iterator[str]:
    state = f"open since {desk.local(action.due_at)}" if action.status == "due" else "planned"
    yield f"  action {action.name} ({action.id[:8]}, {action.kind}, for {action.assignee}): {state}"
    for timer in timers_of(one.enrolment, action):
        yield f"    {timer_in_words(timer, one.playbook, desk.local)}"


def _ways(desk: Desk, one: EnrolmentWhy) -> Iterator[str]:
    yield "  Ways out, in the order in which they are asked:"
    for way in one.ways:
        cause = target_in_words(way.transition)
        due = f" on {desk.local(way.due)}" if way.due else ""
        spent = " (asked already in this visit)" if way.spent else ""
        mark = "yes" if way.holds else "no"
        guard = f"; its condition holds now: {mark}" if way.answers else ""
        yield f"    {cause}{due}{spent}{guard}"
        for answer in way.answers:
            sign = "+" if answer.holds else "-"
            value = "" if answer.value is None else f" (it is {shown(answer.value)})"
            empty = (
                " (it is empty)" if answer.value is None and answer.words not in ("one of these", "not this") else ""
            )
            yield f"      {'  ' * answer.depth}{sign} {answer.words}{value}{empty}"


def _coming(desk: Desk, one: EnrolmentWhy) -> str:
    step = one.coming
    if step is None:
        return "it stays where it is; only an event moves it"
    told = [
        words
        for line in step.did
        if line[0] in ("took", "ended") and (words := line_in_words(line, one.playbook, desk.local))
    ]
    where = step.after.end or ", ".join(position.finished or position.state for position in step.after.positions)
    return f"on {desk.local(step.at)} {'; '.join(told)} -> {where}"


def _as_json(desk: Desk, found: Why) -> dict[str, Any]:
    return {
        "deal": found.deal.id,
        "now": found.now,
        "pending": found.pending,
        "verdicts": [asdict(verdict) for verdict in found.verdicts],
        "enrolments": [_enrolment_json(one) for one in found.enrolments],
    }


def _enrolment_json(one: EnrolmentWhy) -> dict[str, Any]:
    coming = one.coming
    return {
        "id": one.enrolment.id,
        "playbook": one.enrolment.playbook,
        "positions": [
            {"track": p.track, "state": p.state, "since": p.entered_at, "finished": p.finished}
            for p in one.enrolment.positions
        ],
        "ways": [
            {
                "transition": target_in_words(way.transition), "holds": way.holds, "due": way.due, "spent": way.spent,
                "answers": [{"asks": a.words, "holds": a.holds, "value": a.value} for a in way.answers],
            }
            for way in one.ways
        ],
        "if_nothing_happens": None if coming is None else {
            "at": coming.at,
            "states": [position.finished or position.state for position in coming.after.positions],
            "end": coming.after.end,
        },
    }  # fmt: skip


COMMANDS = {"why": explain}
