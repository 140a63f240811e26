import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.authoring.variants import MOST_BASES, merged_variant
from engine.authoring.workspace import load_workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from tests.validating import validate

from .test_workspace import remembered

ROOT = Path(__file__).parents[2]
BASE = """\
playbook: base
title: A small playbook
description: What it is for.
source: {article: Some text}
params: {wait_for: 4w}
enrol: {if: {status: {is: lost}}}
ends: {over: {}, won_back: {success: true}}
initial: ask_permission
states:
  ask_permission:
    actions:
      ask:
        kind: call
        title: Ask
        minutes: 10
        outcomes: [granted, refused]
        escalate: [{after: 3bd, to: ana}]
        expires: 5bd
      card: {kind: card, title: Send a card, template: thanks, optional: true}
    transitions:
      - {event: ask.granted, end: won_back}
      - {event: ask.refused, to: wait}
      - {event: all_closed, to: wait}
  wait:
    transitions:
      - {after: wait_for, end: over}
"""
VARIANT = """\
playbook: variant
extends: base
title: After ten weeks
params: {wait_for: 10w}
patch:
  states:
    ask_permission:
      actions:
        ask: {minutes: 5, escalate: null}
"""


@pytest.fixture
def folder(tmp_path):
    """A workspace with a playbook and a variant of it, in which nothing is wrong."""
    target = tmp_path / "small"
    shutil.copytree(ROOT / "tests" / "cases" / "invalid" / "workspace", target)
    (target / "playbooks" / "library" / "templates" / "misspelt.txt").unlink()
    write(target, "base", BASE)
    write(target, "variant", VARIANT)
    return target


def write(folder, name, text):
    (folder / "playbooks" / f"{name}.yaml").write_text(text)


def found(folder):
    return [(str(problem.location).removeprefix("playbooks/"), problem.rule) for problem in validate(folder)]


def patched(folder, patch):
    """What is found where the variant has this patch and no parameters; its patch begins in line 3."""
    write(folder, "variant", f"playbook: variant\nextends: base\n{patch}")
    return found(folder)


def hash_of(workspace, name):
    return revision_hash(revision_content(workspace, name))


# --- what a variant is ----------------------------------------------------------------------------------------------


def test_a_variant_is_the_base_with_its_differences(folder):
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    content = workspace.contents["variant"]
    ask = content["states"]["ask_permission"]["actions"]["ask"]
    assert list(content) == list(workspace.contents["base"])
    assert ask == {"kind": "call", "title": "Ask", "minutes": 5, "outcomes": ["granted", "refused"], "expires": "5bd"}
    assert content["params"] == {"wait_for": "10w"}
    assert (content["title"], content["description"]) == ("After ten weeks", "What it is for.")
    assert workspace.playbooks["variant"].action("card") == workspace.playbooks["base"].action("card")


def test_a_variant_is_pinned_as_the_same_playbook_written_out_would_be(folder):
    variant = load_workspace(folder, {})
    text = BASE.replace("playbook: base", "playbook: variant").replace("A small playbook", "After ten weeks")
    text = text.replace("wait_for: 4w", "wait_for: 10w").replace("minutes: 10", "minutes: 5")
    write(folder, "variant", text.replace("        escalate: [{after: 3bd, to: ana}]\n", ""))
    written_out = load_workspace(folder, {})
    assert hash_of(variant, "variant") == hash_of(written_out, "variant")
    content = json.loads(json.dumps(revision_content(variant, "variant")))
    assert revision_from(content, revision_hash(content)).playbook == variant.playbooks["variant"]


def test_an_edit_of_the_base_is_an_edit_of_the_variant_and_not_the_other_way_round(folder):
    before = load_workspace(folder, {})
    write(folder, "base", BASE.replace("title: Ask", "title: Ask them"))
    after = load_workspace(folder, remembered(before))
    assert hash_of(after, "variant") != hash_of(before, "variant")
    assert after.playbooks["variant"].action("ask").title.content == "Ask them"
    write(folder, "variant", VARIANT.replace("10w", "9w"))
    assert hash_of(load_workspace(folder, {}), "base") == hash_of(after, "base")


