"""The import of one file of deals: what is new goes in, what changed goes in or waits for its turn, the rest stays.

All verbs of one import stand in one transaction of the caller, who takes everything back by raising. Memory is that of
one batch, however long the file is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.account import Deal
from engine.core.durations import Instant
from engine.core.imported import AFTER_LOSS, LINK, LINKED, status_event
from engine.core.world import World
from engine.runner.do_not_contact import SayingNo
from engine.runner.incoming import (
    ALONE,
    DO_NOT,
    Columns,
    Row,
    Rows,
    Values,
    Wording,
    account_of,
    closing,
    filled,
    is_earlier,
    is_own,
    links_of,
    newest_of,
    news,
)
from engine.runner.laying import Laying, Told
from engine.runner.noticing import Notices, UnknownName
from engine.runner.recognising import Addresses, Key, Likely, Recognising, Seen
from engine.runner.taking_back import TakingBack
from engine.store.base import ImportedDeal, ImportReport, KnownDeal, Misplaced, NewEvent, Store

BATCH = 2_000  # rows
MANY = 3  # lost deals that are open again at once: a usual week has fewer, an older export more
LISTED = 20  # vanished deals that are named; all are counted
_NOTHING: Mapping[str, Any] = {}
_Moving = tuple[Row, KnownDeal | None, str]  # a row, what is known of its deal, the account that it belongs to


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What reading the whole file came to. `rows` = taken + `repeated` + `rejected`."""

    rows: int
    repeated: int
    rejected: int
    findings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportResult:
    """What one import did: rows = accepted + unchanged + rejected, accepted = new + changed.

    `waiting` of the changed ones take effect in the next tick; `statuses` counts the won, lost, reopened and deleted.
    """

    import_id: int
    first: bool
    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    waiting: int
    statuses: Mapping[str, int]
    vanished_count: int
    vanished: Sequence[str]
    lost_by_team: Mapping[str, int]
    findings: Sequence[Mapping[str, Any]]
    unknown_names: Sequence[UnknownName]

    @property
    def accepted(self) -> int:
        return self.new + self.changed


@dataclass(slots=True)
class _Counted:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    waiting: int = 0
    newest_modified: str = ""
    reopened: list[tuple[int, str]] = field(default_factory=list)  # line, deal
    statuses: Counter[str] = field(default_factory=Counter)
    lost_by_team: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Batch:
    """What is to be written for the rows of a batch that change something."""

    rows: list[_Moving]
    laying: Laying
    told: Told
    back: TakingBack
    elsewhere: Mapping[Key, str] = field(default_factory=dict)  # who is of another account: who stands for them
    deals: list[ImportedDeal] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    waiting: list[tuple[str, str, str]] = field(default_factory=list)  # deal, fingerprint, modified_at


