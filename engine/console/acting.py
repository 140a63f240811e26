"""What reps and sales operations say from the command line. It is recorded; the next tick handles it in its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.console.options import at_option, by_option, now_option, say_recorded, writing
from engine.console.tables import as_csv, clean
from engine.console.telling import Telling, order_words
from engine.core.enrolment import Event
from engine.core.plural import count
from engine.runner.permission import ORDERS, person
from engine.runner.recording import Prepared, Recording, Said
from engine.runner.returned import Returned, Unreadable, rejects, rows_of, take_rows
from engine.runner.touching import fields_of_events
from engine.store.base import RecordedEvent

_LISTED = 10  # rejected rows that are printed; all stand in the file


def _recorded(desk: Desk, told: Recording, prepared: Sequence[Prepared], what: str) -> int:
    """Record, and say what was recorded."""
    numbers = told.record(prepared)
    say_recorded(desk, prepared, what, known=bool(numbers) and all(number is None for number in numbers))
    return FINE


# --- about an action ------------------------------------------------------------------------------------------------


@click.command(epilog="Example: playbook done 3f9a granted --note 'happy to hear from us'")
@click.argument("action")
@click.argument("outcome", default="")
@click.option("--note", default="", help="What is worth remembering.")
@click.option("--checked", is_flag=True, help="Everything on its checklist is so.")
@at_option
@by_option
@now_option
@click.pass_obj
def done(
    desk: Desk, action: str, outcome: str, note: str, checked: bool, at: str | None, by: str | None, now: str | None
) -> int:
    """Say that an action is done, and how it went.

    ACTION is its id or the beginning of it, OUTCOME one of its outcomes (not needed where there is only one).
    """
    with writing(desk, by, now) as told:
        row = told.action(action)
        said = Said(occurred_at=told.occurred(at) if at else None, note=note, checked=checked)
        prepared = told.outcome(row, outcome, said)
        return _recorded(desk, told, [prepared], f"{prepared.event.name} for {row.deal} recorded")


@click.command(epilog="Example: playbook skip 3f9a 'the customer called us first'")
@click.argument("action")
@click.argument("reason", default="")
@by_option
@now_option
@click.pass_obj
def skip(desk: Desk, action: str, reason: str, by: str | None, now: str | None) -> int:
    """Say that an action will not be done, and why."""
    with writing(desk, by, now) as told:
        row = told.action(action)
        return _recorded(desk, told, [told.skip(row, reason)], f"{row.name} for {row.deal} is skipped")


@click.command(epilog="Examples: playbook defer 3f9a 3bd    playbook defer 3f9a 2026-03-20T14:00")
@click.argument("action")
@click.argument("until")
@by_option
@now_option
@click.pass_obj
def defer(desk: Desk, action: str, until: str, by: str | None, now: str | None) -> int:
    """Take an action off the list until later: a date, a time, or a duration from now."""
    with writing(desk, by, now) as told:
        row = told.action(action)
        instant = told.later(until)
        what = f"{row.name} for {row.deal} comes again on {told.local(instant)}"
        return _recorded(desk, told, [told.defer(row, instant)], what)


@click.command(epilog="Example: playbook reassign 3f9a noor")
@click.argument("action")
@click.argument("to")
@by_option
@now_option
@click.pass_obj
def reassign(desk: Desk, action: str, to: str, by: str | None, now: str | None) -> int:
    """Give an action to somebody else."""
    with writing(desk, by, now) as told:
        row = told.action(action)
        prepared = told.reassign(row, to)
        return _recorded(desk, told, [prepared], f"{row.name} for {row.deal} goes to {prepared.event.fields['to']}")


# --- about a deal ---------------------------------------------------------------------------------------------------


@click.command(
    epilog="Examples: playbook pause D-1042    playbook pause D-1042 --until 2026-04-01 --because 'new owner'"
)
@click.argument("target")
@click.option("--playbook", default="", help="Only the enrolment in this one.")
@click.option("--until", default="", help="A date, a time, or a duration from now; else until it is released.")
@click.option("--because", default="", help="Why; it stands in the history.")
@by_option
@now_option
@click.pass_obj
def pause(
    desk: Desk, target: str, playbook: str, until: str, because: str, by: str | None, now: str | None
) -> int:  # fmt: skip
    """Stop the clock of a deal, or of one enrolment, until it is released."""
    with writing(desk, by, now) as told:
        instant = told.later(until) if until else None
        prepared = told.pause(target, playbook, instant, because)
        ends = f" until {told.local(instant)}" if instant is not None else ""
        return _recorded(desk, told, prepared, _counted(prepared, f"paused{ends}"))


@click.command(epilog="Example: playbook release D-1042")
@click.argument("target")
@click.option("--playbook", default="", help="Only the enrolment in this one.")
@by_option
@now_option
@click.pass_obj
def release(desk: Desk, target: str, playbook: str, by: str | None, now: str | None) -> int:
    """Let what was paused go on, with the time that was left."""
    with writing(desk, by, now) as told:
        prepared = told.release(target, playbook)
        return _recorded(desk, told, prepared, _counted(prepared, "released"))


@click.command(epilog="Example: playbook end D-1042 'their lawyer wrote to us'")
@click.argument("target")
@click.argument("reason", default="")
@click.option("--playbook", default="", help="Only the enrolment in this one.")
@by_option
@now_option
@click.pass_obj
def end(desk: Desk, target: str, reason: str, playbook: str, by: str | None, now: str | None) -> int:
    """End the follow-up of a deal, or one enrolment, for good: what is open is withdrawn.

    The deal is not taken again by itself for the same loss; `playbook enrol` can. A break is `playbook pause`; nobody
    may be contacted at all: `playbook suppress`.
    """
    with writing(desk, by, now) as told:
        prepared = told.end(target, reason, playbook)
        return _recorded(desk, told, prepared, _counted(prepared, "to end"))


def _counted(prepared: Sequence[Prepared], what: str) -> str:
    return f"{prepared[0].event.deal}: {count(len(prepared), 'enrolment')} {what}"


@click.command(epilog="Example: playbook enrol D-1042 debrief-first")
@click.argument("deal")
@click.argument("playbook")
@by_option
@now_option
@click.pass_obj
def enrol(desk: Desk, deal: str, playbook: str, by: str | None, now: str | None) -> int:
    """Put a deal into a playbook, whatever its enrol condition says."""
    with writing(desk, by, now) as told:
        row = told.deal(deal)
        prepared = told.enrol(row, playbook, desk.workspace.playbooks)
        return _recorded(desk, told, [prepared], f"{row.deal.id} is to enter {playbook}")


@click.command(epilog="Example: playbook excuse D-1042 'duplicate of D-1040'")
@click.argument("deal")
@click.argument("reason", default="")
@click.option("--take-back", is_flag=True, help="The loss needs follow-up after all.")
@by_option
@now_option
@click.pass_obj
def excuse(desk: Desk, deal: str, reason: str, take_back: bool, by: str | None, now: str | None) -> int:
    """Say why a lost deal needs no follow-up. What runs for it already goes on."""
    with writing(desk, by, now) as told:
        row = told.deal(deal)
        if take_back:
            told.take_back_excuse(row)
            desk.say(f"{row.deal.id} is excused no more; the next tick looks at it")
            return FINE
        told.excuse(row, reason)
        running = ", ".join(enrolment.playbook for enrolment in told.open_enrolments(row.deal.id))
    goes_on = f"; {running} goes on until `playbook end {row.deal.id}`" if running else ""
    desk.say(f"{row.deal.id} is excused{goes_on}")
    return FINE


@click.command(epilog="Examples: playbook undo D-1042    playbook undo --contact C-17")
@click.argument("deal", default="")
@click.option("--contact", default="", help="What was recorded for this contact, and for no deal.")
@click.option("--account", default="", help="What was recorded for this account as a whole.")
@by_option
@now_option
@click.pass_obj
def undo(desk: Desk, deal: str, contact: str, account: str, by: str | None, now: str | None) -> int:
    """Take back the last thing recorded for a deal, a contact or an account, while no tick has acted on it."""
    if sum(map(bool, (deal, contact, account))) != 1:
        raise Refused("of whom?", "playbook undo DEAL, or --contact CONTACT, or --account ACCOUNT")
    with writing(desk, by, now) as told:
        taken_back, too_late = _undone(told, deal, contact, account)
        if too_late is not None:
            raise Refused(f"{too_late.event.name} cannot be taken back: {_followed(desk, too_late)}",
                          "record what is true now; what was done stays in the history")  # fmt: skip
    for event in taken_back:
        desk.say(f"taken back: {order_words(event.name)}, recorded by {event.by} at {desk.local(event.recorded_at)}")
    return FINE


def _undone(told: Recording, deal: str, contact: str, account: str) -> tuple[list[Event], RecordedEvent | None]:
    if deal:
        return told.undo(told.deal(deal).deal.id)
    if account:
        return told.undo_of(told.account(account))
    found = person(told, contact)
    return told.undo_of(found.account, found.id)


def _followed(desk: Desk, recorded: RecordedEvent) -> str:
    """What the tick made of it, for somebody who comes too late."""
    event = recorded.event
    ticks = desk.store.ticks_since(event.recorded_at)
    tick = next((one for one in ticks if one.now > event.recorded_at), ticks[-1] if ticks else None)
    when = f"the tick of {desk.local(tick.now)}" if tick else "a tick"
    told: list[str] = []
    for enrolment in desk.store.enrolments_of(event.deal):
        telling = Telling(playbook=desk.shelf[enrolment.revision].revision.playbook, local=desk.local)
        for entry in desk.store.history(enrolment.account, enrolment.id):
            if entry.trigger.get("event", {}).get("id") == event.id:
                told += telling.lines([line for line in entry.did if line[0] != "asked"])
    otherwise = "it is in force" if event.name in ORDERS else "nothing followed from it"
    return f"{when} has acted on it: {clean('; '.join(told)) or recorded.note or otherwise}"


@click.command(epilog="Examples: playbook retry D-1042    playbook retry --all")
@click.argument("target", default="")
@click.option("--all", "everything", is_flag=True, help="All that are set aside, as after an outage.")
@click.pass_obj
def retry(desk: Desk, target: str, everything: bool) -> int:
    """Bring back what was set aside after an error: the account with this id, or that of a deal."""
    waiting = [one.account for one in desk.store.set_aside()]
    if not everything and not target:
        raise Refused("which one?", f"set aside: {', '.join(waiting)}" if waiting else "nothing is set aside")
    chosen = waiting if everything else [target if target in waiting else desk.store.deal(target).deal.account]
    with desk.store.transaction():
        brought = [account for account in chosen if desk.store.retry_account(account)]
    if not brought:
        desk.say("nothing is set aside" + (f" of {target}" if target else ""))
        return FINE
    desk.say(f"{', '.join(map(clean, brought))}: the next tick tries again")
    return FINE


# --- any event, and lists of them -----------------------------------------------------------------------------------


@click.command(epilog="Examples: playbook record reply --deal D-1042 --set channel=phone"
                      "    playbook record --file answers.csv")  # fmt: skip
@click.argument("event", default="")
@click.option("--deal", default="", help="The deal that it is about.")
@click.option("--contact", default="", help="The contact that it came from.")
@click.option("--account", default="", help="The account, where it is about no single deal.")
@click.option("--channel", default="", help="How: call, email … (short for --set channel=…).")
@click.option("--minutes", type=click.IntRange(0), help="Of a touch: how long it took.")
@click.option("--set", "said", multiple=True, metavar="FIELD=VALUE", help="A field of the event (may be repeated).")
@click.option("--note", default="", help="What is worth remembering.")
@click.option("--key", help="Makes it safe to repeat: the same key is recorded once.")
@click.option("--checked", is_flag=True, help="Everything on the action's checklist is so.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="A list that came back: .csv or .jsonl.")
@click.option("--dry-run", is_flag=True, help="Check only; record nothing.")
@at_option
@by_option
@now_option
@click.pass_obj
def record(
    desk: Desk, event: str, deal: str, contact: str, account: str, channel: str, minutes: int | None,
    said: tuple[str, ...], note: str, key: str | None, checked: bool, file: Path | None, dry_run: bool,
    at: str | None, by: str | None, now: str | None,
) -> int:  # fmt: skip
    """Record what happened: an event of library/events.yaml, ACTION.OUTCOME of a deal, or touch: we approached them.

    With --file, a whole list: columns event (or action and outcome), deal, contact, account, at, key, by, note, and
    the fields of the events by name. Good rows are recorded; bad ones go to FILE.rejects.csv with the reason.
    """
    if file is not None:
        if event or deal or contact or account or said:
            raise Refused("--file stands alone", "the rows say what happened")
        return _record_file(desk, file, dry_run, by, now)
    if not event:
        raise Refused("what happened?", "playbook record EVENT --deal DEAL, or --file FILE.csv")
    short = {name: item for name, item in (("channel", channel), ("minutes", minutes)) if item not in ("", None)}
    with writing(desk, by, now) as told:
        prepared = told.event(
            event, Said(occurred_at=told.occurred(at) if at else None, key=key, note=note, checked=checked),
            deal=deal, contact=contact, account=account, fields={**short, **_pairs(said)},
        )  # fmt: skip
        whom = prepared.event.deal or prepared.event.contact or prepared.event.account
        if dry_run:
            desk.say(f"dry run, nothing was recorded: {event} for {clean(whom)} is fine")
            return FINE
        return _recorded(desk, told, [prepared], f"{event} for {whom} recorded")


def _pairs(said: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for one in said:
        name, sign, text = one.partition("=")
        if not sign or not name:
            raise Refused(f"{one!r} sets nothing", "write --set field=value")
        pairs[name.strip()] = text
    return pairs


def _record_file(desk: Desk, file: Path, dry_run: bool, by: str | None, now: str | None) -> int:
    try:
        is_json, fields = file.suffix.lower() in (".jsonl", ".ndjson"), fields_of_events(desk.world.vocabulary)
        columns, rows = rows_of(file.read_bytes(), lines_of_json=is_json, fields=fields)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    except Unreadable as error:
        place = f"{file}:{error.line}" if error.line else str(file)
        raise Refused(f"{place}: {error.message}", error.hint) from None
    with writing(desk, by, now) as told:
        done_with = take_rows(told, rows, dry_run=dry_run)
    rejected = file.with_name(file.name + ".rejects.csv")
    if done_with.rejected and not dry_run:
        listed = list(rejects(columns, done_with.rejected))
        rejected.write_text(as_csv(listed[0], listed[1:]) + "\n", encoding="utf-8")
    _tell(desk, file, done_with, rejected, dry_run)
    return PROBLEMS if done_with.rejected else FINE


def _tell(desk: Desk, file: Path, told: Returned, rejected: Path, dry_run: bool) -> None:
    for notice in told.notices[:_LISTED]:
        desk.say(f"{file}: {clean(notice)}")
    for one in told.rejected[:_LISTED]:
        column = f" ({one.column})" if one.column else ""
        desk.say(clean(f"{file}:{one.row.line}: rejected{column}: {one.reason}"))
    if len(told.rejected) > _LISTED:
        desk.say(f"… and {len(told.rejected) - _LISTED:,} more")
    head = "dry run, nothing was recorded: " if dry_run else ""
    desk.say(f"{head}{count(told.rows, 'row')}: {told.recorded:,} {'good' if dry_run else 'recorded'}, "
             f"{told.known:,} known already, {len(told.rejected):,} rejected")  # fmt: skip
    if told.keyless:
        without = count(told.keyless, "row has", "rows have")
        desk.say(f"{without} neither key nor occurred_at: the same file again would record them again")
    if told.rejected and not dry_run:
        desk.say(f"correct {rejected} and record it with --file")


COMMANDS = {
    "done": done, "skip": skip, "defer": defer, "reassign": reassign, "record": record, "undo": undo, "pause": pause,
    "release": release, "end": end, "enrol": enrol, "excuse": excuse, "retry": retry,
}  # fmt: skip
