"""What people order for an experiment: start, change, stop. Orders are only ever added; a tick does what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from engine.core.durations import Instant
from engine.core.experiment import ALPHA
from engine.core.unfit import Unfit
from engine.experiments.ordered import Ordered
from engine.store.base import ExperimentOrder, ExperimentStep, Store

FIXED = (
    "starts", "ends", "unit", "assign", "control", "primary", "secondary", "guardrails", "alpha", "margin", "expect",
)  # fmt: skip
"""What a change must leave as it is: it was promised before the first unit was drawn."""

_LEFT_OUT: Mapping[str, Any] = MappingProxyType(
    {"question": "", "unit": "deal", "assign": "blocks", "alpha": ALPHA, "enrol": {}, "teams": {}, "secondary": [],
     "guardrails": [], "expect": {}}
)  # fmt: skip
_LEFT_OUT_OF_AN_ARM: Mapping[str, Any] = MappingProxyType({"weight": 1, "params": {}, "holdout": False})


class NotOrderable(Unfit):
    """An order that cannot be given: `message` says why, `hint` what to do instead."""


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

    def change(self, name: str, content: Mapping[str, Any], today: date | None = None) -> int:
        """Put the file as it is now in force, and return the phase; other arms, weights or deals begin a new one.

        Nothing of what was promised before the first draw can be changed, and no phase begins after the last day of
        drawing: `today` is the local day.
        """
        running = self._running(name, "change")
        before, after = spelled_out(running.content), spelled_out(content)
        kept = [key for key in FIXED if after.get(key) != before.get(key)]
        if kept:
            hint = "put it back; or stop this experiment and start another one under a new name"
            raise NotOrderable(f"{', '.join(kept)} of {name} cannot be changed once it runs", hint)
        if after["control"] not in content["arms"]:
            raise NotOrderable(f"{after['control']} is what the other arms of {name} are compared with", "put it back")
        if before == after:
            raise NotOrderable(f"the file of {name} says what is in force already", "edit it first")
        otherwise, ends = draws_otherwise(running.content, content), running.experiment.ends
        if otherwise and today is not None and ends is not None and today > ends:
            hint = "put back what is drawn, and from what; or start another experiment under a new name"
            raise NotOrderable(f"{name} has drawn until {ends}: nothing would be drawn in another phase", hint)
        number = running.phase.number + otherwise
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
    one, other = ({**spelled_out(content), "teams": _weights(content)} for content in (before, after))
    return any(one[key] != other[key] for key in ("arms", "teams", "enrol"))


def spelled_out(content: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """With what it means where it says nothing. Laid `beside` another one, only in arms that both have: what is gone or
    new is told as it stands."""
    arms = {
        name: arm if beside is not None and name not in beside.get("arms", {}) else {**_LEFT_OUT_OF_AN_ARM, **arm}
        for name, arm in content.get("arms", {}).items()
    }
    return {**_LEFT_OUT, "control": next(iter(arms), None), **content, "arms": arms}


def _weights(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Of the teams that draw otherwise than the rest, by arm."""
    rest = {name: arm["weight"] for name, arm in spelled_out(content)["arms"].items()}
    teams = {
        team: {name: own.get("weights", {}).get(name, rest[name]) for name in own.get("arms", rest) if name in rest}
        for team, own in content.get("teams", {}).items()
    }
    return {team: weights for team, weights in teams.items() if weights != rest}


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