class Importing:
    """`begin`, then `take` for each batch, then `finish`; or an exception of the caller's, and nothing was done.

    `newest` gives the newest modification in the whole file, "" if it names none; it is asked at most once. `roles`
    are those of contacts that playbooks look for.
    """

    def __init__(
        self, store: Store, world: World, now: Instant, columns: Columns, *, source: str, newest: Callable[[], str],
        roles: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.store = store
        self.world = world
        self.now = now
        self.source = source
        self.notices = Notices()
        self.import_id = 0
        self._columns = columns
        self._wording = Wording(world.vocabulary, columns)
        self._newest = newest
        self._roles = roles
        self._addresses = Addresses(store)
        self._whole_is_older: bool | None = None
        self._last: ImportReport | None = None
        self._counted = _Counted()

    def begin(self, file: str, digest: str) -> None:
        """Note the import; `digest` is of the file's bytes."""
        self._last = self.store.last_import(self.source)
        self._report = ImportReport(at=self.now, source=self.source, file=file, hash=digest)
        self.import_id = self.store.put_import(self._report)
        self._no = SayingNo(self.store, self.now, self.notices, source=self.source, import_id=self.import_id)

    def take(self, rows: Rows, rejected: Sequence[str] = ()) -> None:
        """One batch of rows, each deal at most once in all; `rejected` are ids of rows that could not be read."""
        self._notice(rows)
        known = self.store.fingerprints(rows.ids)
        told = list(zip(rows.ids, rows.fingerprints, strict=True))
        same = [deal for deal, fingerprint in told if known.get(deal) == fingerprint]
        self._counted.unchanged += len(same)
        news = rows
        if same:
            news = rows.at([place for place, (deal, found) in enumerate(told) if known.get(deal) != found])
        moving, older = self._sorted_out(news.records() if news.ids else (), known)
        if seen := [*rejected, *same, *older]:
            self.store.mark_seen(self.import_id, seen)
        if moving:
            self._write(moving)

    def finish(self, read: Read, *, partial: bool = False) -> ImportResult:
        """Complete the import's report. `partial`: the file is a part of the CRM, so nothing in it has vanished."""
        counted = self._counted
        partial = partial or (counted.older > 0 and self._is_older_as_a_whole())
        vanished = [] if partial else self.store.not_seen(self.import_id, self.source)
        if len(counted.reopened) >= MANY and "modified_at" not in self._columns.deal:
            for line, deal in counted.reopened:
                self.notices.note("reopened-many", line, deal)
        findings = [*read.findings, *self.notices.listed()]
        unchanged = counted.unchanged + read.repeated
        self.store.put_import(
            ImportReport(
                id=self.import_id, at=self.now, source=self.source, file=self._report.file, hash=self._report.hash,
                newest_modified=counted.newest_modified, rows=read.rows, accepted=counted.new + counted.changed,
                unchanged=unchanged, rejected=read.rejected, findings=findings, whole=not partial,
            )
        )  # fmt: skip
        return ImportResult(
            import_id=self.import_id, first=self._last is None, rows=read.rows, new=counted.new,
            changed=counted.changed, unchanged=unchanged, rejected=read.rejected, waiting=counted.waiting,
            statuses=dict(counted.statuses), vanished_count=len(vanished), vanished=vanished[:LISTED],
            lost_by_team=dict(counted.lost_by_team.most_common()), findings=findings,
            unknown_names=self.notices.unknown_names(),
        )  # fmt: skip

    # --- what a row is ------------------------------------------------------------------------------------------------

    def _notice(self, rows: Rows) -> None:
        counted = self._counted
        self.notices.ask_roster(rows, self.world.roster)
        if self._roles and self._columns.contacts:
            self.notices.ask_roles(rows, self._roles)
        status, teams = rows.column("status"), rows.column("team")
        counted.lost_by_team.update(team or "" for team, each in zip(teams, status, strict=True) if each == "lost")
        counted.newest_modified = max(counted.newest_modified, newest_of(rows.column("modified_at")))

    def _sorted_out(self, rows: Sequence[Row], known: Container[str]) -> tuple[list[_Moving], list[str]]:
        """(rows that say something new, ids of those that are older than what is known)."""
        counted = self._counted
        before = self.store.known_deals([deal for row in rows if (deal := row.deal["id"]) in known])
        moving: list[_Moving] = []
        older: list[str] = []
        for row in rows:
            deal = before.get(row.deal["id"]) if before else None
            if deal is None:
                counted.new += 1
            elif self._is_older(row, deal):
                counted.unchanged += 1
                older.append(row.deal["id"])
                continue
            else:
                counted.changed += 1
            moving.append((row, deal, account_of(row)))
        if before:
            moved = self._move(moving)
            moving = [(row, deal, self._home(row, deal, said, moved)) for row, deal, said in moving]
        return moving, older

    def _is_older(self, row: Row, known: KnownDeal) -> bool:
        """Whether what is known of the deal is from later than this row."""
        modified = str(row.deal.get("modified_at") or "")
        if modified:
            older = bool(known.modified_at) and is_earlier(modified, known.modified_at)
        else:
            older = self._is_older_as_a_whole()
        if older:
            self._counted.older += 1
            reason = f"{modified or 'the export'} is before {known.modified_at or 'the last one'}"
            self.notices.note("older-than-known", row.line, row.deal["id"], reason)
        return older

    def _is_older_as_a_whole(self) -> bool:
        """By the newest modification; a file that names none cannot be told."""
        if self._whole_is_older is None:
            last = self._last.newest_modified if self._last else ""
            newest = self._newest() if last and "modified_at" in self._columns.deal else ""
            self._whole_is_older = bool(newest) and is_earlier(newest, last)
        return self._whole_is_older

    def _move(self, moving: list[_Moving]) -> set[str]:
        """Deals that another account is named for now go over to it, unless a playbook has followed them."""
        wanted = {
            row.deal["id"]: said
            for row, known, said in moving
            if known is not None and known.account != said and not known.enrolled and not said.startswith(ALONE)
        }
        return set(self.store.move_deals(wanted.items())) if wanted else set()

    def _home(self, row: Row, known: KnownDeal | None, said: str, moved: Container[str]) -> str:
        """The account that the deal belongs to: where its history stands, if it has one."""
        if known is None or known.account == said:
            return said
        deal = row.deal["id"]
        if deal in moved:
            before = "none" if known.account.startswith(ALONE) else known.account
            self.notices.note("account-changed", row.line, deal, f"from {before} to {said}")
            return said
        if known.account.startswith(ALONE):
            self.notices.note("account-added", row.line, deal, f"the account is {said} now")
        else:
            shown = "none" if said.startswith(ALONE) else said
            self.notices.note("account-moved", row.line, deal, f"from {known.account} to {shown}")
        return known.account

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, moving: list[_Moving]) -> None:
        laying = Laying(self.store, self.now, [home for _, _, home in moving])
        people = Recognising(self.store, laying, [_seen(*one) for one in moving], self.notices, self._addresses)
        moving = [(row, known, home) for row, (_, known, home) in zip(people.rows(), moving, strict=True)]
        people.likely += [
            Likely(new=(home, ""), old=(known.account, ""), certain=False, line=row.line)
            for row, known, home in moving
            if known is not None and known.account != home
        ]  # who does not want to hear of us is not asked under a new name of the account
        back = TakingBack(self.store, laying, f"import {self.import_id} says otherwise")
        batch = _Batch(rows=moving, laying=laying, told=self._told(moving), back=back)
        mark = f"import {self.import_id} line {moving[0][0].line} account"
        misplaced, events = laying.write(batch.told, mark)
        if misplaced:
            self._note_misplaced(batch, misplaced)
            batch.elsewhere = self._no.copies(people, misplaced, batch.told.contacts, _lines(moving))
        said_elsewhere = self._no.elsewhere(moving) if self._columns.contact & set(DO_NOT) else {}
        said = (batch.told.contacts, said_elsewhere)
        batch.events += [*self._no.orders(people, said, misplaced, _lines(moving)), *events]
        for row, known, home in moving:
            if known is not None and known.enrolled:
                self._lay_in_queue(batch, row, known, home)
            else:
                self._lay_at_once(batch, row, known, home)
        self.store.upsert_deals(batch.deals)
        self.store.put_fingerprints(self.import_id, batch.waiting)
        self.store.record(batch.events)

    def _note_misplaced(self, batch: _Batch, misplaced: Sequence[Misplaced]) -> None:
        lines = _lines(batch.rows)
        for one in misplaced:
            reason = f"belongs to {one.stays_with}, not to {one.account}"
            self.notices.note("contact-elsewhere", lines.get(one.id, 0), one.id, reason)

    def _told(self, moving: list[_Moving]) -> Told:
        """What the rows say of accounts and contacts. A row that names another account says nothing of its own."""
        told = Told()
        said: set[tuple[str, int]] = set()
        for row, known, home in moving:
            own = known is None or is_own(row, home)
            account = row.account if row.account and own else _NOTHING
            if (home, id(account)) not in said:  # rows share what they say of an account
                said.add((home, id(account)))
                values = self._wording.account(account, row) if account else {}
                if not told.add_account(home, str(account.get("name", "")), values):
                    self.notices.note("account-contradicts", row.line, home)
            for contact in row.contacts if own and row.contacts else ():
                contact_values = self._wording.contact(contact, alone=len(row.contacts) == 1)
                told.add_contact(home, str(contact["id"]), contact_values)
        return told

    def _links(self, batch: _Batch, row: Row, home: str) -> list[tuple[str, str]] | None:
        """The deal's contacts; None where the file does not say, or speaks of another account's people."""
        if not self._columns.contacts or not is_own(row, home):
            return None
        links = ((batch.elsewhere.get((home, contact), contact), role) for contact, role in links_of(row))
        return [(contact, role) for contact, role in links if contact]

    def _lay_at_once(self, batch: _Batch, row: Row, known: KnownDeal | None, home: str) -> None:
        values = self._wording.deal(row, new=known is None)
        batch.deals.append(
            ImportedDeal(
                id=row.deal["id"], account=home, fields=values,
                contacts=self._links(batch, row, home), fingerprint=row.fingerprint,
                modified_at=str(row.deal.get("modified_at") or ""), import_id=self.import_id, examine_at=0,
            )
        )  # fmt: skip
        if known is not None and (happened := self._status_event(row, known)) and not batch.back.undone(row, home):
            batch.events.append(self._event(home, row, happened, {**closing(row), **_after_loss(known)}))
        if row.deal.get(LINK):
            batch.events.append(self._linked(home, row))

    def _linked(self, account: str, row: Row) -> NewEvent:
        """That the deal came from a lost one, and whether it is won: what a comparison counts it by. No playbook hears
        of it; told once for each state of the two."""
        deal, link = row.deal["id"], str(row.deal[LINK])
        return NewEvent(
            account=account, name=LINKED, recorded_at=self.now, deal=deal, handled=True,
            key=f"linked {deal} {link} {row.deal['status']}", fields={LINK: link, **closing(row)},
        )  # fmt: skip

    def _lay_in_queue(self, batch: _Batch, row: Row, known: KnownDeal, home: str) -> None:
        """The values of a deal that a playbook follows take effect at the event's turn."""
        batch.waiting.append((row.deal["id"], row.fingerprint, str(row.deal.get("modified_at") or "")))
        if row.deal.get(LINK):
            batch.events.append(self._linked(home, row))
        present = batch.laying.present[home].deals.get(row.deal["id"])
        waits = batch.laying.waits(home) or present is None
        fields = self._news(row, None if waits else present, self._links(batch, row, home))
        if not fields:
            return
        batch.back.replace(row.deal["id"], home, fields)
        self._counted.waiting += 1
        self._status_event(row, known)  # counted; the event is raised when the values take effect
        linked = [contact for contact, _ in fields.get("contacts", ())]
        strangers = [contact for contact in linked if contact not in batch.laying.present[home].contacts]
        # an event brings its contact along when its account is loaded: one that was just linked would be missing
        for contact in strangers[1:]:
            batch.events.append(self._event(home, row, "imported", contact=contact, part=f" {contact}"))
        batch.events.append(self._event(home, row, "imported", fields, contact=strangers[0] if strangers else ""))

    def _status_event(self, row: Row, known: KnownDeal) -> str:
        """won, lost, reopened, deleted or "", counted."""
        happened = status_event({"status": known.status}, {"status": row.deal["status"]})
        if happened:
            self._counted.statuses[happened] += 1
        if happened == "reopened" and known.status == "lost":
            self._counted.reopened.append((row.line, row.deal["id"]))
        return happened

    def _news(self, row: Row, present: Deal | None, links: list[tuple[str, str]] | None) -> Values:
        """What the event carries: everything where it is not known what will be there at its turn (`present` None)."""
        fields: Values = {}
        told = self._wording.deal(row)
        if present is None:
            fields["deal"] = told if "custom" not in told else {**told, "custom": filled(told["custom"])}
        elif values := news(told, present.fields):
            fields["deal"] = values
        if links is not None and (present is None or links != present.contacts):
            fields["contacts"] = [list(link) for link in links]
        return fields

    def _event(
        self, account: str, row: Row, name: str, fields: Values | None = None, contact: str = "", part: str = ""
    ) -> NewEvent:
        """Its key names this import: a value may come back to what it was, and that is news again."""
        deal = row.deal["id"]
        return NewEvent(
            account=account, name=name, recorded_at=self.now, deal=deal, contact=contact,
            key=f"import {self.import_id} {name} {deal}{part}", fields=fields or {},
        )  # fmt: skip


def _lines(rows: Sequence[_Moving]) -> dict[str, int]:
    """By contact."""
    return {str(contact["id"]): row.line for row, _, _ in rows for contact in row.contacts}


def _seen(row: Row, known: KnownDeal | None, home: str) -> Seen:
    if known is None:
        return Seen(row, home)
    return Seen(row, home, former=known.account, before=known.contacts, own=is_own(row, home))


def _after_loss(known: KnownDeal) -> Values:
    """The day of the loss that is over now: the export has none any more, and a history of losses wants it."""
    return {AFTER_LOSS: known.lost_at} if known.status == "lost" and known.lost_at else {}
