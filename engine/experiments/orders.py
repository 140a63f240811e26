"""What people order for an experiment: start, change, stop. Orders are only ever added; a tick does what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.durations import Instant
from engine.experiments.ordered import Ordered
from engine.store.base import ExperimentOrder, ExperimentStep, Store

FIXED = (
    "starts", "ends", "unit", "assign", "control", "primary", "secondary", "guardrails", "alpha", "margin", "expect",
)  # fmt: skip
"""What a change must leave as it is: it was promised before the first unit was drawn."""


class NotOrderable(Exception):
    """An order that cannot be given: `message` says why, `hint` what to do instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """Where orders are given: `now` by the person `by`; `known` are the experiments that were started, `local` says an
    instant on the workspace's wall. Each verb raises NotOrderable."""

    store: Store
    known: Mapping[str, Ordered]
    now: Instant
    by: str
    local: Callable[[Instant], str]

    def start(self, name: str, content: Mapping[str, Any]) -> None:
        """Units may be drawn from now on; an experiment is started once."""
        if name in self.known:
            when = self.local(self.known[name].phases[0].began_at)
            raise NotOrderable(f"{name} was started on {when}", "write another experiment under a new name")
        self._put(name, "start", 1, content)

    def change(self, name: str, content: Mapping[str, Any]) -> int:
        """Put the file as it is now in force, and return the phase; other arms, weights or deals begin a new one.

        Nothing of what was promised before the first draw can be changed.
        """
        running = self._running(name, "change")
        kept = [key for key in FIXED if _said(content, key) != _said(running.content, key)]
        if kept:
            hint = "put it back; or stop this experiment and start another one under a new name"
            raise NotOrderable(f"{', '.join(kept)} of {name} cannot be changed once it runs", hint)
        control = _said(content, "control")
        if control not in content["arms"]:
            raise NotOrderable(f"{control} is what the other arms of {name} are compared with", "put it back")
        if content == running.content:
            raise NotOrderable(f"the file of {name} says what is in force already", "edit it first")
        number = running.phase.number + draws_otherwise(running.content, content)
        self._put(name, "change", number, content)
        return number

    def stop(self, name: str, arm: str = "") -> None:
        """Nothing more is drawn; with `arm`, deals that it would have drawn get that arm from now on (without, an arm
        that was adopted before is given no more)."""
        running = self.known.get(name)
        if running is None or running.stopped_at is None:
            running = self._running(name, "stop")
        elif running.adopted == arm:
            raise NotOrderable(f"{name} was stopped already", f"new deals get {arm or 'no arm of it'}")
        if arm and arm not in running.experiment.arms:
            raise NotOrderable(f"{name} has no arm {arm!r}", f"its arms are {', '.join(running.experiment.arms)}")
        self._put(name, "stop", running.phase.number, running.content, arm)

    def _running(self, name: str, what: str) -> Ordered:
        running = self.known.get(name)
        if running is None:
            hint = f"`playbook experiment start {name}` starts it"
            raise NotOrderable(f"{name} was not started: there is nothing to {what}", hint)
        if running.stopped_at is not None:
            raise NotOrderable(f"{name} was stopped already", "start another one under a new name")
        return running

    def _put(self, name: str, what: ExperimentStep, phase: int, content: Mapping[str, Any], arm: str = "") -> None:
        """The order, and every deal to be looked at by the next tick: some may be drawn now."""
        with self.store.transaction():
            self.store.put_experiment_order(
                ExperimentOrder(
                    experiment=name, at=self.now, what=what, phase=phase, content=content, arm=arm, by=self.by
                )
            )  # fmt: skip
            self.store.examine_all(_status(content))


def draws_otherwise(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether units are drawn from other arms, with other weights, or among other deals."""
    return any(before.get(key) != after.get(key) for key in ("arms", "teams", "enrol"))


def _said(content: Mapping[str, Any], key: str) -> Any:
    """What stands there, or what that means where nothing does."""
    return content.get(key, next(iter(content["arms"])) if key == "control" else None)


def differences(before: Mapping[str, Any], after: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """`arms.slow.weight: 1 -> 2`, for everything that stands otherwise."""
    for key in dict.fromkeys((*before, *after)):
        old, new, here = before.get(key), after.get(key), f"{place}{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, f"{here}.")
        elif old != new:
            told = ("nothing" if one is None else one for one in (old, new))
            yield f"{here}: {' -> '.join(map(str, told))}"


def _status(content: Mapping[str, Any]) -> str | None:
    """The status that a deal must have to be drawn; None if the condition does not say."""
    status = content.get("enrol", {}).get("if", {}).get("status")
    return str(status["is"]) if isinstance(status, Mapping) and list(status) == ["is"] else None
