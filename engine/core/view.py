"""One enrolment's view of its account at one instant: the `Source` of every read.

Facts come from the account, time from the calendars, people from the roster. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.core import dates, delays, time
from engine.core.account import Account, Deal, Touch, covers, suppressed_by
from engine.core.calendars import Calendar, Opening, next_open
from engine.core.conditions import Count, Direction, matches
from engine.core.durations import parse_duration
from engine.core.enrolment import Event, Instant, is_of
from engine.core.limits import Later, Never, permit
from engine.core.model import CUSTOMER_KINDS, Action, Limit, Moment, Playbook
from engine.core.questionnaires import answer_in
from engine.core.world import World
from engine.core.zones import ZoneError, date_text, last_of_day, local_date, weekday, zone

_SEARCHED = 366 * 86400  # seconds
_ROUNDS = 400  # of moving a touch on until window, leave and limits agree

# Deals of one cohort ask the same of the calendar; what it answers depends on nothing else.
duration_from = lru_cache(maxsize=1024)(parse_duration)
_add = lru_cache(maxsize=8192)(delays.add)
_next_open = lru_cache(maxsize=8192)(next_open)
_local_date = lru_cache(maxsize=8192)(local_date)
_last_of_day = lru_cache(maxsize=4096)(last_of_day)


class View:
    """Implements `Source` (core/reads.py) for one deal of `account`, at `at`."""

    __slots__ = ("_zones", "account", "at", "calendar", "deal", "playbook", "world")

    def __init__(self, world: World, account: Account, deal: Deal, playbook: Playbook, at: Instant) -> None:
        self.world = world
        self.account = account
        self.deal = deal
        self.playbook = playbook
        self.at = at
        self._zones: dict[str, ZoneInfo] = {}
        self.calendar: Calendar = world.calendar_named(playbook.calendar)

    # --- facts -------------------------------------------------------------------------------------------------------

    def value(self, name: str, contact: str) -> Any:
        root, _, rest = name.partition(".")
        if root == "deal":
            return self._deal_value(rest)
        if root == "account":
            return self._account_value(rest)
        if root == "contact":
            return self._contact_value(rest, contact)
        if root == "consent":
            found = self.account.contacts.get(contact or self.contact(""))
            return found.consent.get(rest, {}).get("value") if found else None
        if root == "answers":
            return answer_in(self.deal.answers, rest)
        if root == "weekday":
            return weekday(self.at, self.zone_of())
        return self._last(rest, contact) if root == "last" else None

    def _deal_value(self, name: str) -> Any:
        if name == "team":
            return self.world.roster.team_of(self.deal.fields) or None
        return self.deal.id if name == "id" else self.deal.fields.get(name)

    def _account_value(self, name: str) -> Any:
        if name == "id":
            return self.account.id
        return self.account.named or None if name == "name" else self.account.fields.get(name)

    def _contact_value(self, name: str, contact: str) -> Any:
        role, _, bare = name.rpartition(".")
        found = self.account.contacts.get(self.contact(role) if role else contact or self.contact(""))
        if found is None:
            return None
        return found.id if bare == "id" else found.fields.get(bare)

    def contact(self, role: str) -> str:
        """The first contact in that role, in import order; "" if nobody is. Without a role: the deal's first."""
        for identity, held in self.deal.contacts:
            if not role or held == role:
                return identity
        return ""

    def _last(self, event: str, contact: str) -> str | None:
        """When it last happened, as a date fact; None if never."""
        if event == "touch":
            instants = [touch.at for touch in self._touches(contact or self.contact(""))]
        else:
            instants = [
                happened.happened_at
                for happened in self.account.log
                if self.world.vocabulary.counts_as(happened.name, event) and self._concerns(happened, "contact")
            ]
        return date_text(max(instants)) if instants else None

    def count(self, count: Count, within: str, contact: str) -> int:
        since = delays.subtract(self.at, duration_from(within), self.zone_of(), self.calendar) if within else None
        found = (one for one in self._events_of(count) if since is None or one.happened_at > since)
        return sum(1 for one in found if matches(count.where, one.fields, self.date_order))

    def leaves_window(self, count: Count, within: str) -> list[Instant]:
        """When each event that `count` counts falls out of its window: one second later it counts no more."""
        return [self.after(within, happened.happened_at, "") + 1 for happened in self._events_of(count)]

    def _events_of(self, count: Count) -> Iterator[Event]:
        """Those of its name or family that count for this deal, whenever they happened."""
        for happened in self.account.log:
            if is_of(happened.name, count.of) and self._concerns(happened, count.origin):
                yield happened

    def _concerns(self, event: Event, origin: str) -> bool:
        return origin in reach(event, self.deal)

    # --- time --------------------------------------------------------------------------------------------------------

    def elapsed(self, fact: str, direction: Direction, duration: str) -> int:
        return dates.reached(fact, duration_from(duration), self.at, self.zone_of(), self.calendar, direction)

    def date_order(self, fact: str, other: str) -> int:
        here, there = dates.parse_date_fact(fact), dates.parse_date_fact(other)
        zone_here = self.zone_of()
        if here.day is not None or there.day is not None:
            left, right = self._day(fact, zone_here), self._day(other, zone_here)
        else:
            left, right = self._instant(fact, zone_here), self._instant(other, zone_here)
        return (left > right) - (left < right)

    def _instant(self, fact: str, where: ZoneInfo) -> Instant:
        return dates.moment(fact, None, 1, where, self.calendar)

    def _day(self, fact: str, where: ZoneInfo) -> int:
        parsed = dates.parse_date_fact(fact)
        return (parsed.day or local_date(self._instant(fact, where), where)).toordinal()

    def after(self, duration: str, base: Instant, whose: str) -> Instant:
        return _add(base, duration_from(duration), self.zone_of(whose), self.calendar)

    def moment(self, moment: Moment, date: str, offset: str, whose: str) -> Instant | None:
        moved = duration_from(offset) if offset else None
        return dates.moment(date, moved, moment.sign, self.zone_of(whose), self.calendar)

    def scheduled(self, schedule: str, after: Instant) -> Instant:
        found = self.world.schedules[schedule]
        return time.next_match(found, after, self.zone_of(), self.calendar, self.deal.id)

    def left(self, unit: str, since: Instant, until: Instant, whose: str) -> str:
        return str(delays.left(since, until, unit, self.zone_of(whose), self.calendar))  # type: ignore[arg-type]

    def resume(self, left: str, at: Instant, whose: str) -> Instant:
        return delays.resume(delays.parse_left(left), at, self.zone_of(whose), self.calendar)

    def zone_of(self, whose: str = "") -> ZoneInfo:
        """The zone of the deal, of `contact:ID` or of `person:ID`."""
        found = self._zones.get(whose)
        if found is None:
            found = self._zones[whose] = self._find_zone(whose)
        return found

    def _find_zone(self, whose: str) -> ZoneInfo:
        kind, _, identity = whose.partition(":")
        if kind == "contact":
            return self._first_zone(self._contact_zone(identity), self._zone_of_account(), self._zone_of_deal())
        if kind == "person":
            person = self.world.roster.people.get(identity)
            team = self.world.roster.teams.get(person.team) if person else None
            return (
                _zone_or_none(person.zone if person else "") or _zone_or_none(team.zone if team else "") or self._own()
            )
        return self._first_zone(self._zone_of_deal(), self._zone_of_account())

    def _first_zone(self, *names: str) -> ZoneInfo:
        for name in names:
            found = _zone_or_none(name)
            if found is not None:
                return found
        team = self.world.roster.teams.get(self.world.roster.team_of(self.deal.fields))
        return _zone_or_none(team.zone if team else "") or self._own()

    def _own(self) -> ZoneInfo:
        return zone(self.world.zone)

    def _contact_zone(self, identity: str) -> str:
        contact = self.account.contacts.get(identity)
        return str(contact.fields.get("zone") or "") if contact else ""

    def _zone_of_account(self) -> str:
        return str(self.account.fields.get("zone") or "")

    def _zone_of_deal(self) -> str:
        return str(self.deal.fields.get("zone") or "")

    # --- people and permission ---------------------------------------------------------------------------------------

    def person(self, wanted: Any, at: Instant) -> str:
        """Who does what `wanted` is assigned to at `at`, delegates included."""
        found = self.world.roster.resolve(str(wanted or "owner"), self._deal_field)
        return self.world.roster.present(found, _local_date(at, self.zone_of(f"person:{found}")))

    def _deal_field(self, name: str) -> Any:
        found = self._deal_value(name)
        return self.account.fields.get(name) if found is None else found

    def deadline(self, assignee: str, at: Instant) -> Instant:
        """The end of the day, on the assignee's wall."""
        where = self.zone_of(f"person:{assignee}")
        return _last_of_day(_local_date(at, where), where)

    def refused(self, kind: str, contact: str, at: Instant) -> str:
        for suppression in self.account.suppressions:
            in_force = suppression.since <= self.at and (suppression.until is None or at < suppression.until)
            if in_force and covers(suppression.scope, suppression.contact, suppression.channel, contact, kind):
                return suppressed_by(suppression.because)
        found = self.account.contacts.get(contact)
        answer = found.consent.get(kind, {}).get("value") if found is not None else None
        return f"no consent to {kind}" if answer == "refused" else ""

    def reach(self, kind: str, contact: str) -> str:
        if refusal := self.refused(kind, contact, self.at):
            return refusal
        found = self.account.contacts.get(contact)
        if found is None:
            return "no address"
        answer = found.consent.get(kind, {}).get("value")
        if answer is None and not self.world.consent.get(kind, True):
            return f"no consent to {kind}"
        addresses = self.world.vocabulary.addresses(kind)
        return "no address" if addresses and not any(found.fields.get(name) for name in addresses) else ""

    def slot(self, action: Action, kind: str, contact: str, assignee: str, at: Instant) -> Instant | None:
        windows = self._windows(action, kind)
        return _next_open(at, tuple(windows), self._zone_for(kind, contact, assignee)) if windows else at

    def permit(self, action: Action, kind: str, contact: str, assignee: str, at: Instant, hours: bool) -> list[Any]:
        """Move on from `at` until window, leave and limits all allow the action; without `hours` only the limits."""
        instant, why = at, ""
        for _ in range(_ROUNDS):
            opening = self.slot(action, kind, contact, assignee, instant) if hours else instant
            if opening is None or opening - at > _SEARCHED:
                return ["never", "no time within 366 days that its window and leave allow"]
            moved, reason = self._after_leave(assignee, opening) if hours else (opening, "")
            if moved == opening and kind in CUSTOMER_KINDS:
                verdict = self._limited(kind, contact, opening)
                if isinstance(verdict, Never):
                    return ["never", verdict.why]
                if isinstance(verdict, Later):
                    moved, reason = verdict.instant, verdict.why
            if moved == opening:
                return ["now"] if opening == at else ["later", opening, why or "outside its hours"]
            instant, why = moved, reason
        return ["never", "no time that window, leave and limits allow together"]

    def _limited(self, kind: str, contact: str, at: Instant) -> Any:
        where = self.zone_of(f"contact:{contact}")
        touches = [touch for touch in self._touches(contact) if touch.at <= at]
        return permit(
            (*self.world.limits, *self.playbook.limits),
            touches,
            kind,
            at,
            lambda instant, duration: _add(instant, duration, where, self.calendar),
            self._unanswered(touches, contact),
        )

    def _unanswered(self, touches: Sequence[Touch], contact: str) -> int:
        """Touches since this contact answered, or somebody whom nobody named answered for the deal."""
        is_reply = self.world.vocabulary.is_reply
        replies = [
            event.happened_at
            for event in self.account.log
            if is_reply(event.name) and (event.contact == contact or (not event.contact and event.deal == self.deal.id))
        ]
        last = max(replies, default=-1)
        return sum(1 for touch in touches if touch.at > last)

    def _touches(self, contact: str) -> list[Touch]:
        key = Touch.key_of(contact, self.deal.id)
        return sorted((touch for touch in self.account.touches if touch.key == key), key=lambda touch: touch.at)

    def _after_leave(self, assignee: str, at: Instant) -> tuple[Instant, str]:
        where = self.zone_of(f"person:{assignee}")
        leave = self.world.roster.is_away(assignee, _local_date(at, where))
        if leave is None:
            return at, ""
        return _last_of_day(leave.last, where), f"{assignee} is away until {leave.last}"

    def _windows(self, action: Action, kind: str) -> list[Opening]:
        found: list[Opening] = []
        facing = kind in CUSTOMER_KINDS
        if action.window is not None and action.window in self.world.windows:
            found.append(self.world.windows[action.window])
        elif facing:
            found.append(self.calendar)
        if facing:
            limits: tuple[Limit, ...] = (*self.world.limits, *self.playbook.limits)
            named = [limit.hours for limit in limits if limit.hours and limit.kind in (None, kind)]
            found.extend(self.world.windows[name] for name in named if name in self.world.windows)
        return found

    def _zone_for(self, kind: str, contact: str, assignee: str) -> ZoneInfo:
        return self.zone_of(f"contact:{contact}" if kind in CUSTOMER_KINDS else f"person:{assignee}")


def reach(event: Event, deal: Deal) -> tuple[Any, ...]:
    """As whose `event` counts for `deal`: its own, one of its contacts', the account's."""
    if event.enrolment or (event.deal and event.deal == deal.id):
        return ("deal", "contact", "account")
    if event.contact and deal.has_contact(event.contact):
        return ("contact", "account")
    return ("account",)


def _zone_or_none(name: str) -> ZoneInfo | None:
    """A zone by name. An unknown one was counted when it was imported; here the next in line is taken."""
    if not name:
        return None
    try:
        return zone(name)
    except ZoneError:
        return None
