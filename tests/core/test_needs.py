"""A tick loads past events only for playbooks that ask for them, wherever they ask."""

from __future__ import annotations

import pytest
import yaml

from engine.core.needs import reads_log

PLAIN = """
ends: {over: {}}
initial: wait
%s
states:
  wait:
    actions:
      ask: {kind: call, title: %s, assign: owner, expires: 5bd%s}
    transitions:
      - {event: all_closed, end: over%s}
"""


@pytest.mark.parametrize(
    ("top", "title", "action", "transition"),
    [
        ("limits: [{unanswered: 2}]", "Ask", "", ""),
        ("", "{field: last.reply}", "", ""),
        ("", "Ask", ", if: {count: {of: reply, at_least: 1}}", ""),
        ("", "Ask", ", due: 2d after last.reply", ""),
        ("", "Ask", "", ", set: {heard: {field: last.reply}}"),
        ("enrol: {if: {not: {since.last.reply: {at_most: 5d}}}}", "Ask", "", ""),
    ],
)
def test_a_playbook_that_asks_for_past_events_gets_them(top, title, action, transition):
    assert reads_log({"playbook": yaml.safe_load(PLAIN % (top, title, action, transition))})


def test_a_playbook_that_asks_for_none_gets_none():
    plain = yaml.safe_load(PLAIN % ("", "Ask", "", ""))
    assert not reads_log({"playbook": plain, "templates": {"letter": "At last, we are done."}})
    assert reads_log({"playbook": plain, "templates": {"letter": "You wrote on {{ last.reply }}."}})
