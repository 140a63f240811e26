"""What a comparison reads: the units that were drawn, what happened to them, and when it was known.

Plain values with the instant at which each was recorded, so that a comparison can look at them as of any day. The
store's reader (`runner/experiments`), the self-test and the simulation all make these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.core.durations import Instant
from engine.core.experiment import Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """`event` is one of the metrics' events as written there (`reply` stands for every reply), or `deleted`."""

    event: str
    on: date  # in the workspace's zone
    recorded_at: Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """An action that was handed out: work for somebody."""

    action: str  # its id
    at: Instant
    on: date
    assignee: str = ""
    facing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A unit as it was drawn, and what is on record of it, both in the order of recording.

    `probability` of its arm and `weights` are as written at the draw; None and {} where the record is damaged.
    `overridden_at`: a person moved it into another playbook then; it is counted in the arm it was drawn into.
    `position` among the units of its team and phase, from 0; -1 where none was taken (a hash).
    """

    id: str
    account: str
    deal: str
    team: str
    phase: int
    arm: str
    probability: float | None
    drawn_at: Instant
    drawn_on: date
    weights: Mapping[str, float] = field(default_factory=dict)
    happened: tuple[Happened, ...] = ()
    handed: tuple[Handed, ...] = ()
    overridden_at: Instant | None = None
    position: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """An import of deals that a tick has handled since: what was recorded by `imported_at` can no longer be taken back
    from `ticked_at` on."""

    imported_at: Instant
    ticked_at: Instant
    source: str = ""  # the CRM


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """One experiment. `phases` by number, `units` by `drawn_at`, `settled` by `ticked_at`, all rising.

    What is newer than the day asked for may be there or not: a comparison never looks at it.
    """

    phases: tuple[Phase, ...]
    units: tuple[Unit, ...]
    settled: tuple[Settled, ...]
    zone: str
    name: str = ""  # of the experiment: said where it has not begun
    stopped_at: Instant | None = None
    adopted: str = ""  # the arm that new deals get since then
