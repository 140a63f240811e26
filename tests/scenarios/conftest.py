"""A small workspace, and scenarios of it written as text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.authoring.workspace import load_workspace
from engine.core.problem import Problem
from engine.scenarios.bench import Bench
from engine.scenarios.model import Played
from engine.scenarios.reading import read_scenarios
from engine.scenarios.running import run, schedules
from tests.small_workspace import CALENDARS, EVENTS, PEOPLE, lay, settings

FILES = {
    "playbook.toml": settings("invited"),
    "playbooks/check-in.yaml": """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}, since.lost_at: {at_most: 90d}}
  again: 1d
ends: {kept: {}, declined: {}}
anywhere:
  - {event: ask.refused, end: declined}
  - {event: opted_out, from: contact, end: declined}
  - {event: not_now, pause: {until: ready_again, at_most: 30d}}
initial: ask_first
states:
  ask_first:
    actions:
      ask:
        kind: call
        contact: decision_maker
        title: Call {{ name | default("them") }}
        assign: owner
        outcomes: [granted, refused, no_answer]
        fallback: [{kind: task}]
        expires: 5bd
    transitions:
      - {event: ask.granted, to: wait, set: {answer: granted, deal.mood: good}}
      - {after: 14d, to: wait}
  wait:
    actions:
      review:
        kind: task
        title: Look back
        assign: owner
        due: 2d
        checklist: [reread your notes]
        optional: true
    transitions:
      - {event: reply, from: account, if: {event.channel: {is: phone}}, to: ask_first}
      - {event: changed, if: {event.field: {is: amount}}, stay: true, set: {grew: true}}
      - {after: 4w, end: kept}
""",
    "playbooks/invited.yaml": """
playbook: invited
title: Invited
enrol: {event: asked_for}
ends: {over: {}}
initial: only
states:
  only:
    transitions:
      - {after: 1w, end: over}
""",
    "playbooks/library/events.yaml": EVENTS
    + """\
  not_now: {means: Later, recorded_by: rep}
  ready_again: {means: Now, recorded_by: rep}
""",
    "playbooks/library/fields.yaml": """
deal:
  mood: {type: choice, values: [good, bad], playbooks_may_write: true}
account:
  industry: {type: text}
contact:
  phone: {type: text, address_of: [call]}
""",
    "playbooks/library/roster.yaml": PEOPLE,
    "playbooks/library/calendars.yaml": CALENDARS,
}
HEAD = """\
playbook: check-in
deal: {owner: kim, lost_at: 2026-03-02T10:00}
contacts:
  - {role: decision_maker, name: Ann, phone: "1"}
colleagues:
  - {name: Bo}
scenarios:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    lay(place, FILES)
    (place / "playbooks/scenarios").mkdir()
    return place


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """Write a scenario file: steps of one scenario, or with `whole` the text as it is."""

    def writing(steps: str = "", *, whole: str = "", more: str = "", name: str = "check-in") -> Path:
        body = textwrap.indent(textwrap.dedent(steps).strip("\n"), "      ")
        more = textwrap.indent(textwrap.dedent(more).strip("\n"), "    ")
        text = whole or f"{HEAD}  - scenario: one\n{more}{chr(10) if more else ''}    steps:\n{body}\n"
        path = folder / f"playbooks/scenarios/{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return writing


@pytest.fixture
def play(folder: Path, write: Callable[..., Path]) -> Callable[..., list[Played]]:
    """Write scenarios and play them all; there must be no problem in them, but they may expect nothing."""

    def playing(steps: str = "", *, paces: tuple[str, ...] = (), **more: str) -> list[Played]:
        write(steps, **more)
        workspace = load_workspace(folder, {})
        assert not [one for one in workspace.problems if one.level == "error"]
        files = read_scenarios(workspace)
        assert {problem.rule for file in files for problem in file.problems} <= {"expects-nothing"}
        found = []
        for file in files:
            for scenario in file.scenarios:
                bench = Bench.of(workspace, scenario.playbook)
                found.append(run(file, scenario, bench, schedules(bench, paces), 7))
        return found

    return playing


@pytest.fixture
def holds(play: Callable[..., list[Played]]) -> Callable[..., None]:
    def holding(steps: str = "", **more: str) -> None:
        for one in play(steps, **more):
            assert one.failure is None, (one.failure.message, one.failure.hint, one.failure.differences)

    return holding


@pytest.fixture
def fails(play: Callable[..., list[Played]]):
    def failing(steps: str = "", **more: str):
        [one] = play(steps, **more)
        assert one.failure is not None
        return one.failure

    return failing


@pytest.fixture
def problems(folder: Path, write: Callable[..., Path]) -> Callable[..., list[Problem]]:
    def finding(steps: str = "", **more: str) -> list[Problem]:
        write(steps, **more)
        return [problem for file in read_scenarios(load_workspace(folder, {})) for problem in file.problems]

    return finding
