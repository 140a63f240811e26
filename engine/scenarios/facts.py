"""The names that `expect: {facts: …}` can read, and their values now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.model import Playbook
from engine.core.values import as_key, resolve
from engine.core.vocabulary import Field
from engine.core.world import World
from engine.scenarios.playing import Play
from engine.scenarios.typed import one_value


def declared(name: str, playbook: Playbook, world: World) -> Field | None:
    """The field that `name` means, as in a condition of this playbook; None if there is none."""
    if name in own_facts(playbook):
        return Field(name=f"facts.{name}", type="unknown")
    found = world.vocabulary.find(name)
    if found is None and name in playbook.params:
        return Field(name=f"params.{name}", type="unknown")
    return found


def own_facts(playbook: Playbook) -> list[str]:
    """The facts that its transitions set."""
    named = [name for transition in playbook.transitions() for name, _ in transition.set]
    return [name.removeprefix("facts.") for name in dict.fromkeys(named) if name.startswith("facts.")]


def known_names(playbook: Playbook, world: World) -> Sequence[str]:
    return [*own_facts(playbook), *world.vocabulary.names(), *playbook.params]


def wanted(field: Field, said: Any, world: World) -> Any:
    """What is expected, in the type of its field; None for empty. Raises NotRecordable."""
    if said is None or field.type in ("unknown", "choices"):
        return said
    return one_value(field, said, world)


def seen(play: Play, field: Field) -> Any:
    """The value now; None if it is empty."""
    root, _, rest = field.name.partition(".")
    enrolment = play.enrolment
    if root == "facts":
        return enrolment.facts.get(rest) if enrolment else None
    if root == "track":
        found = next((here for here in enrolment.positions if here.track == rest), None) if enrolment else None
        return (found.finished or found.state) if found else None
    if root == "visits":
        positions = enrolment.positions if enrolment else []
        return max((enrolment.visits.get(f"{p.track}.{p.state}", 0) for p in positions), default=0) if enrolment else 0
    view = play.view()
    if root == "params":
        return resolve(play.bench.playbook.params[rest], lambda name: view.value(name, ""))
    return view.value(field.name, "")


def same(play: Play, field: Field, expected: Any, found: Any) -> bool:
    """Equal as a condition would find it: an amount without a currency fits any, a day every time of that day."""
    if expected in (None, "") or found in (None, ""):
        return expected in (None, "") and found in (None, "")
    if field.type == "money":
        return bool(expected[0] == found[0] and expected[1] in ("", None, found[1]))
    if field.type == "date":
        return play.view().date_order(str(found), str(expected)) == 0
    if field.type in ("text", "unknown"):
        return as_key(expected) == as_key(found)
    return bool(expected == found)
