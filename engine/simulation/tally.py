"""What a number of lives came to: counts and histograms only, so that the parts of a simulation can be added up in any
order and always give the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

STANDING = ""  # the end of a life that is not over at the horizon
WON = "won"


@dataclass(kw_only=True, slots=True)
class Tally:
    """Of one playbook in one replicate. A life is a deal; each is counted exactly once in `ends`."""

    lives: int = 0
    entered: int = 0  # deals that the playbook took; the others were suppressed when their turn came
    wins: int = 0
    replies: int = 0  # events, not deals
    replied: int = 0  # deals with at least one
    opted_out: int = 0  # deals
    minutes: int = 0
    stuck: int = 0  # lives that could not be played to their end
    steps: int = 0
    kinds: Counter[str] = field(default_factory=Counter)  # actions handed out, by kind
    names: Counter[str] = field(default_factory=Counter)  # and by name
    load: Counter[str] = field(default_factory=Counter)  # "person|week": actions handed out; weeks since 1 January 1
    load_minutes: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    touches: Counter[int] = field(default_factory=Counter)  # touches of a contact: contacts
    days_to_end: Counter[int] = field(default_factory=Counter)
    days_to_win: Counter[int] = field(default_factory=Counter)
    metrics: Counter[int] = field(default_factory=Counter)  # place of the metric: deals that it happened to

    @property
    def actions(self) -> int:
        return self.kinds.total()

    def add(self, other: Tally) -> None:
        for one in fields(self):
            here, there = getattr(self, one.name), getattr(other, one.name)
            if isinstance(here, Counter):
                here.update(there)
            else:
                setattr(self, one.name, here + there)

    def to_json(self) -> dict[str, Any]:
        """Only what is not 0, in a fixed order."""
        content: dict[str, Any] = {}
        for one in fields(self):
            found = getattr(self, one.name)
            if isinstance(found, Counter):
                found = {str(key): found[key] for key in sorted(found)}
            if found:
                content[one.name] = found
        return content

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Tally:
        tally = Tally()
        for name, found in content.items():
            if isinstance(found, Mapping):
                numbered = name in _NUMBERED
                getattr(tally, name).update({int(key) if numbered else key: count for key, count in found.items()})
            else:
                setattr(tally, name, found)
        return tally


_NUMBERED = frozenset({"touches", "days_to_end", "days_to_win", "metrics"})
