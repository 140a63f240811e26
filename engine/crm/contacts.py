"""The contacts in a row: one from its own columns, or several in one cell, `Ann Lee (ann@x.com);Bo Ray (bo@y.com)`."""

from __future__ import annotations

import re

_PERSON = re.compile(r"(?P<name>[^()]*?)\s*(?:[(<](?P<email>[^()<>\s]+@[^()<>\s]+)[)>])?")
_MAIL = re.compile(r"[^@\s;,()<>]+@[^@\s;,()<>]+")
_BETWEEN = re.compile(r"\s*;\s*")

Contact = dict[str, object]


def read_people(cell: str) -> list[Contact]:
    """The people in one cell, in its order, each with name and, where written, email."""
    people = []
    for part in _BETWEEN.split(cell):
        match = _PERSON.fullmatch(part)
        name, email = (match["name"], match["email"]) if match else (part, None)
        if not email and _MAIL.fullmatch(name):
            name, email = "", name
        person: Contact = {key: value for key, value in (("name", name), ("email", email)) if value}
        if person:
            people.append(person)
    return people


def read_contacts(
    cell: str | None, own: Contact, separator: str, account: str | None, characters: int = 0
) -> tuple[Contact, ...]:
    """The contacts of one deal. `own` holds what the columns contact.X say; it goes to the first.

    Several ids in `own` belong to the people in their order, where there are as many. A contact without an id gets its
    mail address, else its name within its account.
    """
    people = read_people(cell) if cell else []
    ids = (
        _BETWEEN.split(str(own["id"])) if "id" in own and separator == ";" else [str(own["id"])] if "id" in own else []
    )
    if not people and len(ids) > 1:
        people = [{} for _ in ids]
    if own and not people:
        people = [{}]
    rest = {key: value for key, value in own.items() if key != "id"}
    if people and rest:
        people[0] = {**people[0], **rest}
    if len(ids) == len(people):
        for person, key in zip(people, ids, strict=True):
            person["id"] = key[:characters] if characters else key
    known: dict[str, Contact] = {}
    for person in people:
        if "id" not in person:
            made = _made_id(person, account)
            if not made:
                continue
            person["id"] = made
        known.setdefault(str(person["id"]), dict(sorted(person.items())))
    return tuple(known.values())


def _made_id(person: Contact, account: str | None) -> str:
    if person.get("email"):
        return str(person["email"]).casefold()
    if person.get("name"):
        return f"{account} / {person['name']}" if account else str(person["name"])
    return ""
