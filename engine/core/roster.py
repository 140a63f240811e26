"""People, teams and roles: who does what, and who stands in during leave. Live: an edit counts from the next tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """Away from `first` to `last`, both included. Without a delegate the work waits."""

    first: date
    last: date
    delegate: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    id: str
    name: str = ""
    email: str = ""
    team: str = ""
    zone: str = ""
    manager: str = ""
    leave: tuple[Leave, ...] = ()

    def away(self, day: date) -> Leave | None:
        return next((leave for leave in self.leave if leave.first <= day <= leave.last), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    id: str
    title: str = ""
    manager: str = ""
    zone: str = ""
    calendar: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """`by` is a bare field of the deal (team, branch, …); `people` maps its values to persons."""

    name: str
    by: str
    people: Mapping[str, str] = field(default_factory=dict)
    fallback: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)

    def strange(self, person: str) -> bool:
        """Whether nobody is known under this name, though people are known."""
        return bool(self.people) and person not in self.people

    def knows(self, name: str) -> bool:
        """Whether an `assign` may say `name`."""
        return name in ("owner", "manager") or name in self.roles or name in self.people

    def resolve(self, wanted: str, read: Callable[[str], Any]) -> str:
        """The person that `wanted` (owner, a role, a person) means for the deal that `read` knows."""
        owner = str(read("owner") or "")
        if wanted == "owner":
            return owner
        role = self.roles.get(wanted)
        if role is not None:
            found = role.people.get(str(read(role.by) or "")) or (self.manager_of(read) if wanted == "manager" else "")
            return found or role.fallback or owner
        if wanted == "manager":
            return self.manager_of(read) or owner
        return wanted

    def team_of(self, fields: Mapping[str, Any]) -> str:
        """The team of a deal with these fields: its own, else its owner's; "" for none."""
        owner = self.people.get(str(fields.get("owner") or ""))
        return str(fields.get("team") or (owner.team if owner else ""))

    def members(self, team: str | None) -> frozenset[str]:
        """The people of a team; nobody where none is asked for."""
        if not team:
            return frozenset()
        return frozenset(person.id for person in self.people.values() if person.team == team)

    def manager_of(self, read: Callable[[str], Any]) -> str:
        """The manager of the deal's owner: the person's own, else the team's."""
        owner = self.people.get(str(read("owner") or ""))
        if owner is not None and owner.manager:
            return owner.manager
        team = self.teams.get(str(read("team") or (owner.team if owner else "")))
        return team.manager if team else ""

    def present(self, person: str, day: date) -> str:
        """Who does the work of `person` on `day`: the delegate of the delegate, as far as it goes."""
        seen = {person}
        current = person
        while (known := self.people.get(current)) is not None:
            leave = known.away(day)
            if leave is None:
                return current
            if not leave.delegate or leave.delegate in seen:
                return person
            seen.add(leave.delegate)
            current = leave.delegate
        return current

    def is_away(self, person: str, day: date) -> Leave | None:
        known = self.people.get(person)
        return known.away(day) if known else None
