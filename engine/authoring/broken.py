"""What only follows from a broken file of the library: told at that file, and shortly where it is used.

Its last good version goes on, so this is about files that never were good.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.authoring.known import SeenFile
from engine.core.building.findings import Finding

_NAMED = re.compile(r"there is no (questionnaire|template) '([^']+)'")
_ANSWERS = re.compile(r"'(?:since\.|until\.)?answers\.(\w+)\.")
_ABOUT_NAMES = ("unknown-field", "unknown-name-in-template")


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """The files of questionnaires and templates that are there and cannot be read, by their names."""

    questionnaires: dict[str, str]  # name -> path
    templates: dict[str, str]

    def of(self, finding: Finding) -> tuple[str, str, str] | None:
        """(questionnaire or template, name, path) of the file because of which `finding` was made."""
        named = _NAMED.search(finding.message)
        if named is not None:
            known = self.questionnaires if named[1] == "questionnaire" else self.templates
            return (named[1], named[2], known[named[2]]) if named[2] in known else None
        answers = _ANSWERS.search(finding.message) if finding.rule in _ABOUT_NAMES else None
        if answers is None or answers[1] not in self.questionnaires:
            return None
        return "questionnaire", answers[1], self.questionnaires[answers[1]]


def unreadable(seen: Iterable[SeenFile], place: str, known: Collection[str]) -> dict[str, str]:
    """The files in the folder `place` that gave none of the names in `known`."""
    found = {Path(file.path).stem: file.path for file in seen if file.path.startswith(f"{place}/")}
    return {name: path for name, path in found.items() if name not in known}


def shortened(findings: Iterable[Finding], broken: Broken) -> Iterator[Finding]:
    """The findings, where one warning stands for all that follows from one broken file."""
    told: set[tuple[str, str, str]] = set()
    for finding in findings:
        cause = broken.of(finding)
        if cause is None:
            yield finding
        elif cause not in told:
            told.add(cause)
            kind, name, path = cause
            message, hint = f"the {kind} {name!r} cannot be read", f"mend {path}: what is wrong in it is told there"
            rule = f"unknown-{kind}"
            yield Finding(path=finding.path, rule=rule, message=message, hint=hint, level="warning", on=finding.on)
