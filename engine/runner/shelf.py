"""Revisions by hash, built when first needed: pinned ones from the store, those of the workspace as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.building.revision import revision_from
from engine.core.model import Playbook, Revision
from engine.core.needs import reads_log
from engine.core.step import Compiled
from engine.store.base import NotFound, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A playbook that new enrolments may take, with what is to be pinned. `content` is plain data.

    `team`: it is the playbook as it is for one team, whose parameters differ.
    """

    revision: Revision
    content: Mapping[str, Any]
    team: str = ""
    _known: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def playbook(self) -> Playbook:
        return self.revision.playbook

    def reads_log(self) -> bool:
        """Whether it counts or dates past events. Looked up once: one offer may serve many ticks."""
        if "log" not in self._known:
            self._known["log"] = reads_log(self.content)
        return self._known["log"]


def playbooks_of(offers: Iterable[Offer], team: str) -> dict[str, Playbook]:
    """The playbooks as they are for a deal of `team`, which may have parameters of its own, by name."""
    offers = list(offers)
    found = {offer.playbook.name: offer.playbook for offer in offers if not offer.team}
    return found | {offer.playbook.name: offer.playbook for offer in offers if offer.team == team}


class RevisionShelf(Mapping[str, Compiled]):
    """All revisions that a command meets."""

    def __init__(self, store: Store, offers: Iterable[Offer] = ()) -> None:
        self._store = store
        offers = list(offers)
        self._revisions = {offer.revision.hash: offer.revision for offer in offers}
        self._offers = {offer.revision.hash: offer for offer in offers}
        self._contents: dict[str, Mapping[str, Any]] = {}  # of stored revisions
        self._compiled: dict[str, Compiled] = {}
        self._logged: dict[str, bool] = {}

    def __getitem__(self, key: str) -> Compiled:
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = Compiled(self.revision(key))
        return found

    def revision(self, key: str) -> Revision:
        """The revision with this hash, without its machines. Raises NotFound."""
        if key not in self._revisions:
            stored = self._store.revision(key)
            if stored is None:
                raise NotFound(f"revision {key} is not in the database", "restore a backup")
            self._contents[key] = stored.content
            self._revisions[key] = revision_from(stored.content, key)
        return self._revisions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._revisions)

    def __len__(self) -> int:
        return len(self._revisions)

    def reads_log(self, keys: Iterable[str]) -> bool:
        """Whether one of these revisions counts or dates past events."""
        return any(self._reads_log(key) for key in set(keys))

    def _reads_log(self, key: str) -> bool:
        found = self._logged.get(key)
        if found is None:
            self.revision(key)
            offer = self._offers.get(key)
            found = self._logged[key] = offer.reads_log() if offer else reads_log(self._contents[key])
        return found
