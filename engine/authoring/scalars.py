"""What an unquoted word in YAML stands for: the YAML 1.2 core types, and nothing that loses what was written."""

from __future__ import annotations

import math
import re

_MAYBE_SPECIAL = frozenset("0123456789+-.tTfFnN~")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# leading zeros stay text (customer numbers, postcodes), and so do numbers longer than a machine's integer (record ids)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_OTHER_BASE = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,4})?")


def resolve(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar. Infinity and not-a-number stay text: no bound would hold against them."""
    if text and text[0] not in _MAYBE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if len(text) <= 64 and _DECIMAL.fullmatch(text):
        return _finite(text)
    return text


def _finite(text: str) -> str | float:
    number = float(text)
    return number if math.isfinite(number) else text
