"""From the values of a batch to rows: deals with their account and contacts, and a fingerprint of all content."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import repeat

from engine.crm.contacts import Contact, read_contacts
from engine.crm.convert import Cell, Converted, Values
from engine.crm.plan import Plan
from engine.crm.records import Fields, Rows

_SEPARATOR = "\x1f"


def build_rows(plan: Plan, lines: list[int], raw: list[list[Cell]], done: Converted) -> Rows:
    """All rows of the batch, in order, also those that will be rejected."""
    deal: dict[str, Values] = {}
    if plan.section.kind == "activities":
        return _activity_rows(plan, lines, raw, done)
    if plan.section.kind == "deals":
        _settle(plan, done)
        done.columns["name"] = _names(done)
        deal = {name: column for name, column in done.columns.items() if "." not in name and name != "contacts"}
    accounts = _accounts(plan, done)
    contacts = _contacts(plan, done)
    return Rows(
        lines=lines, ids=_ids(plan, done, accounts, contacts),
        fingerprints=_fingerprints(plan, raw, done, contacts), deal=deal,
        custom={name: list(raw[index]) for name, index in plan.custom} if deal else {},
        accounts=accounts, contacts=contacts,
    )  # fmt: skip


def _activity_rows(plan: Plan, lines: list[int], raw: list[list[Cell]], done: Converted) -> Rows:
    """Their columns stand under `deal`. What has no id of its own is called after its whole content."""
    names = {target.removeprefix("activity."): target for target in done.columns}
    for name in ("id", "deal", "account", "contact") if plan.section.id_characters else ():
        if name in names:
            done.columns[names[name]] = _cut(done.columns[names[name]], plan.section.id_characters)
    for name in ("deal", "account", "contact") if plan.section.list_separator else ():
        if name in names:
            column = done.columns[names[name]]
            done.columns[names[name]] = [_first_of(value, plan.section.list_separator) for value in column]
    activity = {name: done.columns[target] for name, target in names.items()}
    fingerprints = _fingerprints(plan, raw, _as_written(plan, raw, done), [])
    own = activity.get("id") or [None] * done.size
    ids: Values = [f"row {content}" if key is None else key for key, content in zip(own, fingerprints, strict=True)]
    nothing: list[Fields | None] = [None] * done.size
    return Rows(
        lines=lines, ids=ids, fingerprints=fingerprints, deal=activity | {"id": ids}, custom={}, accounts=nothing,
        contacts=[()] * done.size,
    )  # fmt: skip


def _as_written(plan: Plan, raw: list[list[Cell]], done: Converted) -> Converted:
    """With people as the file has them: whom the roster finds behind a name may change."""
    who = next((slot for slot in plan.slots if slot.target == "activity.who" and slot.sources), None)
    columns = dict(done.columns)
    if who is not None:
        columns["activity.who"] = list(raw[who.sources[0].index])
    return Converted(size=done.size, columns=columns)


def _ids(
    plan: Plan, done: Converted, accounts: list[Fields | None], contacts: list[tuple[Contact, ...]]
) -> list[object]:
    """What each row is about: its deal, account or contact."""
    if plan.section.kind == "deals":
        return done.columns["id"]
    if plan.section.kind == "accounts":
        return [account["id"] if account else None for account in accounts]
    return [people[0]["id"] if people else None for people in contacts]


def _fingerprints(plan: Plan, raw: list[list[Cell]], done: Converted, contacts: list[tuple[Contact, ...]]) -> list[str]:
    """A hash over the values in the order of their names. Each name has one type, and no value is an empty text."""
    columns: dict[str, Iterable[object]] = {
        name: column for name, column in done.columns.items() if not name.startswith("contact")
    }
    columns |= {f"custom.{name}": raw[index] for name, index in plan.custom}
    if any(slot.target.startswith("contact") for slot in plan.slots):
        columns["contacts"] = map(repr, contacts)
    names = sorted(columns)
    kind = blake2b("\n".join(names).encode(), digest_size=16).digest()
    texts = (_texts(columns[name]) for name in names)
    joined = map(_SEPARATOR.join, zip(*texts, strict=True))
    empty = blake2b(digest_size=16, person=kind)
    prints = []
    for text in joined:
        whole = empty.copy()
        whole.update(text.encode("utf-8", "replace"))
        prints.append(whole.hexdigest())
    return prints


def _texts(column: Iterable[object]) -> Iterable[str]:
    """A column is of one type, so its first value tells whether it is text already."""
    values = column if isinstance(column, list) else list(column)
    first = next((value for value in values if value is not None), None)
    if type(first) is not str:
        return ["" if value is None else str(value) for value in values]
    return [value or "" for value in values] if None in values else values  # type: ignore[misc,return-value]


def _settle(plan: Plan, done: Converted) -> None:
    """Ids cut to their length, the loss date only on lost deals, the account's id from its name where it has none."""
    columns = done.columns
    characters, separator = plan.section.id_characters, plan.section.list_separator
    status = columns["status"]
    for date, meaning in (("lost_at", "lost"), ("won_at", "won")):
        if date in columns:
            columns[date] = [
                value if is_status == meaning else None for value, is_status in zip(columns[date], status, strict=True)
            ]
    for target in ("account", "account_name"):
        if separator and target in columns:
            columns[target] = [_first_of(value, separator) for value in columns[target]]
    if characters:
        for target in ("id", "account"):
            if target in columns:
                columns[target] = _cut(columns[target], characters)
    names = columns.pop("account_name", None)
    if names is not None:
        columns["account.name"] = names
        ids = columns.get("account")
        columns["account"] = (
            names if ids is None else [name if key is None else key for key, name in zip(ids, names, strict=True)]
        )


