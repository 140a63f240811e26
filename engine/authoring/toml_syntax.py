"""What is wrong with text that is not TOML, in the words of people who write YAML the rest of the day."""

from __future__ import annotations

import re

_MESSAGES = (
    ("Cannot overwrite", "this key is written twice"),
    ("declare", "this table is written twice"),
    ("Invalid value", "this value cannot be read"),
    ("newline or end of document", "something follows the value"),
    ("after a key", "a '=' and a value are missing here"),
    ("at the end of a table", "the name in brackets does not end where it should"),
    ("Unclosed array", "the list in brackets is not closed"),
    ("Unterminated", "the text in quotes that begins here does not end"),
)
_COLON = re.compile(r"^\s*([\w.\"-]+)\s*:\s*(.*)$")
_COLON_INSIDE = re.compile(r"[{,]\s*([\w\"-]+)\s*:")
_BARE_VALUE = re.compile(r"^\s*([\w.\"-]+)\s*=\s*([^\s\"'\[{].*?)\s*(?:#.*)?$")
_FOREIGN_WORD = re.compile(r"\w*[^\W\d_a-zA-Z]\w*")  # with a letter beside A to Z
_PLAIN_VALUE = re.compile(r"true|false|[+-]?\d+(\.\d+)?")


def advice(message: str, line: str, column: int) -> tuple[str, str]:
    """(what is wrong, what to write) for an error of TOML's reader at `column` (from 1) of `line`."""
    colon = _colon(line, column)
    if colon is not None:
        return colon
    bare = _BARE_VALUE.match(line)
    if bare is not None and not _PLAIN_VALUE.fullmatch(bare[2]):
        return "a text without quotes stands here", f'texts stand in quotes: {bare[1]} = "{bare[2]}"'
    word = next((each for each in _FOREIGN_WORD.finditer(line) if each.end() >= column - 1), None)
    if word is not None and line[word.start() - 1 : word.start()] not in ('"', "'"):
        return f"the name {word[0]} needs quotes in TOML: it has other letters than A to Z", f'write "{word[0]}"'
    for part, told in _MESSAGES:
        if part in message:
            return told, "a line is `key = value`, and texts stand in quotes"
    return f"this is not TOML: {message}", "texts stand in quotes"


def _colon(line: str, column: int) -> tuple[str, str] | None:
    whole = _COLON.match(line)
    told = "a ':' stands where TOML has a '='"
    if whole is not None:
        return told, f"write {whole[1]} = {_value(whole[2])}" if whole[2] else f"write {whole[1]} = and its value"
    inside = next((each for each in _COLON_INSIDE.finditer(line) if each.end() >= column - 1), None)
    return (told, f"write {inside[1]} = inside the braces as well") if inside is not None else None


def _value(written: str) -> str:
    """A value as TOML takes it: a plain word in quotes."""
    plain = written.strip()
    return plain if plain[:1] in "\"'[{" or _PLAIN_VALUE.fullmatch(plain) else f'"{plain}"'
