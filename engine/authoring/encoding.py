"""Bytes to text: UTF-8 only, small enough, without characters that look like something else."""

from __future__ import annotations

import re

from engine.core.problem import Location, Problem

LARGEST_FILE = 256 * 1024
_OTHER_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SHOWN = {
    "\u200b": "a zero-width space",
    "\u2028": "a hidden line separator",
    "\u2029": "a hidden paragraph separator",
    "\ufeff": "a byte-order mark in the middle of the file",
    "\x00": "a NUL character",
    "\x85": "a hidden line break (U+0085)",
}


def decode(path: str, raw: bytes) -> str | Problem:
    """The text of a file, without a byte-order mark, or the one problem that keeps it from being read."""
    if len(raw) > LARGEST_FILE:
        return _too_big(path, len(raw))
    encoding = _other_encoding(raw)
    if encoding:
        return _problem(path, 1, 1, f"the file is saved as {encoding}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(path, raw, error.start)
    found = _FORBIDDEN.search(text)
    return _invisible(path, text, found.start()) if found else text


def _other_encoding(raw: bytes) -> str:
    for mark, name in _OTHER_ENCODINGS:
        if raw.startswith(mark):
            return name
    # text without a mark: in UTF-16 every second byte of plain English is zero
    start = raw[:200]
    halves = (start[0::2], start[1::2])
    if len(start) >= 4 and any(half.count(0) * 2 > len(half) for half in halves):
        return "UTF-16"
    return ""


def _undecodable(path: str, raw: bytes, at: int) -> Problem:
    before = raw[:at].decode("utf-8-sig")
    line, column = line_and_column(before, len(before))
    letter = raw[at : at + 1].decode("cp1252", errors="replace")
    meant = "" if letter == "\ufffd" else f", perhaps '{letter}' as an older Windows program saves it"
    return _problem(path, line, column, f"this character is not UTF-8{meant}")


def _invisible(path: str, text: str, at: int) -> Problem:
    line, column = line_and_column(text, at)
    shown = _SHOWN.get(text[at], f"a control character (U+{ord(text[at]):04X})")
    return Problem(
        location=Location(file=path, line=line, column=column),
        rule="yaml-character",
        message=f"{shown} stands here",
        hint="delete it and type the place again",
    )


def _too_big(path: str, size: int) -> Problem:
    return Problem(
        location=Location(file=path, line=1, column=1),
        rule="yaml-size",
        message=f"the file has {size // 1024} KiB; at most {LARGEST_FILE // 1024} KiB are read",
        hint="split it into several files",
    )


def _problem(path: str, line: int, column: int, message: str) -> Problem:
    return Problem(
        location=Location(file=path, line=line, column=column),
        rule="yaml-encoding",
        message=message,
        hint="save the file as UTF-8",
    )


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at an index; LF, CRLF and CR all end a line."""
    before = text[:at]
    line = before.count("\n") + before.replace("\r\n", "").count("\r") + 1
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return line, at - start + 1