def _first_of(value: object, separator: str) -> object:
    return value.partition(separator)[0].strip() if isinstance(value, str) else value


def made_ids(plan: Plan, raw: list[list[Cell]], done: Converted) -> Values:
    """The key of `id_from`: its columns' values, with a bar between; dates as they were read."""
    read = {slot.sources[0].index: slot.target for slot in plan.slots if slot.sources and slot.type == "date"}
    parts = [done.columns[read[index]] if index in read else raw[index] for index in plan.id_from]
    return [
        " | ".join(str(part) if part is not None else "" for part in row) if any(row) else None
        for row in zip(*parts, strict=True)
    ]


def _names(done: Converted) -> Values:
    """A deal without a name is called after its account and product, at last after its id."""
    accounts = done.columns.get("account.name") or done.column("account")
    given, products, ids = done.column("name"), done.column("product"), done.column("id")
    if None not in given:
        return given
    return [
        name
        if name is not None
        else f"{account} – {product}"
        if account is not None and product is not None
        else account or product or (None if key is None else f"Deal {key}")
        for name, account, product, key in zip(given, accounts, products, ids, strict=True)
    ]


def _accounts(plan: Plan, done: Converted) -> list[Fields | None]:
    names = {target.removeprefix("account."): target for target in done.columns if target.startswith("account.")}
    if plan.section.kind == "deals" and "account" in done.columns:
        names["id"] = "account"
    elif plan.section.kind == "accounts" and plan.section.id_characters and "id" in names:
        done.columns["account.id"] = _cut(done.columns["account.id"], plan.section.id_characters)
    if "id" not in names:
        return [None] * done.size
    ordered = sorted(names)
    at = ordered.index("id")
    made: dict[tuple[object, ...], Fields | None] = {}
    accounts = []
    for row in zip(*(done.columns[names[name]] for name in ordered), strict=True):
        if row not in made:
            filled = {name: value for name, value in zip(ordered, row, strict=True) if value is not None}
            made[row] = filled if row[at] is not None else None
        accounts.append(made[row])
    return accounts


def _contacts(plan: Plan, done: Converted) -> list[tuple[Contact, ...]]:
    characters = plan.section.id_characters
    names = sorted(target for target in done.columns if target.startswith("contact."))
    for name in {"contact.account", "contact.deal"} & set(names) if characters else ():
        done.columns[name] = _cut(done.columns[name], characters)
    if plan.section.list_separator and "contact.account" in names:
        first = [_first_of(value, plan.section.list_separator) for value in done.columns["contact.account"]]
        done.columns["contact.account"] = first
    if not names and "contacts" not in done.columns:
        return [()] * done.size
    section = plan.section
    keys = [name.removeprefix("contact.") for name in names]
    rows = zip(*(done.columns[name] for name in names), strict=True) if names else repeat((), done.size)
    cells, accounts = done.column("contacts"), done.column("account")
    people = []
    for cell, row, account in zip(cells, rows, accounts, strict=True):
        own = {key: value for key, value in zip(keys, row, strict=True) if value is not None}
        text, of = (str(cell) if cell is not None else None), (str(account) if account is not None else None)
        people.append(read_contacts(text, own, section.list_separator, of, characters))
    return people


def _cut(column: Values, characters: int) -> Values:
    return [value[:characters] if isinstance(value, str) else value for value in column]
