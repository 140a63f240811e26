"""What only follows from a file of the library that cannot be read: not told, because nothing is wrong with it.

One wrong key in fields.yaml would otherwise be told as a hundred unknown fields. Where the file was good once its last
good version goes on, and nothing follows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from engine.core.problem import Problem

_ABOUT_NAMES = ("unknown-field", "unknown-name-in-template")
_UNUSABLE = ("broken-playbook", "broken-base")
_NAMED = re.compile(r"'([^']+)'|the playbook (\S+) cannot be used")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """What refers to a file: rules that tell of it, and how the names that it declares begin ("" for all)."""

    called: str
    rules: tuple[str, ...]
    names: str | None = None


_KINDS = {
    "fields": _Kind(
        called="its fields", names="",
        rules=("unknown-role", "not-writable", "wrong-operator", "unknown-column", "unknown-team", "missing-reason"),
    ),
    "events": _Kind(called="its events", rules=("unknown-event",), names=r"(?:since\.|until\.)?(?:event|last)\."),
    "calendars": _Kind(
        called="its calendars, windows and schedules",
        rules=("unknown-calendar", "unknown-window", "unknown-schedule", "early-timer"),
    ),
    "roster": _Kind(called="its people, teams and roles", rules=("unknown-person", "unknown-team")),
    "loss-reasons": _Kind(
        called="its reasons", rules=("no-reasons", "missing-reason"), names=r"(?:since\.|until\.)?answers\."
    ),
    "scores": _Kind(called="its scores", rules=(), names=r"score\."),
    "content-rules": _Kind(called="its rules and intents", rules=("unknown-intent", "unknown-waiver", "idle-waiver")),
}  # fmt: skip


def without_consequences(problems: Iterable[Problem], unread: Collection[str]) -> list[Problem]:
    """The problems but for those that only follow from the library files `unread` (by path), which cannot be read.

    The first error of such a file says so.
    """
    listed = list(problems)
    kinds = {path: _KINDS[name] for path in unread if (name := PurePosixPath(path).stem) in _KINDS}
    kept = [one for one in listed if one.location.file in unread or not _follows(one, kinds)]
    # a playbook without errors of its own is unusable because of such a file, or of another that is told
    own = {PurePosixPath(one.location.file).stem for one in kept if one.level == "error" and one.rule not in _UNUSABLE}
    if kinds:
        kept = [one for one in kept if one.rule not in _UNUSABLE or _names(one) & own]
    return _saying_so(kept, kinds) if len(kept) < len(listed) else listed


def _follows(problem: Problem, kinds: dict[str, _Kind]) -> bool:
    return any(
        problem.rule in kind.rules
        or (kind.names is not None and problem.rule in _ABOUT_NAMES and re.search(f"'{kind.names}", problem.message))
        or (problem.rule == "wrong-value" and "no-reasons" in kind.rules and "some of ," in problem.hint)
        for kind in kinds.values()
    )


def _names(problem: Problem) -> set[str]:
    return {one or other for one, other in _NAMED.findall(problem.message)}


def _saying_so(problems: Sequence[Problem], kinds: dict[str, _Kind]) -> list[Problem]:
    """The first error of each of these files says what is not checked."""
    said: set[str] = set()
    found = []
    for one in sorted(problems):
        file = one.location.file
        if file in kinds and file not in said and one.level == "error":
            said.add(file)
            until = f"until this is mended, nothing that refers to {kinds[file].called} is checked"
            told = until in one.hint  # of an earlier pass
            one = one if told else replace(one, hint=f"{one.hint}; {until}" if one.hint else until)
        found.append(one)
    return found
