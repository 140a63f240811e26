"""What an import looks up and writes: accounts, contacts, deals, and the report of the import itself."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import TYPE_CHECKING

from engine.core.account import Contact, Suppression, Touch
from engine.store.json_text import dump, parse
from engine.store.session import Row, Verbs

if TYPE_CHECKING:
    from engine.store.listings import (
        ImportedAccount,
        ImportedContact,
        ImportedDeal,
        ImportReport,
        KnownDeal,
        Misplaced,
    )


class ImportVerbs(Verbs):
    """The side of the CRM."""

    def fingerprints(self, ids: Iterable[str]) -> dict[str, str]:
        return dict(self.session.rows("read_fingerprints", (dump(list(ids)),)))

    def known_deals(self, ids: Iterable[str]) -> dict[str, KnownDeal]:
        from engine.store.listings import KnownDeal

        found = self.session.rows("read_known_deals", (dump(list(ids)),))
        accounts = dump(sorted({row[1] for row in found}))
        enrolled = {deal for (deal,) in self.session.rows("read_enrolled_deals", (accounts,))} if found else set()
        return {
            number: KnownDeal(
                account=account,
                fingerprint=fingerprint,
                modified_at=modified_at,
                status=status,
                owner=owner,
                lost_at=lost_at,
                enrolled=number in enrolled,
                contacts=tuple(contact for contact, _ in parse(linked)),
            )
            for number, account, fingerprint, modified_at, status, owner, lost_at, linked in found
        }

    def contacts_of(self, accounts: Iterable[str]) -> list[Contact]:
        rows = self.session.rows("read_contacts_of_accounts", (dump(list(accounts)),))
        return [Contact(number, account, parse(fields), parse(consent)) for account, number, fields, consent in rows]

    def readdressed_contacts(self) -> list[tuple[str, str, str]]:
        rows = self.session.rows("read_readdressed_contacts")
        return [(str(parse(fields)["email"]), account, contact) for account, contact, fields in rows]

    def upsert_accounts(self, accounts: Iterable[ImportedAccount]) -> None:
        with self.session.writing():
            rows = [(account.id, account.name, dump(dict(account.fields))) for account in accounts]
            self.session.write_many("upsert_accounts", rows)

    def upsert_contacts(self, contacts: Iterable[ImportedContact]) -> list[Misplaced]:
        listed = list(contacts)
        with self.session.writing():
            self.require_accounts({contact.account for contact in listed})
            misplaced = self._misplaced("read_contact_accounts", listed)
            refused = {(one.id, one.account) for one in misplaced}
            rows = [
                (contact.account, contact.id, dump(dict(contact.fields)), dump(dict(contact.consent)))
                for contact in listed
                if (contact.id, contact.account) not in refused
            ]
            self.session.write_many("upsert_contacts", rows)
        return misplaced

    def upsert_deals(self, deals: Iterable[ImportedDeal]) -> list[Misplaced]:
        listed = list(deals)
        with self.session.writing():
            self.require_accounts({deal.account for deal in listed})
            misplaced = self._misplaced("read_deal_accounts", listed)
            refused = {(one.id, one.account) for one in misplaced}
            kept = [deal for deal in listed if (deal.id, deal.account) not in refused] if refused else listed
            kept.sort(key=_place)  # in the order of the table, which saves a fifth of the time
            self.session.write_many("upsert_deals", list(map(_deal_row, kept)))
        return misplaced

    def move_deals(self, moves: Iterable[tuple[str, str]]) -> list[str]:
        from engine.store.listings import ImportedAccount

        wanted = dict(moves)
        with self.session.writing():
            found = self.session.rows("read_movable_deals", (dump(list(wanted)),))
            rows = [(wanted[deal], account, deal) for deal, account in found if wanted[deal] != account]
            self.upsert_accounts([ImportedAccount(id=account) for account in sorted({row[0] for row in rows})])
            for statement in ("move_deals", "move_events_of_deals", "move_activities_of_deals"):
                self.session.write_many(statement, rows)
            self._leave_accounts(rows)
        return [deal for _, _, deal in rows]

    def _leave_accounts(self, moved: list[tuple[str, str, str]]) -> None:
        """`moved` is (account now, account before, deal). A deal is not linked to contacts that it left behind."""
        before = sorted({account for _, account, _ in moved})
        emptied = {account for (account,) in self.session.rows("read_emptied_accounts", (dump(before),))}
        self.session.write_many("unlink_contacts", [(now, deal) for now, old, deal in moved if old not in emptied])
        heirs = [(now, account) for account, now in {old: now for now, old, _ in moved if old in emptied}.items()]
        for statement in ("move_contacts", "move_events", "move_suppressions", "move_touches", "move_activities"):
            self.session.write_many(statement, heirs)
        self.session.write_many("remove_accounts", [(account,) for _, account in heirs])

    def _misplaced(self, lookup: str, listed: list[ImportedContact] | list[ImportedDeal]) -> list[Misplaced]:
        """Those that belong to another account, here or earlier in the list."""
        from engine.store.listings import Misplaced

        homes: dict[str, str] = dict(self.session.rows(lookup, (dump([one.id for one in listed]),)))
        return [
            Misplaced(id=one.id, account=one.account, stays_with=homes[one.id])
            for one in listed
            if homes.setdefault(one.id, one.account) != one.account
        ]

    def put_fingerprints(self, import_id: int, deals: Iterable[tuple[str, str, str]]) -> None:
        with self.session.writing():
            rows = [(fingerprint, modified_at, import_id, deal) for deal, fingerprint, modified_at in deals]
            self.session.write_many("put_fingerprints", rows)

    def mark_seen(self, import_id: int, ids: Iterable[str]) -> None:
        with self.session.writing():
            self.session.write("mark_seen", (import_id, dump(list(ids))))

    def not_seen(self, import_id: int, source: str) -> list[str]:
        return [deal for (deal,) in self.session.rows("read_not_seen", {"import": import_id, "source": source})]

    def put_import(self, report: ImportReport) -> int:
        with self.session.writing():
            if report.id:
                self.session.write("complete_import", _report_row(report, report.id))
                return report.id
            found = self.session.row("read_next_import_id") or (1,)
            self.session.write("insert_import", _report_row(report, found[0]))
        return int(found[0])

    def last_import(self, source: str | None = None) -> ImportReport | None:
        found = self.session.row("read_last_import", {"source": source})
        return _report(found) if found else None

    def record_touches(self, touches: Iterable[tuple[str, Touch]]) -> None:
        with self.session.writing():
            rows = [(account, touch.key, touch.at, touch.kind) for account, touch in touches]
            self.session.write_many("record_touches", rows)

    def suppress(self, suppressions: Iterable[tuple[str, Suppression]]) -> None:
        with self.session.writing():
            rows = [
                (account, one.scope, one.contact, one.channel, one.since, one.until, one.because)
                for account, one in suppressions
            ]
            self.session.write_many("insert_suppressions", rows)


_place = attrgetter("account", "id")


def _deal_row(deal: ImportedDeal) -> Row:
    number, account, fields, contacts, fingerprint, modified_at, import_id, examine_at = deal
    read = fields.get
    return (
        account, number, read("status") or "open", read("owner") or "", read("team") or "", read("lost_at") or "",
        modified_at, dump(fields if type(fields) is dict else dict(fields)),
        None if contacts is None else dump(contacts), fingerprint, import_id, examine_at,
    )  # fmt: skip


def _report_row(one: ImportReport, number: int) -> Row:
    return (
        one.at, one.source, one.file, one.hash, one.newest_modified, one.rows, one.accepted, one.unchanged,
        one.rejected, dump(one.findings), int(one.whole), number,
    )  # fmt: skip


def _report(row: Row) -> ImportReport:
    from engine.store.listings import ImportReport

    at, source, file, hashed, newest, rows, accepted, unchanged, rejected, findings, whole, number = row
    return ImportReport(
        at=at,
        source=source,
        file=file,
        hash=hashed,
        id=number,
        newest_modified=newest,
        rows=rows,
        accepted=accepted,
        unchanged=unchanged,
        rejected=rejected,
        whole=bool(whole),
        findings=parse(findings),
    )
