"""Which accounts a tick has to look at, and loading them: a few statements for a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.account import Account, Contact, Deal, Suppression, Touch
from engine.core.enrolment import Enrolment, Event, Instant
from engine.store.json_text import dump, parse
from engine.store.records import SetAside
from engine.store.session import Row, Verbs

TOUCHES_KEPT = 400 * 86400  # seconds; longer than any `per` that validation lets through


class AccountVerbs(Verbs):
    """Claim, load, and what happens to an account that cannot be advanced."""

    _due_pass = 0  # how many sets of due accounts this connection took; the mark of the one that pages are read from
    _due_now: Instant | None = None

    def due_accounts(self, now: Instant, limit: int, after: str | None = None) -> list[str]:
        if after is None:
            self._due_now = None
            first = self.session.rows("due_accounts", {"now": now, "limit": limit})
            return [account for (account,) in first]
        if not self._due_set_stands(now):
            self._take_due_set(now)
        page = self.session.rows("next_due_page", {"after": after, "limit": limit})
        return [account for (account,) in page]

    def _due_set_stands(self, now: Instant) -> bool:
        for statement in ("prepare_due_pages", "prepare_due_pass"):
            self.session.rows(statement)
        return self._due_now == now and self.session.row("read_due_pass") == (self._due_pass,)

    def _take_due_set(self, now: Instant) -> None:
        for statement in ("clear_due_pages", "clear_due_pass"):
            self.session.rows(statement)
        self._due_pass += 1
        self._due_now = now
        self.session.rows("fill_due_by_timer", {"now": now})
        self.session.rows("fill_due_by_event", {"now": now})
        self.session.rows("mark_due_pass", (self._due_pass,))

    def enrolled_accounts(self, limit: int, after: str) -> list[str]:
        return [account for (account,) in self.session.rows("enrolled_accounts", {"limit": limit, "after": after})]

    def load_accounts(
        self, ids: Sequence[str], now: Instant, needs: set[str], deals: Iterable[tuple[str, str]] = ()
    ) -> list[Account]:
        listed = dump(list(ids))
        accounts = {
            row[0]: Account(id=row[0], named=row[1], fields=parse(row[2]), failures=row[3])
            for row in self.session.rows("load_accounts", (listed,))
        }
        wanted = {deal for _, deal in deals}
        wanted |= self._load_enrolments(accounts, listed)
        contacts = self._load_events(accounts, listed, now, wanted)
        contacts |= self._load_deals(accounts, wanted)
        self._load_contacts(accounts, contacts)
        self._load_suppressions(accounts, listed)
        if "log" in needs:
            self._load_log(accounts, listed)
        if "touches" in needs:
            self._load_touches(accounts, listed, now - TOUCHES_KEPT)
        return list(accounts.values())

    def _load_enrolments(self, accounts: dict[str, Account], listed: str) -> set[str]:
        deals: set[str] = set()
        for row in self.session.rows("load_enrolments", (listed,)):
            if row[0] in accounts:
                accounts[row[0]].enrolments[row[1]] = open_enrolment(row)
                deals.add(row[2])
        return deals

    def _load_events(self, accounts: dict[str, Account], listed: str, now: Instant, deals: set[str]) -> set[str]:
        """Also adds to `deals` what the events are about; returns their contacts."""
        contacts: set[str] = set()
        for row in self.session.rows("load_pending_events", {"accounts": listed, "now": now}):
            if row[1] in accounts:
                accounts[row[1]].events.append(event(row))
                deals.add(row[2])
                contacts.add(row[3])
        return contacts

    def _load_deals(self, accounts: dict[str, Account], deals: set[str]) -> set[str]:
        contacts: set[str] = set()
        for row in self.session.rows("load_deals", (dump(list(deals)),)):
            account, number, fields, linked, excused, asked, answers = row
            if account in accounts:
                links = [(one, role) for one, role in parse(linked)]
                found = Deal(number, account, parse(fields), links, excused, parse(asked), parse(answers))
                accounts[account].deals[number] = found
                contacts.update(contact for contact, _ in found.contacts)
        return contacts

    def _load_contacts(self, accounts: dict[str, Account], contacts: set[str]) -> None:
        for account, number, fields, consent in self.session.rows("load_contacts", (dump(list(contacts)),)):
            if account in accounts:
                accounts[account].contacts[number] = Contact(number, account, parse(fields), parse(consent))

    def _load_suppressions(self, accounts: dict[str, Account], listed: str) -> None:
        for account, *content in self.session.rows("load_suppressions", (listed,)):
            if account in accounts:
                accounts[account].suppressions.append(Suppression(*content))

    def _load_log(self, accounts: dict[str, Account], listed: str) -> None:
        for row in self.session.rows("load_handled_events", {"accounts": listed}):
            if row[1] in accounts:
                accounts[row[1]].log.append(event(row))
        for account, name, at, deal, enrolment in self.session.rows("load_closings", {"accounts": listed}):
            if account in accounts:
                accounts[account].log.append(Event(name, at, deal=deal, enrolment=enrolment))

    def _load_touches(self, accounts: dict[str, Account], listed: str, since: Instant) -> None:
        for account, *content in self.session.rows("load_touches", {"accounts": listed, "since": since}):
            if account in accounts:
                accounts[account].touches.append(Touch(*content))

    def fail_account(self, account: str, error: str, final: bool = False) -> int:
        with self.session.writing():
            content = {"account": account, "error": error or "unknown", "final": int(final)}
            self.session.write("fail_account", content)
            found = self.session.row("read_failures", (account,))
        return int(found[0]) if found else 0

    def retry_account(self, account: str) -> bool:
        with self.session.writing():
            return self.session.write("retry_account", (account,)) > 0

    def set_aside(self) -> list[SetAside]:
        return [
            SetAside(account=account, name=name, failures=failures, error=error, waits=bool(waits))
            for account, name, failures, error, waits in sorted(self.session.rows("read_failed_accounts"))
        ]


def event(row: Row) -> Event:
    """From (id, account, deal, contact, enrolment, action, name, occurred_at, recorded_at, by, fields)."""
    number, _, deal, contact, enrolment, action, name, occurred_at, recorded_at, by, fields = row[:11]
    return Event(name, recorded_at, number, deal, contact, enrolment, action, occurred_at, by, parse(fields))


def open_enrolment(row: Row) -> Enrolment:
    """From (account, id, deal, playbook, revision, number, enrolled_at, steps, body)."""
    account, id_, deal, playbook, revision, number, enrolled_at, steps, body = row[:9]
    found = Enrolment(id_, account, deal, playbook, revision, number, enrolled_at, steps=steps)
    return found.load_body(parse(body))
