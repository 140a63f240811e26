"""Writing what advancing came to: one group after the other, each guarded by what it expects to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.account import Account, Changes
from engine.store import saved_rows
from engine.store.errors import Conflict
from engine.store.session import Row, Verbs

_AGAIN = "nothing of this was kept; the next tick reads it again"


class SavingVerbs(Verbs):
    """The one way in which advancing an account is written."""

    def save(self, changes: Sequence[Changes], accounts: Mapping[str, Account]) -> None:
        with self.session.writing():
            self._save_enrolments(changes, accounts)
            self.session.write_many("insert_history", saved_rows.history_rows(changes))
            self._save_actions(changes)
            self._save_events(changes)
            self._save_facts(changes, accounts)
            self.session.write_many("insert_suppressions", list(saved_rows.suppression_rows(changes)))
            self.session.write_many("lift_suppressions", list(saved_rows.lifted_rows(changes)))
            examined = [(change.account, deal) for change in changes for deal in sorted(change.examine)]
            self.session.write_many("examine_deals", examined)
            recovered = [(change.account,) for change in changes if accounts[change.account].failures]
            self.session.write_many("forget_failures", recovered)

    def _save_enrolments(self, changes: Sequence[Changes], accounts: Mapping[str, Account]) -> None:
        new, moved = saved_rows.enrolment_rows(changes, accounts)
        self.session.write_many("insert_enrolments", new)
        self._update("update_enrolments", moved, "an enrolment was moved by somebody else")

    def _save_actions(self, changes: Sequence[Changes]) -> None:
        self.session.write_many("insert_actions", saved_rows.new_action_rows(changes))
        for columns, rows in saved_rows.changed_action_rows(changes).items():
            setting = ", ".join(f"{column} = ?" for column in columns)
            sql = f"UPDATE actions SET {setting} WHERE account_id = ? AND id = ?"
            self._update("update_actions", rows, "an action is not there", sql)

    def _save_events(self, changes: Sequence[Changes]) -> None:
        handled, late = saved_rows.event_rows(changes)
        self._update("mark_events_handled", handled, "an event is no longer pending")
        self._update("mark_events_late", late, "an event is no longer pending")

    def _save_facts(self, changes: Sequence[Changes], accounts: Mapping[str, Account]) -> None:
        self._update("update_deals", saved_rows.deal_rows(changes, accounts), "a deal is not there")
        self._update("update_contacts", saved_rows.contact_rows(changes, accounts), "a contact is not there")
        self._update("update_accounts", saved_rows.account_rows(changes, accounts), "an account is not there")

    def _update(self, name: str, rows: list[Row], otherwise: str, sql: str = "") -> None:
        """Write rows each of which must be found as expected."""
        changed = self.session.write_many(name, rows, sql)
        if changed != len(rows):
            raise Conflict(f"{self.session.path}: {otherwise} ({len(rows) - changed} of {len(rows)})", _AGAIN)
