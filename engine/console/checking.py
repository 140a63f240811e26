"""`playbook validate` and `playbook schema`: what authors run before they commit."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from engine.console.desk import FINE, PROBLEMS, Desk, Refused
from engine.data_dir import data_dir


@click.command(epilog="Example: playbook validate --format github")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings count as problems.")
@click.pass_obj
def validate(desk: Desk, form: str, strict: bool) -> int:
    """Check every file of the workspace; print all problems at once.

    Needs no database: fit for editors, pre-commit and CI. Exit code 1 when there are problems.
    """
    from engine.authoring.report import render
    from engine.console.behaviours import problems as problems_of_behaviours
    from engine.scenarios.reading import problems as problems_of_scenarios

    workspace = desk.files_alone()
    problems = [*workspace.problems, *problems_of_scenarios(workspace), *problems_of_behaviours(workspace)]
    if form != "text" or problems:
        click.echo(render(problems, form, colour=desk.colour).rstrip("\n"))  # type: ignore[arg-type]
    if not problems:
        desk.say("no problems")
    return PROBLEMS if any(strict or problem.level == "error" for problem in problems) else FINE


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
