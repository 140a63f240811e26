"""Several contacts at one mail address: the CRM has somebody twice, or they share a mailbox. A no holds for all."""

from __future__ import annotations

from typing import Any

from engine.core.permitting import SUPPRESS
from engine.store.base import NewEvent, Store

OPTED_OUT = "opted_out"


def others_reached(store: Store, account: str, contact: str) -> list[tuple[str, str]]:
    """(account, contact) of each other one whose id or mail address is the id or the address of this contact."""
    known = [one for one in store.contacts_beginning(contact) if (one.account, one.id) == (account, contact)]
    texts = {contact, *(str(one.fields.get("email") or "") for one in known)} if contact else set()
    found = store.find_contacts({text for text in texts if "@" in text}, everyone=True)
    return sorted({whom for found_there in found.values() for whom in found_there} - {(account, contact)})


def for_the_others(store: Store, event: NewEvent) -> list[NewEvent]:
    """The orders that a no of one contact comes to for the others at the address."""
    if event.name not in (SUPPRESS, OPTED_OUT) or not event.contact:
        return []
    channel = str(event.fields.get("channel", ""))
    said = str(event.fields.get("because") or event.fields.get("note") or "opted out")
    because = f"said as {event.contact}: {said}"
    fields: dict[str, Any] = {"scope": "channel" if channel else "contact", "because": because}
    fields |= {name: event.fields[name] for name in ("channel", "until") if event.fields.get(name)}
    return [
        NewEvent(
            account=account, name=SUPPRESS, recorded_at=event.recorded_at, contact=contact, by=event.by, fields=fields,
            key=f"{event.key} {account} {contact}" if event.key else None,
        )
        for account, contact in others_reached(store, event.account, event.contact)
    ]  # fmt: skip
