"""The known word that somebody probably meant: the one measure behind every “did you mean”."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 64  # characters: a longer word is no misspelling of a short one, and comparing it would take time
_MOST = 5_000  # known words: difflib looks at each one, which takes about a second
_LIKE = 0.6  # of 1, how alike two words must be
_LISTED = 12  # known words that a hint names


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, or "" if none is. Case, spaces and punctuation count least.

    A word that is known itself is returned as it is; among equals the one listed first wins.
    """
    bare: dict[str, str] = {}
    for candidate in known:
        bare.setdefault(_bare(candidate), candidate)
    wanted = _bare(word)
    if wanted in bare:
        return bare[wanted]
    if not wanted or len(bare) > _MOST:
        return ""
    import difflib  # only who is mistaken pays for it

    close = difflib.get_close_matches(wanted[:_LONGEST], bare, n=1, cutoff=_LIKE)
    return bare[close[0]] if close else ""


def _bare(word: str) -> str:
    """Letters and digits only; what has none is compared as it is written."""
    return _BETWEEN.sub("", word.casefold()) or word


def listed_names(known: Iterable[str]) -> str:
    """`there is a, b`; "" if there is nothing."""
    listed = sorted(known)
    return f"there is {', '.join(listed[:_LISTED])}" + (", …" if len(listed) > _LISTED else "") if listed else ""
