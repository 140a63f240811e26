"""The XML is what CI systems read: counts that agree, names, lines, times, nothing that XML forbids."""

from __future__ import annotations

from xml.etree import ElementTree

from engine.authoring.workspace import load_workspace
from engine.scenarios.junit import junit
from engine.scenarios.reading import read_scenarios

TEXT = """\
playbook: check-in
deal: {lost_at: 2026-03-02T10:00}
scenarios:
  - {scenario: "wrong <&> \\x01", steps: [{expect: {ended: won}}]}
  - {scenario: right, steps: [{expect: {due: [ask]}}]}
"""


def document(played, files=None, text="story \x1b[31m <&>"):
    return ElementTree.fromstring(junit(files or [played[0].file], played, lambda _: text))


def test_a_suite_per_file_and_a_case_per_scenario(play):
    root = document(play(whole=TEXT))
    [suite] = root
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == ("testsuites", "2", "1", "0")
    assert (suite.tag, suite.get("name")) == ("testsuite", "playbooks/scenarios/check-in.yaml")
    wrong, right = suite
    assert (right.get("classname"), right.get("name"), right.get("line")) == ("check-in", "right", "5")
    assert float(right.get("time")) > 0 and len(right) == 0
    assert wrong[0].tag == "failure" and wrong[0].get("message") == "expected otherwise: ended"


def test_what_xml_forbids_is_replaced_and_what_it_reserves_is_kept(play):
    [suite] = document(play(whole=TEXT))
    assert suite[0].get("name") == "wrong <&> \ufffd"
    assert suite[0][0].text == "story \ufffd[31m <&>"


def test_a_file_with_problems_is_an_error_that_ci_sees(play, write, folder):
    played = play("- wait: 1d")
    write("- waits: 1d", name="broken")
    files = read_scenarios(load_workspace(folder, {}))
    root = document(played, files)
    assert (root.get("tests"), root.get("errors")) == ("2", "1")
    [error] = root.iter("error")
    assert error.get("type") == "unknown-key" and "playbooks/scenarios/broken.yaml:10:9" in error.text
