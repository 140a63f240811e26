"""What passed between us and customers, and whom we may contact: for imports, orders and reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from engine.core.account import Suppression
from engine.core.enrolment import Instant
from engine.store.accounts import event
from engine.store.events import STATES
from engine.store.json_text import dump
from engine.store.records import RecordedEvent
from engine.store.session import Verbs

if TYPE_CHECKING:
    from engine.store.listings import Activity

_place = itemgetter(0, 1)  # in the order of the table
BY_HAND = "command.touch"  # the event with which people record a touch


class ActivityVerbs(Verbs):
    """Activities by key, contacts by what an export calls them, suppressions of the whole workspace."""

    def known_activities(self, keys: Iterable[str]) -> set[str]:
        return {key for (key,) in self.session.rows("read_known_activities", (dump(list(keys)),))}

    def put_activities(self, activities: Iterable[Activity]) -> None:
        rows = sorted(activities, key=_place)
        with self.session.writing():
            self.require_accounts({row[0] for row in rows})
            self.session.write_many("insert_activities", rows)

    def activities(self, start: Instant, end: Instant, replies: Sequence[str] = ("reply",)) -> list[Activity]:
        from engine.store.listings import Activity

        content = {"start": start, "end": end, "names": dump([BY_HAND, *replies])}
        return [Activity(*row) for row in self.session.rows("read_activities", content)]

    def find_contacts(self, texts: Iterable[str], *, everyone: bool = False) -> dict[str, list[tuple[str, str]]]:
        wanted = sorted(set(texts))
        found = {
            contact: [(account, contact)]
            for contact, account in self.session.rows("find_contacts_by_id", (dump(wanted),))
        }
        others = [text for text in wanted if (everyone or text not in found) and "@" in text]
        by_email: dict[str, list[tuple[str, str]]] = {}
        for email, account, contact in self.session.rows("find_contacts_by_email", (dump(others),)) if others else ():
            by_email.setdefault(email, []).append((account, contact))
        for text in others:
            if reached := [*found.get(text, ()), *by_email.get(text.lower(), ())]:
                found[text] = list(dict.fromkeys(reached))
        return found

    def contact_names(self, limit: int) -> list[str]:
        rows = self.session.rows("read_contact_names", (limit,))
        return [str(name) for row in rows for name in dict.fromkeys(row) if name]

    def deals_with(self, account: str, contact: str = "") -> list[str]:
        if contact:
            return [deal for (deal,) in self.session.rows("read_deals_of_contact", (account, contact))]
        return [deal for (deal,) in self.session.rows("read_deals_of_account", (account,))]

    def suppressions(self, at: Instant) -> list[tuple[str, str, Suppression]]:
        rows = self.session.rows("read_suppressions", {"at": at})
        return [(account, name, Suppression(*content)) for account, name, *content in rows]

    def pending_orders(self, names: Sequence[str]) -> list[RecordedEvent]:
        rows = self.session.rows("read_pending_orders", (dump(list(names)),))
        return [RecordedEvent(account=row[1], event=event(row), state=STATES[row[11]], note=row[12]) for row in rows]
