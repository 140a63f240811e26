"""Every rule finds what it is for: tests/cases/invalid/RULE.yaml gives exactly the problems in RULE.expected."""

import ast
import inspect
import shutil
from pathlib import Path

import pytest

from engine.authoring.report import render
from engine.authoring.rules import RULES
from tests.validating import validate

CASES = Path(__file__).parents[2] / "cases" / "invalid"
NAMES = sorted(case.stem for case in CASES.glob("*.yaml"))


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """The problems of all cases at once, by the name of the case."""
    folder = tmp_path_factory.mktemp("cases") / "workspace"
    shutil.copytree(CASES / "workspace", folder)
    for case in CASES.glob("*.yaml"):
        shutil.copy(case, folder / "playbooks" / case.name)
    found = {}
    for problem in validate(folder):
        found.setdefault(Path(problem.location.file).stem, []).append(problem)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_case_gives_exactly_the_expected_problems(name, problems):
    found = render(problems[name]).rpartition("\n")[0]
    assert found + "\n" == (CASES / f"{name}.expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_case_that_shows_it(rule, problems):
    assert rule in {problem.rule for problem in problems.get(rule, ())}, f"write tests/cases/invalid/{rule}.yaml"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_means_and_how_it_is_cured(rule):
    module = inspect.getmodule(RULES[rule])
    assert module.__name__.rpartition(".")[2] == rule.replace("-", "_")
    text = module.__doc__
    assert "\n    " in text, "the docstring shows an example of the cure"
    assert len(text.split()) > 15


def test_every_file_with_a_rule_is_registered():
    helpers = {"__init__", "context", "walk", "texts", "contact_roles"}
    folder = Path(inspect.getfile(next(iter(RULES.values())))).parent
    rules = {
        file.stem
        for file in folder.glob("*.py")
        if any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in ast.parse(file.read_text()).body)
    }
    assert rules == {name.replace("-", "_") for name in RULES}
    assert {file.stem for file in folder.glob("*.py")} == rules | helpers


def test_the_library_of_the_cases_has_no_problem_of_its_own(problems):
    assert set(problems) - {"misspelt"} == set(NAMES)


def test_an_unknown_name_in_a_template_is_told_at_the_line_of_the_template(problems):
    [found] = problems["misspelt"]
    assert str(found.location) == "playbooks/library/templates/misspelt.txt:1:1"
    assert found.rule == "unknown-name-in-template"
    assert found.message.endswith("(playbook unknown-name-in-template, action card)")
