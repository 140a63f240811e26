"""What the report of an import says of status words that the mapping does not list.

A loss in words that nobody listed is taken as open, and every playbook misses it: that is said loudly, with the cure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.core.plural import count
from engine.crm.findings import Unlisted

SHOWN = 12  # words that merely are not listed

Words = Mapping[str, Sequence[str]]  # status -> its words in the mapping


def unlisted_lines(unlisted: Sequence[Unlisted], listed: Words, preset: str = "") -> Iterator[str]:
    """`preset`: the one that was used without a mapping of the user's own, which has to be begun then."""
    for looks in ("lost", "won"):
        closed = [one for one in unlisted if one.looks == looks]
        if closed:
            yield from _warning(looks, closed, listed, preset)
    others: dict[str, list[str]] = {}
    for one in unlisted:
        if not one.looks:
            others.setdefault(one.status, []).append(f"{one.word} ({one.rows:,})")
    for status, words in others.items():
        more = f" … and {len(words) - SHOWN:,} more" if len(words) > SHOWN else ""
        yield f"taken as {status}, because status in the mapping does not list them: {', '.join(words[:SHOWN])}{more}"


def _warning(looks: str, closed: Sequence[Unlisted], listed: Words, preset: str) -> Iterator[str]:
    status = closed[0].status
    rows = sum(one.rows for one in closed)
    words = ", ".join(f"“{one.word}” ({one.rows:,})" for one in closed[:SHOWN])
    missed = "no playbook follows them" if looks == "lost" else "a playbook that follows them does not end"
    have = count(rows, "row has", "rows have")
    yield f"WARNING: {have} a status that sounds {looks}, taken as {status}: {missed}: {words}"
    yield f"  if they are {looks}, write in the mapping:"
    if preset:
        yield "      mapping: my-export"
        yield f"      preset: {preset}"
    yield "      deals:"
    yield "        status:"
    yield f"          {looks}: {_listed([*listed.get(looks, ()), *(one.word for one in closed[:SHOWN])])}"
    if preset:
        yield "    and import with --mapping, the name of that file, instead of --preset"
    known = _listed([*(one.word for one in closed[:SHOWN]), *listed.get(status, ())])
    yield f"  if they are {status}, write there: {status}: {known}"


def _listed(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, dict.fromkeys(words)))}]"


def _quoted(word: str) -> str:
    """As YAML reads it back: words with signs of their own need quotes."""
    return word if re.fullmatch(r"[^\W\d_](?:[\w /-]*\w)?", word) else json.dumps(word, ensure_ascii=False)
