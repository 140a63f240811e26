"""A patch that takes a state away which the rest of the playbook still needs: told once, where it is taken away.

What follows from that (events of its actions, states that nobody reaches any more) would otherwise be told one by one
of the base's words, in which nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.core.building.findings import Finding
from engine.core.model import Path

_FOLLOWING = frozenset(
    {
        "unknown-state", "unknown-event", "unknown-outcome", "unreachable-state", "dead-end", "never-taken",
        "unused-param", "unused-end", "unread-fact", "unasked-answer", "stuck-action", "empty-date", "unknown-field",
    }
)  # fmt: skip


def told_once(
    findings: Sequence[Finding], written: Mapping[str, Any], base: Mapping[str, Any], of_base: Callable[[Finding], bool]
) -> tuple[list[Finding], list[Finding]]:
    """(what is left of `findings`, one for each state that the patch takes away and that is still led to).

    The latter have paths in the variant's own file. `of_base` says whether a finding is about the base's words.
    """
    taken: list[Finding] = []
    for path, name in _taken(written.get("patch") or {}, base):
        leading = [each for each in findings if of_base(each) and _leads_to(each, name, path)]
        if leading:
            taken.append(_finding(written["extends"], path, name, leading))
    if not taken:
        return list(findings), []
    return [each for each in findings if each.rule not in _FOLLOWING or not of_base(each)], taken


def _taken(patch: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every state of the base for which the patch has `null`: its path below `patch`, its name."""
    yield from ((("states", name), name) for name in _nulls(patch, base))
    for track, change in _below(patch, "tracks").items():
        known = _below(base, "tracks").get(track)
        if isinstance(change, Mapping) and isinstance(known, Mapping):
            yield from ((("tracks", track, "states", name), name) for name in _nulls(change, known))


def _nulls(patch: Mapping[str, Any], base: Mapping[str, Any]) -> list[str]:
    known = _below(base, "states")
    return [name for name, change in _below(patch, "states").items() if change is None and name in known]


def _below(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    return found if isinstance(found, Mapping) else {}


def _leads_to(finding: Finding, name: str, path: Path) -> bool:
    """Whether `finding` says that the state at `path` is missed; a transition stays in its track."""
    missed = finding.rule == "unknown-state" and finding.message == f"there is no state {name!r}"
    return missed and (path[0] != "tracks" or finding.path[:2] == path[:2])


def _finding(base: str, path: Path, name: str, leading: Sequence[Finding]) -> Finding:
    starts = any(each.path[-1:] == ("initial",) for each in leading)
    count = len({each.path for each in leading}) - starts
    told = [f"{count} transition{'s' * (count > 1)} of {base} lead{'s' * (count == 1)} to it"] if count else []
    told += [f"{base} begins there"] if starts else []
    return Finding(
        path=("patch", *path), rule="taken-state", on="key",
        message=f"this takes away the state {name!r}, but {' and '.join(told)}",
        hint=f"change in this patch also what leads to {name}, or delete this line",
    )  # fmt: skip
