"""Values as a scenario writes them, in the types that playbooks compare: by the readers that commands use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.vocabulary import EventKind, Field
from engine.core.world import World
from engine.runner.payload import payload

CURRENCY = "USD"  # of an amount whose field and text name none; only shown, since nothing compares it then


def typed(entity: str, said: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Fields of a deal, an account or a contact by bare name, None where the scenario empties one.

    Raises NotRecordable, whose `column` is `field.NAME`.
    """
    declared = {
        field.bare: field for name, field in world.vocabulary.fields.items() if name.startswith(f"{entity}.")
    }  # fmt: skip
    found: dict[str, Any] = payload(EventKind(name=entity, fields=declared), said, world.roster)
    for name, value in found.items():
        if declared[name].type == "money":
            found[name] = [value[0], value[1] or CURRENCY]
    return {name: found.get(name) for name in said}


def one_value(declared: Field, said: Any, world: World) -> Any:
    """One value in the type of its field. Raises NotRecordable."""
    kind = EventKind(name="facts", fields={"value": declared})
    return payload(kind, {"value": said}, world.roster).get("value")
