"""Whether a tick has anything to do at all: asked before anything is loaded, because cron asks it all day."""

from __future__ import annotations

from engine.authoring.fingerprint import CHECKED, unchanged
from engine.console.desk import Desk
from engine.core.durations import Instant


def nothing_to_do(desk: Desk, at: Instant) -> bool:
    """No file changed or has problems; nothing is due, recorded, to be examined or set aside."""
    store = desk.store
    known = store.sources()
    checked = known.get(CHECKED)
    if checked is None or checked.content:
        return False
    if store.due_accounts(at, 1) or store.deals_to_examine(at, 1) or store.set_aside():
        return False
    return unchanged(desk.folder, {path: source.hash for path, source in known.items() if source.good})
