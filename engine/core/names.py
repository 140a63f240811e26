"""Whom a written name means: by id, else by name, else by mail address; capitals and blanks aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def bare(name: str) -> str:
    """As names are compared: `Noor  ALI` is `noor ali`, and the two ways of writing an é are one."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


class Called:
    """Who is called what. The id as it is written goes before everything else."""

    def __init__(self, listed: Iterable[tuple[str, str, str]]) -> None:
        """`listed` are (id, name, mail address); the latter two may be empty."""
        self._levels: list[dict[str, list[str]]] = [{}, {}, {}]
        self.ids: set[str] = set()
        for each in listed:
            self.ids.add(each[0])
            for level, text in zip(self._levels, each, strict=True):
                if text.strip():
                    level.setdefault(bare(text), []).append(each[0])

    def find(self, text: str) -> list[str]:
        """The ids that the text may mean: none, one, or several, between which nobody but the user can choose."""
        if text in self.ids:
            return [text]
        wanted = bare(text)
        return next((level[wanted] for level in self._levels if wanted in level), [])
