"""What advancing came to, as rows for `executemany`. Nothing here touches the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from engine.core.account import Account, Changes, Deal
from engine.core.enrolment import Enrolment
from engine.core.values import text_of
from engine.store.json_text import dump
from engine.store.session import Row

# in the order of the statement insert_actions, after account_id and id; the values are those of a column not given
ACTION_COLUMNS: dict[str, Any] = {
    "enrolment_id": "", "deal_id": "", "playbook": "", "name": "", "track": "", "entry": 0, "kind": "", "facing": 0,
    "status": "planned", "due_at": None, "handed_at": None, "deadline": None, "priority": 0.0, "assignee": "",
    "contact_id": "", "touch_key": "", "touch_at": None, "title": "", "text": "", "remarks": "[]", "closed_at": None,
    "outcome": "", "reason": "", "held": "",
}  # fmt: skip
_action_values = itemgetter(*ACTION_COLUMNS)
_KEY = ("account_id", "id")


def enrolment_rows(changes: Sequence[Changes], accounts: Mapping[str, Account]) -> tuple[list[Row], list[Row]]:
    """(rows to insert, rows to update). An update expects the step at which its history goes on."""
    new: list[Row] = []
    moved: list[Row] = []
    for change in changes:
        written = Counter(entry.enrolment for entry in change.history)
        for number, enrolment in change.enrolments.items():
            if number in change.new_enrolments:
                new.append(_new_enrolment(enrolment, accounts[change.account].deals.get(enrolment.deal)))
            else:
                moved.append(_moved_enrolment(enrolment, enrolment.steps - written[number]))
    return new, moved


def _new_enrolment(one: Enrolment, deal: Deal | None) -> Row:
    loss = text_of(deal.fields.get("lost_at")) if deal else ""
    return (
        one.account, one.id, one.deal, one.playbook, one.revision, one.number, one.enrolled_at, loss, one.next_at,
        one.steps, dump(one.body()), one.end, one.ended_at,
    )  # fmt: skip


def _moved_enrolment(one: Enrolment, steps_before: int) -> Row:
    return (
        one.revision, one.next_at, one.steps, dump(one.body()), one.end, one.ended_at,
        one.account, one.id, steps_before,
    )  # fmt: skip


def history_rows(changes: Sequence[Changes]) -> list[Row]:
    """All entries, as they came."""
    return [
        (e.account, e.enrolment, e.number, e.at, dump(_plain(e.trigger)), dump(_plain(e.reads)), dump(e.did))
        for change in changes
        for e in change.history
    ]


def new_action_rows(changes: Sequence[Changes]) -> list[Row]:
    """Actions without a row yet."""
    return [
        (change.account, number, *_action_values(ACTION_COLUMNS | _columns(change.actions[number])))
        for change in changes
        for number in sorted(change.new_actions)
    ]


def changed_action_rows(changes: Sequence[Changes]) -> dict[tuple[str, ...], list[Row]]:
    """Rows to update by the columns that they change; account and id stand last."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for change in changes:
        for number, content in change.actions.items():
            if number not in change.new_actions and (columns := _columns(content)):
                found.setdefault(tuple(columns), []).append((*columns.values(), change.account, number))
    return found


def _columns(content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as SQL takes them. Raises ValueError for one that is none."""
    columns = dict(content)
    if not columns.keys() <= ACTION_COLUMNS.keys():
        for name in _KEY:
            columns.pop(name, None)
        if unknown := columns.keys() - ACTION_COLUMNS.keys():
            raise ValueError(f"an action has no column {', '.join(sorted(unknown))}")
    if "remarks" in columns:
        columns["remarks"] = dump(list(columns["remarks"]))
    return columns


def event_rows(changes: Sequence[Changes]) -> tuple[list[Row], list[Row]]:
    """(handled, late). Events without an id were raised by the engine and are not stored."""
    late = {number: (change.now, note) for change in changes for number, note in change.late if number}
    handled = {number: change.now for change in changes for number in change.handled if number and number not in late}
    return (
        [(now, number) for number, now in sorted(handled.items())],
        [(now, note, number) for number, (now, note) in sorted(late.items())],
    )


def deal_rows(changes: Sequence[Changes], accounts: Mapping[str, Account]) -> list[Row]:
    """Deals whose fields, contacts or excuse changed."""
    deals = (accounts[change.account].deals[number] for change in changes for number in sorted(change.changed_deals))
    return [
        (
            *listed_fields(deal.fields),
            dump(deal.fields),
            dump(deal.contacts),
            deal.excused,
            dump(deal.asked),
            dump(deal.answers),
            deal.account,
            deal.id,
        )
        for deal in deals
    ]


def listed_fields(fields: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """(status, owner, team, lost_at): the fields that have a column of their own."""
    read = fields.get
    return text_of(read("status")) or "open", text_of(read("owner")), text_of(read("team")), text_of(read("lost_at"))


def contact_rows(changes: Sequence[Changes], accounts: Mapping[str, Account]) -> list[Row]:
    """Contacts whose fields or consent changed."""
    return [
        (dump(contact.fields), dump(contact.consent), contact.account, contact.id)
        for change in changes
        for contact in map(accounts[change.account].contacts.__getitem__, sorted(change.changed_contacts))
    ]


def account_rows(changes: Sequence[Changes], accounts: Mapping[str, Account]) -> list[Row]:
    """Accounts whose own fields changed."""
    return [(dump(accounts[change.account].fields), change.account) for change in changes if change.account_changed]


def suppression_rows(changes: Sequence[Changes]) -> Iterator[Row]:
    """Suppressions, as they came."""
    for change in changes:
        for one in change.suppressions:
            yield (change.account, one.scope, one.contact, one.channel, one.since, one.until, one.because)


def lifted_rows(changes: Sequence[Changes]) -> Iterator[Row]:
    """Suppressions that a person took back: the end, then what finds them."""
    for change in changes:
        for one in change.lifted:
            yield (one.until, change.account, one.scope, one.contact, one.channel, one.since, one.until)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    return content if type(content) is dict else dict(content)
