"""Who in roster.yaml a cell means: by id, else by name, else by mail address. Two people of one name: nobody.

Teams are found alike, by id, else by title.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from engine.crm.values import Flaw, Read


class People:
    """The roster's people, or its teams, as an export sees them. `matched` is filled while cells are read: target ->
    {as written: id}.
    """

    def __init__(self, people: Iterable[tuple[str, str, str]], what: str = "person") -> None:
        """`people` are (id, name, mail address); the latter two may be empty. `what`: person or team."""
        listed = list(people)
        self._what = what
        self.ids = frozenset(each[0] for each in listed)
        self.matched: dict[str, dict[str, str]] = {}
        self._levels: list[dict[str, list[str]]] = [{}, {}, {}]
        for each in listed:
            for level, text in zip(self._levels, each, strict=True):
                if text.strip():
                    level.setdefault(_bare(text), []).append(each[0])

    def find(self, text: str) -> list[str]:
        """The ids that the text may mean: none, one, or several, between which nobody but the user can choose."""
        if text in self.ids:
            return [text]
        wanted = _bare(text)
        return next((level[wanted] for level in self._levels if wanted in level), [])

    def reader(self, target: str) -> Read:
        """Reads a cell to the person's id. A stranger stays as written, and so does a name that several people have."""

        def read(raw: str) -> object:
            found = self.find(raw)
            if len(found) > 1:
                return Flaw(kind=f"{self._what}-ambiguous", reason=f"may be {' or '.join(found)}", value=raw)
            if found and _bare(found[0]) != _bare(raw):
                self.matched.setdefault(target, {})[raw] = found[0]
            return found[0] if found else raw

        return read


def _bare(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
