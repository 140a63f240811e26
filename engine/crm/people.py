"""Who in roster.yaml a cell means: by id, else by name, else by mail address. Two people of one name: nobody.

Teams are found alike, by id, else by title.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.names import Called, bare
from engine.crm.values import Flaw, Read


class People(Called):
    """The roster's people, or its teams, as an export sees them. `matched` is filled while cells are read: target ->
    {as written: id}.
    """

    def __init__(self, people: Iterable[tuple[str, str, str]], what: str = "person") -> None:
        """`people` are (id, name, mail address); the latter two may be empty. `what`: person or team."""
        super().__init__(people)
        self._what = what
        self.matched: dict[str, dict[str, str]] = {}

    def reader(self, target: str) -> Read:
        """Reads a cell to the person's id. A stranger stays as written, and so does a name that several people have."""

        def read(raw: str) -> object:
            found = self.find(raw)
            if len(found) > 1:
                return Flaw(kind=f"{self._what}-ambiguous", reason=f"may be {' or '.join(found)}", value=raw)
            if found and bare(found[0]) != bare(raw):
                self.matched.setdefault(target, {})[raw] = found[0]
            return found[0] if found else raw

        return read
