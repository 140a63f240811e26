"""The reports by name: what each tells, and which of the narrower options it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from engine.reports.model import Report
    from engine.reports.scope import Scope
    from engine.store.base import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`module` is the file in this room, loaded when its report is asked for."""

    module: str
    tells: str
    playbook: bool = False  # knows --playbook
    days: bool = False  # knows --days
    questionnaire: bool = False  # knows --questionnaire

    def make(self, store: Store, scope: Scope) -> Report:
        """Count it. Reads only; one pass over the store."""
        counted = cast("Callable[[Store, Scope], Report]", import_module(f"engine.reports.{self.module}").report)
        found = counted(store, scope)
        if not found.tables or _has_followed(store, scope):
            return found
        told = f"No deal was ever enrolled in the playbook {scope.playbook}."
        return replace(found, verdict=told, remarks=(), tables=())


def _has_followed(store: Store, scope: Scope) -> bool:
    """Whether the playbook asked for is one that may take a loss, or ever took one. None asked for: it is.

    One that was taken out of the workspace still has its numbers; a mistyped one has none, so that what is the same for
    all playbooks must not be shown as if it were about this one.
    """
    if scope.playbook in ("", *scope.world.playbooks):
        return True
    counts = store.counts()
    return scope.playbook in counts.enrolments or any(scope.playbook == playbook for playbook, _ in counts.ends)


REPORTS: Mapping[str, Entry] = MappingProxyType(
    {
        "untouched": Entry(module="untouched", tells="lost deals that nobody has done anything about", days=True),
        "reasons": Entry(module="reasons", tells="loss reasons by team, competitor and stage; ours and the customer's"),
        "time": Entry(module="time", tells="days and effort until lost, against until won"),
        "latency": Entry(module="latency", tells="how long customers wait for our answer"),
        "gaps": Entry(module="gaps", tells="values missing on lost deals, and steps not taken", playbook=True),
        "permission": Entry(module="permission", tells="how often we may stay in touch", playbook=True),
        "completion": Entry(module="completion", tells="lost deals that were never completed", playbook=True),
        "responses": Entry(module="responses", tells="answers to debriefs, letters and mails", playbook=True),
        "answers": Entry(module="answered", tells="what was answered to every question, by team", questionnaire=True),
        "ends": Entry(module="ends", tells="how each playbook ends, and what was won since", playbook=True),
        "criteria": Entry(module="criteria", tells="win rate by criterion; which deals not to pursue"),
        "improvements": Entry(module="improvements", tells="what will be started, stopped or changed, by whom, when"),
        "winback": Entry(module="winback", tells="revenue won after a loss, for 36 months", playbook=True),
        "winrate": Entry(module="winrate", tells="won and lost deals, as context"),
        "approach": Entry(module="approach", tells="how customers like to be approached, by segment"),
    }
)
