"""`playbook validate` and `playbook schema`: what authors run before they commit."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import click

from engine.console.desk import FINE, PROBLEMS, SETTINGS, Desk, Refused
from engine.core.problem import Problem
from engine.data_dir import data_dir


@click.command(
    epilog="Examples: playbook validate    playbook validate four-week-check-in    playbook validate --format github"
)
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings count as problems.")
@click.pass_obj
def validate(desk: Desk, name: str | None, form: str, strict: bool) -> int:
    """Check every file of the workspace; print all problems at once.

    With the NAME of a playbook, or its file, only what is wrong in it, in its scenarios, in the settings and in the
    library. Needs no database: fit for editors, pre-commit and CI. Exit code 1 when there are problems.
    """
    from engine.authoring.consequences import without_consequences
    from engine.authoring.report import render
    from engine.console.behaviours import problems as problems_of_behaviours
    from engine.scenarios.reading import problems as problems_of_scenarios

    workspace = desk.files_alone()
    more = [*problems_of_scenarios(workspace), *problems_of_behaviours(workspace)]
    problems = without_consequences([*workspace.problems, *more], workspace.unread) if more else workspace.problems
    if name is not None:
        problems = _of_playbook(_playbook_named(desk, name), problems)
    if form != "text" or problems:
        click.echo(render(problems, form, colour=desk.colour).rstrip("\n"))  # type: ignore[arg-type]
    if not problems:
        desk.say("no problems")
    return PROBLEMS if any(strict or problem.level == "error" for problem in problems) else FINE


def _playbook_named(desk: Desk, name: str) -> str:
    """The playbook of this name, or in this file. Raises Refused."""
    from engine.runner.lookup import listed_names, nearest

    known = [path.stem for path in (desk.folder / "playbooks").glob("*.yaml")]
    wanted = Path(name).name.removesuffix(".yaml")
    if wanted not in known:
        hint = nearest(wanted, known) or listed_names(known) or "they stand in playbooks/"
        raise Refused(f"there is no playbook {wanted!r}", hint)
    return wanted


def _of_playbook(name: str, problems: Iterable[Problem]) -> list[Problem]:
    """Those of the playbook, of its scenarios, and of what all playbooks stand on."""
    own = {f"playbooks/{name}.yaml", f"playbooks/scenarios/{name}.yaml", SETTINGS}
    return [one for one in problems if one.location.file in own or one.location.file.startswith("playbooks/library/")]


@click.command(epilog="Examples: playbook schema    (after an upgrade)    playbook schema --answers debrief")
@click.option("--answers", metavar="QUESTIONNAIRE", help="Print the schema of a file of answers to this one instead.")
@click.pass_obj
def schema(desk: Desk, answers: str | None) -> int:
    """Write the JSON Schemas into schemas/, where editors find them."""
    if answers is not None:
        return _print_schema_of_answers(desk, answers)
    written = copy_schemas(desk.folder)
    click.echo(f"{len(written)} schemas in {desk.folder / 'schemas'}")
    return FINE


def _print_schema_of_answers(desk: Desk, name: str) -> int:
    from engine.console.tables import as_json
    from engine.core.questionnaires import answers_schema
    from engine.runner.lookup import listed_names, nearest

    known = desk.world.vocabulary.questionnaires
    if name not in known:
        hint = nearest(name, known) or listed_names(known) or "they stand in library/questionnaires/"
        raise Refused(f"there is no questionnaire {name!r}", hint)
    click.echo(as_json(answers_schema(known[name])))
    return FINE


def copy_schemas(folder: Path) -> list[Path]:
    """Put every schema of this release into `folder`/schemas; returns what is there now."""
    target = folder / "schemas"
    target.mkdir(parents=True, exist_ok=True)
    source = data_dir("schemas")
    if source.resolve() != target.resolve():
        for path in sorted(source.glob("*.schema.json")):
            shutil.copyfile(path, target / path.name)
    return sorted(target.glob("*.schema.json"))


COMMANDS = {"validate": validate, "schema": schema}