def test_a_variant_of_a_variant_takes_over_from_both(folder):
    write(folder, "third", "playbook: third\nextends: variant\nparams: {wait_for: 12w}\n")
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    content = workspace.contents["third"]
    assert content["title"] == "After ten weeks" and content["params"] == {"wait_for": "12w"}
    assert content["states"] == workspace.contents["variant"]["states"]


@pytest.mark.parametrize(
    ("settings", "base", "variant", "team"),
    [
        ("", "4w", "10w", "10w"),
        ("[params.base]\nwait_for = '5w'", "5w", "10w", "10w"),
        ("[params.variant]\nwait_for = '6w'", "4w", "6w", "6w"),
    ],
)
def test_the_parameters_of_the_workspace_hold_over_those_of_the_variant_and_only_of_it(
    folder, settings, base, variant, team
):
    with (folder / "playbook.toml").open("a") as file:
        file.write(f"\n{settings}\n")
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    assert workspace.contents["base"]["params"] == {"wait_for": base}
    assert workspace.contents["variant"]["params"] == {"wait_for": variant}
    assert revision_content(workspace, "variant", "west")["playbook"]["params"] == {"wait_for": team}


def test_the_parameters_of_a_team_hold_over_those_of_the_variant(folder):
    write(folder, "base", BASE + "teams: {west: {params: {wait_for: 7w}}}\n")
    workspace = load_workspace(folder, {})
    assert revision_content(workspace, "variant", "west")["playbook"]["params"] == {"wait_for": "7w"}
    assert revision_content(workspace, "variant")["playbook"]["params"] == {"wait_for": "10w"}


def test_a_list_is_replaced_whole_and_what_it_empties_stays_empty():
    base = {"playbook": "a", "states": {"s": {"transitions": [{"to": "x"}, {"to": "y"}]}}}
    patch = {"states": {"s": {"transitions": [{"to": "z", "set": {"note": None}}]}}}
    merged = merged_variant(base, {"playbook": "b", "extends": "a", "patch": patch})
    assert merged == {"playbook": "b", **patch}


# --- what is wrong, and where ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "place", "rule"),
    [
        ("patch: {stats: {}}", "3:9", "unknown-key"),
        ("patch: {states: {wait: {transition: []}}}", "3:25", "unknown-key"),
        ("patch: {states: {ask_permission: {actions: {ask: {minuts: 5}}}}}", "3:51", "unknown-key"),
        ("patch: {states: {ask_permission: {actions: {ask: {kind: cal}}}}}", "3:57", "wrong-choice"),
        ("patch: {states: {ask_permission: {actions: {call_back: {title: Again}}}}}", "3:45", "missing-key"),
        ("patch: {states: {wait: {transitions: [{after: 4w, to: nowhere}]}}}", "3:55", "unknown-state"),
        ("patch: {enrol: {if: {statsu: {is: lost}}}}", "3:22", "unknown-field"),
        ("patch: {states: {ask_permission: {actions: {ask: {kind: null}}}}}", "3:45", "missing-key"),
        ("patch: {tracks: {rep: {initial: a, states: {a: {}}}}}", "3:1", "not-together"),
        ("patch: {title: New}", "3:9", "not-together"),
        ("patch: {}", "3:8", "empty"),
        ("patch: [a]", "3:8", "wrong-type"),
        ("params: {wait_for: 4 weeks}", "3:20", "bad-duration"),
        ("states: {wait: {}}", "3:1", "not-together"),
        ("patch:\n  ends:\n    over: null\n", "3:1", "unknown-end"),
        ("patch: {states: {wait: null}}", "3:18", "taken-state"),
    ],
)
def test_what_a_patch_makes_wrong_is_told_in_the_patch(folder, patch, place, rule):
    assert (f"variant.yaml:{place}", rule) in patched(folder, patch)
    assert not [each for each in found(folder) if each[0].startswith("base")]
    assert set(load_workspace(folder, {}).playbooks) == {"base"}


