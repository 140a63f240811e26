"""What a tick would lead to if nobody answers: the load to expect per person."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.durations import Instant
from engine.core.foresee import steps_ahead
from engine.runner.tick import Ticking

_PAGE = 500


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
