"""What is wrong in a template, in the words of people who write one: the reader of templates speaks of tokens."""

from __future__ import annotations

import re

from engine.authoring.strictness import has_curly_quote
from engine.core.templates import TemplateError

_SHAPES = "templates know {{ name }}, {{ name | default('…') }} and {% if name %}…{% endif %}"
_OPEN = re.compile(r"\{\{(?:(?!\}\}|\{\{).)*$")
_OPEN_TAG = re.compile(r"\{%(?:(?!%\}).)*$")
_DASHED = re.compile(r"\{[{%][^}]*\w-\w")
_EQUALS = re.compile(r"[^=!<>]=[^=]")
_BY_MESSAGE = (
    (re.compile(r"innermost block that needs to be closed is 'if'"), "an {% if %} is not closed", "add {% endif %}"),
    (re.compile(r"Encountered unknown tag '(end\w*|el\w*)'"), "{{% {0} %}} stands without its {{% if … %}}", _SHAPES),
    (re.compile(r"Encountered unknown tag '(\w+)'"), "templates know no {{% {0} %}}", _SHAPES),
    (re.compile(r"got 'end of print statement'"), "a name is missing between the braces", "write {{ name }}"),
    (re.compile(r"Expected an expression"), "what is asked is missing in this {% if %}", "write {% if name %}"),
    (re.compile(r"got 'end of statement block'"), "this {% if %} ends too early", "write {% if name %}"),
    (re.compile(r"statement block', got 'if'"), "'else if' is one word in templates", "write {% elif name %}"),
    (re.compile(r"expected token 'end of .*', got '(\w+)'"), "'{0}' stands where the braces should end",
     "a name is one word with dots, such as {{ contact.first_name }}"),
    (re.compile(r"unexpected '\}', expected '(.)'"), "a '{0}' is missing before the braces end", "add it"),
    (re.compile(r"unexpected '\}'"), "braces do not close as they opened", _SHAPES),
    (re.compile(r"unexpected char (?:'\"'|\"'\")"), "a text in quotes does not end", "close it with the same quote"),
    (re.compile(r"unexpected char '(.)'"), "a '{0}' cannot stand here", "a name has letters, digits, _ and dots"),
    (re.compile(r"end of comment"), "a '{#' is not closed", "add '#}'"),
)  # fmt: skip


def in_words(error: TemplateError, text: str) -> tuple[str, str]:
    """(what is wrong, what to write) for an error in `text`; one that is in words already stays as it is."""
    lines = text.splitlines() or [""]
    line = lines[min(error.line, len(lines)) - 1]
    if "arithmetic" in error.message and _DASHED.search(line):
        return "a name has no '-' in it: that would be a sum", "names have _, such as contact.first_name"
    if not _is_jargon(error.message):
        return error.message, error.hint
    return _seen(line) or _meant(error.message) or (f"this cannot be read: {error.message}", error.hint or _SHAPES)


def _is_jargon(message: str) -> bool:
    return bool(re.match(r"expected token|[Uu]nexpected|Encountered|Expected an|Missing end of", message))


def _seen(line: str) -> tuple[str, str] | None:
    """What the line itself shows."""
    if "{{{" in line or "}}}" in line or re.search(r"\{\{\s*\{", line):
        return "braces stand in braces here", "write two on each side: {{ name }}"
    if has_curly_quote(line) and re.search(r"\{[{%][^}]*[“”‘’„]", line):
        return "curly quotes stand between the braces", "write straight quotes: \" or '"
    if _OPEN.search(line) or re.search(r"\{\{[^{}]*\}(?!\})", line):
        return "a '{{' is not closed with '}}'", "write {{ name }}"
    if _OPEN_TAG.search(line):
        return "a '{%' is not closed with '%}'", "write {% if name %}"
    if _EQUALS.search("".join(re.findall(r"\{[{%].*?[}%]\}", line))):
        return "one '=' compares nothing", 'write two: {% if name == "x" %}'
    return None


def _meant(message: str) -> tuple[str, str] | None:
    for pattern, told, hint in _BY_MESSAGE:
        found = pattern.search(message)
        if found:
            return (told.format(*found.groups()) if found.groups() else told), hint
    return None