def test_what_does_not_fit_any_more_is_shown_where_it_was_patched_and_says_where_it_stands(folder):
    write(folder, "variant", "playbook: variant\nextends: base\npatch: {ends: {over: null}}\n")
    problems = [problem for problem in validate(folder) if problem.rule == "unknown-end"]
    assert {str(problem.location) for problem in problems} == {"playbooks/variant.yaml:3:1"}
    lines = [problem.message.rpartition(" (")[2] for problem in problems]
    assert lines == ["taken over from playbooks/base.yaml:26)"]


def test_a_state_that_is_taken_away_and_still_needed_is_one_problem_at_its_null(folder):
    assert patched(folder, "patch:\n  states:\n    wait: null") == [("variant.yaml:5:5", "taken-state")]
    [problem] = validate(folder)
    assert problem.message == "this takes away the state 'wait', but 2 transitions of base lead to it"
    assert patched(folder, "patch: {states: {ask_permission: null}}") == [("variant.yaml:3:18", "taken-state")]
    assert [one.message for one in validate(folder)] == [
        "this takes away the state 'ask_permission', but base begins there"
    ]


def test_a_state_that_is_taken_away_with_all_that_leads_to_it_is_no_problem(folder):
    transitions = "[{event: ask.granted, end: won_back}, {event: all_closed, end: over}]"
    patch = f"patch: {{states: {{wait: null, ask_permission: {{transitions: {transitions}}}}}}}"
    assert "taken-state" not in {rule for _, rule in patched(folder, patch)}


def test_what_the_patch_itself_leads_to_a_state_it_takes_away_is_told_where_it_does(folder):
    transitions = "[{event: all_closed, to: wait}, {event: ask.granted, end: won_back}]"
    told = patched(folder, f"patch: {{states: {{wait: null, ask_permission: {{transitions: {transitions}}}}}}}")
    assert "unknown-state" in {rule for _, rule in told}
    assert "taken-state" not in {rule for _, rule in told}


@pytest.mark.parametrize(
    "states", ["states: {a: {nonsense: 3}}", "states: [a]", "states:", "tracks: {x: {states: {}}}"]
)
def test_what_stands_beside_extends_is_refused_and_not_read(folder, states):
    assert patched(folder, states) == [("variant.yaml:3:1", "not-together")]


@pytest.mark.parametrize(
    ("old", "new", "place", "rule"),
    [
        ("end: over", "end: ovr", "26:32", "unknown-end"),
        ("ends: {over: {}", "ends: {over: {}, never: {}", "7:18", "unused-end"),
        ("template: thanks", "template: thnks", "19:56", "unknown-template"),
    ],
)
def test_what_is_wrong_in_the_base_is_told_there_and_once(folder, old, new, place, rule):
    write(folder, "base", BASE.replace(old, new))
    write(folder, "third", "playbook: third\nextends: variant\nparams: {wait_for: 12w}\n")
    told = found(folder)
    assert [each for each in told if each[1] == rule] == [(f"base.yaml:{place}", rule)]
    others = {each[1] for each in told} - {rule}
    assert others <= {"broken-base", "unused-end"}


def test_a_patch_can_mend_a_base_that_is_not_meant_to_stand_alone(folder):
    write(folder, "base", BASE.replace("end: over", "end: ovr"))
    text = "playbook: variant\nextends: base\npatch: {states: {wait: {transitions: [{after: wait_for, end: over}]}}}\n"
    write(folder, "variant", text)
    assert set(load_workspace(folder, {}).playbooks) == {"variant"}
    assert {each[0].partition(":")[0] for each in found(folder)} == {"base.yaml"}


# --- bases ----------------------------------------------------------------------------------------------------------


def extends(folder, **names):
    for name, base in names.items():
        write(folder, name, f"playbook: {name}\nextends: {base}\nparams: {{wait_for: {len(name)}w}}\n")


