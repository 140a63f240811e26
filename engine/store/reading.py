"""Lists for people: what is open, what a deal went through, how many there are."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from engine.core.account import Deal, HistoryEntry
from engine.core.enrolment import Enrolment, Instant
from engine.store.accounts import open_enrolment
from engine.store.errors import NotFound
from engine.store.json_text import dump, parse
from engine.store.session import Row, Verbs

if TYPE_CHECKING:
    from engine.store.listings import ActionRow, Counts, DealFilter, DealRow


class ReadingVerbs(Verbs):
    """Reads only."""

    def open_actions(
        self, assignee: str | None = None, team: str | None = None, deal: str | None = None
    ) -> list[ActionRow]:
        asked = {"assignee": assignee, "team": team, "deal": deal}
        return [_action(row) for row in self.session.rows("read_open_actions", asked)]

    def due_between(self, start: Instant, end: Instant, assignee: str | None = None) -> list[ActionRow]:
        asked = {"start": start, "end": end, "assignee": assignee}
        return [_action(row) for row in self.session.rows("read_actions_due_between", asked)]

    def actions_of(self, enrolment: str) -> list[ActionRow]:
        found = self.enrolment(enrolment)
        asked = {"account": found.account, "enrolment": found.id}
        return [_action(row) for row in self.session.rows("read_actions_of_enrolment", asked)]

    def action(self, prefix: str) -> ActionRow:
        found = self._beginning_with("read_open_actions_by_prefix", prefix)
        return _action(_only("action", prefix, found or self._beginning_with("read_actions_by_prefix", prefix)))

    def enrolment(self, prefix: str) -> Enrolment:
        return _enrolment(_only("enrolment", prefix, self._beginning_with("read_enrolments_by_prefix", prefix)))

    def enrolments_of(self, deal: str) -> list[Enrolment]:
        return [_enrolment(row) for row in self.session.rows("read_enrolments_of_deal", {"deal": deal})]

    def history(self, account: str, enrolment: str) -> list[HistoryEntry]:
        return [
            HistoryEntry(owner, number_of, number, at, parse(trigger), parse(reads), tuple(map(tuple, parse(did))))
            for owner, number_of, number, at, trigger, reads, did in self.session.rows(
                "read_history", (account, enrolment)
            )
        ]

    def deal(self, prefix: str) -> DealRow:
        return _deal(_only("deal", prefix, self._beginning_with("read_deals_by_prefix", prefix)))

    def deals(self, chosen: DealFilter) -> list[DealRow]:
        asked = {field.name: getattr(chosen, field.name) for field in fields(chosen)}
        asked["members"] = dump(sorted(chosen.members))
        return [_deal(row) for row in self.session.rows("read_deals", asked)]

    def counts(self) -> Counts:
        from engine.store.listings import Counts

        read = self.session.rows
        pending, to_examine, late = read("count_waiting")[0]
        return Counts(
            deals=dict(read("count_deals")),
            enrolments=dict(read("count_open_enrolments")),
            states={(playbook, track, state): number for playbook, track, state, number in read("count_states")},
            ends={(playbook, end): number for playbook, end, number in read("count_ends")},
            actions=dict(read("count_due_actions")),
            pending_events=pending,
            to_examine=to_examine,
            late_events=late,
        )

    def _beginning_with(self, statement: str, prefix: str) -> list[Row]:
        """A range, not LIKE: it can use an index, and no character in an id means anything."""
        return self.session.rows(statement, {"first": prefix, "beyond": prefix + "\U0010ffff"}) if prefix else []


def _only(kind: str, prefix: str, found: list[Row]) -> Row:
    """The one row with this id or beginning; its id is its second column."""
    exact = [row for row in found if row[1] == prefix]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    if not found:
        raise NotFound(
            f"no {kind} has an id that begins with “{prefix}”", "`playbook due` and `playbook status` list ids"
        )
    first = ", ".join(str(row[1]) for row in found[:4])
    raise NotFound(f"several {kind}s begin with “{prefix}”: {first}", "write a few more characters of the id")


def _action(row: Row) -> ActionRow:
    from engine.store.listings import ActionRow

    content = dict(zip(ActionRow.__slots__, row, strict=True))
    content["facing"] = bool(content["facing"])
    content["remarks"] = tuple(parse(content["remarks"]))
    content["deal_name"] = str(content["deal_name"])
    return ActionRow(**content)


def _enrolment(row: Row) -> Enrolment:
    found = open_enrolment(row)
    found.end, found.ended_at = row[9], row[10]
    return found


def _deal(row: Row) -> DealRow:
    from engine.store.listings import DealRow

    account, number, content, contacts, excused, account_name, modified_at, examine_at, import_id = row
    linked = [(contact, role) for contact, role in parse(contacts)]
    return DealRow(
        deal=Deal(number, account, parse(content), linked, excused),
        account_name=account_name,
        modified_at=modified_at,
        examine_at=examine_at,
        import_id=import_id,
    )
