"""The due list in the order of the workspace's own score: what each open action is worth now, and why.

Facts are those of the last tick. Time is counted in the workspace's calendar, whatever playbook the action belongs to,
so that all actions are measured alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.core.account import Account
from engine.core.building.scores import score
from engine.core.building.words import Words
from engine.core.durations import Instant
from engine.core.looking import looking_at
from engine.core.needs import reads_log
from engine.core.scores import Score, Scored, scored
from engine.core.world import World
from engine.core.zones import date_text
from engine.store.base import ActionRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """The score that orders the due list, as of `now`. `needs` is what its accounts must be loaded with."""

    world: World
    now: Instant
    score: Score
    needs: frozenset[str]

    def points(self, row: ActionRow, account: Account | None) -> Scored:
        """What `row` is worth; nothing where its deal is not known any more."""
        deal = account.deals.get(row.deal) if account is not None else None
        if account is None or deal is None:
            return Scored(total=0)
        return scored(self.score, looking_at(self.world, account, deal, self.now, row.contact, _on_the_list(row)))


def ranking(world: World, now: Instant) -> Ranking | None:
    """By the score that `due_list` of scores.yaml names; None if it names none."""
    lines = world.vocabulary.scores.get(world.due_list) if world.due_list else None
    if lines is None:
        return None
    words = Words(vocabulary=replace(world.vocabulary, acting=True))
    needs = frozenset({"log", "touches"} if reads_log({world.due_list: lines}) else ())
    return Ranking(world=world, now=now, score=score(words, world.due_list, lines, ()), needs=needs)


def _on_the_list(row: ActionRow) -> dict[str, Any]:
    """The names of the action itself (core/vocabulary.py: ON_THE_LIST)."""
    return {
        "action.name": row.name,
        "action.kind": row.kind,
        "action.priority": row.priority,
        "action.due_at": _date(row.due_at),
        "action.deadline": _date(row.deadline),
    }


def _date(instant: Instant | None) -> str | None:
    """An instant as conditions compare it."""
    return None if instant is None else date_text(instant)
