"""Names that mean something to Python or to the kernel's library are plain names here, or are refused by name."""

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.core.building.playbook import build_playbook
from engine.core.machine import DECIDE, machines, timer_trigger
from engine.core.model import End, To
from engine.core.problem import Problem
from engine.core.vocabulary import Vocabulary
from tests.validating import validate

# what `transitions` imports and runs when it stands where a callback may, what it keeps for itself, what Python knows
SPECIAL = [
    "os.abort", "os.system", "sys.exit", "builtins.exec", "subprocess.run", "shutil.rmtree", "antigravity",
    "state", "trigger", "initial", "model", "machine", "events", "to", "to_out", "may_trigger", "is_state",
    "on_enter_out",
    "*", "=", "internal", "s0", "t0", "out", "decide", "event", "timer 1", "None", "True", "NaN",
    "__class__", "__init__", "__del__", "__import__('os').abort()", "a.__class__.__base__", "{0.__class__}", "%s",
    "", " ", ".", "..", "a\x00b", "ä", "\u202e", "😀", "name\nname", "x" * 10_000, "lambda: 0", "-1",
]  # fmt: skip
FUZZED = 1_000
PLAIN = re.compile(r"[a-z][a-z0-9_]{0,60}")
WATCHED = ("import", "exec", "compile", "open", "os.", "subprocess.", "shutil.", "socket.", "ctypes.", "marshal.")
_seen: list[str] | None = None


def _hook(event: str, arguments: tuple) -> None:
    if _seen is not None and event.startswith(WATCHED) and event != "os.putenv":  # pytest's note of the present test
        _seen.append(f"{event} {arguments!r:.80}")


sys.addaudithook(_hook)  # cannot be taken away again, so it listens only where a test asks it to


@pytest.fixture
def seen():
    """Whatever is imported, compiled, run or opened while a test holds this."""
    global _seen
    _seen = []
    yield _seen
    _seen = None


def playbook(first: str, second: str, event: str, end: str, action: str = "call") -> dict[str, Any]:
    """A small playbook in which every kind of name is given."""
    ask = {"kind": "call", "title": "Call", "assign": "owner", "outcomes": ["yes"]}
    transitions = [{"event": event, "to": second}, {"after": "1d", "end": end}]
    return {
        "playbook": "names",
        "title": "Names",
        "ends": {end: {}},
        "initial": first,
        "states": {
            first: {"actions": {action: ask}, "transitions": transitions},
            second: {"transitions": [{"to": first}]},
        },
    }


def yes(_transition) -> bool:
    return True


@pytest.mark.parametrize("name", SPECIAL, ids=lambda name: ascii(name[:20]))
def test_the_kernel_takes_a_special_name_as_a_plain_one(name, seen):
    built, _ = build_playbook(playbook(name, "second", name or "empty", name), Vocabulary())
    machine, place = machines(built)["main"], built.tracks["main"].states[name].transitions[1].place
    assert machine.choose(name, machine.event_trigger(name or "empty"), yes).target == To(state="second")
    assert machine.choose("second", DECIDE, yes).target == To(state=name)
    assert machine.choose(name, timer_trigger(place), yes).target == End(end=name)
    assert seen == []


def test_nothing_is_imported_or_run_while_machines_are_built_from_fuzzed_playbooks(seen):
    dice = random.Random(17)
    for _ in range(FUZZED):
        content = fuzzed(dice)
        try:
            built, _words = build_playbook(content, Vocabulary())
            for name, machine in machines(built).items():
                for state in built.tracks[name].states:
                    for trigger in (DECIDE, dice.choice(SPECIAL), machine.event_trigger(dice.choice(SPECIAL))):
                        machine.choose(state, trigger, lambda _: dice.random() < 0.5)
        except ValueError as error:
            assert "has no state" in str(error), content
    assert seen == []


def test_the_ear_of_these_tests_hears_an_import(seen):
    with pytest.raises(ImportError):
        __import__("this_is_no_module_of_ours")
    assert any(line.startswith("import") and "this_is_no_module_of_ours" in line for line in seen)


def fuzzed(dice: random.Random) -> dict:
    """A playbook of one or two tracks whose names and order are anybody's guess."""
    ends = {pick(dice): {} for _ in range(3)}
    content = {"playbook": pick(dice), "ends": ends, "anywhere": [fuzzed_transition(dice, [], list(ends))]}
    if dice.random() < 0.5:
        return content | fuzzed_track(dice, list(ends))
    return content | {"tracks": {pick(dice): fuzzed_track(dice, list(ends)) for _ in range(2)}}


def fuzzed_track(dice: random.Random, ends: list[str]) -> dict:
    states = list(dict.fromkeys(pick(dice) for _ in range(dice.randint(1, 6))))
    built = {state: {"transitions": [fuzzed_transition(dice, states, ends) for _ in range(4)]} for state in states}
    return {"initial": states[0], "states": built}


def fuzzed_transition(dice: random.Random, states: list[str], ends: list[str]) -> dict:
    targets = [{"end": dice.choice(ends)}, {"finish": dice.choice(ends)}, {"stay": True}]
    if states:
        targets += [{"to": dice.choice(states)}, {"to": dice.choice([*states, pick(dice)])}]
    causes = [{"event": pick(dice)}, {"after": "1d"}, {}, {"event": pick(dice), "note": pick(dice)}]
    guard = dice.choice([{}, {"if": {}}])
    return {**dice.choice(causes), **guard, **dice.choice(targets)}


def pick(dice: random.Random) -> str:
    """A special name, a part of one, two of them, or letters."""
    one, other = dice.choice(SPECIAL), dice.choice(SPECIAL)
    return dice.choice([one, one[: dice.randint(0, 9)], f"{one}.{other}"[:200], f"{one}{dice.randint(0, 9)}"])


# --- as an author meets it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPECIAL, ids=lambda name: ascii(name[:20]))
@pytest.mark.parametrize("place", ["state", "event", "end", "action"])
def test_a_special_name_in_a_file_is_taken_or_refused_by_name(tmp_path, name, place):
    problems = [one for one in checked(tmp_path, name, place) if one.location.file == "playbooks/names.yaml"]
    refused = [one for one in problems if one.level == "error"]
    assert bool(refused) == (place == "event" or not PLAIN.fullmatch(name)), refused
    for problem in refused:
        assert problem.location.line > 1
    if refused and len(name) < 100 and name.isprintable():
        assert any(repr(name) in problem.message or name in problem.message for problem in refused), refused


def checked(folder: Path, name: str, place: str) -> list[Problem]:
    (folder / "playbook.toml").write_text('[workspace]\nplaybooks = ["names"]\n', encoding="utf-8")
    (folder / "playbooks").mkdir()
    words = {"first": "first", "second": "second", "event": "call.yes", "end": "over", "action": "call"}
    words[{"state": "second"}.get(place, place)] = name
    if place == "action":
        words["event"] = f"{name}.yes"
    text = json.dumps(playbook(**words), indent=1, ensure_ascii=False)  # JSON is YAML
    (folder / "playbooks" / "names.yaml").write_text(text, encoding="utf-8")
    return validate(folder)
