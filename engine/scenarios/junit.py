"""Results as JUnit XML, which CI systems read: a suite per file, a case per scenario."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree

from engine.core.problem import Problem
from engine.scenarios.model import Played, ScenarioFile

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to write these


def junit(files: Sequence[ScenarioFile], played: Sequence[Played], tell: Callable[[Played], str]) -> str:
    """The whole document. `tell` gives the full text of a failure. Times are real seconds."""
    root = ElementTree.Element("testsuites", name="playbook test")
    for file in files:
        _suite(root, file, [one for one in played if one.file.path == file.path], tell)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", f"{sum(one.seconds for one in played):.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(
    root: ElementTree.Element, file: ScenarioFile, played: Sequence[Played], tell: Callable[[Played], str]
) -> None:
    errors = [problem for problem in file.problems if problem.level == "error"]
    failures = sum(1 for one in played if one.failure is not None)
    suite = ElementTree.SubElement(
        root, "testsuite", name=_clean(file.path), tests=str(len(played) + bool(errors)), failures=str(failures),
        errors=str(int(bool(errors))), skipped="0", time=f"{sum(one.seconds for one in played):.3f}",
    )  # fmt: skip
    for one in played:
        _case(suite, one, tell)
    if errors:
        _unreadable(suite, file, errors)


def _case(suite: ElementTree.Element, one: Played, tell: Callable[[Played], str]) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_clean(one.scenario.playbook), name=_clean(one.scenario.name),
        file=_clean(one.file.path), line=str(one.file.where(one.scenario.path).line), time=f"{one.seconds:.3f}",
    )  # fmt: skip
    if one.failure is not None:
        failure = ElementTree.SubElement(case, "failure", message=_clean(one.failure.message), type="expectation")
        failure.text = _clean(tell(one))


def _unreadable(suite: ElementTree.Element, file: ScenarioFile, errors: Sequence[Problem]) -> None:
    """What is wrong in the file itself, as one case of its own."""
    case = ElementTree.SubElement(suite, "testcase", classname=_clean(file.path), name="the file can be read")
    case.set("file", _clean(file.path))
    case.set("time", "0.000")
    error = ElementTree.SubElement(case, "error", message=_clean(errors[0].message), type=errors[0].rule)
    error.text = _clean("\n".join(f"{one.location}: {one.message} {one.hint}".rstrip() for one in errors))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
