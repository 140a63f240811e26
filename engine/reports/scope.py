"""What a report is about: whose deals, lost when, looked at at which instant; and the workspace's names and hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.core.account import Deal
from engine.core.calendars import Calendar
from engine.core.dates import moment, parse_date_fact
from engine.core.durations import Instant, TimeError
from engine.core.questionnaires import Questionnaire
from engine.core.values import text_of as text_of
from engine.core.world import World
from engine.core.zones import local_date, zone


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """ "" and None leave everything in. `since` and `until` are days of the loss (of the win, for won deals), both
    included; `days` is how long a loss may lie untouched; `limit` how many deals a list names; `questionnaire` the one
    whose answers are asked for."""

    world: World
    now: Instant
    team: str = ""
    owner: str = ""
    playbook: str = ""
    questionnaire: str = ""
    since: date | None = None
    until: date | None = None
    days: int = 14
    limit: int = 20

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.world.zone)

    @property
    def calendar(self) -> Calendar:
        return self.world.calendar_named(None)

    @property
    def today(self) -> date:
        return local_date(self.now, self.zone)

    @property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        return self.world.vocabulary.questionnaires

    def day(self, text: Any) -> date | None:
        """The day that a date means in the workspace's zone; None for an empty or unreadable one."""
        try:
            fact = parse_date_fact(text)
        except TimeError:
            return None
        if fact.instant is not None:
            return local_date(fact.instant, self.zone)
        return fact.day or (fact.wall.date() if fact.wall else None)

    def instant(self, text: Any, where: ZoneInfo | None = None) -> Instant | None:
        """The instant that a date means in that zone (else the workspace's); a day without a time is its opening
        minute."""
        try:
            return moment(text, None, 1, where or self.zone, self.calendar)
        except TimeError:
            return None

    def first_instant(self, text: Any) -> Instant | None:
        """The earliest instant that a date can mean: for a day without a time the first of that day."""
        found = self.day(text)
        if found is None:
            return None
        if len(str(text)) > 10:
            return self.instant(text)
        return int(datetime(found.year, found.month, found.day, tzinfo=self.zone).timestamp())

    def is_ahead(self, text: Any) -> bool:
        """Whether a date lies in the future: today does not, a later minute of today does."""
        found = self.first_instant(text)
        return found is not None and found > self.now

    def local_day(self, instant: Instant) -> date:
        return local_date(instant, self.zone)

    def takes_person(self, deal: Deal) -> bool:
        """Whether the deal is one of the team and owner asked for."""
        return (not self.team or team_of(deal) == self.team) and (not self.owner or owner_of(deal) == self.owner)

    def takes(self, deal: Deal, closing: str = "lost_at") -> bool:
        """Also: whether it was closed in the days asked for. Without a date it is left out only if days are asked."""
        if not self.takes_person(deal):
            return False
        if self.since is None and self.until is None:
            return True
        closed = self.day(deal.fields.get(closing))
        return closed is not None and self.spans(closed)

    def takes_loss(self, deal: Deal) -> bool:
        """Whether the deal was ever lost, whatever became of it, and is one of those asked for."""
        return bool(deal.fields.get("lost_at")) and self.takes(deal)

    def spans(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


def team_of(deal: Deal) -> str:
    return text_of(deal.fields.get("team"))


def owner_of(deal: Deal) -> str:
    return text_of(deal.fields.get("owner"))