def test_a_base_that_is_not_there_is_told_with_the_one_that_was_meant(folder):
    extends(folder, variant="bsae")
    problems = validate(folder)
    assert [(str(each.location), each.rule, each.hint) for each in problems] == [
        ("playbooks/variant.yaml:2:10", "unknown-base", "did you mean 'base'?")
    ]


def test_a_loop_is_told_by_its_names_in_each_file_of_it(folder):
    extends(folder, variant="b", b="c", c="variant", beside="b", itself="itself")
    problems = {problem.location.file: problem for problem in validate(folder)}
    assert "'itself' extends itself" in problems["playbooks/itself.yaml"].message
    assert problems["playbooks/b.yaml"].message == "b extends c extends variant extends b: this never ends"
    assert {problems[f"playbooks/{name}.yaml"].rule for name in ("variant", "b", "c")} == {"extends-loop"}
    assert problems["playbooks/beside.yaml"].rule == "broken-base"
    assert set(load_workspace(folder, {}).playbooks) == {"base"}


def test_only_so_many_playbooks_can_stand_on_each_other(folder):
    names = ["base", *(f"level_{number}" for number in range(MOST_BASES + 1))]
    for base, name in itertools.pairwise(names):
        write(folder, name, f"playbook: {name}\nextends: {base}\nparams: {{wait_for: {names.index(name)}d}}\n")
    assert found(folder) == [(f"{names[-1]}.yaml:2:10", "too-many-bases")]


# --- what a patch probably does not mean ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "place", "rule"),
    [
        ("patch: {states: {ask_permision: {transitions: [{to: wait}]}}}", "3:18", "new-name"),
        ("patch: {ends: {won_bak: {}}}", "3:16", "new-name"),
        ("params: {wait_four: 5w, wait_for: 5w}", "3:10", "new-name"),
        (
            "patch: {states: {ask_permission: {actions: {ask: {minutes: 10, due: 1bd}}}}}",
            "3:51",
            "patch-without-effect",
        ),
        ("patch: {states: {wait: {title: X}, wiat: null}}", "3:36", "patch-without-effect"),
        ("patch: {states: {wait: {actions: null}}}", "2:10", "patch-without-effect"),
        ("patch: {states: {wait: {}}, calendar: office}", "3:18", "patch-without-effect"),
        ("params: {wait_for: 4w}", "2:10", "patch-without-effect"),
        ("title: Nothing else", "2:10", "patch-without-effect"),
    ],
)
def test_a_patch_that_probably_means_something_else_is_a_warning(folder, patch, place, rule):
    told = patched(folder, patch)
    assert (f"variant.yaml:{place}", rule) in told
    assert len([each for each in told if each[1] == rule]) == 1
    assert not {"unused-param"} & {each[1] for each in told}


def test_a_new_name_that_looks_like_no_other_is_no_warning(folder):
    action = "{kind: task, title: Again, expires: 5bd}"
    state = f"{{actions: {{ask_again: {action}}}, transitions: [{{event: all_closed, end: over}}]}}"
    way = "wait: {transitions: [{after: wait_for, to: wait_2}]}"
    assert patched(folder, f"patch: {{states: {{wait_2: {state}, {way}}}}}") == []


# --- what is known, broken and deleted ------------------------------------------------------------------------------


def test_a_second_load_finds_the_same_and_has_nothing_to_remember(folder):
    patched(folder, "patch: {ends: {won_bak: {}}}")
    first = load_workspace(folder, {})
    second = load_workspace(folder, remembered(first))
    assert second.playbooks == first.playbooks and "variant" in second.playbooks and not second.sources
    assert list(second.problems) == list(first.problems) and second.problems
    assert [hash_of(first, name) for name in first.playbooks] == [hash_of(second, name) for name in second.playbooks]


