"""Who plays in a scenario: people of the roster, and names that stand for nobody in it.

A workspace gets scenarios before it has its own roster, and people come and go. So a name that the roster does not have
is a name and nothing more: no team, no zone, no leave. It is told, because it may be misspelt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.authoring.naming_teams import team_finding, teams_of
from engine.core.building.findings import Findings, did_you_mean
from engine.core.conditions import UNKNOWN
from engine.core.model import Path, Playbook
from engine.core.roster import Person
from engine.core.world import World
from engine.scenarios.model import Scenario, Step


def with_strangers(scenario: Scenario, playbook: Playbook, world: World) -> World:
    """`world`, in which everybody whom the scenario names is somebody."""
    people = world.roster.people
    names = {name for _, name in _named(scenario, playbook, world)} - people.keys()
    if not names or not people:  # a roster without people takes every name
        return world
    strangers = {name: Person(id=name) for name in sorted(names)}
    return replace(world, roster=replace(world.roster, people={**people, **strangers}))


def check_people(scenario: Scenario, playbook: Playbook, world: World, findings: Findings) -> None:
    """Warn of each name and team that the roster does not have."""
    people = world.roster.people
    for path, name in _named(scenario, playbook, world):
        if people and name not in people:
            message = f"the roster has no {name!r}: in this scenario it is only a name"
            findings.add(path, "unknown-person", message, did_you_mean(name, people), level="warning")
    known = teams_of(world.roster)
    for path, team in _teams(scenario) if known else ():
        finding = team_finding(path, team, known, "value")
        findings.found += [replace(finding, message=f"the roster has no team {team!r}")] if finding else []


def _teams(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """The team of the deal, and what it is changed to."""
    if scenario.deal.get("team"):
        yield scenario.path_of("deal", "team"), str(scenario.deal["team"])
    for step in scenario.steps:
        for name in ("team", "deal.team"):
            if step.kind == "change" and step.said["change"].get(name):
                yield (*step.path, "change", name), str(step.said["change"][name])


def _named(scenario: Scenario, playbook: Playbook, world: World) -> Iterator[tuple[Path, str]]:
    """Every person in the fields of the deal, its account and its contacts, in changes, in answers, and in what is
    expected of them."""
    for key, said in (("deal", scenario.deal), ("account", scenario.account)):
        for name in _person_fields(key, said, world):
            yield scenario.path_of(key, name), str(said[name])
    for key, listed in (("contacts", scenario.contacts), ("colleagues", scenario.colleagues)):
        for index, said in enumerate(listed):
            for name in _person_fields("contact", said, world):
                yield scenario.path_of(key, index, name), str(said[name])
    for step in scenario.steps:
        if step.kind == "change":
            for name in _person_fields("deal", step.said["change"], world):
                yield (*step.path, "change", name), str(step.said["change"][name])
        elif step.kind == "answer":
            yield from _answered(step, playbook, world)


def _person_fields(entity: str, said: Mapping[str, Any], world: World) -> Iterator[str]:
    for name, value in said.items():
        full = str(name) if "." in str(name) else f"{entity}.{name}"
        declared = world.vocabulary.fields.get(full)
        if declared is not None and declared.type == "person" and value not in (None, ""):
            yield name


def _answered(step: Step, playbook: Playbook, world: World) -> Iterator[tuple[Path, str]]:
    action = str(step.said["answer"])
    asked = playbook.action(action).questions if playbook.has_action(action) else None
    questionnaire = world.vocabulary.questionnaires.get(asked or "")
    for name, said in (step.said.get("with") or {}).items():
        question = questionnaire.questions.get(name) if questionnaire is not None else None
        if question is not None and question.type == "person" and said not in (None, "", "?", UNKNOWN):
            yield (*step.path, "with", name), str(said)
