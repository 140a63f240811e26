"""Whether a word of a status column sounds like a deal that is over, in the languages that CRMs speak."""

from __future__ import annotations

import re
from functools import lru_cache

_LOST = re.compile(
    r"\b(lost|closed ?lost|lose|loss|"
    r"verlor\w*|verlust\w*|perdu\w*|perdid\w*|perso|persa|pers[ei]|perdut\w*|förlora\w*|tabt|tapt|"
    r"menetet\w*|przegran\w*|utracon\w*|ztracen\w*|prohran\w*|elvesz\w*|pierdut\w*|kaybed\w*|потерян\w*|проигран\w*|"
    r"dead|declined|rejected|abgelehnt|abandoned|cancell?ed|went dark|no decision)\b",
    re.I,
)
_WON = re.compile(
    r"\b(won|closed ?won|win|"
    r"gewonnen|gagn[ée]\w*|ganad\w*|ganho|ganha|vint[oai]|vundet|vunnet|vunnit|voitet\w*|wygran\w*|"
    r"vyhran\w*|vyhr[aá]n\w*|megnyer\w*|câștigat\w*|kazan[ıi]l\w*|выигран\w*)\b",
    re.I,
)


@lru_cache(maxsize=2_048)  # asked once for each row, and stages repeat themselves
def sounds_like(word: str, status: str) -> str:
    """lost or won where `word` sounds so and `status` is neither that nor deleted; else ""."""
    text = word.replace("_", " ").replace("-", " ").replace("/", " ")
    heard = "lost" if _LOST.search(text) else "won" if _WON.search(text) else ""
    return heard if heard != status and status != "deleted" else ""
