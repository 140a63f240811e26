"""How a scenario begins: when, with which deal, and whether the playbook takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.core import dates
from engine.core.account import Account, Deal
from engine.core.durations import Instant
from engine.core.rendering import shown
from engine.core.view import View
from engine.runner.why import Why, why
from engine.scenarios.bench import Bench
from engine.scenarios.exporting import Export
from engine.scenarios.model import Scenario, Unmet
from engine.scenarios.typed import typed
from engine.store.base import ImportedContact, Store

if TYPE_CHECKING:
    from engine.scenarios.playing import Play

DEAL, CONTACT = "D1", "C{}"  # ids where the scenario gives none
NOT_FIELDS = ("id", "account", "role", "consent")


def fields(said: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for fields, without what says who it is."""
    return {name: value for name, value in said.items() if name not in NOT_FIELDS}


def people(scenario: Scenario) -> list[tuple[str, Mapping[str, Any]]]:
    """(id, what is said) of every contact, then of every colleague."""
    listed = [*scenario.contacts, *scenario.colleagues]
    return [(str(said.get("id") or CONTACT.format(number)), said) for number, said in enumerate(listed, 1)]


def start_of(scenario: Scenario, bench: Bench) -> Instant:
    """`start`, else `lost_at`, on the deal's wall; of a day the opening minute."""
    deal = typed("deal", fields(scenario.deal), bench.world)
    account = Account("", fields=typed("account", fields(scenario.account), bench.world))
    view = View(bench.world, account, Deal(DEAL, "", fields=deal), bench.playbook, 0)
    return dates.moment(scenario.start or str(deal["lost_at"]), None, 1, view.zone_of(), view.calendar)


def must_enrol(scenario: Scenario, bench: Bench) -> bool:
    """Whether the first tick has to enrol the deal: not where the playbook waits for an event or a schedule."""
    enrol = bench.playbook.enrol
    waits = enrol.event is not None or enrol.schedule is not None
    return scenario.enrol in ("at_start", "by_person") or (not scenario.enrol and not waits)


def lay_out(scenario: Scenario, bench: Bench, store: Store, now: Instant) -> Export:
    """Import the deal, its account and its people; returns the CRM that goes on telling of them."""
    world = bench.world
    deal = {"status": "lost", **typed("deal", fields(scenario.deal), world)}
    name = str(scenario.account.get("name") or scenario.deal.get("account") or "Account")
    account = str(scenario.account.get("id") or scenario.deal.get("account") or "A1")
    export = Export(
        deal=str(scenario.deal.get("id") or DEAL), account=account, account_name=name, status=str(deal["status"])
    )
    listed = people(scenario)
    linked = listed[: len(scenario.contacts)]
    contacts = [
        {"id": number, "role": str(said.get("role", "")), **typed("contact", fields(said), world)}
        for number, said in linked
    ]
    told = typed("account", {key: item for key, item in fields(scenario.account).items() if key != "name"}, world)
    export.tell(store, world, now, deal=deal, account=told, contacts=contacts, first=True)
    store.upsert_contacts(
        ImportedContact(
            id=number, account=account, consent=_consent(said, now),
            fields=typed("contact", fields(said), world) if (number, said) not in linked else {},
        )
        for number, said in listed
    )  # fmt: skip
    return export


def _consent(said: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    return {
        kind: {"value": answer, "at": now, "by": "scenario", "channel": "", "event": ""}
        for kind, answer in (said.get("consent") or {}).items()
    }


def not_enrolled(play: Play) -> Unmet:
    """Why the playbook does not take the deal, and what to write."""
    name = play.bench.playbook.name
    found = why_of(play)
    verdict = next(iter(found.verdicts), None)
    because = verdict.why if verdict else "it cannot be offered"
    parts = [
        f"{part.words}" + (f" (it is {'empty' if part.value is None else shown(part.value)})" if part.single else "")
        for part in found.failing.get(name, ())
    ]
    asked = f": {'; '.join(parts)}" if parts else ""
    hint = "give the deal what the condition asks for; or write `enrol: by_person`, or `enrol: later`"
    return Unmet(f"{name} does not take the deal: {because}{asked}", hint)


def why_of(play: Play) -> Why:
    """The whole answer of `playbook why` for the deal as it stands."""
    return why(play.store, play.bench.world, play.bench.offers, play.bench.shelf, play.export.deal, play.now)
