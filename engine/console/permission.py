"""`playbook consent` and `playbook suppress`: whom we may contact, who says so, and the proof of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from engine.console.desk import FINE, Desk, Refused
from engine.console.options import (
    at_option,
    by_option,
    format_option,
    looking_at,
    now_option,
    refusing,
    say_recorded,
    writing,
)
from engine.console.sheets import name_of
from engine.console.tables import Column, clean, listing
from engine.core.account import Suppression
from engine.core.permitting import CONSENT, LIFT, SUPPRESS
from engine.runner import permission
from engine.runner.permission import USUAL, Scope, Standing
from engine.runner.recording import Prepared, Recording


def _tell(desk: Desk, told: Recording, prepared: Prepared, what: str) -> int:
    recorded = permission.record_order(told, prepared)
    say_recorded(desk, [prepared], what, known=not recorded)
    return FINE


# --- permission -----------------------------------------------------------------------------------------------------


@click.command(epilog="Example: playbook consent C-17 --granted --channel email --because 'mail of 3 March'")
@click.argument("contact")
@click.option("--kind", default="", help=f"What for: a kind of action such as email, or a word of yours ({USUAL}).")
@click.option("--granted", "value", flag_value="granted", help="The contact agreed. Needs --because or --proof.")
@click.option("--refused", "value", flag_value="refused", help="The contact said no.")
@click.option("--channel", default="", help="How we heard: call, email, letter …")
@click.option("--because", default="", help="What proves it, in words.")
@click.option("--proof", type=int, help="The number of the recorded event that proves it.")
@click.option("--key", help="Makes it safe to repeat: the same key is recorded once.")
@at_option
@by_option
@now_option
@click.pass_obj
def consent(
    desk: Desk, contact: str, kind: str, value: str | None, channel: str, because: str, proof: int | None,
    key: str | None, at: str | None, by: str | None, now: str | None,
) -> int:  # fmt: skip
    """Show what a contact has agreed to, or record it: who says so, when, over which channel, and the proof.

    CONTACT is its id, the beginning of it, or its mail address.
    """
    if value is None:
        if channel or because or proof is not None or at:
            raise Refused("did they agree?", "say --granted or --refused; without either, what is known is shown")
        return _show(desk, contact, kind, by, now)
    with writing(desk, by, now) as told:
        found = permission.person(told, contact)
        prepared = permission.consent(
            told, found, kind or USUAL, value, channel=channel, because=because, proof=proof, key=key,
            occurred_at=told.occurred(at) if at else None, named=_named(desk),
        )  # fmt: skip
        return _tell(desk, told, prepared, f"{found.id}: {kind or USUAL} {value}")


def _named(desk: Desk) -> set[str]:
    """The kinds of consent in playbooks and scores."""
    return permission.kinds_named([*desk.workspace.contents.values(), desk.world.vocabulary.scores])


def _show(desk: Desk, contact: str, kind: str, by: str | None, now: str | None) -> int:
    desk.now_text = now
    told = Recording(store=desk.store, world=desk.world, shelf=desk.shelf, now=looking_at(desk, now), by=by or "")
    with refusing():
        found = permission.standing(told, permission.person(told, contact))
    for line in _standing(desk, found, kind):
        click.echo(clean(line))
    return FINE


def _standing(desk: Desk, found: Standing, kind: str) -> Iterator[str]:
    contact = found.contact
    yield f"{contact.id}  {name_of(contact)}  (account {contact.account})"
    shown = {one: given for one, given in sorted(contact.consent.items()) if kind in ("", one)}
    for one, given in shown.items():
        yield f"  {one}: {_given(desk, given, found)}"
    if not shown:
        yield f"  {kind or 'consent'}: nothing is known"
    for suppression in found.suppressions:
        yield f"  {_suppressed(desk, suppression)}"
    for event in found.pending:
        yield f"  waits for the next tick: {_pending(event.name, event.fields)}, by {event.by}"


def _given(desk: Desk, given: Mapping[str, Any], found: Standing) -> str:
    """`granted on 2026-03-03 10:00, by kim, over email: mail of 3 March (event 12)`"""
    event = found.proofs.get(int(given.get("event") or 0))
    when = f" on {desk.local(given['at'])}" if given.get("at") is not None else ""
    by = f", recorded by {given['by']}" if given.get("by") else ""
    channel = f", over {given['channel']}" if given.get("channel") else ""
    return f"{given.get('value')}{when}{by}{channel}{_proof(event, given)}"


def _proof(event: Any, given: Mapping[str, Any]) -> str:
    number = given.get("event")
    if event is None:
        return f" (event {number})" if number else ""
    words = event.fields.get("because") or event.fields.get("note") or ("" if event.name == CONSENT else event.name)
    pointed = f"event {event.fields['proof']}" if event.fields.get("proof") else ""
    told = "; ".join(filter(None, (str(words), pointed)))
    return f": {told} (event {event.id})" if told else f" (event {event.id})"


# --- suppression ----------------------------------------------------------------------------------------------------


@click.command(epilog="Examples: playbook suppress C-17 --for 90d --because 'on leave'    playbook suppress --list")
@click.argument("contact", default="")
@click.option("--account", default="", help="Everybody of this account.")
@click.option("--channel", default="", help="Only over this channel: call, email, letter …")
@click.option("--for", "lasting", default="", help="For how long, or until when: 90d, 2026-06-01. Default: for good.")
@click.option("--because", default="", help="Why.")
@click.option("--lift", is_flag=True, help="They may be contacted again; says why with --because.")
@click.option("--list", "listed", is_flag=True, help="List who is not to be contacted.")
@click.option("--key", help="Makes it safe to repeat: the same key is recorded once.")
@format_option
@by_option
@now_option
@click.pass_obj
def suppress(
    desk: Desk, contact: str, account: str, channel: str, lasting: str, because: str, lift: bool, listed: bool,
    key: str | None, form: str, by: str | None, now: str | None,
) -> int:  # fmt: skip
    """Have nobody contact a contact, an account, or a contact over one channel; or take that back.

    For good: what is planned or open for them is closed too. With --for, only what becomes due meanwhile is held back.
    """
    if listed:
        return _list(desk, contact, account, form, now)
    with writing(desk, by, now) as told:
        scope = permission.scope_of(told, contact, account, channel)
        if lift:
            if lasting:
                raise Refused("--lift and --for are two orders", "leave one out")
            return _tell(desk, told, permission.lift(told, scope, because, key=key), f"{scope} may be contacted again")
        until = told.later(lasting) if lasting else None
        prepared = permission.suppress(told, scope, because, until=until, key=key)
        how_long = f" until {told.local(until)}" if until is not None else ""
        return _tell(desk, told, prepared, f"nobody contacts {scope}{how_long}")


_COLUMNS = (
    Column(title="account", show=lambda record: _with_name(record["account"], record["account_name"])),
    Column(title="contact", show=lambda record: _with_name(record["contact"], record["contact_name"]) or "everybody"),
    Column(title="channel", show=lambda record: record["channel"] or "any"),
    Column(title="since", show=lambda record: record["since"]),
    Column(title="until", show=lambda record: record["until"] or "for good"),
    Column(title="because", show=lambda record: record["because"]),
    Column(title="", show=lambda record: "waits for the next tick" if record["pending"] else ""),
)
_FIELDS = (
    "account", "account_name", "contact", "contact_name", "channel", "since", "until", "because", "pending",
)  # fmt: skip


def _list(desk: Desk, contact: str, account: str, form: str, now: str | None) -> int:
    told = Recording(store=desk.store, world=desk.world, shelf=desk.shelf, now=looking_at(desk, now), by="")
    with refusing():
        who = permission.person(told, contact) if contact else None
        where = told.account(account) if account else ""
    found = [(known, one, False) for known, _, one in desk.store.suppressions(told.now)]
    waiting = desk.store.pending_orders([SUPPRESS])
    found += [(one.account, permission.suppressed_by(one.event), True) for one in waiting]
    chosen = [
        one for one in found
        if where in ("", one[0]) and (who is None or (one[0] == who.account and one[1].contact in ("", who.id)))
    ]  # fmt: skip
    named = permission.names_of(desk.store, [(known, one.contact) for known, one, _ in chosen], told.now)
    records = [_record(desk, named, known, one, pending) for known, one, pending in chosen]
    if records or form != "text":
        click.echo(listing(records, _COLUMNS, _FIELDS, form))
    else:
        desk.say("nobody is suppressed")
    return FINE


def _with_name(identity: str, name: str) -> str:
    return f"{identity} {name}" if name not in ("", identity) else identity


def _record(
    desk: Desk, named: Mapping[tuple[str, str], str], account: str, one: Suppression, pending: bool
) -> dict[str, Any]:
    return {
        "account": account, "account_name": named.get((account, ""), ""), "contact": one.contact,
        "contact_name": named.get((account, one.contact), "") if one.contact else "", "channel": one.channel,
        "since": desk.local(one.since), "until": desk.local(one.until), "because": one.because, "pending": pending,
    }  # fmt: skip


def _suppressed(desk: Desk, one: Suppression) -> str:
    until = f" until {desk.local(one.until)}" if one.until is not None else ""
    return f"no contact with {Scope(account='', contact=one.contact, channel=one.channel)}{until}: {one.because}"


def _pending(name: str, fields: Mapping[str, Any]) -> str:
    if name == CONSENT:
        return f"{fields.get('kind')} {fields.get('value')}"
    channel = f" by {fields['channel']}" if fields.get("channel") else ""
    return f"{'contact again' if name == LIFT else 'no contact'}{channel} ({fields.get('because')})"


COMMANDS = {"consent": consent, "suppress": suppress}
