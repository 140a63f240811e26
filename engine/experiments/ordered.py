"""What is in force of each experiment, as the orders that people gave leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.building.experiment import build_experiment
from engine.core.durations import Instant
from engine.core.experiment import Experiment, Phase
from engine.core.vocabulary import Vocabulary
from engine.store.base import ExperimentOrder, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """An experiment that was started. `content` is the file that is in force; `adopted`, once it is stopped, the arm
    that new deals get."""

    name: str
    phases: tuple[Phase, ...]
    content: Mapping[str, Any]
    stopped_at: Instant | None = None
    adopted: str = ""
    adopted_at: Instant | None = None

    @property
    def phase(self) -> Phase:
        return self.phases[-1]

    @property
    def experiment(self) -> Experiment:
        return self.phase.experiment

    @property
    def takes_deals(self) -> bool:
        return self.stopped_at is None or bool(self.adopted)


def ordered(store: Store, vocabulary: Vocabulary, until: Instant | None = None) -> dict[str, Ordered]:
    """The started experiments by name, by the orders given until that instant (None: all)."""
    found: dict[str, Ordered] = {}
    for order in store.experiment_orders():
        if until is None or order.at <= until:
            found[order.experiment] = _after(found.get(order.experiment), order, vocabulary)
    return dict(sorted(found.items()))


def _after(before: Ordered | None, order: ExperimentOrder, vocabulary: Vocabulary) -> Ordered:
    if before is not None and order.what == "stop":
        stopped_at = order.at if before.stopped_at is None else before.stopped_at
        adopted_at = order.at if order.arm else None
        return replace(before, stopped_at=stopped_at, adopted=order.arm, adopted_at=adopted_at)
    experiment, _ = build_experiment(order.content, vocabulary)
    phases = before.phases if before is not None else ()
    same = phases[-1:] if phases and phases[-1].number == order.phase else ()
    began_at = same[0].began_at if same else order.at
    phases = (*phases[: len(phases) - len(same)], Phase(number=order.phase, began_at=began_at, experiment=experiment))
    return Ordered(name=order.experiment, phases=phases, content=order.content)
