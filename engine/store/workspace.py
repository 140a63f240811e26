"""Settings, ticks, workspace files and revisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.enrolment import Instant
from engine.store.json_text import dump, parse
from engine.store.records import Revision, Source, Tick
from engine.store.session import Row, Verbs


class WorkspaceVerbs(Verbs):
    """What belongs to no account."""

    def meta(self, key: str) -> str | None:
        found = self.session.row("read_meta", (key,))
        return found[0] if found else None

    def put_meta(self, key: str, value: str) -> None:
        with self.session.writing():
            self.session.write("put_meta", (key, value))

    def last_tick(self) -> Tick | None:
        found = self.session.row("read_last_tick")
        return _tick(found) if found else None

    def ticks_since(self, instant: Instant) -> list[Tick]:
        return [_tick(row) for row in self.session.rows("read_ticks_since", (instant,))]

    def begin_tick(self, now: Instant, started_at: Instant) -> int:
        with self.session.writing():
            self.session.write("begin_tick", {"now": now, "started_at": started_at})
            begun = self.last_tick()
        assert begun is not None
        return begun.id

    def finish_tick(self, tick: int, counts: Mapping[str, Any], finished_at: Instant) -> None:
        with self.session.writing():
            self.session.write("finish_tick", (finished_at, dump(dict(counts)), tick))

    def sources(self) -> dict[str, Source]:
        return {
            path: Source(path=path, hash=hashed, content=parse(content), good=bool(good))
            for path, hashed, content, good in self.session.rows("read_sources")
        }

    def put_sources(self, sources: Iterable[Source]) -> None:
        listed = list(sources)
        with self.session.writing():
            good = [(source.path, source.hash, dump(source.content)) for source in listed if source.good]
            self.session.write_many("put_good_sources", good)
            broken = [(source.path, source.hash) for source in listed if not source.good]
            self.session.write_many("put_broken_sources", broken)

    def forget_sources(self, paths: Iterable[str]) -> None:
        with self.session.writing():
            self.session.write_many("forget_sources", [(path,) for path in paths])

    def revision(self, hash: str) -> Revision | None:  # noqa: A002 - the word of the trade
        found = self.session.row("read_revision", (hash,))
        if not found:
            return None
        hashed, playbook, content, created_at, facing = found
        return Revision(
            hash=hashed, playbook=playbook, content=parse(content), created_at=created_at, facing=bool(facing)
        )

    def put_revision(self, revision: Revision) -> None:
        row = (revision.hash, revision.playbook, dump(revision.content), revision.created_at, int(revision.facing))
        with self.session.writing():
            self.session.write("put_revision", row)

    def revisions_in_use(self) -> dict[str, int]:
        return dict(self.session.rows("count_revisions_in_use"))


def _tick(row: Row) -> Tick:
    number, started_at, now, finished_at, counts = row
    return Tick(id=number, started_at=started_at, now=now, finished_at=finished_at, counts=parse(counts))
