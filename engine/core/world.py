"""What is live in a workspace: settings, calendars, roster, limits. An edit counts from the next tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.calendars import Calendar, Window, parse_hours
from engine.core.content import ContentRule
from engine.core.model import Limit
from engine.core.roster import Roster
from engine.core.time import Schedule
from engine.core.vocabulary import Vocabulary

ALWAYS_OPEN = Calendar(name="every day", hours=parse_hours({"mon-sun": "00:00-24:00"}))
OFFICE = Calendar(name="office", hours=parse_hours({"mon-fri": "09:00-17:00"}))


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """`late_grace` in seconds. `playbooks` is the order in which they may take a loss. `consent` maps a kind of action
    to whether an unknown answer is enough (default: it is)."""

    zone: str = "UTC"
    calendar: str = "office"
    playbooks: tuple[str, ...] = ()
    late_grace: int = 48 * 3600
    limits: tuple[Limit, ...] = ()
    consent: Mapping[str, bool] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: {"office": OFFICE})
    windows: Mapping[str, Window] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    roster: Roster = field(default_factory=Roster)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    content_rules: tuple[ContentRule, ...] = ()
    due_list: str = ""  # the score that orders the due list; "": priority, then what is due first

    def calendars_text(self) -> str:
        """The calendars and windows as one text: another text, another calendar."""
        named: dict[str, Calendar | Window] = {f"calendar {key}": one for key, one in self.calendars.items()}
        named.update({f"window {key}": one for key, one in self.windows.items()})
        lines = (f"{key} {one.hours.days} {sorted(map(str, one.holidays))}" for key, one in sorted(named.items()))
        return "\n".join([self.calendar, *lines])

    def calendar_named(self, name: str | None) -> Calendar:
        """The playbook's calendar, else the workspace's. One that was deleted meanwhile: the workspace's."""
        return self.calendars.get(name or "") or self.calendars.get(self.calendar) or OFFICE
