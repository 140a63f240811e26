"""Coverage counts what histories show, and points at the lines of what they do not."""

from __future__ import annotations

import pytest

from engine.authoring.workspace import load_workspace
from engine.scenarios.coverage import coverage

AGREED = "- event: ask.granted\n- expect: {state: wait}"


@pytest.fixture
def covered(folder, play):
    def covering(steps, **more):
        played = play(steps, **more)
        return coverage(load_workspace(folder, {}), played, ["check-in", "invited"])

    return covering


def names(one):
    return {(missing.kind, missing.name) for missing in one.unreached if missing.kind != "transition"}


def test_states_transitions_and_written_outcomes_are_goals(covered):
    check_in, invited = covered(AGREED)
    assert check_in.goals == {"state": 2, "transition": 8, "outcome": 5}
    assert names(check_in) == {
        ("outcome", "ask.refused"), ("outcome", "ask.no_answer"), ("outcome", "ask.expired"),
        ("outcome", "review.done"),
    }  # fmt: skip
    assert check_in.percent == pytest.approx(100 * 4 / 15)
    assert (invited.scenarios, invited.percent) == (0, 0)


def test_what_is_not_reached_has_its_line(covered, folder):
    check_in, _ = covered(AGREED)
    lines = (folder / "playbooks/check-in.yaml").read_text(encoding="utf-8").splitlines()
    told = {missing.name: lines[missing.location.line - 1].strip() for missing in check_in.unreached}
    assert told["ask.expired"] == "expires: 5bd"
    assert told["ask.refused"] == "outcomes: [granted, refused, no_answer]"
    written = {lines[one.location.line - 1].strip() for one in check_in.unreached if one.kind == "transition"}
    assert "- {after: 14d, to: wait}" in written
    assert "- {event: ask.granted, to: wait, set: {answer: granted, deal.mood: good}}" not in written


def test_every_enrolment_of_every_scenario_counts(covered):
    text = """\
playbook: check-in
deal: {lost_at: 2026-03-02T10:00, owner: kim}
contacts: [{role: decision_maker, phone: "1"}]
scenarios:
  - scenario: they agree
    steps:
      - event: ask.granted
      - wait: 2d
      - event: review.done
      - change: {amount: 1}
      - event: reply
        with: {channel: phone}
      - event: not_now
      - event: ready_again
      - event: ask.no_answer
      - wait: 8w
      - expect: {ended: kept}
      - change: {lost_at: 2026-05-01T10:00}
      - expect: {open: true}
      - event: ask.refused
      - wait: 2d
      - change: {lost_at: 2026-05-08T10:00}
      - event: opted_out
  - scenario: nobody calls
    steps: [{wait: 2w}, {expect: {state: wait}}]
"""
    check_in, _ = covered(whole=text, steps="")
    assert (check_in.percent, check_in.unreached) == (100, [])


def test_what_a_scenario_passes_by_without_expecting_anything_is_not_reached(covered):
    passed_by, _ = covered("- event: ask.granted")
    assert (passed_by.scenarios, passed_by.percent) == (0, 0)
    expected, _ = covered(AGREED)
    assert expected.scenarios == 1
