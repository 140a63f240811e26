"""Whether everything that a scenario names is there: fields, events, actions, states, ends, people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Literal

from engine.authoring.workspace import Workspace
from engine.core.building.findings import Findings, did_you_mean
from engine.core.dates import parse_date_fact
from engine.core.durations import TimeError, parse_duration
from engine.core.model import BUILT_IN_ENDS, Path, Playbook
from engine.core.world import World
from engine.runner.any_event import ENGINE_OWN
from engine.runner.payload import NotRecordable, checked_person, payload
from engine.scenarios import facts, happened
from engine.scenarios.answering import wrong_answers
from engine.scenarios.cast import check_people, with_strangers
from engine.scenarios.model import Scenario, Step
from engine.scenarios.opening import fields, people
from engine.scenarios.typed import typed

# keyword of a step -> what may stand beside it
BESIDE: Mapping[str, Collection[str]] = {
    "expect": (), "wait": (), "until": (), "pause": ("by",), "release": ("by",), "enrol": (),
    "event": ("with", "contact", "from", "by", "note", "late"), "change": ("contact",), "skip": ("because", "by"),
    "defer": ("until", "by"), "reassign": ("to", "by"), "answer": ("with", "contact", "by", "note"),
}  # fmt: skip
NEEDED = {"skip": "because", "defer": "until", "reassign": "to", "answer": "with"}
BROKEN = "broken-playbook"  # the rule of what is wrong in the playbook, and not in the scenario
_MISSING = {"because": "moved to the manager", "until": "3bd", "to": "kim", "with": "{QUESTION: ANSWER}"}


def check(scenario: Scenario, workspace: Workspace, findings: Findings) -> None:
    """Add what is wrong in `scenario`, by path in its file."""
    playbook = workspace.playbooks.get(scenario.playbook)
    if playbook is None:
        _unknown_playbook(scenario, workspace, findings)
        if findings.found[-1].rule != BROKEN:
            _check_deal(scenario, workspace.world, findings)
        return
    check_people(scenario, playbook, workspace.world, findings)
    world = with_strangers(scenario, playbook, workspace.world)
    _check_deal(scenario, world, findings)
    checking = _Checking(scenario, playbook, world, findings)
    for step in scenario.steps:
        checking.step(step)
    if not findings.found:  # a mistake may be what keeps an expectation away
        _check_expects(scenario, findings)


def _check_expects(scenario: Scenario, findings: Findings) -> None:
    """A scenario that expects nothing holds whatever the playbook does."""
    if not scenario.expects:
        message = f"the scenario {scenario.name!r} expects nothing, so it shows nothing and does not count for coverage"
        hint = "say what must be so at its end, like `- expect: {open: false}`"
        findings.add((*scenario.path, "scenario"), "expects-nothing", message, hint, on="key", level="warning")


def _unknown_playbook(scenario: Scenario, workspace: Workspace, findings: Findings) -> None:
    if not scenario.playbook:
        hint = f"add `playbook: {next(iter(workspace.playbooks), 'NAME')}`"
        findings.add((*scenario.path, "scenario"), "missing-key", "'playbook' is missing: whose scenario is it?", hint)
        return
    path = scenario.path_of("playbook")
    if (workspace.folder / "playbooks" / f"{scenario.playbook}.yaml").exists():
        message = f"the playbook {scenario.playbook} cannot be used as it stands"
        findings.add(path, BROKEN, message, "`playbook validate` says what is wrong in it", level="warning")
        return
    hint = did_you_mean(scenario.playbook, workspace.playbooks)
    findings.add(path, "unknown-playbook", f"there is no playbook {scenario.playbook!r}", hint)


# --- the deal and its people ----------------------------------------------------------------------------------------


def _check_deal(scenario: Scenario, world: World, findings: Findings) -> None:
    _fields("deal", scenario.deal, scenario, ("deal",), world, findings)
    _fields("account", scenario.account, scenario, ("account",), world, findings)
    for key, listed in (("contacts", scenario.contacts), ("colleagues", scenario.colleagues)):
        for index, said in enumerate(listed):
            _fields("contact", said, scenario, (key, index), world, findings)
    if scenario.start:
        _date(scenario.start, scenario.path_of("start"), findings)
    elif not scenario.deal.get("lost_at"):
        hint = "give the deal a `lost_at: 2026-03-02T10:00`, or write `start:`"
        findings.add((*scenario.path, "scenario"), "missing-key", "when does it begin?", hint)
    ids = [number for number, _ in people(scenario)]
    for number in {each for each in ids if ids.count(each) > 1}:
        path = scenario.path_of("colleagues" if scenario.colleagues else "contacts")
        findings.add(path, "written-twice", f"two people have the id {number!r}", "give one another id")


def _fields(
    entity: str, said: Mapping[str, Any], scenario: Scenario, path: Path, world: World, findings: Findings
) -> None:  # fmt: skip
    for name, value in fields(said).items():
        place = scenario.path_of(*path, name)
        known = f"{entity}.{name}" in world.vocabulary.fields
        _refused(partial(typed, entity, {name: value}, world), place, findings, known=known)


def _refused(read: Callable[[], Any], path: Path, findings: Findings, *, known: bool = True) -> None:
    """What a command would refuse is a finding at `path`. `known`: the field is there, so that its value is wrong."""
    try:
        read()
    except NotRecordable as error:
        rule = "wrong-value" if known else "unknown-field"
        findings.add(path, rule, error.message, error.hint, on="value" if known else "key")


def _date(text: str, path: Path, findings: Findings) -> None:
    try:
        parse_date_fact(text)
    except TimeError as error:
        findings.add(path, "bad-date", error.message, error.hint)


# --- steps ----------------------------------------------------------------------------------------------------------


class _Checking:
    """The steps of one scenario; `path` of every finding is in its file."""

    def __init__(self, scenario: Scenario, playbook: Playbook, world: World, findings: Findings) -> None:
        self.scenario, self.playbook, self.world, self.findings = scenario, playbook, world, findings
        self.actions = [action.name for action in playbook.actions()]
        self.states = [state for track in playbook.tracks.values() for state in track.states]
        self.people = [number for number, _ in people(scenario)]

    def step(self, step: Step) -> None:
        if not self._shape(step):
            return
        check = _STEPS.get(step.kind)
        if check is not None:
            check(self, step)

    def _shape(self, step: Step) -> bool:
        """One keyword, with what belongs to it and what it needs."""
        allowed = BESIDE[step.kind]
        for key in step.said:
            if key != step.kind and key not in allowed:
                hint = "make two steps of it" if key in BESIDE else f"beside {step.kind} stand {_words(allowed)}"
                two = f"'{key}' cannot stand beside '{step.kind}': a step does one thing"
                self.findings.add((*step.path, key), "not-together", two, hint, on="key")
        needed = NEEDED.get(step.kind, "")
        if needed and needed not in step.said:
            message = f"'{needed}' is missing: '{step.kind}' needs it"
            hint = f"add '{needed}: {_MISSING[needed]}'"
            self.findings.add((*step.path, step.kind), "missing-key", message, hint, on="key")
            return False
        return True

    def _one_of(self, name: str, known: Iterable[str], path: Path, what: str, rule: str, *, key: bool = False) -> None:
        listed = list(known)
        if name not in listed:
            message = f"{self.playbook.name} has no {what} {name!r}"
            self.findings.add(path, rule, message, did_you_mean(name, listed), on="key" if key else "value")

    def _wait(self, step: Step) -> None:
        try:
            parse_duration(str(step.said["wait"]))
        except TimeError as error:
            self.findings.add((*step.path, "wait"), "bad-duration", error.message, error.hint)

    def _until(self, step: Step) -> None:
        _date(str(step.said["until"]), (*step.path, "until"), self.findings)

    def _event(self, step: Step) -> None:
        name, path = str(step.said["event"]), (*step.path, "event")
        head, dot, outcome = name.partition(".")
        if dot and head in self.actions:
            known = [*self.playbook.action(head).outcomes, "done", "skipped"]
            self._one_of(outcome, dict.fromkeys(known), path, f"outcome of {head} called", "unknown-outcome")
        else:
            self._declared_event(name, step, path)
        self._contact_of(step)

    def _declared_event(self, name: str, step: Step, path: Path) -> None:
        kind = self.world.vocabulary.event(name)
        if name in ENGINE_OWN:
            hint = "write a step like `change: {status: won}`"
            self.findings.add(path, "unknown-event", f"{name} comes from the CRM or the engine", hint)
        elif kind is None:
            outcomes = [f"{one}.{how}" for one in self.actions for how in self.playbook.action(one).outcomes]
            hint = did_you_mean(name, [*(set(self.world.vocabulary.events) - ENGINE_OWN), *outcomes])
            self.findings.add(path, "unknown-event", f"there is no event {name!r}", hint)
        else:
            for field, value in (step.said.get("with") or {}).items():
                read = partial(payload, kind, {field: value}, self.world.roster)
                _refused(read, (*step.path, "with", field), self.findings, known=field in kind.fields)

    def _contact_of(self, step: Step) -> None:
        number = str(step.said.get("contact", ""))
        if number and number not in self.people:
            path, hint = (*step.path, "contact"), did_you_mean(number, self.people) or "add them to `contacts:`"
            self.findings.add(path, "unknown-contact", f"the scenario has no contact {number!r}", hint)
        if step.said.get("from") == "contact" and not number:
            message = "whose event is it? `from: contact` needs `contact:`"
            self.findings.add((*step.path, "from"), "missing-key", message, f"add 'contact: {self._somebody()}'")

    def _somebody(self) -> str:
        return self.people[0] if self.people else "C1"

    def _change(self, step: Step) -> None:
        for name, value in step.said["change"].items():
            entity, _, bare = str(name).rpartition(".")
            path = (*step.path, "change", name)
            if entity not in ("", "deal", "account", "contact"):
                hint = f"write contact.{bare}, with `contact: {self._somebody()}` beside `change`"
                self.findings.add(path, "unknown-field", f"{name} cannot be changed", hint, on="key")
                continue
            entity = entity or "deal"
            known = f"{entity}.{bare}" in self.world.vocabulary.fields
            _refused(partial(typed, entity, {bare: value}, self.world), path, self.findings, known=known)
        self._contact_of(step)

    def _reassign(self, step: Step) -> None:
        self._action(step)
        _refused(partial(checked_person, str(step.said["to"]), self.world.roster), (*step.path, "to"), self.findings)

    def _action(self, step: Step) -> None:
        self._one_of(str(step.said[step.kind]), self.actions, (*step.path, step.kind), "action", "unknown-action")

    def _answer(self, step: Step) -> None:
        self._action(step)
        self._contact_of(step)
        name = str(step.said["answer"])
        if not self.playbook.has_action(name):
            return
        if self.playbook.action(name).questions is None:
            asking = [action.name for action in self.playbook.actions() if action.questions]
            hint = f"{', '.join(asking)} ask" if asking else "no action of this playbook asks any"
            self.findings.add((*step.path, "answer"), "no-questions", f"{name} asks no questions", hint)
            return
        for question, rule, wrong in wrong_answers(step, self.playbook, self.world):
            on: Literal["key", "value"] = "key" if rule == "unknown-question" else "value"
            self.findings.add((*step.path, "with", question), rule, wrong.message, wrong.hint, on=on)

    # --- expectations ------------------------------------------------------------------------------------------------

    def _expect(self, step: Step) -> None:
        for key, said in step.said["expect"].items():
            if key in _EXPECTATIONS:
                _EXPECTATIONS[key](self, said, (*step.path, "expect", key))

    def _expect_due(self, said: list[str], path: Path) -> None:
        for index, name in enumerate(said):
            self._one_of(name, self.actions, (*path, index), "action", "unknown-action")

    def _expect_state(self, said: Any, path: Path) -> None:
        if not isinstance(said, Mapping):
            self._one_of(said, [*self.states, *self.playbook.ends], path, "state", "unknown-state")
            return
        for track, name in said.items():
            self._one_of(track, self.playbook.tracks, (*path, track), "track", "unknown-track", key=True)
            known = self.playbook.tracks[track].states if track in self.playbook.tracks else self.states
            self._one_of(name, [*known, *self.playbook.ends], (*path, track), "state", "unknown-state")

    def _expect_ended(self, said: str, path: Path) -> None:
        self._one_of(said, [*self.playbook.ends, *BUILT_IN_ENDS], path, "end", "unknown-end")

    def _expect_happened(self, said: list[str], path: Path) -> None:
        for index, name in enumerate(said):
            if happened.meant(name, self.playbook) is None:
                hint = did_you_mean(name, happened.names(self.playbook))
                message = f"{self.playbook.name} has no action, outcome, end or state {name!r}"
                self.findings.add((*path, index), "unknown-name", message, hint)

    def _expect_facts(self, said: Mapping[str, Any], path: Path) -> None:
        for name, value in said.items():
            field = facts.declared(name, self.playbook, self.world)
            if field is None:
                hint = did_you_mean(name, facts.known_names(self.playbook, self.world))
                self.findings.add((*path, name), "unknown-field", f"there is no field {name!r}", hint, on="key")
                continue
            _refused(partial(facts.wanted, field, value, self.world), (*path, name), self.findings)

    def _expect_next(self, said: Any, path: Path) -> None:
        if not isinstance(said, Mapping):
            return
        for key in ("on", "at"):
            if key in said:
                _date(str(said[key]), (*path, key), self.findings)
        if "to" in said:
            known = [*self.states, *self.playbook.ends]
            self._one_of(said["to"], known, (*path, "to"), "state or end", "unknown-state")

    def _by_action(self, said: Mapping[str, Any], path: Path) -> None:
        for name in said:
            self._one_of(name, self.actions, (*path, name), "action", "unknown-action", key=True)

    def _expect_contact(self, said: Mapping[str, Any], path: Path) -> None:
        self._by_action(said, path)
        for name, number in said.items():
            if number and number not in self.people:
                hint = did_you_mean(number, self.people)
                message = f"the scenario has no contact {number!r}"
                self.findings.add((*path, name), "unknown-contact", message, hint)


_STEPS: Mapping[str, Callable[[_Checking, Step], None]] = {
    "expect": _Checking._expect, "event": _Checking._event, "wait": _Checking._wait, "until": _Checking._until,
    "change": _Checking._change, "skip": _Checking._action, "defer": _Checking._action, "answer": _Checking._answer,
    "reassign": _Checking._reassign,
}  # fmt: skip
_EXPECTATIONS: Mapping[str, Callable[[_Checking, Any, Path], None]] = {
    "due": _Checking._expect_due, "state": _Checking._expect_state, "ended": _Checking._expect_ended,
    "happened": _Checking._expect_happened, "never": _Checking._expect_happened, "facts": _Checking._expect_facts,
    "next": _Checking._expect_next, "contact": _Checking._expect_contact, "assignee": _Checking._by_action,
    "kind": _Checking._by_action, "text": _Checking._by_action,
}  # fmt: skip


def _words(allowed: Iterable[str]) -> str:
    return ", ".join(allowed) or "no other keys"
