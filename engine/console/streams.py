"""What is printed, on a stream that has not every sign: a Windows pipe writes cp1252, which has no − and no →.

Files are UTF-8 and do not come through here.
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Mapping
from typing import TextIO

# what stands nearest to the signs that the program itself writes
_NEAREST: Mapping[str, str] = {
    "−": "-", "–": "-", "—": "-", "→": "->", "↑": "^", "↓": "v", "…": "...", "×": "x", "·": "-", "•": "-", "≥": ">=",
    "≤": "<=", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip
_PAGE = "<!DOCTYPE html>"


class _Legible(io.TextIOWrapper):
    """Writes what the encoding has, and for the rest what is nearest."""

    def write(self, text: str) -> int:
        super().write(fitted(text, self.encoding))
        return len(text)


def legible(stream: TextIO | None) -> TextIO:
    """The stream itself where it has every sign, else one over it that never fails for a sign. Where whoever called has
    closed it (None), what is printed goes nowhere."""
    if stream is None:
        from pathlib import Path

        return Path(os.devnull).open("w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper) or _has_every_sign(stream.encoding):
        return stream  # none, or one that a caller has put in its place
    stream.flush()
    return _Legible(
        stream.buffer,
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _has_every_sign(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf")


def fitted(text: str, encoding: str) -> str:
    """`text` as a stream of this encoding can take it.

    JSON and pages are read as UTF-8 wherever they go: beyond ASCII they get the escapes that mean the same. In text, a
    sign that the encoding lacks becomes the nearest, or `?`.
    """
    if text.isascii():
        return text
    if text.startswith(_PAGE):
        return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    if _is_json(text):
        import json  # here, because every command begins with this module, and few streams need it

        return "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
    return "".join(sign if sign.isascii() else _nearest(sign, encoding) for sign in text)


def _is_json(text: str) -> bool:
    import json

    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _nearest(sign: str, encoding: str) -> str:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return _NEAREST.get(sign, "?")
    return sign
