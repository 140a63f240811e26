"""A deal's whole story in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.console.desk import Desk
from engine.console.drawn import draw_record, draw_words, draws_told
from engine.console.sheets import HELD, deadline, name_of, wall
from engine.console.tables import clean
from engine.console.telling import Telling, event_words
from engine.core.account import HistoryEntry
from engine.core.rendering import shown
from engine.runner.story import EnrolmentStory, Story
from engine.store.base import ActionRow, RecordedEvent


def story_text(desk: Desk, story: Story) -> str:
    """Facts, people, what every playbook did, what was recorded."""
    lines = [*_facts(story), *_people(desk, story)]
    if story.row.deal.excused:
        lines.append(f"excused: {story.row.deal.excused}")
    lines += [f"  {draw_words(desk, draw)}" for draw in draws_told(story.draws, story.row.deal.id)]
    if not story.enrolments:
        lines += ["", "No playbook has followed this deal; `playbook why` says why not."]
    for one in story.enrolments:
        lines += ["", *_enrolment(desk, story, one)]
    if story.events:
        lines += ["", "Recorded:", *(_recorded(desk, story, one) for one in story.events)]
    return "\n".join(clean(line) for line in lines)


def _facts(story: Story) -> Iterator[str]:
    deal = story.row.deal
    name = str(deal.fields.get("name") or "")
    yield f"{deal.id}  {name if name != deal.id else ''}  ({deal.status})".replace("   ", " ")
    told = {key: item for key, item in deal.fields.items() if key not in ("name", "status") and item not in (None, "")}
    yield "  " + ", ".join(f"{key}: {shown(item)}" for key, item in told.items())
    account = story.account
    if account.named or account.fields:
        facts = ", ".join(f"{key}: {shown(item)}" for key, item in account.fields.items() if item not in (None, ""))
        name = "" if account.named in ("", account.id) else f" {account.named}"
        yield f"  account {account.id}{name}{f' ({facts})' if facts else ''}"
    else:
        yield f"  account {account.id}"


def _people(desk: Desk, story: Story) -> Iterator[str]:
    for identity, role in story.row.deal.contacts:
        contact = story.account.contacts.get(identity)
        facts = contact.fields if contact else {}
        told = ", ".join(f"{key}: {shown(item)}" for key, item in facts.items() if key != "name" and item)
        consent = ", ".join(
            f"{kind} {given.get('value')}" for kind, given in (contact.consent if contact else {}).items()
        )
        extra = "; ".join(part for part in (told, f"consent: {consent}" if consent else "") if part)
        yield f"  contact {identity} {name_of(contact)}, {role or 'no role'}{f' ({extra})' if extra else ''}"
    now = desk.clock(dry_run=True)
    for one in story.account.suppressions:
        if one.until is not None and one.until <= now:
            continue
        who = "the account" if one.scope == "account" else one.contact
        until = f" until {wall(desk, one.until)}" if one.until is not None else ""
        yield f"  no contact with {who}{f' by {one.channel}' if one.channel else ''}{until}: {one.because}"


def _enrolment(desk: Desk, story: Story, one: EnrolmentStory) -> Iterator[str]:
    enrolment = one.enrolment
    telling = telling_of(desk, story, one)
    yield f"{enrolment.playbook} (enrolment {enrolment.id}, revision {enrolment.revision})"
    for entry in one.history:
        yield from _entry(desk, telling, entry)
    if enrolment.end:
        yield f"  Ended on {wall(desk, enrolment.ended_at)}: {enrolment.end}"
        return
    yield "  Now: " + "; ".join(telling.position(position) for position in enrolment.positions)
    if enrolment.paused is not None:
        yield f"  {telling.pause(enrolment.paused)}"
        yield from (f"    stands still: {line}" for line in telling.frozen(enrolment.paused))
    yield from _open(desk, one)
    names = {action.id: action.name for action in enrolment.actions}
    coming = [telling.timer(timer, names) for timer in sorted(enrolment.timers, key=lambda timer: timer.due)]
    if coming:
        yield "  Coming, if nothing happens before:"
        yield from (f"    {line}" for line in coming)


def telling_of(desk: Desk, story: Story, one: EnrolmentStory) -> Telling:
    names = {identity: name_of(contact) for identity, contact in story.account.contacts.items()}
    return Telling(playbook=one.playbook, local=desk.local, contacts=names)


def _entry(desk: Desk, telling: Telling, entry: HistoryEntry) -> Iterator[str]:
    """When it happened and why; below it what was done."""
    lines = telling.lines(entry.did)
    kind = entry.trigger.get("timer", [""])[0]
    first = (
        lines.pop(0) if lines and kind in ("due", "remind", "escalate", "expire") else telling.trigger(entry.trigger)
    )
    yield f"  {wall(desk, entry.at)}  {first}"
    yield from (f"      {line}" for line in lines)


def _open(desk: Desk, one: EnrolmentStory) -> Iterator[str]:
    for row in one.actions:
        if row.status == "due":
            yield f"  Open: {row.id}  {row.kind}: {row.title}, for {row.assignee}, by {deadline(desk, row)}"
            if row.held:
                yield f"    {HELD}: {row.held}"


def _recorded(desk: Desk, story: Story, recorded: RecordedEvent) -> str:
    names = {identity: name_of(contact) for identity, contact in story.account.contacts.items()}
    state = {"pending": "waits for the next tick", "late": "nothing was waiting for it", "undone": "taken back"}
    told = recorded.note if recorded.state == "undone" and recorded.note else state.get(recorded.state, "")
    if recorded.state == "late" and recorded.event.name == "command.enrol":
        told = ""  # it is for enrolment, which no enrolment waits for
    words = event_words(recorded.event, desk.local, names)
    other = recorded.event.deal if recorded.event.deal != story.row.deal.id else ""
    words = f"with the deal {other}: {words}" if other else words
    return f"  {wall(desk, recorded.event.recorded_at)}  {words}{f': {told}' if told else ''}"


# --- JSON -----------------------------------------------------------------------------------------------------------


def story_record(desk: Desk, story: Story) -> dict[str, Any]:
    """Everything that the text tells, with the words of each history entry."""
    row = story.row
    return {
        "deal": {
            **row.deal.fields, "id": row.deal.id, "status": row.deal.status, "excused": row.deal.excused,
            "account": row.deal.account,
        },
        "account": {**story.account.fields, "id": story.account.id, "name": story.account.named},
        "contacts": [
            {"id": identity, "role": role, **(known.fields if (known := story.account.contacts.get(identity)) else {})}
            for identity, role in row.deal.contacts
        ],
        "draws": [draw_record(desk, draw) for draw in story.draws],
        "enrolments": [_enrolment_record(desk, story, one) for one in story.enrolments],
        "events": [_event_record(desk, recorded) for recorded in story.events],
    }  # fmt: skip


def _enrolment_record(desk: Desk, story: Story, one: EnrolmentStory) -> dict[str, Any]:
    enrolment, telling = one.enrolment, telling_of(desk, story, one)
    names = {action.id: action.name for action in enrolment.actions}
    return {
        "id": enrolment.id, "playbook": enrolment.playbook, "revision": enrolment.revision,
        "enrolled_at": desk.iso(enrolment.enrolled_at),
        "end": enrolment.end, "ended_at": desk.iso(enrolment.ended_at),
        "paused_since": desk.iso(enrolment.paused.since) if enrolment.paused else None,
        "positions": [
            {"track": here.track, "state": here.state, "since": desk.iso(here.entered_at), "finished": here.finished}
            for here in enrolment.positions
        ],
        "timers": [
            {"due": desk.iso(timer.due), "kind": timer.kind, "rule": timer.rule, "tells": telling.timer(timer, names)}
            for timer in sorted(enrolment.timers, key=lambda timer: timer.due)
        ],
        "actions": [_action_record(desk, row) for row in one.actions],
        "history": [
            {"at": desk.iso(entry.at), "because": telling.trigger(entry.trigger), "did": telling.lines(entry.did)}
            for entry in one.history
        ],
    }  # fmt: skip


def _action_record(desk: Desk, row: ActionRow) -> dict[str, Any]:
    return {
        "id": row.id, "action": row.name, "kind": row.kind, "title": row.title, "status": row.status,
        "outcome": row.outcome, "reason": row.reason, "assignee": row.assignee, "contact": row.contact,
        "due_at": desk.iso(row.due_at), "deadline": desk.iso(row.deadline), "closed_at": desk.iso(row.closed_at),
        "held": row.held,
    }  # fmt: skip


def _event_record(desk: Desk, recorded: RecordedEvent) -> dict[str, Any]:
    event = recorded.event
    return {
        "event": event.name, "recorded_at": desk.iso(event.recorded_at), "occurred_at": desk.iso(event.occurred_at),
        "by": event.by, "deal": event.deal, "contact": event.contact, "action": event.action,
        "fields": dict(event.fields), "state": recorded.state, "note": recorded.note,
    }  # fmt: skip
