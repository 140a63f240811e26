"""The files of `library/` as the engine uses them: fields, events, people, reasons. Calendars have their own module.

Each function takes plain content that fits its schema and adds what it finds wrong, by path; what cannot be used is
left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.model import Path
from engine.core.roster import Leave, Person, Role, Roster, Team
from engine.core.vocabulary import BUILT_IN, BUILT_IN_EVENTS, ENTITIES, EventKind, Field

ENGINE_EVENTS = ("won", "lost", "reopened", "deleted", "changed", "all_closed")

# --- fields and events ----------------------------------------------------------------------------------------------


def read_fields(content: Mapping[str, Any], findings: Findings) -> list[Field]:
    """The declared fields by their canonical names."""
    found = []
    for entity in ENTITIES:
        for bare, item in (content.get(entity) or {}).items():
            declared = _field(f"{entity}.{bare}", item)
            _check_built_in(declared, (entity, bare), findings)
            found.append(declared)
    return found


def _field(name: str, item: Mapping[str, Any]) -> Field:
    required = item.get("required")
    return Field(
        name=name,
        type=item["type"],
        values=tuple(item.get("values", ())),
        currency=item.get("currency", ""),
        title=item.get("title", ""),
        may_be_empty=not required or "if" in required,
        playbooks_may_write=bool(item.get("playbooks_may_write", False)),
        address_of=tuple(item.get("address_of", ())),
        required=(required or {}).get("if"),
    )


def _check_built_in(declared: Field, path: Path, findings: Findings) -> None:
    """A built-in text may become a choice; every other built-in field keeps its type and its values."""
    built_in = BUILT_IN.get(declared.name)
    if built_in is None or (declared.type == built_in.type and declared.values == built_in.values):
        return
    if built_in.type != "text" or declared.type not in ("text", "choice"):
        findings.add(
            path, "built-in-field", f"every workspace has {declared.name}: it is a {built_in.type}",
            "delete it here, or choose another name", on="key",
        )  # fmt: skip


def read_events(content: Mapping[str, Any], findings: Findings) -> list[EventKind]:
    """The declared events; those that the engine itself raises may not be declared."""
    found = []
    for name, item in content.get("events", {}).items():
        if name.partition(".")[0] in ENGINE_EVENTS:
            hint = "delete it: playbooks can use it as it is"
            findings.add(("events", name), "reserved-event", f"{name} comes from the engine", hint, on="key")
            continue
        found.append(_event(name, item))
    return found


def _event(name: str, item: Mapping[str, Any]) -> EventKind:
    built_in = BUILT_IN_EVENTS.get(name)
    return EventKind(
        name=name,
        means=item.get("means", ""),
        recorded_by=item.get("recorded_by", "rep"),
        reply=bool(item.get("reply", built_in.reply if built_in else False)),
        fields={
            **(built_in.fields if built_in else {}),
            **{
                bare: Field(name=f"event.{bare}", type=field["type"], values=tuple(field.get("values", ())))
                for bare, field in (item.get("fields") or {}).items()
            },
        },
    )


# --- people ---------------------------------------------------------------------------------------------------------


def read_roster(content: Mapping[str, Any], rows: Sequence[Mapping[str, str]], findings: Findings) -> Roster:
    """People, teams and roles; `rows` are those of the CSV that `people_from` names.

    What the YAML file says of a person holds over the CSV. Teams that only the CSV names exist as well.
    """
    people = {person.id: person for person in _people_of_rows(content.get("people_from") or {}, rows)}
    for identity, item in (content.get("people") or {}).items():
        people[identity] = _person(identity, item or {}, findings)
    teams = {person.team: Team(id=person.team) for person in people.values() if person.team}
    for name, item in (content.get("teams") or {}).items():
        teams[name] = _team(name, item or {})
    roles = {name: _role(name, item) for name, item in (content.get("roles") or {}).items()}
    return Roster(people=people, teams=teams, roles=roles)


def _people_of_rows(columns: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> Iterator[Person]:
    for row in rows:
        identity = (row.get(columns["person"]) or "").strip()
        if identity:
            read: dict[str, Any] = {
                key: (row.get(columns[key]) or "").strip()
                for key in ("name", "email", "team", "zone", "manager")
                if key in columns
            }
            yield Person(id=identity, **read)


def _person(identity: str, item: Mapping[str, Any], findings: Findings) -> Person:
    plain: dict[str, Any] = {key: item[key] for key in ("name", "email", "team", "zone", "manager") if key in item}
    return Person(id=identity, leave=tuple(_leaves(identity, item, findings)), **plain)


def _leaves(identity: str, item: Mapping[str, Any], findings: Findings) -> Iterator[Leave]:
    for index, leave in enumerate(item.get("leave", ())):
        path = ("people", identity, "leave", index)
        try:
            first, last = date.fromisoformat(leave["from"]), date.fromisoformat(leave["to"])
        except ValueError:
            findings.add(path, "bad-date", "this leave has a day that no month has", "write a date: 2026-12-25")
            continue
        if last < first:
            findings.add((*path, "to"), "bad-date", "this leave ends before it begins", "swap `from` and `to`")
            continue
        yield Leave(first=first, last=last, delegate=leave.get("delegate", ""))


def _team(name: str, item: Mapping[str, Any]) -> Team:
    plain: dict[str, Any] = {key: item[key] for key in ("title", "manager", "zone", "calendar") if key in item}
    return Team(id=name, **plain)


def _role(name: str, item: Mapping[str, Any]) -> Role:
    by = str(item.get("by", "")).removeprefix("deal.")
    return Role(name=name, by=by, people=item.get("people", {}), fallback=item.get("fallback", ""))


def check_roster(content: Mapping[str, Any], roster: Roster, findings: Findings) -> None:
    """Everybody who is named in the roster file must be somebody, and every zone a zone."""
    for path, name in _named_people(content):
        if name not in roster.people:
            hint = did_you_mean(name, roster.people)
            findings.add(path, "unknown-person", f"there is nobody called {name!r}", hint)
    for identity, person in (content.get("people") or {}).items():
        team = (person or {}).get("team")
        if team and content.get("teams") and team not in content["teams"]:
            hint = did_you_mean(team, content["teams"])
            findings.add(("people", identity, "team"), "unknown-team", f"there is no team {team!r}", hint)
    for group in ("people", "teams"):
        for name, item in (content.get(group) or {}).items():
            if item and "zone" in item:
                check_zone(item["zone"], (group, name, "zone"), findings)


def _named_people(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every place of the roster file that names a person, with the name."""
    for identity, item in (content.get("people") or {}).items():
        for index, leave in enumerate((item or {}).get("leave", ())):
            if "delegate" in leave:
                yield ("people", identity, "leave", index, "delegate"), leave["delegate"]
    for group in ("people", "teams"):
        for name, item in (content.get(group) or {}).items():
            if item and "manager" in item:
                yield (group, name, "manager"), item["manager"]
    for name, role in (content.get("roles") or {}).items():
        for value, person in (role.get("people") or {}).items():
            yield ("roles", name, "people", value), person
        if "fallback" in role:
            yield ("roles", name, "fallback"), role["fallback"]


def check_zone(name: str, path: Path, findings: Findings) -> None:
    from engine.core.zones import ZoneError, zone

    try:
        zone(name)
    except ZoneError as error:
        findings.add(path, "unknown-zone", error.message, error.hint)


# --- reasons --------------------------------------------------------------------------------------------------------


def reason_names(content: Mapping[str, Any]) -> list[str]:
    """The reasons at the ends of the tree of loss-reasons.yaml, which are what `lost_reason` can be."""
    found: list[str] = []
    for name, item in (content.get("reasons") or {}).items():
        inner = item.get("reasons") if isinstance(item, Mapping) else None
        found += reason_names(item) if inner else [name]
    return found
