"""An import's news about an account, taking effect at its turn: values laid over, events raised for what changed."""

from __future__ import annotations

from typing import Any

from engine.core.account import Account, Changes, Contact
from engine.core.enrolment import Event

LINK = "follows_deal"  # the field with the id of the lost deal that a new one came from
LINKED = "linked"  # an import found that a deal came from a lost one; only comparisons read it
AFTER_LOSS = "after_loss"  # in an event that ends a loss: the day of that loss
_QUIET = frozenset({"modified_at", "custom"})  # these alone are no news


def apply_imported(account: Account, changes: Changes, event: Event) -> list[Event]:
    """Lay the values of `event` over the account; the events that follow from it, in order.

    `event.fields`: deal (values by bare name), contacts ([[id, role], …] or absent), account_fields, contact_fields
    ({contact id: values}).
    """
    told = event.fields
    raised = _apply_deal(account, changes, event, told)
    raised += _apply_account(account, changes, event, told.get("account_fields") or {})
    for identity, values in (told.get("contact_fields") or {}).items():
        raised += _apply_contact(account, changes, event, identity, values)
    return raised


def _apply_deal(account: Account, changes: Changes, event: Event, told: Any) -> list[Event]:
    deal = account.deals.get(event.deal)
    if deal is None:
        return []
    before = dict(deal.fields)
    deal.fields.update(told.get("deal") or {})
    if told.get("contacts") is not None:
        deal.contacts = [(str(identity), str(role)) for identity, role in told["contacts"]]
    changes.changed_deals.add(deal.id)
    changes.examine.add(deal.id)
    status = status_event(before, deal.fields)
    raised = [_event(event, status, {})] if status else []
    return raised + [
        _event(event, "changed", {"field": name, "old": before.get(name), "new": deal.fields.get(name)})
        for name in sorted(set(before) | set(deal.fields))
        if name not in _QUIET and name != "status" and before.get(name) != deal.fields.get(name)
    ]


def status_event(before: dict[str, Any], after: dict[str, Any]) -> str:
    """won, lost (again), reopened or deleted, if the status says so; "" if nothing of the kind happened."""
    old, new = before.get("status", "open"), after.get("status", "open")
    if new == "lost" and old == "lost":
        return "lost" if str(after.get("lost_at") or "") > str(before.get("lost_at") or "") else ""
    if old == new:
        return ""
    return {"open": "reopened", "won": "won", "lost": "lost", "deleted": "deleted"}.get(new, "")


def _apply_account(account: Account, changes: Changes, event: Event, values: dict[str, Any]) -> list[Event]:
    news = {name: value for name, value in values.items() if account.fields.get(name) != value}
    old = {name: account.fields.get(name) for name in news}
    account.fields.update(news)
    changes.account_changed = changes.account_changed or bool(news)
    return [
        _event(event, "changed", {"field": name, "old": old[name], "new": news[name]}, deal=deal)
        for name in sorted(news)
        for deal in sorted(account.deals)
    ]


def _apply_contact(
    account: Account, changes: Changes, event: Event, identity: str, values: dict[str, Any]
) -> list[Event]:
    contact = account.contacts.setdefault(identity, Contact(identity, account.id))
    news = {name: value for name, value in values.items() if contact.fields.get(name) != value}
    old = {name: contact.fields.get(name) for name in news}
    contact.fields.update(news)
    if news:
        changes.changed_contacts.add(identity)
    return [
        _event(event, "changed", {"field": name, "old": old[name], "new": news[name]}, deal=deal, contact=identity)
        for name in sorted(news)
        for deal in account.deals_of(identity)
    ]


def _event(source: Event, name: str, fields: dict[str, Any], deal: str = "", contact: str = "") -> Event:
    return Event(name, source.recorded_at, deal=deal or source.deal, contact=contact, by=source.by, fields=fields)
