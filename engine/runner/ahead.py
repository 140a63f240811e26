"""What comes if nobody answers: accounts advanced in memory on a virtual clock, with the same `advance` as a tick."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.account import Account
from engine.core.advance import Advancing, next_instant
from engine.core.durations import Instant
from engine.core.step import Step
from engine.core.world import World
from engine.runner.shelf import Shelf
from engine.runner.tick import Ticking

_PAGE = 500


def steps_ahead(world: World, shelf: Shelf, account: Account, until: Instant) -> Iterator[Step]:
    """Every step that `account` will take by itself up to `until`, in order. The account is changed."""
    while (instant := next_instant(account)) is not None and instant <= until:
        found: list[Step] = []
        Advancing(world, shelf, account, instant, found.append).run()
        yield from found


def actions_ahead(ticking: Ticking, until: Instant) -> Iterator[tuple[str, Instant]]:
    """(assignee, instant) of every action handed out in this tick or after it up to `until`."""
    store, now = ticking.store, ticking.now
    for row in store.open_actions():
        if row.handed_at == now:
            yield row.assignee, now
    after: str | None = None
    while ids := store.due_accounts(until, _PAGE, after):
        for account in store.load_accounts(ids, now, {"touches", "log"}):
            for step in steps_ahead(ticking.world, ticking.shelf, account, until):
                yield from ((step.actions[one]["assignee"], step.at) for one in step.handed_out)
        after = ids[-1]
