"""Files of accounts and of contacts beside the deals: laid over what is there, linked, and nothing made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.core.account import Deal
from engine.core.durations import Instant
from engine.core.world import World
from engine.runner.do_not_contact import SayingNo
from engine.runner.incoming import Columns, Row, Values, Wording, news
from engine.runner.laying import Laying, Told
from engine.runner.noticing import Notices
from engine.runner.recognising import Addresses, Key, Recognising, Seen
from engine.store.base import DealFilter, ImportedDeal, KnownDeal, NewEvent, Store

Links = list[tuple[str, str]]


@dataclass(slots=True)
class SideCounts:
    """Rows of one side file: taken = new + changed for accounts; of contacts only those passed over are known."""

    taken: int = 0
    unchanged: int = 0
    passed_over: int = 0


class SideImporting:
    """In the transaction of the import of the deals, after it."""

    def __init__(
        self, store: Store, world: World, now: Instant, columns: Columns, *, import_id: int, notices: Notices,
        source: str = "",
    ) -> None:  # fmt: skip
        self.store = store
        self.now = now
        self.import_id = import_id
        self.notices = notices
        self._source = source
        self._addresses = Addresses(store)
        self.counts = SideCounts()
        self._wording = Wording(world.vocabulary, columns)

    # --- accounts -----------------------------------------------------------------------------------------------------

    def take_accounts(self, rows: Sequence[Row]) -> None:
        """Each account at most once in a file. Lost deals of those that changed are looked at for enrolment again."""
        laying = Laying(self.store, self.now, [str(row.account["id"]) for row in rows if row.account])
        told = Told()
        changed: list[str] = []
        for row in rows:
            account = row.account or {}
            identity, name = str(account["id"]), str(account.get("name", ""))
            values = self._wording.account(account)
            present = laying.present.get(identity)
            same = present and name in ("", present.named) and not news(values, present.fields)
            if same and not laying.waits(identity):
                self.counts.unchanged += 1
                continue
            self.counts.taken += 1
            told.add_account(identity, name, values)
            if present and not laying.is_live(identity):
                changed.append(identity)
        _, events = laying.write(told, f"import {self.import_id} accounts")
        self.store.record(events)
        for account_id in changed:
            lost = self.store.deals(DealFilter(account=account_id, status="lost"))
            self.store.set_examined([(account_id, row.deal.id, 0) for row in lost])

    # --- contacts -----------------------------------------------------------------------------------------------------

    def take_contacts(self, rows: Sequence[Row]) -> None:
        """A contact belongs to the account that its row names, else to that of its deal."""
        named = [str(row.contacts[0]["deal"]) for row in rows if row.contacts and "deal" in row.contacts[0]]
        deals = self.store.known_deals(named)
        homes = [self._home(row, deals) for row in rows]
        laying = Laying(self.store, self.now, [home for home in homes if home])
        seen = [_seen(row, home, laying) for row, home in zip(rows, homes, strict=True)]
        people = Recognising(self.store, laying, seen, self.notices, self._addresses)
        rows = people.rows()
        told, links = Told(), dict[str, Links]()
        for row, home in zip(rows, homes, strict=True):
            if home is None or not self._is_there(row, home, laying):
                self.counts.passed_over += 1
                continue
            contact = row.contacts[0]
            told.add_contact(home, str(contact["id"]), self._wording.contact(contact, alone=True))
            self.counts.taken += 1
            self._link(row, home, deals, links)
        elsewhere = self._write(told, laying, rows, people)
        self._write_links({deal: _placed(link, deals[deal].account, elsewhere) for deal, link in links.items()}, deals)

    def _home(self, row: Row, deals: dict[str, KnownDeal]) -> str | None:
        contact = row.contacts[0]
        deal = str(contact.get("deal", ""))
        if contact.get("account") is not None:
            return str(contact["account"])
        if deal in deals:
            return deals[deal].account
        kind = "deal-unknown" if deal else "contact-homeless"
        self.notices.note(kind, row.line, deal or str(contact["id"]))
        return None

    def _is_there(self, row: Row, home: str, laying: Laying) -> bool:
        if home in laying.present:
            return True
        self.notices.note("account-unknown", row.line, home)
        return False

    def _link(self, row: Row, home: str, deals: dict[str, KnownDeal], links: dict[str, Links]) -> None:
        contact = row.contacts[0]
        deal = str(contact.get("deal", ""))
        if not deal:
            return
        if deal not in deals:
            self.notices.note("deal-unknown", row.line, deal)
        elif deals[deal].account != home:
            self.notices.note("contact-elsewhere", row.line, str(contact["id"]), f"deal {deal} is not of {home}")
        else:
            links.setdefault(deal, []).append((str(contact["id"]), str(contact.get("role", ""))))

    def _write(self, told: Told, laying: Laying, rows: Sequence[Row], people: Recognising) -> dict[Key, str]:
        """Returns the contacts that belong to another account, by (account named, contact), and who stands for each."""
        misplaced, events = laying.write(told, f"import {self.import_id} contacts line {rows[0].line if rows else 0}")
        lines = {str(row.contacts[0]["id"]): row.line for row in rows}
        no = SayingNo(self.store, self.now, self.notices, source=self._source, import_id=self.import_id)
        copies = no.copies(people, misplaced, told.contacts, lines) if misplaced else {}
        self.store.record([*no.orders(people, [told.contacts], misplaced, lines), *events])
        for one in misplaced:
            reason = f"belongs to {one.stays_with}, not to {one.account}"
            self.notices.note("contact-elsewhere", lines.get(one.id, 0), one.id, reason)
        return copies

    def _write_links(self, links: dict[str, Links], known: dict[str, KnownDeal]) -> None:
        """Links are added; those that are there already stay in their order."""
        keys = [(known[deal].account, deal) for deal in links]
        accounts = self.store.load_accounts(sorted({account for account, _ in keys}), self.now, set(), keys)
        present = {deal.id: deal for account in accounts for deal in account.deals.values()}
        at_once: list[ImportedDeal] = []
        events: list[NewEvent] = []
        for deal, added in links.items():
            before = present[deal].contacts
            after = list((dict(before) | dict(added)).items())
            if after == before:
                continue
            if known[deal].enrolled:
                events += self._link_events(present[deal], after)
            else:
                at_once.append(self._linked(deal, known[deal], after))
        self.store.upsert_deals(at_once)
        self.store.record(events)

    def _linked(self, deal: str, known: KnownDeal, links: Links) -> ImportedDeal:
        return ImportedDeal(
            id=deal, account=known.account, fields={}, contacts=links, fingerprint=known.fingerprint,
            modified_at=known.modified_at, import_id=self.import_id, examine_at=0,
        )  # fmt: skip

    def _link_events(self, deal: Deal, links: Links) -> list[NewEvent]:
        """One per new contact, because an event brings its contact along; the last one links them all."""
        strangers = [contact for contact, _ in links if contact not in dict(deal.contacts)] or [""]
        fields: Values = {"contacts": [list(link) for link in links]}
        return [
            NewEvent(
                account=deal.account, name="imported", recorded_at=self.now, deal=deal.id, contact=contact,
                key=f"import {self.import_id} link {deal.id} {contact}", fields=fields if last else {},
            )
            for contact, last in ((contact, contact == strangers[-1]) for contact in strangers)
        ]  # fmt: skip


def _seen(row: Row, home: str | None, laying: Laying) -> Seen:
    return Seen(row, home or "", own=home in laying.present)


def _placed(links: Links, home: str, elsewhere: Mapping[Key, str]) -> Links:
    found = ((elsewhere.get((home, contact), contact), role) for contact, role in links)
    return [(contact, role) for contact, role in found if contact]
