"""Permission and its opposite, as people record them: an event in the log like every other, so that the proof stays.

The next tick acts on it, in its order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.account import Contact, Suppression
from engine.core.durations import Instant
from engine.core.enrolment import Event
from engine.core.likeness import nearest
from engine.core.model import CUSTOMER_KINDS
from engine.core.permitting import CONSENT, LIFT, SUPPRESS, because_of
from engine.runner.one_address import others_reached
from engine.runner.payload import NotRecordable
from engine.runner.recording import Prepared, Recording
from engine.runner.touching import checked_channel
from engine.store.base import ActionRow, NewEvent, RecordedEvent, Store

USUAL = "stay_in_touch"  # the kind of consent that is meant where none is named
ORDERS = (CONSENT, SUPPRESS, LIFT)
_NAMED = re.compile(r"\bconsent\.([a-z][a-z0-9_]*)", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Whom nobody is to contact: an account, a contact, or a contact over one channel."""

    account: str
    contact: str = ""
    channel: str = ""

    @property
    def name(self) -> str:
        return "account" if not self.contact else "channel" if self.channel else "contact"

    def covers(self, one: Suppression) -> bool:
        """Whether the suppression is in these very words."""
        return (one.scope, one.contact, one.channel) == (self.name, self.contact, self.channel)

    def __str__(self) -> str:
        by = f" by {self.channel}" if self.channel else ""
        return f"{self.contact}{by}" if self.contact else f"the account {self.account}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """All about one contact: `proofs` are the events behind its consents by id, `pending` what a tick will do."""

    contact: Contact
    suppressions: tuple[Suppression, ...]
    proofs: dict[int, Event]
    pending: tuple[Event, ...]


def person(recording: Recording, text: str) -> Contact:
    """A contact by its id, a unique beginning of it, or its mail address. Raises NotRecordable."""
    try:
        return recording.contact(text)
    except NotRecordable:
        found = recording.store.find_contacts([text]).get(text, [])
        if len(found) == 1:
            return recording.contact(found[0][1])
        if found:
            listed = ", ".join(contact for _, contact in found)
            raise NotRecordable(f"several contacts have {text}: {listed}", "write the id", "contact") from None
        raise


def standing(recording: Recording, contact: Contact) -> Standing:
    """What is known of permission."""
    store = recording.store
    in_force = store.suppressions(recording.now)
    wanted = {int(given.get("event") or 0) for given in contact.consent.values()}
    pending = (one.event for one in store.pending_orders(ORDERS) if one.account == contact.account)
    return Standing(
        contact=contact,
        suppressions=tuple(one for account, _, one in in_force if account == contact.account
                           and one.contact in ("", contact.id)),
        proofs={one.event.id: one.event for one in _events(recording, contact) if one.event.id in wanted},
        pending=tuple(event for event in pending if event.contact in ("", contact.id)),
    )  # fmt: skip


def names_of(store: Store, whom: Iterable[tuple[str, str]], now: Instant) -> dict[tuple[str, str], str]:
    """By (account, contact), and by (account, "") for the account itself."""
    pairs = set(whom)
    accounts = store.load_accounts(sorted({account for account, _ in pairs}), now, set())
    names = {(account.id, ""): account.named for account in accounts}
    for _, wanted in sorted(pairs):
        for contact in store.contacts_beginning(wanted) if wanted else ():
            names[contact.account, contact.id] = str(contact.fields.get("name") or "")
    return names


def _events(recording: Recording, contact: Contact) -> Iterator[RecordedEvent]:
    """All that was recorded for the contact, for its deals and for its account."""
    for deal in ["", *recording.store.deals_with(contact.account, contact.id)]:
        yield from recording.store.events_of(contact.account, deal)


# --- permission -----------------------------------------------------------------------------------------------------


def consent(
    recording: Recording, contact: Contact, kind: str, value: str, *, channel: str = "", because: str = "",
    proof: int | None = None, occurred_at: Instant | None = None, key: str | None = None, named: Collection[str] = (),
) -> Prepared:  # fmt: skip
    """`value` is granted or refused. What was granted needs a proof: words, or the id of an event.

    `named` are the kinds that playbooks name: those, the kinds of action and those of playbook.toml are known.
    """
    if kind not in (kinds := kinds_of_consent(recording.world.consent, named)):
        raise NotRecordable(f"{kind!r} is no kind of consent that anything asks for", _instead_of(kind, kinds), "kind")
    if value == "granted" and not because.strip() and proof is None:
        raise NotRecordable("what proves it?", 'say --because "mail of 3 March", or --proof EVENT', "because")
    if proof is not None and all(one.event.id != proof for one in _events(recording, contact)):
        hint = "`playbook show DEAL` lists what was recorded"
        raise NotRecordable(f"no event {proof} was recorded for {contact.id}", hint, "proof")
    fields = {"kind": kind, "value": value, "channel": checked_channel(channel) if channel else "",
              "because": because.strip(), "proof": proof}  # fmt: skip
    event = NewEvent(
        account=contact.account, name=CONSENT, recorded_at=recording.now, contact=contact.id, occurred_at=occurred_at,
        by=recording.by, key=key, fields={name: item for name, item in fields.items() if item not in ("", None)},
    )  # fmt: skip
    return Prepared(event=event)


def kinds_of_consent(settings: Collection[str], named: Collection[str]) -> list[str]:
    """What may be agreed to: the usual one, kinds of action, those of playbook.toml and those that playbooks name."""
    return list(dict.fromkeys([USUAL, *sorted(CUSTOMER_KINDS), *settings, *sorted(named)]))


def kinds_named(contents: Collection[Mapping[str, Any]]) -> set[str]:
    """The kinds that are written as `consent.KIND` somewhere in these contents."""
    return {kind for content in contents for kind in _NAMED.findall(json.dumps(content, ensure_ascii=False))}


def _instead_of(kind: str, known: Sequence[str]) -> str:
    meant = nearest(kind, known)
    first = f"did you mean {meant}?" if meant else f"write one of {', '.join(known)};"
    return f"{first} a new kind is known once a playbook names it, as in consent.{USUAL}"


# --- suppression ----------------------------------------------------------------------------------------------------


def scope_of(recording: Recording, contact: str, account: str, channel: str) -> Scope:
    """Whom a command names. Raises NotRecordable."""
    if bool(contact) == bool(account):
        raise NotRecordable("whom is nobody to contact?", "name a contact, or --account ACCOUNT", "contact")
    if account and channel:
        raise NotRecordable("a channel is closed for a contact, not for an account", "name a contact", "channel")
    if account:
        return Scope(account=recording.account(account))
    found = person(recording, contact)
    return Scope(account=found.account, contact=found.id, channel=checked_channel(channel) if channel else "")


def suppress(
    recording: Recording, scope: Scope, because: str, *, until: Instant | None = None, key: str | None = None
) -> Prepared:
    """From the next tick on; without `until` for good: then what is planned or open is closed too."""
    if not because.strip():
        raise NotRecordable("why is nobody to contact them?", 'say --because "asked for it on the phone"', "because")
    said: dict[str, Any] = {"because": because.strip(), **({"until": until} if until is not None else {})}
    waiting = _open_for(recording, scope) if until is not None else []
    listed = ", ".join(row.id for row in waiting[:5])
    notices = [f"on somebody's list already, and staying there: {listed}"] if waiting else []
    order = _order(recording, SUPPRESS, scope, said, key)
    if others := ", ".join(contact for _, contact in others_reached(recording.store, scope.account, scope.contact)):
        notices.append(f"reached at the same address, and left alone too: {others}")
    return Prepared(event=order, notices=tuple(notices))


def lift(recording: Recording, scope: Scope, because: str, *, key: str | None = None) -> Prepared:
    """Take a suppression back that was said in the same words. Needs a reason, because a customer may have asked."""
    if not because.strip():
        raise NotRecordable("why may they be contacted again?", 'say --because "they asked us to call"', "because")
    in_force = [one for account, _, one in recording.store.suppressions(recording.now) if account == scope.account]
    if not _stands(recording, scope, any(map(scope.covers, in_force))):
        others = "; ".join(f"{one.contact or 'the account'}{f' by {one.channel}' if one.channel else ''}"
                           for one in in_force)  # fmt: skip
        hint = f"suppressed there: {others}" if others else "`playbook suppress --list` lists who is"
        raise NotRecordable(f"{scope} is not suppressed", hint, "contact")
    return Prepared(event=_order(recording, LIFT, scope, {"because": because.strip()}, key))


def record_order(recording: Recording, prepared: Prepared) -> bool:
    """Record it and have the deals looked at for enrolment; False if the key was known."""
    event = prepared.event
    recorded = recording.record([prepared])[0] is not None
    if recorded and event.name != SUPPRESS:
        deals = recording.store.deals_with(event.account, event.contact)
        recording.store.set_examined([(event.account, deal, recording.now) for deal in deals])
    return recorded


def _stands(recording: Recording, scope: Scope, now: bool) -> bool:
    """Whether nobody is to contact them once the next tick has done what waits for it; `now`: as things are."""
    stands = now
    for one in recording.store.pending_orders([SUPPRESS, LIFT, "opted_out"]):
        channel = str(one.event.fields.get("channel", ""))
        if (one.account, one.event.contact, channel) == (scope.account, scope.contact, scope.channel):
            stands = one.event.name != LIFT
    return stands


def _open_for(recording: Recording, scope: Scope) -> list[ActionRow]:
    return [
        row for row in recording.store.open_actions()
        if row.account == scope.account and row.kind in CUSTOMER_KINDS
        and scope.contact in ("", row.contact) and scope.channel in ("", row.kind)
    ]  # fmt: skip


def _order(recording: Recording, name: str, scope: Scope, said: dict[str, Any], key: str | None) -> NewEvent:
    fields = {"scope": scope.name, **({"channel": scope.channel} if scope.channel else {}), **said}
    return NewEvent(
        account=scope.account, name=name, recorded_at=recording.now, contact=scope.contact, by=recording.by, key=key,
        fields=fields,
    )  # fmt: skip


def suppressed_by(order: Event) -> Suppression:
    """What an order that waits for a tick will come to."""
    fields = order.fields
    return Suppression(
        str(fields["scope"]), order.contact, str(fields.get("channel", "")), order.recorded_at, fields.get("until"),
        because_of(order),
    )  # fmt: skip
