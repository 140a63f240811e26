"""What earlier imports told and no tick has followed: it does not happen where the newest one says otherwise."""

from __future__ import annotations

from engine.core.enrolment import Event
from engine.core.imported import AFTER_LOSS
from engine.runner.incoming import Row, Values
from engine.runner.laying import Laying
from engine.store.base import Store

_STATUS = frozenset({"won", "lost", "reopened", "deleted"})


class TakingBack:
    """For one batch, whose waiting events are looked up by deal: an account may have thousands."""

    def __init__(self, store: Store, laying: Laying, because: str) -> None:
        self._store = store
        self._because = because
        self._waiting: dict[tuple[str, str], list[Event]] = {}
        for name, account in laying.present.items():
            for event in account.events or ():
                if event.deal:
                    self._waiting.setdefault((name, event.deal), []).append(event)

    def undone(self, row: Row, account: str) -> bool:
        """Whether the deal is lost as it was before what no tick has followed: then nothing has happened, neither what
        ended the loss nor what came of the deal after it."""
        lost_at = row.deal.get("lost_at")
        if row.deal["status"] != "lost" or not lost_at:
            return False
        waiting = [each for each in self._waiting.get((account, row.deal["id"]), ()) if each.name in _STATUS]
        ended = [each.id for each in waiting if each.fields.get(AFTER_LOSS) == lost_at]
        taken_back = [self._withdrawn(each) for each in waiting if ended and each.id >= min(ended)]
        return any(taken_back)

    def replace(self, deal: str, account: str, fields: Values) -> None:
        """Where the row tells anew all that an earlier import told: an older export is put right by the newest one."""
        for event in self._waiting.get((account, deal), ()):
            told = event.fields.get("deal") or {}
            again = told and set(told) <= set(fields.get("deal", {})) and set(event.fields) <= set(fields)
            if event.name == "imported" and again:
                self._withdrawn(event)

    def _withdrawn(self, event: Event) -> bool:
        return self._store.withdraw_event(event.id, self._because)
