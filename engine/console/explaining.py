"""`playbook why`: what stands behind every date, and what comes next if nothing happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import click

from engine.console.desk import FINE, Desk
from engine.console.drawn import draw_record, draw_words, draws_told
from engine.console.tables import as_json, clean
from engine.console.telling import Telling, order_words
from engine.core.account import HistoryEntry
from engine.core.enrolling import Verdict
from engine.core.enrolment import OpenAction, Position
from engine.core.foresee import Answer
from engine.core.model import Transition
from engine.core.rendering import shown
from engine.core.wording import target_in_words
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
    at = desk.clock(dry_run=True)
    found = why(desk.store, desk.world, desk.offers, desk.shelf, _deal(desk, what), at, desk.trials)
    if form == "json":
        click.echo(as_json(_as_json(desk, found)))
    else:
        click.echo("\n".join(clean(line) for line in _text(desk, found)))
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
        told = ", ".join(order_words(name) for name in found.pending)
        yield f"recorded, and handled at the next tick: {told}"
    yield from (draw_words(desk, draw) for draw in draws_told(found.draws, deal.id))
    for one in found.enrolments:
        yield ""
        yield from _enrolment(desk, one, Telling(playbook=one.playbook, local=desk.local, contacts=found.contacts))
    running = {one.enrolment.playbook for one in found.enrolments}
    yield ""
    for verdict in found.verdicts:
        if verdict.playbook not in running:
            again = f"; looked at again on {desk.local(verdict.again_at)}" if verdict.again_at else ""
            yield f"{_says(verdict)}: {verdict.why}{again}"
            for part in found.failing.get(verdict.playbook, ()):
                found_there = "empty" if part.value is None else shown(part.value)
                yield f"  - {part.words}{f' (it is {found_there})' if part.single else ''}"
    unusable = set(desk.world.playbooks) - {verdict.playbook for verdict in found.verdicts}
    yield from (f"{name} has no version that can be used: playbook validate" for name in sorted(unusable))


def _says(verdict: Verdict) -> str:
    if verdict.experiment:
        word = "would draw it at the next tick" if verdict.takes else "does not draw it"
        return f"the experiment {verdict.playbook} {word}"
    return f"{verdict.playbook} {'would take it at the next tick' if verdict.takes else 'does not take it'}"


def _enrolment(desk: Desk, one: EnrolmentWhy, telling: Telling) -> Iterator[str]:
    enrolment = one.enrolment
    yield f"{enrolment.playbook} has followed it since {desk.local(enrolment.enrolled_at)}"
    if enrolment.paused:
        yield f"  {telling.pause(enrolment.paused)}"
        yield from (f"    {telling.timer(timer, {})}" for timer in enrolment.timers if timer.kind == "resume")
    for position in enrolment.positions:
        yield f"  {telling.position(position)}"
        for action in enrolment.actions:
            if action.track == position.track:
                yield from _action(desk, one, action, telling)
        yield from _ways(desk, one, position)
    yield f"  If nothing happens: {_coming(desk, one, telling)}"
    if one.last is not None:
        yield f"  Last, on {desk.local(one.last.at)}: {_last(one.last, telling)}"


def _last(entry: HistoryEntry, telling: Telling) -> str:
    told = telling.lines([line for line in entry.did if line[0] != "asked"])
    about_an_action = entry.trigger.get("timer", [""])[0] in ("due", "remind", "escalate", "expire")
    return "; ".join(told if told and about_an_action else [telling.trigger(entry.trigger), *told])


def _action(desk: Desk, one: EnrolmentWhy, action: OpenAction, telling: Telling) -> Iterator[str]:
    whom = f"for {action.assignee}" if action.assignee else "for nobody"
    rule = f" ({one.handed_out[action.id]})" if action.id in one.handed_out else ""
    state = f"handed out {desk.local(action.due_at)}{rule}" if action.status == "due" else "not handed out yet"
    yield f"    {action.kind} {action.name} {action.id[:8]}, {whom}: {state}"
    for timer in timers_of(one.enrolment, action):
        yield f"      {telling.timer(timer, {action.id: action.name})}"


def _ways(desk: Desk, one: EnrolmentWhy, position: Position) -> Iterator[str]:
    """What can lead on from where one track stands; what holds in every state comes last and says so."""
    ways = [way for way in one.ways if way.track == position.track]
    own = {transition.place for transition in _own(one, position)}
    if ways:
        yield "    What can lead on, in the order in which it is asked:"
    for way in ways:
        due = f" on {desk.local(way.due)}" if way.due else ""
        spent = " (asked already since this state was entered)" if way.spent else ""
        general = "" if way.transition.place in own else "  (in every state)"
        guard = f"; its condition holds now: {'yes' if way.holds else 'no'}" if way.answers else ""
        yield f"      {target_in_words(way.transition)}{due}{spent}{guard}{general}"
        yield from _answers(way.answers)


def _own(one: EnrolmentWhy, position: Position) -> tuple[Transition, ...]:
    track = one.playbook.tracks[position.track]
    return track.states[position.state].transitions if position.state in track.states else ()


def _answers(answers: Sequence[Answer]) -> Iterator[str]:
    for answer in answers:
        sign = "+" if answer.holds else "-"
        value = "" if answer.value is None else f" (it is {shown(answer.value)})"
        empty = " (it is empty)" if answer.value is None and answer.words not in ("one of these", "not this") else ""
        yield f"        {'  ' * answer.depth}{sign} {answer.words}{value}{empty}"


def _coming(desk: Desk, one: EnrolmentWhy, telling: Telling) -> str:
    step = one.coming
    if step is None:
        return "it stays where it is; only an event moves it"
    taken = "; ".join(telling.transition(line[3]) for line in step.did if line[0] == "took")
    ended = f", and it ends: {step.after.end}" if step.after.end else ""
    return f"on {desk.local(step.at)}: {taken}{ended}"


def _as_json(desk: Desk, found: Why) -> dict[str, Any]:
    return {
        "deal": found.deal.id,
        "now": desk.iso(found.now),
        "pending": found.pending,
        "draws": [draw_record(desk, draw) for draw in found.draws],
        "verdicts": [
            {
                **asdict(verdict),
                "again_at": desk.iso(verdict.again_at),
                "failing": [
                    {"asks": part.words, "value": _plain(part.value)}
                    for part in found.failing.get(verdict.playbook, ())
                ],
            }
            for verdict in found.verdicts
        ],
        "enrolments": [_enrolment_json(desk, one) for one in found.enrolments],
    }


def _enrolment_json(desk: Desk, one: EnrolmentWhy) -> dict[str, Any]:
    coming = one.coming
    return {
        "id": one.enrolment.id,
        "playbook": one.enrolment.playbook,
        "positions": [
            {"track": p.track, "state": p.state, "since": desk.iso(p.entered_at), "finished": p.finished}
            for p in one.enrolment.positions
        ],
        "ways": [
            {
                "transition": target_in_words(way.transition), "holds": way.holds,
                "due": desk.iso(way.due), "spent": way.spent,
                "answers": [{"asks": a.words, "holds": a.holds, "value": _plain(a.value)} for a in way.answers],
            }
            for way in one.ways
        ],
        "if_nothing_happens": None if coming is None else {
            "at": desk.iso(coming.at),
            "states": [position.finished or position.state for position in coming.after.positions],
            "end": coming.after.end,
        },
    }  # fmt: skip


def _plain(item: Any) -> Any:
    return None if item is None else shown(item)


COMMANDS = {"why": explain}
