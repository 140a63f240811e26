"""What all lives of a simulation share: playbooks made ready once, the calendar, and what is asked of it again and
again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.core.advance import Revisions
from engine.core.calendars import next_open
from engine.core.durations import Instant
from engine.core.experiment import Metric
from engine.core.step import Compiled
from engine.core.world import World
from engine.core.zones import last_of_day, local_date, zone
from engine.simulation.question import WEEK, Simulation, Way

_next_open = lru_cache(maxsize=65_536)(next_open)
_local_date = lru_cache(maxsize=65_536)(local_date)


@dataclass(kw_only=True, slots=True)
class Stage:
    """A question made ready for playing, once per process."""

    question: Simulation
    world: World
    revisions: Revisions
    zone: ZoneInfo
    successes: Mapping[str, frozenset[str]]  # playbook: its ends that are successes
    people: Mapping[str, ZoneInfo]

    @staticmethod
    def of(question: Simulation) -> Stage:
        lean = question.lean
        revisions = {one.hash: one for way in lean.ways for one in way.revisions.values()}
        roster = lean.world.roster
        zones = {
            person.id: zone(person.zone or (team.zone if team else "") or lean.world.zone)
            for person in roster.people.values()
            for team in (roster.teams.get(person.team),)
        }
        return Stage(
            question=lean,
            world=lean.world,
            revisions={hashed: Compiled(one) for hashed, one in revisions.items()},
            zone=zone(lean.world.zone),
            successes={way.name: _successes(way) for way in lean.ways},
            people=zones,
        )

    def week(self, at: Instant) -> int:
        """The number of the week, from Monday to Sunday, that this instant lies in: 0 begins on 1 January 1."""
        return (_local_date(at, self.zone).toordinal() - 1) // 7

    def until(self, start: Instant) -> Instant:
        """How long a deal is followed that enters at `start`."""
        return start + self.question.weeks * WEEK

    def over(self, start: Instant, metric: Metric) -> Instant:
        """The first instant that is too late for an event to count for a deal that entered at `start`: days count."""
        return last_of_day(metric.last_day(_local_date(start, self.zone)), self.zone)

    def at_work(self, person: str, at: Instant) -> Instant:
        """The first instant from `at` on at which the office is open on the person's clock, and the person not away."""
        where = self.people.get(person, self.zone)
        while True:
            found = _next_open(at, (self.world.calendar_named(None),), where) or at
            at = self.back(person, found)
            if at == found:
                return at

    def back(self, person: str, at: Instant) -> Instant:
        """The first instant from `at` on at which the person is not on leave."""
        where = self.people.get(person, self.zone)
        while (leave := self.world.roster.is_away(person, _local_date(at, where))) is not None:
            at = last_of_day(leave.last, where)
        return at


def _successes(way: Way) -> frozenset[str]:
    return frozenset(
        end.name for one in way.revisions.values() for end in one.playbook.ends.values() if end.success
    ) | frozenset({"won"})
