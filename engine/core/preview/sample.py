"""A deal that nobody has lost yet: made for a playbook, as its enrol condition wants it, so that it can be played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.core.account import Account, Contact, Deal, Touch
from engine.core.conditions import Condition, Count, names
from engine.core.dates import DateError, moment
from engine.core.durations import Instant
from engine.core.enrolling import Candidate, examine
from engine.core.enrolment import Event
from engine.core.model import Playbook
from engine.core.preview.wishes import CURRENCY, Wish, Wishing
from engine.core.view import View
from engine.core.vocabulary import Field
from engine.core.world import ALWAYS_OPEN, World
from engine.core.zones import local_date, zone

ACCOUNT, DEAL = "sample-account", "sample-deal"
_BEFORE = 60  # seconds; what has to have happened happened that long ago


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An account with one lost deal. `refused`: why the playbook would not take it by itself; "" if it would."""

    account: Account
    refused: str


def candidate_of(playbook: Playbook, account: Account, deal: Deal, number: int = 1) -> Candidate:
    """The deal as if the playbook took it now, for the `number`-th time."""
    return Candidate(account.id, deal.id, playbook.name, number, str(deal.fields.get("lost_at") or ""), ())


def sample(world: World, playbook: Playbook, now: Instant) -> Sample:
    """The deal nearest to what `enrol.if` says that the playbook takes at `now`; if none is found, the first tried."""
    world = replace(world, playbooks=(playbook.name,))
    told = frozenset({playbook.enrol.event} if playbook.enrol.event else ())
    refusals: list[Sample] = []
    for account in _accounts(world, playbook, now):
        [verdict] = examine(world, {playbook.name: playbook}, account, account.deals[DEAL], [], now, told=told)
        if verdict.takes:
            return Sample(account=account, refused="")
        refusals.append(Sample(account=account, refused=verdict.why))
    return refusals[0]


def _accounts(world: World, playbook: Playbook, now: Instant) -> Iterator[Account]:
    plain = _plain(world, playbook, now)
    view = View(world, plain, plain.deals[DEAL], playbook, now)

    def value(name: str) -> Any:
        return sample_value(world.vocabulary.find(name), name, plain.deals[DEAL], world)

    for wish in Wishing(view=view, sample=value).wishes(playbook.enrol.condition):
        account = _plain(world, playbook, now)
        _grant(account, wish, now)
        yield account


def sample_value(declared: Field | None, name: str, deal: Deal, world: World) -> Any:
    """Some value of the field's type; of a text words that show what stands there."""
    kind = declared.type if declared is not None else "text"
    if declared is not None and declared.values:
        return [declared.values[0]] if kind == "choices" else declared.values[0]
    examples: dict[str, Any] = {
        "number": 1, "money": [100_000, CURRENCY], "yes_no": True, "zone": world.zone, "duration": "1d",
        "date": deal.fields["lost_at"], "person": deal.fields["owner"],
    }  # fmt: skip
    return examples.get(kind, f"sample {name.rpartition('.')[2].replace('_', ' ')}")


# --- the plain deal -------------------------------------------------------------------------------------------------


def _plain(world: World, playbook: Playbook, now: Instant) -> Account:
    """Lost today, owned by the first person of the roster, with somebody in each role that the playbook names."""
    owner = next(iter(world.roster.people.values()), None)
    deal = Deal(DEAL, ACCOUNT, {
        "name": "Sample deal", "status": "lost", "owner": owner.id if owner else "owner", "zone": world.zone,
        **({"team": owner.team} if owner and owner.team else {}),
    })  # fmt: skip
    account = Account(ACCOUNT, deals={DEAL: deal}, named="Sample account")
    deal.fields["lost_at"] = local_date(now, View(world, account, deal, playbook, now).zone_of()).isoformat()
    for number, role in enumerate(roles(playbook) or ("",), 1):
        identity = f"sample-contact-{number}"
        deal.contacts.append((identity, role))
        account.contacts[identity] = Contact(identity, ACCOUNT, _contact_fields(world, role))
    return account


def roles(playbook: Playbook) -> tuple[str, ...]:
    """Every contact role that the playbook names, in the order of the file."""
    found = [action.contact for action in playbook.actions() if action.contact]
    conditions: list[Condition | None] = [playbook.enrol.condition]
    conditions += [action.condition for action in playbook.actions()]
    conditions += [transition.condition for transition in playbook.transitions()]
    for condition in conditions:
        split = [name.split(".") for name in sorted(names(condition))]
        found += [parts[1] for parts in split if parts[0] == "contact" and len(parts) == 3]
    return tuple(dict.fromkeys(found))


def _contact_fields(world: World, role: str) -> dict[str, Any]:
    """A name, and every address, so that nothing has to be done in another way for want of one."""
    words = role.replace("_", " ") or "contact"
    addresses = {
        declared.bare: f"{role or 'contact'}@customer.example" if "email" in declared.address_of else f"sample {words}"
        for declared in world.vocabulary.fields.values()
        if declared.name.startswith("contact.") and declared.address_of
    }
    return {"name": f"the {words}", **addresses}


# --- what the condition wants ---------------------------------------------------------------------------------------


def _grant(account: Account, wish: Wish, now: Instant) -> None:
    deal = account.deals[DEAL]
    for name, value in wish.values.items():
        root, _, rest = name.partition(".")
        if root == "deal":
            _put(deal.fields, rest, value)
        elif root == "account":
            _put(account.fields, rest, value)
        elif root == "contact":
            _put(_contact(account, rest.rpartition(".")[0]).fields, rest.rpartition(".")[2], value)
        elif root == "consent" and value is not None:
            told = {"value": value, "at": now - _BEFORE, "by": "", "channel": "", "event": 0}
            _contact(account, "").consent[rest] = told
        elif root == "answers":
            questionnaire, _, question = rest.partition(".")
            _put(deal.answers.setdefault(questionnaire, {}), question, value)
        elif root == "last" and value is not None:
            _let_happen(account, rest, _instant(str(value), now), {})
    for count in wish.counts:
        _count_up(account, count, now)


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        fields.pop(name, None)
    else:
        fields[name] = value


def _contact(account: Account, role: str) -> Contact:
    deal = account.deals[DEAL]
    identity = next((who for who, held in deal.contacts if not role or held == role), deal.contacts[0][0])
    return account.contacts[identity]


def _count_up(account: Account, count: Count, now: Instant) -> None:
    wanted = getattr(count.operand, "content", 1)
    times = int(wanted) if isinstance(wanted, (int, float)) else 1
    fields = {name: operand for name, operator, operand in count.where if operator == "is"}
    fields.update((name, operand[0]) for name, operator, operand in count.where if operator == "any_of" and operand)
    for _ in range(times + (count.operator == "more_than")):
        _let_happen(account, count.of, now - _BEFORE, fields)


def _let_happen(account: Account, name: str, at: Instant, fields: dict[str, Any]) -> None:
    contact = account.deals[DEAL].contacts[0][0]
    if name == "touch":
        account.touches.append(Touch(contact, at, "call"))
    else:
        account.log.append(Event(name, at, deal=DEAL, contact=contact, fields=fields))


def _instant(text: str, now: Instant) -> Instant:
    try:
        return min(now, moment(text, None, 1, zone("UTC"), ALWAYS_OPEN))
    except DateError:
        return now
