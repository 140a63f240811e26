"""The import of activities: what reached us becomes a `reply`, what we sent becomes a touch, all of it is kept.

All verbs of one import stand in one transaction of the caller, who takes everything back by raising. Nothing is
recorded twice: an activity is known by its source and its id, or by what its row says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core import dates
from engine.core.account import Account, Touch
from engine.core.durations import Instant
from engine.core.permitting import TOUCH, count_imported, is_after_loss, touch_key
from engine.core.world import ALWAYS_OPEN, World
from engine.core.zones import zone
from engine.runner.incoming import Row, Rows
from engine.runner.noticing import Notices
from engine.runner.whose import Whose, WhoseActivity
from engine.store.base import Activity, ImportReport, NewEvent, Store

BATCH = 2_000  # rows
REPLY = "reply"
_SPOKEN = {"call": "phone", "meeting": "in_person"}  # other words that events.yaml may have for a channel


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadActivities:
    """What reading the whole file came to. `rows` = taken + `repeated` + `rejected`."""

    rows: int
    repeated: int
    rejected: int
    findings: Sequence[dict[str, Any]] = ()


@dataclass(slots=True)
class ActivityCounts:
    """inbound + outbound = recorded. Of the inbound ones `history` is what no playbook is asked about; of the outbound
    ones `touches` count for limits, `known_touches` are those of actions, as far as the last tick tells.
    """

    inbound: int = 0
    outbound: int = 0
    history: int = 0
    touches: int = 0
    known_touches: int = 0
    unchanged: int = 0
    passed_over: int = 0
    minutes: int = 0

    @property
    def recorded(self) -> int:
        return self.inbound + self.outbound


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityOutcome:
    """rows = counts.recorded + counts.unchanged + counts.passed_over + rejected.

    `unknown` are the deals, contacts and accounts that are not there: (what, name, rows, what was probably meant).
    """

    import_id: int
    rows: int
    rejected: int
    counts: ActivityCounts
    unknown: Sequence[tuple[str, str, int, str]]
    findings: Sequence[dict[str, Any]]


@dataclass(slots=True)
class _Written:
    """What a batch comes to."""

    activities: list[Activity] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    touches: list[tuple[str, Touch]] = field(default_factory=list)


class ActivityImporting:
    """`begin`, then `take` for each batch, then `finish`; or an exception of the caller's, and nothing was done."""

    def __init__(self, store: Store, world: World, now: Instant, *, source: str) -> None:
        self.store = store
        self.world = world
        self.now = now
        self.source = source
        self.import_id = 0
        self.notices = Notices()
        self.counts = ActivityCounts()
        self._whose = WhoseActivity(store, self.notices)
        self._channels = _channels_of_reply(world)

    def begin(self, file: str, digest: str) -> None:
        """Note the import; `digest` is of the file's bytes."""
        self._report = ImportReport(at=self.now, source=f"activities {self.source}", file=file, hash=digest)
        self.import_id = self.store.put_import(self._report)

    def take(self, rows: Rows) -> None:
        """One batch of rows; each activity comes at most once in a file."""
        known = self.store.known_activities([self._key(identity) for identity in rows.ids])
        news = [row for row in rows.records() if self._key(row.deal["id"]) not in known]
        self.counts.unchanged += len(rows.ids) - len(news)
        happened = [(row, at) for row in news if (at := self._instant(row)) is not None]
        whose = self._whose.find([row for row, _ in happened])
        found = [(row, at, one) for (row, at), one in zip(happened, whose, strict=True) if one is not None]
        self.counts.passed_over += len(news) - len(found)
        if found:
            self._write(found)

    def finish(self, read: ReadActivities) -> ActivityOutcome:
        """Complete the import's report."""
        self.counts.unchanged += read.repeated
        findings = [*read.findings, *self.notices.listed()]
        self.store.put_import(
            ImportReport(
                id=self.import_id, at=self.now, source=self._report.source, file=self._report.file,
                hash=self._report.hash, rows=read.rows, accepted=self.counts.recorded,
                unchanged=self.counts.unchanged, rejected=read.rejected, findings=findings,
            )
        )  # fmt: skip
        return ActivityOutcome(
            import_id=self.import_id, rows=read.rows, rejected=read.rejected, counts=self.counts,
            unknown=self._whose.unknown(), findings=findings,
        )  # fmt: skip

    def _key(self, identity: str) -> str:
        return f"activity {self.source} {identity}"

    def _instant(self, row: Row) -> Instant | None:
        """When it happened, a day alone as its beginning; None for what is still to come."""
        text = str(row.deal["when"])
        at = dates.moment(text, None, 1, zone(self.world.zone), ALWAYS_OPEN)
        if at > self.now:
            self.notices.note("activity-ahead", row.line, text)
            return None
        return at

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, found: Sequence[tuple[Row, Instant, Whose]]) -> None:
        keys = sorted({(whose.account, whose.deal) for _, _, whose in found if whose.deal})
        ids = sorted({whose.account for _, _, whose in found})
        accounts = {one.id: one for one in self.store.load_accounts(ids, self.now, {"touches"}, keys)}
        written = _Written()
        for row, at, whose in sorted(found, key=_by_instant):
            activity = self._activity(row, at, whose)
            written.activities.append(activity)
            if activity.direction == "inbound":
                self._take_inbound(activity, accounts[whose.account], written)
            else:
                self._take_outbound(activity, accounts[whose.account], written)
        self.store.put_activities(written.activities)
        self.store.record_touches(written.touches)
        self.store.record(written.events)
        self._have_examined(ids)

    def _have_examined(self, accounts: Sequence[str]) -> None:
        """Their deals are looked at anew: what passed with one contact may decide about every deal of the account."""
        self.store.set_examined(
            [(account, deal, 0) for account in accounts for deal in self.store.deals_with(account)]
        )  # fmt: skip

    def _activity(self, row: Row, at: Instant, whose: Whose) -> Activity:
        told = row.deal
        who = str(told.get("who", ""))
        if who and self.world.roster.people and who not in self.world.roster.people:
            self.notices.note("who-unknown", row.line, who)
        minutes = self._minutes(row)
        self.counts.minutes += minutes or 0
        return Activity(
            account=whose.account, key=self._key(told["id"]), deal=whose.deal, contact=whose.contact, at=at,
            direction=told["direction"], channel=told["channel"], who=who, minutes=minutes,
            subject=str(told.get("subject", "")),
        )  # fmt: skip

    def _minutes(self, row: Row) -> int | None:
        said, parts = (row.deal["minutes"], 1) if "minutes" in row.deal else (row.deal.get("seconds"), 60)
        if said is None:
            return None
        minutes = float(said) / parts
        if not 0 <= minutes < 1e6:
            self.notices.note("minutes-odd", row.line, str(said))
            return None
        return round(minutes)

    def _take_inbound(self, activity: Activity, account: Account, written: _Written) -> None:
        """Something to handle where a playbook may wait for it or begin with it; else it is only remembered."""
        self.counts.inbound += 1
        deal = account.deals.get(activity.deal)
        is_news = deal is not None and is_after_loss(activity.at, deal.fields, self.world.zone)
        begun = [enrolment.enrolled_at for enrolment in account.enrolments.values()]
        if not is_news and all(activity.at < since for since in begun):
            self.counts.history += 1
        written.events.append(self._event(activity, REPLY, handled=not begun and not is_news))

    def _take_outbound(self, activity: Activity, account: Account, written: _Written) -> None:
        """A touch: at its turn where a playbook runs, so that every step sees what was so at its own instant."""
        self.counts.outbound += 1
        key = touch_key(account.deals.get(activity.deal), activity.contact)
        if not key:
            return
        touch = Touch(key, activity.at, activity.channel)
        known = count_imported(account, touch) is not None  # as far as the last tick tells; its turn decides
        self.counts.known_touches += known
        self.counts.touches += not known
        if account.enrolments:
            written.events.append(self._event(activity, TOUCH))
        elif not known:
            written.touches.append((account.id, touch))

    def _event(self, activity: Activity, name: str, *, handled: bool = False) -> NewEvent:
        channel = activity.channel if name == TOUCH else self._channels.get(activity.channel, "")
        return NewEvent(
            account=activity.account, name=name, recorded_at=self.now, deal=activity.deal, contact=activity.contact,
            occurred_at=activity.at, key=activity.key, fields={"channel": channel} if channel else {}, handled=handled,
        )  # fmt: skip


def _by_instant(found: tuple[Row, Instant, Whose]) -> tuple[Instant, int]:
    row, at, _ = found
    return at, row.line


def _channels_of_reply(world: World) -> dict[str, str]:
    """channel -> the word for it in the field `channel` of the event `reply`; {} where it has no such field."""
    kind = world.vocabulary.event(REPLY)
    declared = kind.fields.get("channel") if kind else None
    if declared is None:
        return {}
    channels = ("call", "email", "letter", "card", "meeting", "sms", "social")
    if not declared.values:
        return dict(zip(channels, channels, strict=True))
    words = {channel: (channel, _SPOKEN.get(channel, channel)) for channel in channels}
    known = {channel: next((word for word in each if word in declared.values), "") for channel, each in words.items()}
    return {channel: word for channel, word in known.items() if word}
