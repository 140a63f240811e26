"""Asking a condition or a score about one deal outside a step: to enrol it, to rank it, to write a text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.core.account import Account, Deal
from engine.core.asking import OF_A_CONTACT, Asker
from engine.core.durations import Instant
from engine.core.model import Enrol, Playbook
from engine.core.reads import Reads
from engine.core.scores import Score, scored
from engine.core.values import resolve
from engine.core.view import View
from engine.core.world import World

_NO_PLAYBOOK = Playbook(name="", title="", tracks={}, ends={}, enrol=Enrol())
_NO_SCORES: Mapping[str, Score] = MappingProxyType({})  # a score reads no other


class Looking(Asker):
    """Implements `Asking`. `scores` are those that may be read; `more` are values that no view knows."""

    __slots__ = ("more", "params", "scores")

    def __init__(
        self, view: View, scores: Mapping[str, Score], contact: str = "", more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(Reads(view), contact)
        self.params = view.playbook.params
        self.scores = scores
        self.more = more or {}

    def value(self, name: str) -> Any:
        root, _, rest = name.partition(".")
        if root == "facts":
            return None
        if root == "score":
            return scored(self.scores[rest], self).total
        if root == "params":
            return resolve(self.params[rest], self.value)
        if name in self.more:
            return self.more[name]
        return self.reads.value(name, self.contact if root in OF_A_CONTACT else "")

    def other_currency(self, name: str) -> None:
        return None


def looking_at(
    world: World, account: Account, deal: Deal, at: Instant, contact: str = "", more: Mapping[str, Any] | None = None
) -> Looking:
    """Who answers a condition or a score about a deal that no playbook follows."""
    return Looking(view_of(world, account, deal, at), _NO_SCORES, contact, more)


def view_of(world: World, account: Account, deal: Deal, at: Instant) -> View:
    """The deal as a playbook would see it, in the workspace's calendar."""
    return View(world, account, deal, _NO_PLAYBOOK, at)
