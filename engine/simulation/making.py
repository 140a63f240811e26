"""Deals that nobody has lost: made at random from the roster and the declared fields, for a look ahead without data."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from engine.core.account import Account, Contact, Deal
from engine.core.dates import DateError, moment
from engine.core.durations import Instant
from engine.core.model import Playbook
from engine.core.preview.sample import roles
from engine.core.preview.wishes import CURRENCY
from engine.core.vocabulary import BUILT_IN, Field
from engine.core.world import World
from engine.core.zones import zone
from engine.simulation.luck import generator
from engine.simulation.question import Start, Subject

SPREAD = 364  # days over which the losses come in: a year of whole weeks
_AMOUNT = (9.9, 1.0)  # of the logarithm of an amount: half of them below 20,000
_FILLED = 0.8  # of the choices that may be empty


def made_deals(world: World, playbooks: Sequence[Playbook], count: int, seed: int, first: date) -> tuple[Subject, ...]:
    """`count` accounts with one lost deal each, lost on working days of the year from `first` on."""
    wanted = tuple(dict.fromkeys(role for playbook in playbooks for role in roles(playbook))) or ("",)
    days = list(_working_days(world, first)) or [first]
    made = (_subject(world, wanted, number, generator(seed, "deal", number), days) for number in range(count))
    return tuple(sorted(made, key=lambda subject: (subject.starts[0].at, subject.account.id)))  # neighbours share days


def entry(world: World, day: str, calendar: str | None = None) -> Instant | None:
    """When a deal that was lost on that day enters: its opening minute. None if that is no date."""
    try:
        return moment(day, None, 1, zone(world.zone), world.calendar_named(calendar))
    except DateError:
        return None


def _working_days(world: World, first: date) -> Iterator[date]:
    calendar = world.calendar_named(None)
    for number in range(SPREAD):
        day = first + timedelta(days=number)
        if calendar.is_business_day(day):
            yield day


def _subject(
    world: World, wanted: Sequence[str], number: int, numbers: random.Random, days: Sequence[date]
) -> Subject:  # fmt: skip
    identity = f"made-{number + 1:06d}"
    owner = numbers.choice(list(world.roster.people.values())) if world.roster.people else None
    day = numbers.choice(days).isoformat()
    deal = Deal(identity, identity, {
        "name": f"Made deal {number + 1}", "status": "lost", "lost_at": day, "owner": owner.id if owner else "owner",
        **({"team": owner.team} if owner and owner.team else {}),
        "amount": [round(numbers.lognormvariate(*_AMOUNT)) * 100, CURRENCY],
    })  # fmt: skip
    account = Account(identity, deals={identity: deal}, named=f"Made account {number + 1}")
    for place, role in enumerate(wanted, 1):
        contact = f"{identity}-{place}"
        deal.contacts.append((contact, role))
        account.contacts[contact] = Contact(contact, identity, _addresses(world, role))
    _fill(world, "deal", deal.fields, numbers, day)
    _fill(world, "account", account.fields, numbers, day)
    at = entry(world, day)
    return Subject(account=account, starts=(Start(deal=identity, at=at or 0, team=str(deal.fields.get("team") or "")),))


def _fill(world: World, entity: str, fields: dict[str, Any], numbers: random.Random, day: str) -> None:
    """Choices and yes or no at random; what playbooks write themselves, texts and dates stay empty."""
    for declared in world.vocabulary.fields.values():
        if not declared.name.startswith(f"{entity}.") or (declared.name in BUILT_IN and not declared.values):
            continue
        if declared.playbooks_may_write or declared.bare in fields:
            continue
        found = _value(declared, numbers)
        if found is not None and (not declared.may_be_empty or numbers.random() < _FILLED):
            fields[declared.bare] = found


def _value(declared: Field, numbers: random.Random) -> Any:
    if declared.values:
        found = numbers.choice(declared.values)
        return [found] if declared.type == "choices" else found
    return numbers.random() < 0.5 if declared.type == "yes_no" else None


def _addresses(world: World, role: str) -> dict[str, Any]:
    words = role.replace("_", " ") or "contact"
    filled = {
        declared.bare: f"{role or 'contact'}@customer.example" if "email" in declared.address_of else f"made {words}"
        for declared in world.vocabulary.fields.values()
        if declared.name.startswith("contact.") and declared.address_of
    }
    return {"name": f"the {words}", **filled}
