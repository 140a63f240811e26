"""A touch that a person records: an approach that no list asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.likeness import nearest
from engine.core.model import CUSTOMER_KINDS
from engine.core.vocabulary import Vocabulary
from engine.runner.payload import NotRecordable

BY_HAND = "touch"  # what people call it; it is kept as permitting.TOUCH
_FIELDS = ("channel", "minutes", "direction")
CHANNELS = tuple(sorted(CUSTOMER_KINDS))


def touch_fields(said: Mapping[str, Any], note: str, *, named: bool) -> dict[str, Any]:
    """The fields of its event. `named`: it says whom we reached. Raises NotRecordable."""
    if not named:
        raise NotRecordable("whom did we reach?", "say --deal or --contact: an account alone is not touched", "contact")
    for name in said:
        if name not in _FIELDS:
            raise NotRecordable(f"a touch has no field {name!r}", "its fields: channel, minutes", f"field.{name}")
    if str(said.get("direction") or "outbound") != "outbound":
        raise NotRecordable("a touch goes out", "what reached us is a reply: record reply", "field.direction")
    fields: dict[str, Any] = {"channel": checked_channel(str(said.get("channel") or ""))}
    if said.get("minutes") not in (None, ""):
        fields["minutes"] = _minutes(str(said["minutes"]))
    return {**fields, **({"note": note} if note else {})}


def checked_channel(text: str) -> str:
    """One of the customer-facing kinds of action. Raises NotRecordable."""
    channel = text.strip().lower()
    if channel in CUSTOMER_KINDS:
        return channel
    meant = nearest(channel, CHANNELS) if channel else ""
    hint = f"did you mean {meant}?" if meant else f"write one of {', '.join(CHANNELS)}"
    raise NotRecordable(f"{text!r} is no channel" if text else "over which channel?", hint, "field.channel")


def _minutes(text: str) -> int:
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise NotRecordable(f"{text!r} is no number of minutes", "write a whole number: 12", "field.minutes")
    return int(text)


def fields_of_events(vocabulary: Vocabulary) -> frozenset[str]:
    """The names that the fields of any declared event have."""
    return frozenset({*_FIELDS, *(name for kind in vocabulary.events.values() for name in kind.fields)})
