"""What a person's command looks up before it records something, and what `status` counts beside."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.account import Contact
from engine.core.enrolment import Instant
from engine.store.accounts import event
from engine.store.events import STATES
from engine.store.json_text import dump, parse
from engine.store.records import RecordedEvent
from engine.store.session import Verbs


class CommandVerbs(Verbs):
    """Everything here is asked once per command, never by a tick."""

    def excuse(self, deal: str, because: str, examine_at: Instant | None = None) -> bool:
        with self.session.writing():
            content = {"deal": deal, "because": because, "examine_at": examine_at}
            return self.session.write("excuse_deal", content) > 0

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        return {key for (key,) in self.session.rows("read_known_keys", (dump(list(keys)),))}

    def contacts_beginning(self, prefix: str) -> list[Contact]:
        return [
            Contact(number, account, parse(fields), parse(consent))
            for account, number, fields, consent in self.session.rows("read_contacts_by_prefix", _range(prefix))
        ]

    def accounts_beginning(self, prefix: str) -> list[tuple[str, str]]:
        return [(number, name) for number, name in self.session.rows("read_accounts_by_prefix", _range(prefix))]

    def accounts_named(self, beginning: str) -> list[tuple[str, str]]:
        escaped = "".join(f"!{letter}" if letter in "%_!" else letter for letter in beginning)
        rows = self.session.rows("read_accounts_by_name", {"pattern": f"{escaped}%"}) if beginning else []
        return [(number, name) for number, name in rows]

    def last_recorded(self) -> Instant | None:
        found = self.session.row("read_last_recorded")
        return found[0] if found else None

    def events_of(self, account: str, deal: str) -> list[RecordedEvent]:
        rows = self.session.rows("read_events_of_deal", {"account": account, "deal": deal})
        return [RecordedEvent(account=row[1], event=event(row), state=STATES[row[11]], note=row[12]) for row in rows]

    def not_followed(self) -> tuple[int, int]:
        number, waiting = self.session.rows("count_not_followed")[0]
        return number, waiting

    def due_by_person(self, now: Instant) -> dict[str, tuple[int, int]]:
        rows = self.session.rows("count_overdue_actions", {"now": now})
        return {assignee: (number, overdue or 0) for assignee, number, overdue in rows}

    def next_due(self) -> Instant | None:
        found = self.session.row("read_next_due")
        return found[0] if found else None


def _range(prefix: str) -> dict[str, str]:
    """A range, not LIKE: it can use an index. Nothing begins with an empty prefix."""
    return {"first": prefix, "beyond": prefix + "\U0010ffff" if prefix else ""}
