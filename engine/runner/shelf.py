"""Revisions by hash, built when first needed: pinned ones from the store, those of the workspace as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.build.revision import revision_from
from engine.core.model import Playbook, Revision
from engine.core.needs import reads_log
from engine.core.step import Compiled
from engine.store.base import NotFound, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A playbook that new enrolments may take, with what is to be pinned. `content` is plain data."""

    revision: Revision
    content: Mapping[str, Any]

    @property
    def playbook(self) -> Playbook:
        return self.revision.playbook


class Shelf(Mapping[str, Compiled]):
    """All revisions that a command meets."""

    def __init__(self, store: Store, offers: Iterable[Offer] = ()) -> None:
        self._store = store
        self._compiled = {offer.revision.hash: Compiled(offer.revision) for offer in offers}

    def __getitem__(self, key: str) -> Compiled:
        found = self._compiled.get(key)
        if found is None:
            stored = self._store.revision(key)
            if stored is None:
                raise NotFound(f"revision {key} is not in the database", "restore a backup: `playbook doctor`")
            found = self._compiled[key] = Compiled(revision_from(stored.content, key))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._compiled)

    def __len__(self) -> int:
        return len(self._compiled)

    def reads_log(self, keys: Iterable[str]) -> bool:
        """Whether one of these revisions counts or dates past events."""
        return any(
            reads_log(self[key].revision.playbook, tuple(self[key].revision.templates.values())) for key in set(keys)
        )