def test_a_variant_costs_no_parser_when_nothing_has_changed(folder, tmp_path):
    known = {
        row.path: {"hash": row.hash, "content": row.content, "good": row.good}
        for row in load_workspace(folder, {}).sources
    }
    (tmp_path / "known.json").write_text(json.dumps(known))
    script = (
        "import json, sys; from pathlib import Path; from types import SimpleNamespace\n"
        "from engine.authoring.workspace import load_workspace\n"
        "known = {path: SimpleNamespace(**row) for path, row in json.loads(Path(sys.argv[1]).read_text()).items()}\n"
        "assert set(load_workspace(Path(sys.argv[2]), known).playbooks) == {'base', 'variant'}\n"
        "heavy = {'yaml', 'jsonschema', 'jinja2', 'difflib', 'engine.authoring.patching', 'engine.authoring.rules'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules) - {'difflib'}) or None)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "known.json"), str(folder)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("broken", ["playbook: [", "playbook: base\ntitle: No states\n", BASE.replace("over}", "ovr}")])
def test_a_broken_base_goes_on_in_its_last_good_version_for_the_variant_too(folder, broken):
    first = load_workspace(folder, {})
    known = remembered(first)
    write(folder, "base", broken)
    for _ in range(3):
        workspace = load_workspace(folder, known)
        known = remembered(workspace, known)
        assert workspace.playbooks == first.playbooks
        assert hash_of(workspace, "variant") == hash_of(first, "variant")
        told = {(problem.location.file, problem.rule, problem.level) for problem in workspace.problems}
        assert ("playbooks/variant.yaml", "broken-base", "warning") in told
        assert {each[2] for each in told if each[0] == "playbooks/variant.yaml"} == {"warning"}
    write(folder, "base", BASE)
    assert not load_workspace(folder, known).problems


def test_a_base_that_never_was_good_stops_its_variants_and_nothing_else(folder):
    write(folder, "base", "playbook: base\n")
    write(folder, "other", BASE.replace("playbook: base", "playbook: other"))
    workspace = load_workspace(folder, {})
    assert set(workspace.playbooks) == {"other"}
    assert ("variant.yaml:2:10", "broken-base") in found(folder)


def test_a_deleted_base_goes_on_in_its_last_good_version_for_the_variant(folder):
    first = load_workspace(folder, {})
    known = remembered(first)
    (folder / "playbooks" / "base.yaml").unlink()
    for _ in range(2):
        workspace = load_workspace(folder, known)
        known = remembered(workspace, known)
        assert set(workspace.playbooks) == {"variant"}
        assert hash_of(workspace, "variant") == hash_of(first, "variant")
        assert [(problem.rule, problem.level) for problem in workspace.problems] == [("unknown-base", "warning")]
    assert found(folder) == [("variant.yaml:2:10", "unknown-base")]


def test_an_edit_of_the_base_that_breaks_the_variant_is_told_in_the_variant(folder):
    known = remembered(load_workspace(folder, {}))
    text = BASE.replace("      ask:\n", "      call_them:\n").replace("ask.", "call_them.")
    write(folder, "base", text)
    workspace = load_workspace(folder, known)
    assert set(workspace.playbooks) == {"base"}
    assert ("playbooks/variant.yaml:9:9", "missing-key") in {
        (str(problem.location), problem.rule) for problem in workspace.problems
    }
    known = remembered(workspace, known)
    assert list(load_workspace(folder, known).problems) == list(workspace.problems)


@pytest.mark.parametrize("raw", [b"", b"extends: base\n", b"playbook: variant\nextends: [base]\n",
                                 b"extends: base\npatch:\n",
                                 b"playbook: variant\nextends: base\npatch: {states: 7, ends: [], enrol: null}\n",
                                 b"playbook: variant\nextends: base\npatch: &a {states: {x: *a}}\n"])  # fmt: skip
def test_no_variant_raises_anything(folder, raw):
    known = remembered(load_workspace(folder, {}))
    (folder / "playbooks" / "variant.yaml").write_bytes(raw)
    assert load_workspace(folder, {}).problems
    assert "variant" in load_workspace(folder, known).playbooks
