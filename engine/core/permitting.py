"""What people say beside any playbook: permission, suppressions and taking them back, touches; and what is history.

Each is an event in the log, so that the proof stays, and takes effect at its turn like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from engine.core.account import Account, Changes, Deal, Suppression, Touch
from engine.core.enrolment import Event, Instant
from engine.core.step import Suppressed
from engine.core.zones import local_date, zone

CONSENT, SUPPRESS, LIFT, TOUCH = "command.consent", "command.suppress", "command.lift", "command.touch"
_SAME = 86_400  # seconds within which an imported activity and an action over one channel are one approach


def take(account: Account, changes: Changes, event: Event, at: Instant) -> tuple[Suppressed, ...] | None:
    """Carry out an order about the account or one of its contacts; None if `event` is no such order.

    Returns what every open enrolment of the account is to be told.
    """
    order = _ORDERS.get(event.name)
    return order(account, changes, event, at) if order else None


def _consent(account: Account, changes: Changes, event: Event, at: Instant) -> tuple[Suppressed, ...]:
    contact = account.contacts.get(event.contact)
    if contact is not None:
        said = event.fields
        contact.consent[str(said["kind"])] = {
            "value": said["value"], "at": event.occurred_at or at, "by": event.by,
            "channel": str(said.get("channel", "")), "event": event.id,
        }  # fmt: skip
        changes.changed_contacts.add(contact.id)
        changes.examine.update(account.deals_of(contact.id))
    return ()


def _suppress(account: Account, changes: Changes, event: Event, at: Instant) -> tuple[Suppressed, ...]:
    """One without an end closes what is planned or open, like an opt-out."""
    scope, channel, until = str(event.fields["scope"]), str(event.fields.get("channel", "")), event.fields.get("until")
    because = because_of(event)
    one = Suppression(scope, event.contact, channel, at, until, because)
    account.suppressions.append(one)
    changes.suppressions.append(one)
    if until is not None:
        return ()
    contacts = {event.contact} if event.contact else _approached(account)
    return tuple(Suppressed(contact, channel, because) for contact in sorted(contacts))


def because_of(event: Event) -> str:
    """Why nobody is to be contacted, and who says so."""
    return f"{event.fields.get('because', '')} ({event.by})"


def _approached(account: Account) -> set[str]:
    return {action.contact for enrolment in account.enrolments.values() for action in enrolment.actions}


def _lift(account: Account, changes: Changes, event: Event, at: Instant) -> tuple[Suppressed, ...]:
    """What was suppressed in these words is over now."""
    scope, channel = str(event.fields["scope"]), str(event.fields.get("channel", ""))
    for place, one in enumerate(account.suppressions):
        in_force = one.until is None or one.until > at
        if in_force and (one.scope, one.contact, one.channel) == (scope, event.contact, channel):
            account.suppressions[place] = replace(one, until=at)
            changes.lifted.append(account.suppressions[place])
    changes.examine.update(account.deals_of(event.contact) if event.contact else account.deals)
    return ()


def _touch(account: Account, changes: Changes, event: Event, at: Instant) -> tuple[Suppressed, ...]:
    key = touch_key(account.deals.get(event.deal), event.contact)
    if key:
        touch = Touch(key, min(event.occurred_at or at, at), str(event.fields.get("channel", "")))
        same = count_imported(account, touch) if is_imported(event) else None
        if not is_imported(event):
            account.touches.append(touch)
        if same is None:
            changes.touches.append(touch)
        elif same.action in _handed_out(account):
            changes.actions.setdefault(same.action, {})["touch_at"] = same.at
    changes.examine.update(account.deals_of(event.contact) if event.contact else ())
    if event.deal in account.deals:
        changes.examine.add(event.deal)
    return ()


def count_imported(account: Account, touch: Touch) -> Touch | None:
    """Count an approach that an import tells: as that of an action, which is returned, or by itself.

    What a rep does from a list stands in the CRM too. Asked at its own turn, so that it does not matter when ticks run.
    """
    same = _same_approach(account, touch)
    if same is None:
        account.touches.append(touch)
    elif same.at < touch.at and same.action in _handed_out(account):
        same.at = touch.at  # nobody has said yet when it was done: the CRM has
    return same


def _same_approach(account: Account, touch: Touch) -> Touch | None:
    """The action to the same contact over the same channel within a day of it, else the one that was handed out before
    it and of which nobody has told anything."""
    alike = [one for one in account.touches if one.action and (one.key, one.kind) == (touch.key, touch.kind)]
    near = [one for one in alike if abs(one.at - touch.at) < _SAME]
    if near:
        return min(near, key=lambda one: (abs(one.at - touch.at), one.action))
    handed_out = _handed_out(account)
    waiting = [one for one in alike if one.at <= touch.at and handed_out.get(one.action) == one.at]
    return min(waiting, key=lambda one: (one.at, one.action), default=None)


def _handed_out(account: Account) -> dict[str, Instant | None]:
    """Actions that are on somebody's list, with the instant since when."""
    every = (action for enrolment in account.enrolments.values() for action in enrolment.actions)
    return {action.id: action.due_at for action in every if action.status == "due"}


def touch_key(deal: Deal | None, contact: str) -> str:
    """Whom an approach counts for: the contact, else the deal's first, else the deal; never an account."""
    if contact or deal is None:
        return contact
    return Touch.key_of(deal.contacts[0][0] if deal.contacts else "", deal.id)


_Order = Callable[[Account, Changes, Event, Instant], tuple[Suppressed, ...]]
_ORDERS: dict[str, _Order] = {CONSENT: _consent, SUPPRESS: _suppress, LIFT: _lift, TOUCH: _touch}


# --- history --------------------------------------------------------------------------------------------------------


def is_imported(event: Event) -> bool:
    """Whether an import of activities brought it: nobody says so, and it knows when it happened."""
    return not event.by and event.occurred_at is not None


def is_history(event: Event, since: Instant) -> bool:
    """Whether an import says that it happened before `since`: then what began at `since` is not asked about it."""
    return is_imported(event) and (event.occurred_at or 0) < since


def is_history_everywhere(event: Event, begun: Collection[Instant]) -> bool:
    """Whether it is history for everything that began at these instants; without any, whatever is imported is."""
    return is_imported(event) and all(is_history(event, since) for since in begun)


def is_after_loss(occurred_at: Instant, fields: dict[str, Any], workspace_zone: str) -> bool:
    """Whether it happened later than on the day of the loss, on the workspace's wall."""
    lost = str(fields.get("lost_at") or "")
    if fields.get("status") != "lost" or not lost:
        return False
    return local_date(occurred_at, zone(workspace_zone)).isoformat() > lost[:10]
